import CanonicalJSON
import LedgerHome
import Sampling

/// Looking cases up by their streams: the cost must not grow with the ledger.
struct CaseSection {
    private let ledger: Ledger
    private let sampler: Sampler
    private let size: Int

    private static let count = 2_000

    init(_ ledger: Ledger, _ sampler: Sampler, size: Int) {
        (self.ledger, self.sampler, self.size) = (ledger, sampler, size)
    }

    func run(_ report: inout Report) async throws {
        let streams = try (0..<CaseSection.count).map { place in
            let number = Int(Mixing.mixed(UInt64(place)) % UInt64(size))
            var stream = ""
            try sampler.events(from: number, count: 1).forEach { (raw) throws in
                stream = try JSONValue(parsing: raw)["subject"]?.string ?? ""
            }
            return stream
        }
        // Once before: what a look-up maps or reads first is there for all alike.
        for stream in streams.prefix(100) { _ = try await ledger.caseFile(stream) }
        let clock = ContinuousClock()
        var entries = 0
        var times: [Double] = []
        for stream in streams {
            let start = clock.now
            guard let file = try await ledger.caseFile(stream) else {
                throw BenchError("no case \(stream)")
            }
            times.append((clock.now - start).inSeconds * 1_000_000)
            entries += file.entries.count
        }
        times.sort()
        let at = "at \(Report.number(Double(size)))"
        add("\(at): a case by its stream, half within", times[times.count / 2], "µs", &report)
        add("\(at): 99 of 100 within", times[times.count * 99 / 100], "µs", &report)
        add("\(at): records of a case", Double(entries) / Double(times.count), "records", &report)
    }

    private func add(_ name: String, _ value: Double, _ unit: String, _ report: inout Report) {
        report.add(Figure("cases", name, value, unit, target: unit == "µs" ? "flat" : nil))
    }
}
