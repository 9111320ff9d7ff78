import CanonicalJSON
import LedgerStore
import Merkle
import Records
import Rules

/// The cases that some records belong to, in the order of their first records, and which of them
/// name each other in a way that rules look at.
struct CaseList {
    private(set) var names = NameTable()
    /// Of each, how many of the records are its own.
    private var counts: [UInt32] = []
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
        guard size <= CaseNumbers.sizeMax else { throw ProjectionError(size: size) }
        caseOfRecord.reserveCapacity(Int(size))
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
        let (place, isNew) = names.insert(name)
        caseOfRecord.append(UInt32(place))
        if isNew {
            counts.append(1)
        } else {
            counts[place] += 1
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
        var labels = names
        var neighbours: [Int: Set<CaseGraph.Neighbour>] = [:]
        for (place, targets) in named {
            for target in targets {
                let other = labels.insert(target.stream).place
                neighbours[place, default: []].insert(.init(place: other, target.relation))
                neighbours[other, default: []].insert(.init(place: place, target.relation.inverse))
            }
        }
        return CaseGraph(
            names: labels, count: names.count, records: CaseNumbers(counts, caseOfRecord),
            neighbours: neighbours)
    }
}

/// The numbers of each case's records, ascending.
struct CaseNumbers: Sendable {
    /// In four bytes each: of ten million records that is what a rebuild holds most of.
    private var numbers: [UInt32]
    /// Where in ``numbers`` those of each case begin, and at the end their count.
    private var starts: [UInt32] = [0]

    /// Records that a rebuild can number; at a million a year, enough for four thousand years.
    static let sizeMax = UInt64(UInt32.max)

    fileprivate init(_ counts: [UInt32], _ caseOfRecord: [UInt32]) {
        starts.reserveCapacity(counts.count + 1)
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        numbers = Array(repeating: 0, count: Int(starts[counts.count]))
        var next = starts
        for (number, place) in caseOfRecord.enumerated() where place != CaseList.noCase {
            numbers[Int(next[Int(place)])] = UInt32(number)
            next[Int(place)] += 1
        }
    }

    /// Those of the case at `place` in the list.
    subscript(place: Int) -> some RandomAccessCollection<UInt64> {
        numbers[Int(starts[place])..<Int(starts[place + 1])].lazy.map { UInt64($0) }
    }

    /// How many records these cases have together.
    func count(_ places: Range<Int>) -> UInt64 {
        UInt64(starts[places.upperBound] - starts[places.lowerBound])
    }
}

/// Cases and which of them name each other.
struct CaseGraph: Sendable {
    /// Those that have records, and after them those that are only named.
    fileprivate let names: NameTable
    /// How many have records.
    let count: Int
    let records: CaseNumbers
    fileprivate let neighbours: [Int: Set<Neighbour>]

    fileprivate struct Neighbour: Hashable, Sendable {
        let place: Int
        let relation: CaseRelation

        init(place: Int, _ relation: CaseRelation) {
            (self.place, self.relation) = (place, relation)
        }
    }

    /// The name of the case at `place` in the list.
    func name(_ place: Int) -> String { names[place] }

    /// The place of a case in the list; nil if it has no records.
    func place(of name: String) -> Int? {
        names.place(of: name).flatMap { $0 < count ? $0 : nil }
    }

    func neighbours(of name: String) -> CaseNeighbours {
        var found = CaseNeighbours()
        for other in names.place(of: name).flatMap({ neighbours[$0] }) ?? [] {
            found.insert(names[other.place], other.relation)
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
    init(size: UInt64) {
        self.init(
            en: "a rebuild numbers \(CaseNumbers.sizeMax) records at most, and there are \(size)",
            zh: "重建最多可为 \(CaseNumbers.sizeMax) 条记录编号，现有 \(size) 条")
    }

    init(unreadable sequence: UInt64) {
        self.init(
            en: "record \(sequence) cannot be read; run hanqing verify",
            zh: "无法读取记录 \(sequence)；请运行 hanqing verify")
    }
}
