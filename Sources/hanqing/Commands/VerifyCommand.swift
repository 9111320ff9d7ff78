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
            Reads every byte of the records and needs neither the bureau's server nor its
            index. Of a file that hanqing bundle made, it reads that alone.
            Of a folder that hanqing publish made, and of http:// and https:// addresses,
            it reads the tiles: the tree over the records' hashes, and the records where
            they are published. It remembers the newest checkpoint of each ledger found
            sound on this machine and demands that the ledger only grew since.
            Specs/verify.md lists the findings.
            逐字节读取全部记录，不依赖建账单位的服务器或索引；并记住本机所见的最新检查点，
            要求账本此后只增不改。
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
            "Remember this ledger in that file, instead of this machine's memory. 随身记忆文件。",
            valueName: "file"))
    var memory: String?

    @Flag(help: "Print the verdict as one line, for timers. 结论只打印一行，便于定时任务。")
    var line = false

    @Option(
        help: ArgumentHelp(
            "The ledger's key as you were given it; of tiles also each that it had. 验证密钥，可重复。",
            valueName: "key"))
    var vkey: [String] = []

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

    @Option(
        help: ArgumentHelp(
            "Timestamps kept elsewhere: it must have grown from each. 另行留存的时间戳目录。",
            valueName: "dir"))
    var timestamps: String?

    @OptionGroup var policy: PolicyOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if memory != nil, noMemory {
            throw ValidationError("--memory and --no-memory exclude each other")
        }
        if line, common.json { throw ValidationError("--line and --json exclude each other") }
    }

    func run() async throws {
        let folder = dir ?? (try? ledger.folder)
        let printer = common.printer(for: folder)
        try await answering(printer) {
            let folder = try dir ?? ledger.folder
            let report = try await report(on: folder, printer)
            let page = VerifyReport(report, folder, printer)
            if common.json {
                printer.print(report.json)
            } else {
                line ? page.printLine() : page.print()
            }
            guard report.isSound else { throw Exit.found }
        }
    }

    private func report(on text: String, _ printer: Printer) async throws -> AuditReport {
        let path = text.hasPrefix("file://") ? URL(string: text)?.path ?? text : text
        if BundleFile.isAt(path) {
            try demandOneKey()
            guard anchors == nil, timestamps == nil else {
                throw LedgerError(
                    en: "--anchors and --timestamps are for ledgers; a bundle says nothing of "
                        + "their growth, and brings its own timestamps",
                    zh: "--anchors、--timestamps 仅用于账本；证据包不说明账本的增长，且自带时间戳")
            }
            return try auditBundle(path)
        }
        let place = LogPlace(text)
        if case .ledger = place { try demandOneKey() }
        let known = try keys()
        let stamped = try timestamps.map { folder in
            let options = try options()
            return try HeldTimestamps(
                folder, by: known, trusting: options.timestampAuthorities,
                at: options.seconds)
        }
        let held: HeldAnchors? =
            if let anchors {
                try await HeldAnchors(place, known.first, in: anchors, common)
            } else {
                nil
            }
        let before = (held?.checkpoints ?? []) + (try stamped?.checkpoints ?? [])
        var report = try await audit(place, before, held?.key, printer)
        if let held { report.findings += try await held.timeFindings(place, common) }
        try await stamped?.judge(&report, place, common)
        return report
    }

    /// Records tell how one key follows another; hashes do not.
    private func demandOneKey() throws(LedgerError) {
        guard vkey.count > 1 else { return }
        throw LedgerError(
            en: "several --vkey are for published tiles; where records are read they tell how "
                + "each key follows the one that you were given first: give that one",
            zh: "多个 --vkey 仅用于已发布的分块；读取记录时，后续密钥由记录说明：只须给出最先取得的一个")
    }

    /// The keys as they were given; the first names the ledger.
    private func keys() throws(LedgerError) -> [VerifierKey] {
        var keys: [VerifierKey] = []
        for text in vkey { keys.append(try readVerifierKey(text)) }
        guard let stranger = keys.first(where: { $0.name != keys[0].name }) else { return keys }
        throw LedgerError(
            en: "\(stranger) is of another ledger than \(keys[0])",
            zh: "\(stranger) 与 \(keys[0]) 不属于同一账本")
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
        options.otherKeys = Array(try keys().dropFirst())
        if quick { options.mode = .quick }
        let scratch = FileManager.default.temporaryDirectory.path
        let audit = TileAudit(reader, memory: asked, options) { () throws(SourceError) in
            try ScratchFile(in: scratch)
        }
        let line = printer.progress(Phrase(en: "verifying", zh: "正在验证"), .records)
        return try await audit.run { line.tell(done: $0.done, total: $0.total) }
    }

    private func auditBundle(_ path: String) throws -> AuditReport {
        var options = BundleAudit.Options()
        (options.key, options.policy) = (try keys().first, try policy.policy())
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

    private var asked: (any CheckpointMemory)? {
        if let memory { return MemoryFile(memory) }
        return noMemory ? nil : MemoryFolder.usual(ProcessInfo.processInfo.environment)
    }

    private func auditor(_ folder: String, _ options: Auditor.Options) throws -> Auditor {
        var options = options
        options.policy = try policy.policy()
        let sources = try Auditor.Sources(
            ledger: folder, memory: asked,
            scratch: FileManager.default.temporaryDirectory.path)
        return Auditor(sources, options)
    }

    private func options() throws -> Auditor.Options {
        let random = RandomBytes.make(count: 16).withUnsafeBytes {
            $0.load(as: (UInt64, UInt64).self)
        }
        var options = Auditor.Options(hashKey: ShortHash(high: random.0, low: random.1))
        options.workers = ProcessInfo.processInfo.activeProcessorCount
        options.key = try keys().first
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
