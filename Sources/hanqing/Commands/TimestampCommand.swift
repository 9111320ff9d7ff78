import ArgumentParser
import AuditSources
import Auditing
import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import LedgerHome
import Merkle
import Phrases
import Publishing

struct TimestampCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timestamp",
        abstract: "Timestamps by an authority, RFC 3161. 时间戳机构签发的可信时间戳。",
        discussion: """
            A timestamp shows that all records under a checkpoint were there by a time:
            nobody, the keeper with his key included, can make an older one afterwards.
            Each renews those before it. Specs/timestamp.md has the details; openssl ts
            -verify checks the files.
            时间戳证明某检查点之下的全部记录在该时间之前已存在；事后任何人（包括持有密钥的
            建账单位）都无法倒签。
            """,
        subcommands: [TimestampAskCommand.self, TimestampCheckCommand.self])
}

/// Whom to trust for timestamps.
private func authorities(_ file: String?) throws(LedgerError) -> [UInt8]? {
    guard let file else { return nil }
    let bytes = try contents(file)
    guard bytes.count <= KeptTimestamp.authoritiesByteCountMax else {
        throw LedgerError(
            en: "\(file) is longer than \(KeptTimestamp.authoritiesByteCountMax) bytes",
            zh: "\(file) 超过 \(KeptTimestamp.authoritiesByteCountMax) 字节")
    }
    return bytes
}

private func secondsSince1970() -> Int64 { Int64(Date().timeIntervalSince1970) }

struct TimestampAskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Have the newest checkpoint stamped, and keep the timestamp. 为最新检查点盖时间戳。",
        discussion: """
            What is sent is a digest. The answer is verified before it is kept in
            checkpoints/timestamped, and renews all timestamps before it. A daily timer is
            enough.
            发送的只有摘要；应答验证通过后才会保存，并使此前各时间戳一并续期。每日执行一次
            即可。
            Exit codes: 1 the ledger contradicts what was stamped before; 2 no valid
            answer.
            退出码：1 账本与此前盖戳的内容矛盾；2 未取得有效应答。
            """)

    @Option(help: ArgumentHelp("The authority's address. 时间戳服务地址。", valueName: "url"))
    var tsa: String

    @Option(
        help: ArgumentHelp(
            "PEM: certificates that the authority's must lead to; otherwise the system's. 根证书。",
            valueName: "file"))
    var ca: String?

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            do {
                try await ask(ledger, printer)
            } catch let error as PublicationError {
                printer.complain(error.phrase)
                if case .contradiction = error { throw Exit.found }
                throw Exit.unanswered
            }
        }
    }

    private func ask(_ ledger: Ledger, _ printer: Printer) async throws {
        guard tsa.hasPrefix("http://") || tsa.hasPrefix("https://") else {
            throw LedgerError(
                en: "--tsa is an address that begins with http:// or https://",
                zh: "--tsa 须为 http:// 或 https:// 开头的地址")
        }
        let shelf = try TimestampShelf(ledger: ledger.folder)
        let folder = try LedgerFolder(ledger.folder)
        let previous = try folder.timestamps().last.map { try folder.timestamp($0) }
        let checkpoint = try await ledger.checkpoint()
        let now = secondsSince1970()
        let request = Timestamping.Request(
            url: tsa, authorities: try authorities(ca),
            random: RandomBytes.make(count: TimestampQuery.nonceByteCount), seconds: now)
        let timestamping = Timestamping(
            TimestampPost(), LedgerPublication(ledger), keys: ledger.keys)
        let (kept, verified) = try await timestamping.ask(request, for: checkpoint, after: previous)
        try shelf.keep(kept)
        tell(TimestampFact(verified, isInForce: true), ledger.folder, now, printer)
    }

    /// How far an authority's clock and this machine's may be apart unsaid.
    private static let secondsApartMax: Int64 = 120

    private func tell(_ fact: TimestampFact, _ folder: String, _ now: Int64, _ printer: Printer) {
        let token = fact.timestamp.token
        let apart = token.microseconds / 1_000_000 - now
        if abs(apart) > TimestampAskCommand.secondsApartMax {
            printer.complain(
                Phrase(
                    en: "this machine's clock and the authority's are \(abs(apart)) seconds apart: "
                        + "one of them is wrong",
                    zh: "本机时钟与时间戳机构相差 \(abs(apart)) 秒：其中之一不准"))
        }
        guard !printer.isJSON else { return printer.print(fact.json) }
        let size = fact.timestamp.checkpoint.size
        let place =
            "\(folder)/checkpoints/timestamped/\(KeptTimestamp.folder(fact.timestamp.number))"
        printer.print(
            Phrase(
                en: "Stamped: \(size) records were there by \(fact.time). Kept in \(place)",
                zh: "已盖时间戳：\(size) 条记录在 \(fact.time) 之前已存在。保存于 \(place)"))
        printer.print(
            Phrase(
                en: "By \(token.signer); its certificate ends at \(fact.certificateEnds)",
                zh: "签发者 \(token.signer)；其证书于 \(fact.certificateEnds) 到期"))
    }
}

