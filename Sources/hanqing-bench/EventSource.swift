import CanonicalJSON
import Catalogue

/// Makes any number of fictitious events as a producer would send them: bytes.
///
/// The shipped sample is the pattern. Ids and streams look random, as an index finds them hardest;
/// four events in a row, drawn from one procedure, share a stream. The same number always gives the
/// same event.
struct EventSource: Sendable {
    /// An event with holes for its id and its stream.
    private struct Template {
        var bytes: [UInt8]
        var idHole: Int
        var streamHole: Int
    }

    /// Per procedure, in an order that makes all the same use of each.
    private let canonical: [[Template]]
    private let loose: [[Template]]
    private let seed: UInt64

    private static let holeWidth = 24
    private static let idHole = "ID-000000000000000000000"
    private static let streamHole = "CASE-0000000000000000000"

    init(_ sample: [UInt8], catalogue files: [String: [UInt8]], seed: UInt64 = 1) throws {
        var canonical: [String: [Template]] = [:]
        var loose: [String: [Template]] = [:]
        for line in sample.split(separator: UInt8(ascii: "\n")) where 520...1000 ~= line.count {
            let event = try JSONValue(parsing: line)
            guard let procedure = event["subject"]?.string?.split(separator: "/").first,
                event["data"]?["corrects"] == nil, event["data"]?["withdraws"] == nil,
                event["data"]?["target"] == nil
            else { continue }
            let name = String(procedure)
            let open = EventSource.withHoles(event, name)
            canonical[name, default: []].append(try EventSource.template(open.canonicalBytes))
            loose[name, default: []].append(
                try EventSource.template(EventSource.spaced(open)))
        }
        guard !canonical.isEmpty else { throw BenchError("the sample has no fitting events") }
        self.canonical = canonical.sorted { $0.key < $1.key }.map(\.value)
        self.loose = loose.sorted { $0.key < $1.key }.map(\.value)
        self.seed = seed
    }

    /// The events from `first` on, one after another in one buffer.
    func events(from first: Int, count: Int, isCanonical: Bool = true) -> Events {
        var events = Events()
        events.bytes.reserveCapacity(count * 1024)
        for number in first..<first + count { append(number, isCanonical, to: &events) }
        return events
    }

    private func append(_ number: Int, _ isCanonical: Bool, to events: inout Events) {
        let stream = EventSource.mixed(seed &+ UInt64(number / 4))
        let pools = isCanonical ? canonical : loose
        let pool = pools[Int(stream % UInt64(pools.count))]
        let template = pool[(Int(truncatingIfNeeded: stream >> 32 & 0xffff) + number) % pool.count]
        let start = events.bytes.count
        events.bytes.append(contentsOf: template.bytes)
        let id = EventSource.mixed(~seed &+ UInt64(number))
        events.fill(start + template.idHole + 3, id)
        events.fill(start + template.streamHole + 5, stream)
        events.ends.append(events.bytes.count)
    }

    /// The mixing of SplitMix64 (Steele, Lea and Flood, 2014).
    static func mixed(_ number: UInt64) -> UInt64 {
        var z = number &* 0x9e37_79b9_7f4a_7c15
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    // MARK: Templates

    private static func withHoles(_ event: JSONValue, _ procedure: String) -> JSONValue {
        let members = (event.members ?? []).map { member in
            switch member.name {
            case "id": JSONMember("id", .string(idHole))
            case "subject": JSONMember("subject", .string("\(procedure)/\(streamHole)"))
            default: member
            }
        }
        return .object(members)
    }

    private static func template(_ bytes: [UInt8]) throws -> Template {
        guard let id = place(of: idHole, in: bytes), let stream = place(of: streamHole, in: bytes)
        else { throw BenchError("a sample event has no place for its id") }
        return Template(bytes: bytes, idHole: id, streamHole: stream)
    }

    private static func place(of text: String, in bytes: [UInt8]) -> Int? {
        let wanted = Array(text.utf8)
        return bytes.indices.first { bytes[$0...].starts(with: wanted) }
    }

    /// As many producers write: attributes first, data last, a space after colons and commas.
    private static func spaced(_ event: JSONValue) -> [UInt8] {
        let order = [
            "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data",
        ]
        var bytes = Array("{".utf8)
        for name in order {
            guard let value = event[name] else { continue }
            if bytes.count > 1 { bytes += Array(", ".utf8) }
            bytes += Array("\"\(name)\": ".utf8) + value.canonicalBytes
        }
        return bytes + Array("}".utf8)
    }
}

/// Events in one buffer, as a socket or a file hands them over.
struct Events {
    fileprivate(set) var bytes: [UInt8] = []
    fileprivate(set) var ends: [Int] = []

    var count: Int { ends.count }

    func forEach<E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        try bytes.span.bytes.withUnsafeBytes { (raw) throws(E) in
            var start = 0
            for end in ends {
                try body(UnsafeRawBufferPointer(rebasing: raw[start..<end]))
                start = end
            }
        }
    }

    /// Writes 16 hexadecimal digits.
    fileprivate mutating func fill(_ place: Int, _ value: UInt64) {
        for digit in 0..<16 {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(4 * digit) & 15)
            bytes[place + digit] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
        }
    }
}
