import ArgumentParser
import AuditSources
import Auditing
import Bundles
import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import LedgerHome
import Merkle
import Phrases

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Re-derive everything that a ledger claims. 重新推算账本的全部主张。",
        discussion: """
            Reads every byte of the records and needs neither the bureau's server nor its index.
            Of a file that hanqing bundle made, it reads that alone.
            Of a folder that hanqing publish made, and of http:// and https:// addresses, it reads
            the tiles: the tree over the records' hashes, and the records where they are published.
            It remembers the newest checkpoint of each ledger found sound on this machine and
            demands that the ledger only grew since. Specs/verify.md lists the findings.
            逐字节读取全部记录，不依赖建账单位的服务器或索引；并记住本机所见的最新检查点，要求账本此后只增不改。
            """)

    @Argument(help: "A ledger's folder, a published one, an address or a bundle. 账本、发布目录、网址或证据包。")
    var dir: String?

    @Flag(help: "Links, tree and signed checkpoints only. 只查链接、树和签名检查点。")
    var quick = false

    @Option(
        help: ArgumentHelp(
            "A checkpoint kept from before: the ledger must have grown from it. 留存的检查点。",
            valueName: "file"))
    var checkpoint: [String] = []

    @Flag(help: "Neither ask nor keep this machine's memory. 不查询也不更新本机记忆。")
    var noMemory = false

    @Option(
        help: ArgumentHelp(
            "The ledger's key as you were given it. 另行取得的验证密钥。", valueName: "key"))
    var vkey: String?

    @Option(
        help: ArgumentHelp(
            "PEM: whom to trust for timestamps; otherwise what the ledger kept. 时间戳根证书。",
            valueName: "file"))
    var tsaCa: String?

    @Option(
        help: ArgumentHelp(
            "The ledger.restored record whose loss of records you accept. 确认接受该次恢复的丢失。",
            valueName: "seq"))
    var acceptLoss: UInt64?

    @Flag(
        help: """
            Of published tiles, read only what is new since this machine's last audit. \
            仅核对本机上次验证之后的新分块。
            """)
    var sinceLast = false

    @Option(
        help: ArgumentHelp(
            "A ledger that anchors this one: compare with what it holds. 锚定本账本的上级账本目录。",
            valueName: "dir"))
    var anchors: String?

    @OptionGroup var policy: PolicyOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let folder = dir ?? (try? ledger.folder)
        let printer = common.printer(for: folder)
        try await answering(printer) {
            let folder = try dir ?? ledger.folder
            let report = try await report(on: folder, printer)
            common.json
                ? printer.print(report.json) : VerifyReport(report, folder, printer).print()
            guard report.isSound else { throw Exit.found }
        }
    }

    private func report(on text: String, _ printer: Printer) async throws -> AuditReport {
        let path = text.hasPrefix("file://") ? URL(string: text)?.path ?? text : text
        if BundleFile.isAt(path) {
            guard anchors == nil else {
                throw LedgerError(
                    en: "--anchors is for ledgers; a bundle says nothing of their growth",
                    zh: "--anchors 仅用于账本；证据包不说明账本的增长")
            }
            return try auditBundle(path)
        }
        let place = LogPlace(text)
        guard let anchors else { return try await audit(place, [], nil, printer) }
        let held = try await HeldAnchors(place, vkey.map(readVerifierKey), in: anchors, common)
        var report = try await audit(place, held.checkpoints, held.key, printer)
        report.findings += try await held.timeFindings(place, common)
        return report
    }

    private func audit(
        _ place: LogPlace, _ anchored: [GivenCheckpoint], _ key: VerifierKey?, _ printer: Printer
    ) async throws -> AuditReport {
        var options = try options()
        options.key = options.key ?? key
        options.checkpoints += anchored
        guard case .ledger(let folder) = place else {
            return try await place.read(common) { try await audit($0, options, printer) }
        }
        guard !sinceLast else {
            throw LedgerError(
                en: "--since-last is for published tiles; a ledger's folder is read in full",
                zh: "--since-last 仅用于已发布的分块；账本目录总是完整读取")
        }
        return try await audit(try auditor(folder, options), printer)
    }

    private func audit(
        _ reader: any TileReader, _ records: Auditor.Options, _ printer: Printer
    ) async throws -> AuditReport {
        var options = TileAudit.Options(records: records)
        (options.policy, options.sinceMemory) = (try policy.policy(), sinceLast)
        if quick { options.mode = .quick }
        let scratch = FileManager.default.temporaryDirectory.path
        let audit = TileAudit(reader, memory: memory, options) { () throws(SourceError) in
            try ScratchFile(in: scratch)
        }
        let line = printer.progress(Phrase(en: "verifying", zh: "正在验证"), .records)
        return try await audit.run { line.tell(done: $0.done, total: $0.total) }
    }

    private func auditBundle(_ path: String) throws -> AuditReport {
        var options = BundleAudit.Options()
        (options.key, options.policy) = (try vkey.map(readVerifierKey), try policy.policy())
        let records = try self.options()
        options.timestampAuthorities = records.timestampAuthorities
        options.seconds = records.seconds
        var audit = BundleAudit(options)
        do throws(TarFault) {
            let file = try BundleFile(path)
            return try audit.run { (count) throws(TarFault) in try file.next(count) }
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    private func audit(_ auditor: Auditor, _ printer: Printer) async throws -> AuditReport {
        let line = printer.progress(Phrase(en: "verifying", zh: "正在验证"), .mebibytes)
        return try await auditor.run(mode: quick ? .quick : .full) { progress in
            line.tell(
                done: UInt64(progress.bytesDone >> 20), total: UInt64(progress.bytesTotal >> 20))
        }
    }

    private var memory: MemoryFolder? {
        noMemory ? nil : MemoryFolder.usual(ProcessInfo.processInfo.environment)
    }

    private func auditor(_ folder: String, _ options: Auditor.Options) throws -> Auditor {
        var options = options
        options.policy = try policy.policy()
        let sources = try Auditor.Sources(
            ledger: folder, memory: memory,
            scratch: FileManager.default.temporaryDirectory.path)
        return Auditor(sources, options)
    }

    private func options() throws -> Auditor.Options {
        let random = RandomBytes.make(count: 16).withUnsafeBytes {
            $0.load(as: (UInt64, UInt64).self)
        }
        var options = Auditor.Options(hashKey: ShortHash(high: random.0, low: random.1))
        options.workers = ProcessInfo.processInfo.activeProcessorCount
        options.key = try vkey.map(readVerifierKey)
        options.acceptedLoss = acceptLoss
        options.timestampAuthorities = try tsaCa.map { file throws(LedgerError) in
            try contents(file)
        }
        options.seconds = Int64(Date().timeIntervalSince1970)
        options.checkpoints = try checkpoint.map { path in
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw LedgerError(en: "cannot read \(path)", zh: "无法读取 \(path)")
            }
            return GivenCheckpoint(name: path, note: [UInt8](bytes))
        }
        return options
    }
}

