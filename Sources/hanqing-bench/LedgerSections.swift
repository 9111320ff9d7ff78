import Foundation
import LedgerData
import LedgerHome
import Logging

/// The sections that need a ledger.
struct LedgerSections {
    let scratch: Scratch
    let source: EventSource
    let records: Int

    private static let batchSizes = [1, 100, 1_000, 10_000]

    func run(_ sections: [Section], _ report: inout Report) async throws {
        var callers = 3
        if sections.contains(.batches) || sections.contains(.single) {
            callers = try await atTheStart(sections, &report) ?? callers
        }
        if !Set(sections).isDisjoint(with: [.fill, .verification, .proofs]) {
            try await filled(sections, callers, &report)
        }
    }

    /// A new ledger in the scratch folder.
    private func make(_ name: String) async throws -> String {
        let folder = scratch.folder + "/" + name
        let plan = Ledger.Plan(
            LedgerSettings(origin: "ledger.example.gov.cn/bench"),
            catalogueFiles: LedgerData.catalogueFiles, person: "bench", unit: "bench")
        _ = try await Ledger.create(folder, plan, logger: LedgerSections.logger)
        return folder
    }

    private static let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    private func open(_ folder: String, _ access: Ledger.Access) async throws -> Ledger {
        try await Ledger.open(folder, access, logger: LedgerSections.logger)
    }

    // MARK: A new ledger

    /// Gives the number of callers that did best with batches of 1,000.
    private func atTheStart(
        _ sections: [Section], _ report: inout Report
    ) async throws -> Int? {
        var best: Int?
        let folder = try await make("start")
        let ledger = try await open(folder, .write)
        let appending = Appending(ledger, source)
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
                for callers in [1, 64, 256] {
                    let rate = try await appending.singles(callers: callers, for: .seconds(3))
                    let target = callers == 256 ? "20,000 where a sync takes 0.2 ms" : nil
                    report.add(
                        Figure(
                            "single", "\(callers) \(callers == 1 ? "caller" : "callers")", rate,
                            "events/s",
                            of: report.limit(DiskSection.name, DiskSection.figure(1)),
                            target: target))
                }
            }
        }
        try await ledger.close()
        try FileManager.default.removeItem(atPath: folder)
        return best
    }

    /// Batches of one size, by the number of callers that does best.
    @discardableResult
    private func batches(
        of size: Int, _ appending: Appending, _ section: String, _ report: inout Report
    ) async throws -> Int {
        let count = [1: 400, 100: 20_000, 1_000: 60_000][size] ?? 60_000
        var best = (rate: 0.0, callers: 0)
        for callers in [2, 3, 4] {
            let rate = try await appending.batches(of: size, count: count, callers: callers)
            if rate > best.rate { best = (rate, callers) }
        }
        report.add(
            Figure(
                section, "batches of \(size), \(best.callers) callers", best.rate, "events/s",
                of: report.limit(DiskSection.name, DiskSection.figure(size)),
                target: size == 1_000 ? LedgerSections.batchTarget : nil))
        return best.callers
    }

    private static let batchTarget = "120,000 on two free cores"

    // MARK: A full ledger

    private func filled(
        _ sections: [Section], _ callers: Int, _ report: inout Report
    ) async throws {
        let folder = try await make("full")
        let ledger = try await open(folder, .write)
        let appending = Appending(ledger, source, first: 1 << 40)
        try await measure("filling \(records) records", &report) { report in
            try await fill(appending, callers, &report)
        }
        if sections.contains(.fill) {
            try await measure("batches in a full ledger", &report) { report in
                for size in LedgerSections.batchSizes where size != 1_000 {
                    try await batches(of: size, appending, "fill", &report)
                }
            }
        }
        try await ledger.close()
        try await measure("opening again", &report) { try await reopen(folder, &$0) }
        if sections.contains(.verification) {
            let key = ledger.verifierKey
            try await measure("verification", &report) {
                try await VerificationSection(folder, key).run(&$0)
            }
        }
        if sections.contains(.proofs) {
            let ledger = try await open(folder, .read)
            try await measure("proofs", &report) { try await ProofSection(ledger).run(&$0) }
            try await ledger.close()
        }
        try FileManager.default.removeItem(atPath: folder)
    }

    private func fill(
        _ appending: Appending, _ callers: Int, _ report: inout Report
    ) async throws {
        let window = records / 10
        let limit = report.limit(DiskSection.name, DiskSection.figure(1_000))
        Memory.resetPeak()
        func figure(_ name: String, _ rate: Double) -> Figure {
            Figure(
                "fill", "\(name), \(callers) callers", rate, "events/s", of: limit,
                target: LedgerSections.batchTarget)
        }
        let first = try await appending.batches(of: 1_000, count: window, callers: callers)
        report.add(figure("batches of 1000, first \(window)", first))
        memory(after: window, &report)
        let middle = records - 2 * window
        let spent = Processor.seconds
        let between = try await appending.batches(of: 1_000, count: middle, callers: callers)
        report.add(figure("batches of 1000, between", between))
        let each = (Processor.seconds - spent) / Double(middle) * 1_000_000
        report.add(
            Figure(
                "fill", "time on cores, an event", each, "µs",
                target: "16.7 for 120,000 on two cores"))
        let last = try await appending.batches(of: 1_000, count: window, callers: callers)
        report.add(figure("batches of 1000, last \(window)", last))
        memory(after: records, &report)
    }

    private func memory(after count: Int, _ report: inout Report) {
        let target = count == records ? "does not grow with the ledger" : nil
        report.add(
            Figure("fill", "memory of its own after \(count)", Memory.own, "MiB", target: target))
        report.add(
            Figure("fill", "peak with mapped files after \(count)", Memory.peak, "MiB"))
    }

    private func reopen(_ folder: String, _ report: inout Report) async throws {
        let clock = ContinuousClock()
        for (name, access) in [("to write", Ledger.Access.write), ("to read", .read)] {
            let start = clock.now
            let ledger = try await open(folder, access)
            let time = (clock.now - start).inSeconds
            try await ledger.close()
            report.add(
                Figure("fill", "opening again \(name)", time, "s", target: "under 1 s"))
        }
    }
}
