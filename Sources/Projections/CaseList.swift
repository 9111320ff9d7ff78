import CanonicalJSON
import LedgerStore
import Merkle
import Records
import Rules

/// The cases that some records belong to, in the order of their first records, and which of them
/// name each other in a way that rules look at.
struct CaseList {
    private(set) var names: [String] = []
    /// Of each, how many of the records are its own.
    private(set) var counts: [Int] = []
    private var places: [String: Int] = [:]
    /// Of each record, the place of its case; ``noCase`` of what is no record.
    private var caseOfRecord: [UInt32] = []
    fileprivate static let noCase = UInt32.max
    /// From each case that names others, to those.
    private var named: [Int: [CaseTarget]] = [:]
    private let cross: CrossRules
    private let reader = JSONReader(byteCountMax: RecordLayout.byteCountMax)

    private static let linesAtOnce = 4_096

    init(_ cross: CrossRules) { self.cross = cross }

    /// Those of the first `size` records.
    init(_ store: any EventStore, upTo size: UInt64, _ cross: CrossRules) async throws {
        self.init(cross)
        var next: UInt64 = 0
        var lines = try await CaseList.lines(store, from: 0, upTo: size)
        while !lines.isEmpty {
            next += UInt64(lines.count)
            let start = next
            // The next ones are read while these are looked at.
            async let more = CaseList.lines(store, from: start, upTo: size)
            for line in lines { take(line) }
            lines = try await more
        }
    }

    /// Some lines from `first` on; none at the end.
    private static func lines(
        _ store: any EventStore, from first: UInt64, upTo size: UInt64
    ) async throws -> [[UInt8]] {
        guard first < size else { return [] }
        let limit = Int(min(UInt64(linesAtOnce), size - first))
        let lines = try await store.lines(from: SequenceNumber(first), limit: limit)
        guard !lines.isEmpty else { throw ProjectionError(unreadable: first) }
        return lines
    }

    mutating func take(_ line: [UInt8]) {
        let head = line.withUnsafeBytes { raw in
            try? reader.read(raw) { root in
                let event = root["event"]
                return (
                    event?["subject"]?.string ?? root["withheld"]?["stream"]?.string ?? "",
                    event?["type"]?.string ?? ""
                )
            }
        }
        guard let (name, type) = head else {
            caseOfRecord.append(CaseList.noCase)
            return
        }
        let place = places[name] ?? names.count
        caseOfRecord.append(UInt32(place))
        if place < names.count {
            counts[place] += 1
        } else {
            places[name] = place
            names.append(name)
            counts.append(1)
        }
        guard type == "entry.corrected" || cross.types.contains(type),
            let data = (try? JSONValue(parsing: line))?["event"]?["data"]
        else { return }
        let targets = cross.targets(type, data, of: name).filter { $0.stream != name }
        if !targets.isEmpty { named[place, default: []] += targets }
    }

    /// The same for tasks side by side.
    ///
    /// Names of cases that are not there count too: one case may go over into such a case, and
    /// another go on with it.
    func graph() -> CaseGraph {
        var (labels, known) = (names, places)
        var neighbours: [Int: Set<CaseGraph.Neighbour>] = [:]
        for (place, targets) in named {
            for target in targets {
                let other = known[target.stream] ?? labels.count
                if other == labels.count {
                    labels.append(target.stream)
                    known[target.stream] = other
                }
                neighbours[place, default: []].insert(.init(place: other, target.relation))
                neighbours[other, default: []].insert(.init(place: place, target.relation.inverse))
            }
        }
        return CaseGraph(
            names: names, records: CaseNumbers(counts, caseOfRecord), labels: labels,
            places: known, neighbours: neighbours)
    }
}

/// The numbers of each case's records, ascending.
struct CaseNumbers: Sendable {
    private var numbers: [UInt64]
    /// Where in ``numbers`` those of each case begin, and at the end their count.
    private var starts: [Int] = [0]

    fileprivate init(_ counts: [Int], _ caseOfRecord: [UInt32]) {
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        numbers = Array(repeating: 0, count: starts[counts.count])
        var next = starts
        for (number, place) in caseOfRecord.enumerated() where place != CaseList.noCase {
            numbers[next[Int(place)]] = UInt64(number)
            next[Int(place)] += 1
        }
    }

    /// Those of the case at `place` in the list.
    subscript(place: Int) -> ArraySlice<UInt64> { numbers[starts[place]..<starts[place + 1]] }

    /// How many records these cases have together.
    func count(_ places: Range<Int>) -> UInt64 {
        UInt64(starts[places.upperBound] - starts[places.lowerBound])
    }
}

/// Cases and which of them name each other.
struct CaseGraph: Sendable {
    let names: [String]
    let records: CaseNumbers
    /// The names, and after them those that are only named.
    fileprivate let labels: [String]
    fileprivate let places: [String: Int]
    fileprivate let neighbours: [Int: Set<Neighbour>]

    fileprivate struct Neighbour: Hashable, Sendable {
        let place: Int
        let relation: CaseRelation

        init(place: Int, _ relation: CaseRelation) {
            (self.place, self.relation) = (place, relation)
        }
    }

    /// The place of a case in the list; nil if it has no records.
    func place(of name: String) -> Int? {
        places[name].flatMap { $0 < names.count ? $0 : nil }
    }

    func neighbours(of name: String) -> CaseNeighbours {
        var found = CaseNeighbours()
        for other in places[name].flatMap({ neighbours[$0] }) ?? [] {
            found.insert(labels[other.place], other.relation)
        }
        return found
    }
}

extension CaseRecords {
    /// The case without records from `high` on.
    package func before(_ high: UInt64) -> CaseRecords {
        CaseRecords(stream: stream, records: records.filter { $0.sequence < high })
    }
}

extension ProjectionError {
    init(unreadable sequence: UInt64) {
        self.init(
            en: "record \(sequence) cannot be read; run hanqing verify",
            zh: "无法读取记录 \(sequence)；请运行 hanqing verify")
    }
}