/// An audit's report for people.
private struct VerifyReport {
    private let report: AuditReport
    private let folder: String
    private let printer: Printer

    init(_ report: AuditReport, _ folder: String, _ printer: Printer) {
        (self.report, self.folder, self.printer) = (report, folder, printer)
    }

    func print() {
        verdict()
        facts()
        for note in report.notes { printer.print(note.phrase) }
        guard !report.isSound else {
            if report.mode == .bundle { printer.print(VerifyReport.whatABundleProves) }
            return
        }
        printer.print()
        FindingList(report.findings, report.moreFindings, printer).print()
        advice()
    }

    private func verdict() {
        if report.isSound {
            printer.print(
                printer.coloured(printer.text(en: "SOUND", zh: "完好"), .green) + "  \(folder)")
        } else {
            let count = report.findings.count + report.moreFindings
            printer.print(
                printer.coloured(printer.text(en: "NOT SOUND", zh: "有问题"), .red)
                    + "  \(folder)  "
                    + printer.text(en: "findings: \(count)", zh: "发现 \(count) 项"))
        }
    }

    private func facts() {
        var rows: [[String]] = []
        if let origin = report.origin {
            rows.append([printer.text(en: "origin", zh: "账本"), "\(origin)"])
        }
        if let tiles = report.tiles, tiles.since > 0 {
            rows.append([
                printer.text(en: "read since", zh: "起自"),
                printer.text(
                    en: "record \(printer.grouped(tiles.since))",
                    zh: "记录 \(printer.grouped(tiles.since))"),
            ])
        }
        let own = printer.grouped(report.ledgerRecords)
        rows.append([
            printer.text(en: "records", zh: "记录"),
            printer.grouped(report.records)
                + (report.mode == .full
                    ? printer.text(
                        en: " (\(own) of them the ledger's own)", zh: "（其中账本自身 \(own) 条）") : ""),
        ])
        if report.withheld > 0 {
            rows.append([
                printer.text(en: "withheld", zh: "已遮蔽"), printer.grouped(report.withheld),
            ])
        }
        if let root = report.root { rows.append([printer.text(en: "root", zh: "根"), "\(root)"]) }
        rows.append([printer.text(en: "key", zh: "密钥"), keySource])
        rows.append([printer.text(en: "memory", zh: "本机记忆"), memory])
        printer.table(rows)
    }

