import ArgumentParser
import Catalogue
import Foundation
import LedgerData
import Sampling

/// Measures a ledger on this machine, beside what the machine can do at all.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hanqing-bench",
        abstract: "Measure Hanqing beside this machine's raw limits. 在本机上与硬件极限对照测速。",
        discussion: Explanation.text)

    @Option(help: "Records in the ledger that is filled. 账本记录数。")
    var records = 1_000_000

    @Flag(help: "A short look: 100,000 records. 简测。")
    var quick = false

    @Option(
        parsing: .upToNextOption,
        help: "Only these sections: \(Section.names). 只测这些部分。")
    var only: [Section] = []

    @Option(help: "Where to put the temporary ledger; measures this disk. 临时账本所在目录。")
    var folder = "."

    @Flag(help: "One JSON object on standard output. 以 JSON 输出。")
    var json = false

    @Flag(help: .hidden)
    var answerNothing = false

    func validate() throws {
        guard records >= 10_000 else { throw ValidationError("--records: at least 10000") }
    }

    func run() async throws {
        guard !answerNothing else { return try await EmptyService.run() }
        let scratch = try Scratch(in: folder)
        defer { scratch.remove() }
        let run = BenchRun(
            scratch: scratch, records: quick ? min(records, 100_000) : records,
            sections: only.isEmpty ? Section.allCases : only)
        do {
            let report = try await run.run()
            print(json ? report.json : report.table)
        } catch {
            scratch.remove()
            throw error
        }
    }
}

/// What can be asked for by itself.
enum Section: String, ExpressibleByArgument, CaseIterable, Sendable {
    case sample, hashing, json, disk, batches, single
    case starting, serving, receipts, anchoring, rules, projection, fill, reopening, verification,
        proofs, publishing, cases, rebuild, scrub, sealing

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// One run, section by section: raw limits first, then what the ledger makes of them.
struct BenchRun {
    let scratch: Scratch
    let records: Int
    let sections: [Section]

    func run() async throws -> Report {
        var report = Report(machine: Machine.current, records: records)
        let sampler = try BenchRun.sampler()
        report.probes.append(try SyncProbe.run(in: scratch.folder, "at the start"))
        if sections.contains(.sample) {
            try await measure("sample", &report) { SampleSection(sampler).run(&$0) }
        }
        if sections.contains(.hashing) {
            try await measure("hashing", &report) { try await HashingSection(sampler).run(&$0) }
        }
        if sections.contains(.json) {
            try await measure("JSON and intake", &report) { try IntakeSection(sampler).run(&$0) }
        }
        if sections.contains(.disk) {
            try await measure("disk", &report) {
                try DiskSection(sampler, scratch.folder).run(&$0)
            }
        }
        let bench = BenchLedgers(scratch: scratch, sampler: sampler)
        if sections.contains(.starting) {
            try await measure("starting", &report) {
                try await StartingSection(bench: bench).run(&$0)
            }
        }
        if sections.contains(.serving) {
            try await measure(ServingSection.name, &report) {
                try await ServingSection(bench: bench).run(&$0)
            }
        }
        if sections.contains(.receipts) {
            try await measure(ReceiptSection.name, &report) {
                try await ReceiptSection(bench: bench).run(&$0)
            }
        }
        if sections.contains(.anchoring) {
            try await measure(AnchoringSection.name, &report) {
                try await AnchoringSection(bench: bench).run(&$0)
            }
        }
        if sections.contains(.rules) {
            try await measure("rules", &report) {
                try await RulesSection(bench: bench, records: records).run(&$0)
            }
        }
        if sections.contains(.projection) {
            try await measure("projection", &report) {
                try await ProjectionSection(bench: bench, records: records).run(&$0)
            }
        }
        let ledgers = LedgerSections(bench: bench, records: records)
        try await ledgers.run(sections, &report)
        if sections.contains(.scrub) {
            try await ScrubSection(bench: bench, records: records).run(&report)
        }
        if sections.contains(.sealing),
            let section = SealingSection(folder: scratch.folder, records: records)
        {
            try await measure("sealing", &report) { try await section.run(&$0) }
        }
        report.probes.append(try SyncProbe.run(in: scratch.folder, "at the end"))
        return report
    }

    /// Cases are spread over a hundred thousand events and more, as an index finds them hardest.
    private static let lanes = 1_024

    private static func sampler() throws -> Sampler {
        let catalogue = try EventCatalogue(files: LedgerData.catalogueFiles)
        return try Sampler(LedgerData.sample, catalogue: catalogue, seed: 1, lanes: lanes)
    }
}

/// Runs one section and says so on standard error.
func measure(
    _ title: String, _ report: inout Report, _ body: (inout Report) async throws -> Void
) async throws {
    Progress.say("\(title) …")
    let clock = ContinuousClock()
    let start = clock.now
    try await body(&report)
    let time = Int((clock.now - start).inSeconds.rounded())
    Progress.say("\(title): \(time) s; memory of its own \(Report.number(Memory.own)) MiB")
}

enum Progress {
    static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

/// The seconds that `body` takes.
func seconds<E: Error>(_ body: () throws(E) -> Void) throws(E) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try body()
    return (clock.now - start).inSeconds
}
