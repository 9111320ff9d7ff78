import ArgumentParser
import AuditSources
import Auditing
import CanonicalJSON
import Dispatch
import Foundation
import Glibc
import LedgerHome
import Phrases
import Records

struct ScrubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrub",
        abstract: "Read again, slowly, all that was acknowledged. 低速巡检全部已入账内容。",
        discussion: """
            Finds what the disk has lost while the ledger is in use: records, attachments,
            catalogues and the index against links, tree and signed checkpoint. It holds
            itself back; stopped (Ctrl-C), it goes on where it was when it is run again. It
            is no audit: that is hanqing verify. Specs/scrub.md says what it sees.
            在账本使用期间低速重读并重算，及早发现磁盘损坏；可随时中断（Ctrl-C），再次运行
            即从原处继续。它不能代替 hanqing verify。
            """)

    @Argument(help: "The ledger's folder. 账本目录。")
    var dir: String?

    @Option(help: ArgumentHelp("MiB a second, 16 if not given. 每秒读取量。", valueName: "MiB"))
    var rate: Int?

    @Flag(help: "Hold back from the processor alone, not from the disk. 不限读取速度。")
    var fullSpeed = false

    @Flag(help: "What the last scrubs found and when; reads no record. 显示巡检状态。")
    var status = false

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    private static let usualRate = 16

    func validate() throws {
        if let rate, !(1...100_000).contains(rate) {
            throw ValidationError("--rate is a number of MiB a second, from 1 to 100000")
        }
        if rate != nil, fullSpeed { throw ValidationError("either --rate or --full-speed") }
    }

    func run() async throws {
        let printer = common.printer(for: dir ?? (try? ledger.folder))
        try await answering(printer) {
            let folder = try dir ?? ledger.folder
            guard !status else { return try ScrubStatus(folder, printer).print() }
            let start = ContinuousClock.now
            let report = try await pass(folder, printer)
            ScrubVerdict(report, folder, ContinuousClock.now - start, printer).print()
            guard report.isSound else { throw Exit.found }
            guard report.finished != nil else { throw Exit.unanswered }
        }
    }

    /// Runs the pass in a thread that gives way to all others; a signal stops it.
    private func pass(_ folder: String, _ printer: Printer) async throws -> ScrubReport {
        guard let lock = ScrubFolder(ledger: folder).lock() else {
            throw LedgerError(
                en: "another scrub of \(folder) is running; wait, or stop it",
                zh: "另一个巡检正在 \(folder) 上运行；请等待或先停止它")
        }
        defer { withExtendedLifetime(lock) {} }
        let pace = Pace(
            bytesPerSecond: fullSpeed ? nil : (rate ?? ScrubCommand.usualRate) << 20)
        let scrubber = try Scrubber(ledger: folder, pace.manner)
        let signals = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { pace.stop() }
            source.resume()
            return source
        }
        defer { for source in signals { source.cancel() } }
        let (language, isJSON) = (printer.language, printer.isJSON)
        let result = await LowPriority.run { () -> Result<ScrubReport, SourceError> in
            let teller = ScrubTeller(Printer(language: language, isJSON: isJSON))
            defer { teller.end() }
            do throws(SourceError) {
                return .success(try scrubber.run(pace.surroundings, teller.tell))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// What a pass gave, for people or as JSON.
private struct ScrubVerdict {
    private let report: ScrubReport
    private let folder: String
    private let time: Duration
    private let printer: Printer

    init(_ report: ScrubReport, _ folder: String, _ time: Duration, _ printer: Printer) {
        (self.report, self.folder, self.time, self.printer) = (report, folder, time, printer)
    }

    func print() {
        guard !printer.isJSON else { return printer.print(json) }
        verdict()
        printer.table(rows)
        for note in report.notes { printer.print(note.phrase) }
        guard !report.isSound else { return }
        printer.print()
        FindingList(report.findings, report.moreFindings, printer).print()
        printer.print()
        printer.print(
            Phrase(
                en: "Keep this folder as it is, run hanqing verify, and restore what is damaged "
                    + "from a backup. Specs/verify.md says what each finding means.",
                zh: "请保持该目录原样，运行 hanqing verify，并从备份恢复受损内容。各项发现的含义见 Specs/verify.md。"))
    }

    private func verdict() {
        if !report.isSound {
            let count = report.findings.count + report.moreFindings
            printer.print(
                printer.coloured(printer.text(en: "DAMAGED", zh: "有损坏"), .red) + "  \(folder)  "
                    + printer.text(en: "findings: \(count)", zh: "发现 \(count) 项"))
        } else if report.finished != nil {
            printer.print(
                printer.coloured(printer.text(en: "SOUND", zh: "完好"), .green) + "  \(folder)")
        }
        guard report.finished == nil else { return }
        printer.print(
            Phrase(
                en: "Stopped; run it again to go on from here.", zh: "已停止；再次运行即从此处继续。"))
    }

    private var rows: [[String]] {
        var records = printer.grouped(report.records)
        if let size = report.size, report.finished == nil {
            records += " / " + printer.grouped(size)
        }
        var rows = [
            [printer.text(en: "records", zh: "记录"), records],
            [
                printer.text(en: "read", zh: "已读"),
                "\(printer.grouped(report.byteCount >> 20)) MiB",
            ],
            [printer.text(en: "attachments", zh: "附件"), printer.grouped(report.attachmentCount)],
            [
                printer.text(en: "this run", zh: "本次用时"),
                String(format: "%.1f s", seconds),
            ],
        ]
        if report.isResumed {
            rows.append([
                printer.text(en: "pass begun", zh: "本轮始于"), localTime(report.began.text),
            ])
        }
        return rows
    }

    private var seconds: Double {
        Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }

    private var json: JSONValue {
        [
            "sound": .bool(report.isSound), "finished": .bool(report.finished != nil),
            "resumed": .bool(report.isResumed), "began": .string(report.began.text),
            "records": .integer(Int64(clamping: report.records)),
            "size": report.size.map { .integer(Int64(clamping: $0)) } ?? .null,
            "bytes": .integer(Int64(report.byteCount)),
            "attachments": .integer(Int64(report.attachmentCount)), "seconds": .number(seconds),
            "findings": .array(report.findings.map(\.json)),
            "moreFindings": .integer(Int64(report.moreFindings)),
            "notes": .array(report.notes.map(\.json)),
        ]
    }
}