    private var keySource: String {
        switch report.keySource {
        case .given: printer.text(en: "the one you gave", zh: "由您提供")
        case .memory: printer.text(en: "the one this machine remembers", zh: "本机所记")
        case .ledger:
            printer.text(
                en: "from the ledger itself: compare it with the one you were given (--vkey)",
                zh: "取自账本自身：请与另行取得的密钥核对（--vkey）")
        case nil: printer.text(en: "none", zh: "无")
        }
    }

    private var memory: String {
        switch report.memory {
        case .none: printer.text(en: "not asked", zh: "未查询")
        case .first: printer.text(en: "first time here; kept from now on", zh: "首次验证，自此记住")
        case .compared(let size) where isContradicted:
            printer.text(
                en: "contradicts the \(printer.grouped(size)) records seen before",
                zh: "与此前所见 \(printer.grouped(size)) 条记录相矛盾")
        case .compared(let size) where !report.isSound:
            printer.text(
                en: "compared with the \(printer.grouped(size)) records seen before",
                zh: "已与此前所见 \(printer.grouped(size)) 条记录比对")
        case .compared where report.notes.contains { $0.code == "loss-accepted" }:
            printer.text(en: "goes on from here", zh: "自此延续")
        case .compared(let size):
            printer.text(
                en: "grew from the \(printer.grouped(size)) records seen before",
                zh: "与此前所见 \(printer.grouped(size)) 条记录相比只增不改")
        }
    }

    /// What was seen before is not the beginning of what is there.
    private var isContradicted: Bool {
        report.findings.contains { [.rolledBack, .forked, .keyChanged].contains($0.code) }
    }

    private static let whatABundleProves = Phrase(
        en: "It proves that these records are unchanged since they were entered, not that they "
            + "were true when they were entered.", zh: "证明这些记录自入账以来未被改动，不证明入账时属实。")

    private func advice() {
        printer.print()
        guard report.mode != .bundle else {
            return printer.print(
                Phrase(
                    en: "Do not rely on this bundle. Keep it as it is, and ask for another one; "
                        + "Specs/bundle.md says what is checked.",
                    zh: "请勿采信该证据包：保持其原样，并要求重新出具。核验内容见 Specs/bundle.md。"))
        }
        if let sound = report.soundThrough, !isContradicted {
            printer.print(
                Phrase(
                    en: "Records 0 to \(sound) are sound.", zh: "记录 0 至 \(sound) 完好。"))
        }
        guard !report.findings.allSatisfy({ $0.code == .recordsLost }) else {
            printer.print(
                Phrase(
                    en: "Compare the receipts and records that you kept with what is there, then "
                        + "go on from here with --accept-loss \(report.findings[0].seq ?? 0).",
                    zh: "请将留存的回执和记录与账本核对，然后以 --accept-loss "
                        + "\(report.findings[0].seq ?? 0) 确认并继续。"))
            return
        }
        guard !report.findings.allSatisfy({ $0.code == .keyRevoked }) else {
            printer.print(
                Phrase(
                    en: "Nothing else is wrong. Whoever can write to the disk could have written "
                        + "that record too: decide as Specs/keys.md section 3 says.",
                    zh: "别无其他问题。但能写入磁盘的人也能写下该记录：请按 Specs/keys.md 第 3 节核实后决定。"))
            return
        }
        printer.print(
            Phrase(
                en:
                    "Keep this folder as it is, take a copy for the investigation, and restore "
                    + "from a backup. Specs/verify.md says what each finding means.",
                zh: "请保持该目录原样，复制一份供调查使用，并从备份恢复。各项发现的含义见 Specs/verify.md。"))
    }
}
