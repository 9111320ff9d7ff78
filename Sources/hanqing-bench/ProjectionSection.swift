import Foundation
import LedgerHome
import LedgerStore
import Merkle
import Projections
import Records
import Sampling
import Sequencing

/// Making read models from a generated year, and asking them about the past.
struct ProjectionSection {
    private let bench: BenchLedgers
    private let count: Int

    private static let groupSize = 1_000
    private static let questionCount = 400

    init(bench: BenchLedgers, records: Int) {
        (self.bench, count) = (bench, records)
    }

    func run(_ report: inout Report) async throws {
        let ledger = try await bench.open(try await bench.make("projection"), .write)
        try await fill(ledger)
        let size = try await ledger.store.head().size.rawValue
        let path = ledger.projectionPath
        let file = try ProjectionFile(path)
        let clock = ContinuousClock()
        let start = clock.now
        try await Projector(file, try ledger.projectionSource()).catchUp()
        let time = (clock.now - start).inSeconds
        let status = try file.status(of: ledger.settings.origin)
        let rows = status.models.reduce(0) { $0 + $1.current + $1.past }
        add("made at once", Double(size) / time, "events/s", "50,000", &report)
        add("rows made", Double(rows) / time, "rows/s", nil, &report)
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        add("bytes of the file, an event", Double(bytes) / Double(size), "B", nil, &report)
        try await questions(file, ledger, size, &report)
        file.close()
        try await ledger.close()
    }

    private func fill(_ ledger: Ledger) async throws {
        var year = SampledYear(
            try Ledger.ruleBook(ledger.catalogue), seed: 1, eventCount: count, year: 2025)
        let intake = ledger.intake(.explained)
        var goesOn = true
        while goesOn {
            var events = SampledEvents()
            while events.count < ProjectionSection.groupSize, goesOn {
                goesOn = year.append(asLine: false, to: &events)
            }
            var group: [Submission] = []
            try events.forEach { (raw) throws(EventRefused) in
                group.append(Submission([try intake.read(raw)], recorder: "svc:bench"))
            }
            if !group.isEmpty { _ = try await ledger.sequencer?.submit(all: group) }
        }
    }

    /// One case on both clocks, at random moments.
    private func questions(
        _ file: ProjectionFile, _ ledger: Ledger, _ size: UInt64, _ report: inout Report
    ) async throws {
        let origin = ledger.settings.origin
        let streams = try file.rows(of: CasesModel(), in: origin, ProjectionQuestion(asOf: .max))
            .map(\.stream)
        guard !streams.isEmpty else { return }
        let clock = ContinuousClock()
        for model in allReadModels {
            var times: [Double] = []
            for number in 0..<ProjectionSection.questionCount {
                let chance = Mixing.mixed(UInt64(number))
                var question = ProjectionQuestion(asOf: chance % (size + 1))
                question.stream = streams[Int(Mixing.mixed(chance) % UInt64(streams.count))]
                let start = clock.now
                _ = try file.rows(of: model, in: origin, question)
                times.append((clock.now - start).inSeconds * 1_000)
            }
            times.sort()
            add(
                "\(model.name) of a case as of a moment, 99 of 100 within",
                times[times.count * 99 / 100], "ms", "under 50", &report)
        }
    }

    private func add(
        _ name: String, _ value: Double, _ unit: String, _ target: String?,
        _ report: inout Report
    ) {
        report.add(Figure("projection", name, value, unit, target: target))
    }
}
