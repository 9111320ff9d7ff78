import CanonicalJSON
import LedgerStore
import Merkle
import Records

/// The cases that some records belong to, in the order of their first records, and which of them
/// name each other in a way that rules look at.
struct CaseList {
    private(set) var names: [String] = []
    /// Of each, how many of the records are its own.
    private(set) var counts: [Int] = []
    private var places: [String: Int] = [:]
    /// From each case that names others, to those.
    private var named: [Int: [String]] = [:]
    private let cross: CrossRules
    private let reader = JSONReader(byteCountMax: RecordLayout.byteCountMax)

    private static let linesAtOnce = 4_096

    init(_ cross: CrossRules) { self.cross = cross }

    /// Those of the first `size` records.
    init(_ store: any EventStore, upTo size: UInt64, _ cross: CrossRules) async throws {
        self.init(cross)
        var next: UInt64 = 0
        while next < size {
            let limit = Int(min(UInt64(CaseList.linesAtOnce), size - next))
            let lines = try await store.lines(from: SequenceNumber(next), limit: limit)
            guard !lines.isEmpty else { throw ProjectionError(unreadable: next) }
            for line in lines { take(line) }
            next += UInt64(lines.count)
        }
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
        guard let (name, type) = head else { return }
        let place = places[name] ?? names.count
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
        let targets = cross.targets(type, data, of: name).filter { $0 != name }
        if !targets.isEmpty { named[place, default: []] += targets }
    }

    /// The same for tasks side by side.
    ///
    /// Names of cases that are not there count too: one case may go over into such a case, and
    /// another go on with it.
    func graph() -> CaseGraph {
        var (labels, known) = (names, places)
        var neighbours: [Int: Set<Int>] = [:]
        for (place, targets) in named {
            for target in targets {
                let other = known[target] ?? labels.count
                if other == labels.count {
                    labels.append(target)
                    known[target] = other
                }
                neighbours[place, default: []].insert(other)
                neighbours[other, default: []].insert(place)
            }
        }
        return CaseGraph(
            names: names, counts: counts, labels: labels, places: known, neighbours: neighbours)
    }
}

/// Cases and which of them name each other.
struct CaseGraph: Sendable {
    let names: [String]
    let counts: [Int]
    /// The names, and after them those that are only named.
    fileprivate let labels: [String]
    fileprivate let places: [String: Int]
    fileprivate let neighbours: [Int: Set<Int>]

    /// The cases that one names or is named by.
    func neighbours(of name: String) -> Set<String> {
        let others = places[name].flatMap { neighbours[$0] } ?? []
        return Set(others.map { labels[$0] })
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