struct TimestampCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "List and verify the timestamps of a ledger, offline. 列出并离线验证时间戳。",
        discussion: """
            Reads links and tree of the ledger, which must have grown from every stamped
            checkpoint; hanqing verify does so too. Without --ca the certificates kept by
            the ledger's keeper are taken.
            读取账本的链接与哈希树，账本须由各盖戳检查点增长而来；未给出 --ca 时采用建账单
            位所存证书。
            """)

    @Option(
        help: ArgumentHelp(
            "PEM: certificates that the authorities' must lead to. 根证书。", valueName: "file"))
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "The ledger's key as you were given it. 另行取得的验证密钥。", valueName: "key"))
    var vkey: String?

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? ledger.folder)
        try await answering(printer) {
            let report = try await report(try ledger.folder)
            guard !printer.isJSON else {
                printer.print(report.json)
                guard report.isSound else { throw Exit.found }
                return
            }
            try print(report, printer)
        }
    }

    private func report(_ folder: String) async throws -> AuditReport {
        let random = RandomBytes.make(count: 16).withUnsafeBytes {
            $0.load(as: (UInt64, UInt64).self)
        }
        var options = Auditor.Options(hashKey: ShortHash(high: random.0, low: random.1))
        options.workers = ProcessInfo.processInfo.activeProcessorCount
        options.key = try vkey.map(readVerifierKey)
        (options.timestampAuthorities, options.seconds) = (try authorities(ca), secondsSince1970())
        let sources = try Auditor.Sources(
            ledger: folder, memory: nil, scratch: FileManager.default.temporaryDirectory.path)
        return try await Auditor(sources, options).run(mode: .quick)
    }

    private func print(_ report: AuditReport, _ printer: Printer) throws {
        TimestampTable(report.timestamps, printer).print()
        for note in report.notes where note.code.hasPrefix("timestamp-") {
            printer.print(note.phrase)
        }
        guard !report.isSound else { return }
        printer.print()
        FindingList(report.findings, report.moreFindings, printer).print()
        throw Exit.found
    }
}

/// Valid timestamps, one a line.
private struct TimestampTable {
    private let facts: [TimestampFact]
    private let printer: Printer

    init(_ facts: [TimestampFact], _ printer: Printer) {
        (self.facts, self.printer) = (facts, printer)
    }

    func print() {
        guard !facts.isEmpty else {
            return printer.print(
                Phrase(
                    en: "no valid timestamps: hanqing timestamp ask makes one",
                    zh: "没有有效的时间戳：可用 hanqing timestamp ask 请求"))
        }
        let head = [
            printer.text(en: "number", zh: "编号"), printer.text(en: "records", zh: "记录数"),
            printer.text(en: "time", zh: "时间"), printer.text(en: "accuracy", zh: "精度"),
            printer.text(en: "certificate ends", zh: "证书到期"),
            printer.text(en: "in force", zh: "有效"), printer.text(en: "authority", zh: "签发机构"),
        ]
        printer.table([head] + facts.map(row))
    }

    private func row(_ fact: TimestampFact) -> [String] {
        let token = fact.timestamp.token
        let accuracy = token.accuracyMicroseconds.map { "±\(Double($0) / 1_000_000) s" }
        return [
            KeptTimestamp.folder(fact.timestamp.number),
            printer.grouped(fact.timestamp.checkpoint.size.rawValue), fact.time,
            accuracy ?? printer.text(en: "not stated", zh: "未载明"), fact.certificateEnds,
            fact.isInForce ? printer.text(en: "yes", zh: "是") : printer.text(en: "no", zh: "否"),
            token.signer,
        ]
    }
}
