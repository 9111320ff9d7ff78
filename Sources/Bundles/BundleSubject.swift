package import CanonicalJSON
import Merkle
package import Records

/// What was asked to be bundled, and what came with it: `subject.json`.
package struct BundleSubject: Hashable, Sendable {
    package enum Wanted: Hashable, Sendable {
        case stream(StreamName)
        case range(ClosedRange<UInt64>)
    }

    package let origin: String
    package let wanted: Wanted
    /// Ascending.
    package let asked: [UInt64]
    /// The ledger's own records that these need and that were not asked for, ascending.
    package let context: [UInt64]

    package static let askedMax = 10_000
    private static let format: Int64 = 1

    package init(origin: String, wanted: Wanted, asked: [UInt64], context: [UInt64]) {
        (self.origin, self.wanted) = (origin, wanted)
        (self.asked, self.context) = (asked, context)
    }

    /// In words that need no translation.
    package var text: String {
        switch wanted {
        case .stream(let stream): stream.text
        case .range(let range):
            range.count == 1
                ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        }
    }

    package var json: JSONValue {
        func numbers(_ list: [UInt64]) -> JSONValue {
            .array(list.map { .integer(Int64(clamping: $0)) })
        }
        var members = [
            JSONMember("asked", numbers(asked)), JSONMember("context", numbers(context)),
            JSONMember("format", .integer(BundleSubject.format)),
            JSONMember("origin", .string(origin)),
        ]
        switch wanted {
        case .stream(let stream): members.append(JSONMember("stream", .string(stream.text)))
        case .range(let range):
            members.append(JSONMember("from", .integer(Int64(clamping: range.lowerBound))))
            members.append(JSONMember("through", .integer(Int64(clamping: range.upperBound))))
        }
        return .object(members)
    }

    package var bytes: [UInt8] { json.canonicalBytes }

    /// Reads what ``bytes`` writes; nil for anything else.
    package init?(_ bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes),
            json["format"]?.integer == BundleSubject.format, let origin = json["origin"]?.string
        else { return nil }
        func numbers(_ name: String) -> [UInt64] {
            (json[name]?.array ?? []).compactMap { $0.integer.flatMap(UInt64.init(exactly:)) }
        }
        let wanted: Wanted
        if let stream = json["stream"]?.string.flatMap({ StreamName($0) }) {
            wanted = .stream(stream)
        } else if let from = json["from"]?.integer.flatMap(UInt64.init(exactly:)),
            let through = json["through"]?.integer.flatMap(UInt64.init(exactly:)), from <= through
        {
            wanted = .range(from...through)
        } else {
            return nil
        }
        self.init(
            origin: origin, wanted: wanted, asked: numbers("asked"), context: numbers("context"))
        guard self.bytes == bytes else { return nil }
    }
}
