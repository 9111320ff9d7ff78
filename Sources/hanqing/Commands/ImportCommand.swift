import ArgumentParser
import CanonicalJSON
import Digests
import Exchange
import Foundation
import LedgerHome
import LedgerStore
import Phrases
import Records
import Sequencing

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Record historical events from a file. 导入历史事件。",
        discussion: """
            Reads NDJSON, CSV (UTF-8 or GB18030) or XES (also gzipped) through a mapping,
            as an approved batch of late entries. Interrupted, it goes on when it is run
            again; nothing is entered twice. Specs/import.md describes mappings.
            经映射文件读取 NDJSON、CSV、XES，作为经批准的补录批次入账；中断后重新运行即可续
            传，不会重复入账。
            """)

    @Argument(help: "The file. 文件。")
    var file: String

    @Option(help: ArgumentHelp("How to read it. 映射文件。", valueName: "yaml"))
    var mapping: String

    @Option(help: "Who approved the late entries (a pseudonymous id). 批准人代号。")
    var approver: String?

    @Option(help: "Why they are entered late. 补录原因。")
    var reason = "historical records (历史数据补录)"

    @Option(help: "Who runs the import. 经办人代号。")
    var person = "administrator"

    @Option(help: "That person's unit. 经办单位。")
    var unit = "-"

    @Flag(help: "Only see what the mapping makes of the file; record nothing. 试运行，不入账。")
    var dryRun = false

    @OptionGroup var scrub: ScrubOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard dryRun || approver != nil else {
            throw ValidationError("late entries need --approver (or --dry-run to try the mapping)")
        }
        if let approver, approver == person {
            throw ValidationError("--approver and --person are two people")
        }
    }

    func run() async throws {
        guard !dryRun else { return try await rehearse() }
        try await ledger.withLedger(.write, common) { ledger, printer in
            let (mapping, batch) = try prepare()
            let entries = Ledger.LateEntries(
                batch: batch.id, person: person, unit: unit, approver: approver ?? "",
                reason: reason,
                file: [
                    "bytes": .integer(batch.bytes), "name": .string(batch.fileName),
                    "sha256": .string(batch.sha256.hex),
                ], mapping: batch.mapping)
            _ = try await ledger.approve(entries)
            let sink = LedgerSink(
                ledger: ledger, recorder: Recorder.text("import", batch.fileName))
            try await scrub.behind(ledger, printer, common.logger) {
                try await run(Importer(batch, mapping), sink, printer)
            }
        }
    }

    private func rehearse() async throws {
        let printer = common.printer()
        try await answering(printer) {
            let (mapping, batch) = try prepare()
            try await run(Importer(batch, mapping), RehearsalSink(), printer)
        }
    }

    private func prepare() throws -> (ImportMapping, ImportBatch) {
        guard let bytes = FileManager.default.contents(atPath: mapping) else {
            throw LedgerError(en: "cannot read \(mapping)", zh: "无法读取 \(mapping)")
        }
        do {
            let mapping = try ImportMapping(name: mapping, yaml: [UInt8](bytes))
            return (mapping, try ImportBatch(path: file, mapping: mapping))
        } catch let error as MappingErrors {
            throw LedgerError(error.errors.map(\.phrase))
        } catch let error as ImportError {
            throw LedgerError([error.phrase])
        }
    }

    private func run(
        _ importer: Importer, _ sink: some ImportSink, _ printer: Printer
    ) async throws {
        let line = printer.progress(Phrase(en: "importing", zh: "正在导入"), .events)
        let report = try await importer.run(sink: sink) { progress in
            let share = Double(progress.bytesRead) / Double(max(progress.bytesTotal, 1))
            line.tell(done: UInt64(progress.read), total: nil, share: share)
        }
        if common.json {
            printer.print(report.json)
        } else {
            for phrase in report.phrases { printer.print(phrase) }
        }
        printer.flush()
        if let failure = report.failure {
            printer.complain(failure.phrase)
            throw Exit.unanswered
        }
        if report.refused > 0 { throw Exit.found }
    }
}

/// Records imported events, each for itself and in order.
private struct LedgerSink: ImportSink {
    let ledger: Ledger
    let recorder: String

    func submit(
        _ events: [[UInt8]], places: [SourcePlace]
    ) async throws -> [ImportOutcome] {
        let judged = try judge(events)
        guard !judged.submissions.isEmpty else { return judged.outcomes }
        let answers: [Answer]
        do {
            answers = try await ledger.submit(all: judged.submissions)
        } catch {
            throw LedgerError(error)
        }
        return try outcomes(of: answers, judged)
    }

    /// What the catalogue says of each event, and what is left to record.
    private struct Judged {
        var outcomes: [ImportOutcome]
        var submissions: [Submission] = []
        /// The place of each submission's event.
        var places: [Int] = []
    }

    private func judge(_ events: [[UInt8]]) throws -> Judged {
        var judged = Judged(outcomes: Array(repeating: .recorded, count: events.count))
        let intake = ledger.intake(.approvedBatch)
        for (place, bytes) in events.enumerated() {
            do throws(EventRefused) {
                let event = try bytes.span.bytes.withUnsafeBytes {
                    (raw) throws(EventRefused) in try intake.read(raw)
                }
                judged.submissions.append(Submission([event], recorder: recorder))
                judged.places.append(place)
            } catch {
                let unanswered = error.refusals.filter { $0.code == .unavailable }
                guard unanswered.isEmpty else { throw LedgerError(unanswered.map(\.reason)) }
                judged.outcomes[place] = .refused(error.refusals)
            }
        }
        return judged
    }

    private func outcomes(of answers: [Answer], _ judged: Judged) throws -> [ImportOutcome] {
        var outcomes = judged.outcomes
        for (answer, place) in zip(answers, judged.places) {
            switch answer {
            case .accepted(let acceptance):
                outcomes[place] = acceptance.places[0].isRepeat ? .repeated : .recorded
            case .refused(let refused): outcomes[place] = .refused(refused[0].refusals)
            case .busy: throw LedgerError(en: "busy; try again", zh: "繁忙，请重试")
            }
        }
        return outcomes
    }
}
