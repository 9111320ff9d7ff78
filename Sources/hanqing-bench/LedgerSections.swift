import Foundation
import LedgerData
import LedgerHome
import Logging
import Sampling

/// The sections that need a ledger.
struct LedgerSections {
    let bench: BenchLedgers
    let records: Int

    private static let batchSizes = [1, 100, 1_000, 10_000]
    /// Sections that need the ledger with all records.
    static let ofFullLedger: Set<Section> = [
        .fill, .reopening, .verification, .proofs, .publishing, .cases, .rebuild,
    ]

    func run(_ sections: [Section], _ report: inout Report) async throws {
        var callers = 3
        if sections.contains(.batches) || sections.contains(.single) {
            callers = try await atTheStart(sections, &report) ?? callers
        }
        guard !LedgerSections.ofFullLedger.isDisjoint(with: sections) else { return }
        try DiskRoom.demand(records, in: bench.scratch.folder)
        try await filled(sections, callers, &report)
    }

    // MARK: A new ledger

    /// Gives the number of callers that did best with batches of 1,000.
    private func atTheStart(
        _ sections: [Section], _ report: inout Report
    ) async throws -> Int? {
        var best: Int?
        let folder = try await bench.make("start")
        let ledger = try await bench.open(folder, .write)
        let appending = Appending(ledger, bench.sampler)
        if sections.contains(.batches) {
            try await measure("batches in a new ledger", &report) { report in
                for size in LedgerSections.batchSizes {
                    let callers = try await batches(of: size, appending, "batches", &report)
                    if size == 1_000 { best = callers }
                }
            }
        }
        if sections.contains(.single) {
            try await measure("single durable appends", &report) { report in
                for callers in [1, 64, 256] { try await single(callers, appending, &report) }
            }
        }
        try await ledger.close()
        try FileManager.default.removeItem(atPath: folder)
        return best
    }

    private func single(
        _ callers: Int, _ appending: Appending, _ report: inout Report
    ) async throws {
        let rate = try await appending.singles(callers: callers, for: .seconds(3))
        report.add(
            Figure(
                "single", "\(callers) \(callers == 1 ? "caller" : "callers")", rate, "events/s",
                of: report.limit(DiskSection.name, DiskSection.figure(1)),
                target: callers == 256 ? "20,000 where a sync takes 0.2 ms" : nil))
    }

    /// Batches of one size, by the number of callers that does best.
    @discardableResult
    private func batches(
        of size: Int, _ appending: Appending, _ section: String, _ report: inout Report
    ) async throws -> Int {
        let count = [1: 400, 100: 20_000, 1_000: 60_000][size] ?? 60_000
        var best = (rate: 0.0, callers: 0)
        for callers in [2, 3, 4] {
            let rate = try await appending.batches(of: size, count: count, callers: callers).rate
            if rate > best.rate { best = (rate, callers) }
        }
        report.add(
            Figure(
                section, "batches of \(size), \(best.callers) callers", best.rate, "events/s",
                of: report.limit(DiskSection.name, DiskSection.figure(size)),
                target: size == 1_000 ? FillSection.target : nil))
        return best.callers
    }

    // MARK: A full ledger

    private func filled(
        _ sections: [Section], _ callers: Int, _ report: inout Report
    ) async throws {
        let folder = try await bench.make("full")
        try await fill(folder, sections, callers, &report)
        if sections.contains(.reopening) {
            try await measure("opening again", &report) {
                try await ReopeningSection(bench, folder).run(&$0)
            }
        }
        if sections.contains(.fill) {
            try await measure("starting to serve", &report) {
                try ServingSection.startToReady(folder, records, &$0)
            }
        }
        if sections.contains(.verification) || sections.contains(.rebuild) {
            try await measure(RawLog.name, &report) { try await RawLog(folder).run(&$0) }
        }
        if sections.contains(.verification) {
            let ledger = try await bench.open(folder, .read)
            let key = ledger.verifierKey
            try await ledger.close()
            try await measure("verification", &report) {
                try await VerificationSection(folder, key).run(&$0)
            }
            try await measure("a day more", &report) {
                try await DaySection(bench, folder, records: records).run(&$0)
            }
        }
        if sections.contains(.rebuild) {
            try await measure("making the index anew", &report) {
                try await RebuildSection(bench, folder).run(&$0)
            }
        }
        try FileManager.default.removeItem(atPath: folder)
    }

    /// Fills the ledger; what is compared over its growth is measured early and at the end.
    private func fill(
        _ folder: String, _ sections: [Section], _ callers: Int, _ report: inout Report
    ) async throws {
        let ledger = try await bench.open(folder, .write)
        let appending = Appending(ledger, bench.sampler)
        let fill = FillSection(folder: folder, appending: appending, callers: callers)
        let early = FillSection.step(records)
        for start in stride(from: 0, to: records, by: early) {
            let end = min(start + early, records)
            try await measure("records \(start) to \(end)", &report) {
                try await fill.run(start..<end, &$0)
            }
            guard end == early || end == records else { continue }
            if sections.contains(.cases) {
                try await CaseSection(ledger, bench.sampler, size: end).run(&report)
            }
            if sections.contains(.proofs) {
                try await ProofSection(ledger, size: end).run(&report)
            }
            if sections.contains(.publishing) {
                let place = bench.scratch.folder + "/published"
                try await PublishingSection(ledger, place, size: end).run(&report)
            }
        }
        if sections.contains(.fill) {
            try fill.sizes(records, &report)
            try await measure("batches in a full ledger", &report) { report in
                for size in LedgerSections.batchSizes where size != 1_000 {
                    try await batches(of: size, appending, "fill", &report)
                }
            }
        }
        try await ledger.close()
    }
}

/// Makes and opens the ledgers of a run.
struct BenchLedgers {
    let scratch: Scratch
    let sampler: Sampler

    private static let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    /// A new ledger in the scratch folder.
    ///
    /// The sample's events are appended by several callers, who overtake each other within a case:
    /// no rule refuses them, unless `files` are given.
    func make(
        _ name: String, _ files: [String: [UInt8]]? = nil, origin: String = "bench"
    ) async throws -> String {
        let folder = scratch.folder + "/" + name
        let plan = Ledger.Plan(
            LedgerSettings(origin: "ledger.example.gov.cn/" + origin),
            catalogueFiles: files ?? RulesSection.withoutGates(LedgerData.catalogueFiles),
            person: "bench", unit: "bench")
        _ = try await Ledger.create(folder, plan, logger: BenchLedgers.logger)
        return folder
    }

    func open(
        _ folder: String, _ access: Ledger.Access,
        progress: @escaping @Sendable (Ledger.Progress) -> Void = { _ in }
    ) async throws -> Ledger {
        try await Ledger.open(folder, access, logger: BenchLedgers.logger, progress: progress)
    }
}
