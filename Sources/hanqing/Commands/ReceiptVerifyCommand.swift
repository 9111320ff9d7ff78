import ArgumentParser
import Auditing
import CanonicalJSON
import Checkpoints
import Digests
import LedgerHome
import Merkle
import Phrases

struct ReceiptVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Say what a receipt proves, without asking anybody. 离线说明回执能证明什么。",
        discussion: """
            Reads the JSON of an append or of hanqing prove, and c2sp.org/tlog-proof
            files. It needs the ledger's public key, which must come by another way than
            the receipt, and neither the ledger nor a network. A proof file needs the
            record too (--record). Exit code 1 if it proves nothing; 2 if something cannot
            be read.
            离线读取回执（JSON）或 c2sp.org/tlog-proof 证明文件，仅需另行取得的账本公钥；证
            明文件还须提供记录。
            """)

    @Argument(help: "A receipt, several, or a proof file; - is standard input. 回执或证明文件。")
    var file: String

    @Option(
        help: ArgumentHelp(
            "The record's exact bytes, as hanqing show prints them. 记录的原始字节。",
            valueName: "file"))
    var record: String?

    @OptionGroup var known: KeysOption
    @OptionGroup var policy: PolicyOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
            let policy = try policy.policy()
            let keys = try known.keys(orElse: policy?.logs.isEmpty == false)
            let receipts = try readReceipts(file)
            let record = try record.map { try recordLine($0) }
            guard record == nil || receipts.count == 1 else {
                throw LedgerError(
                    en: "--record goes with one receipt; \(file) has \(receipts.count)",
                    zh: "--record 只能用于单个回执；\(file) 含 \(receipts.count) 个")
            }
            let audit = ReceiptAudit(keys: keys, policy: policy)
            let verdicts = receipts.map { audit.judge($0, record: record) }
            for (receipt, verdict) in zip(receipts, verdicts) {
                ReceiptPage(receipt, verdict, printer).print()
            }
            try end(verdicts)
        }
    }

    private func end(_ verdicts: [ReceiptAudit.Verdict]) throws {
        for verdict in verdicts {
            if case .refused = verdict { throw Exit.found }
        }
        for verdict in verdicts {
            if case .recordNeeded = verdict { throw Exit.unanswered }
        }
    }
}

/// The record in a file: it holds no LF, and the file may end with one.
func recordLine(_ file: String) throws(LedgerError) -> [UInt8] {
    let bytes = try contents(file)
    return bytes.last == 0x0A ? bytes.dropLast() : bytes
}

/// The receipts in a file; nil stands for what is no full receipt.
func readReceipts(_ file: String) throws(LedgerError) -> [KeptReceipt?] {
    let bytes = try contents(file)
    let receipts: [KeptReceipt?]
    do throws(ReceiptFileError) {
        receipts = try KeptReceipt.File(bytes).receipts
    } catch {
        throw LedgerError([
            Phrase(en: "\(file): \(error.phrase.en)", zh: "\(file)：\(error.phrase.zh)")
        ])
    }
    guard !receipts.isEmpty else { throw LedgerError(en: "\(file) is empty", zh: "\(file) 为空") }
    return receipts
}

/// A receipt's verdict for people and programs.
private struct ReceiptPage {
    private let receipt: KeptReceipt?
    private let verdict: ReceiptAudit.Verdict
    private let printer: Printer

    init(_ receipt: KeptReceipt?, _ verdict: ReceiptAudit.Verdict, _ printer: Printer) {
        (self.receipt, self.verdict, self.printer) = (receipt, verdict, printer)
    }

    func print() {
        switch verdict {
        case .proved(let facts): print(facts)
        case .refused(let refusal):
            print(
                refusal.code.rawValue, Phrase(en: "PROVES NOTHING", zh: "不能证明"), .red,
                refusal.phrase)
        case .recordNeeded:
            print(
                "record-needed", Phrase(en: "NOT JUDGED", zh: "未判断"), .yellow,
                Phrase(
                    en: "a proof file says nothing of a record by itself: give the record's exact "
                        + "bytes with --record",
                    zh: "证明文件本身不说明是哪条记录：请用 --record 提供该记录的原始字节"))
        }
    }

    private func print(_ code: String, _ title: Phrase, _ colour: Printer.Colour, _ why: Phrase) {
        let sequence = receipt.map {
            JSONValue.integer(Int64(clamping: $0.proof.sequence.rawValue))
        }
        guard !printer.isJSON else {
            return printer.print([
                "seq": sequence ?? .null, "verdict": .string(code),
                "detail": .string(why[printer.language]),
            ])
        }
        let number = receipt.map { "  \($0.proof.sequence)" } ?? ""
        printer.print(
            printer.coloured(title[printer.language], colour) + number + "  "
                + why[printer.language])
    }

    private func print(_ facts: ReceiptFacts) {
        guard !printer.isJSON else { return printer.print(json(facts)) }
        printer.print(
            printer.coloured(printer.text(en: "PROVED", zh: "已证明"), .green)
                + "  \(facts.sequence)  \(facts.checkpoint.origin)")
        list(Phrase(en: "It proves:", zh: "能证明："), facts.proves)
        list(Phrase(en: "It does not prove:", zh: "不能证明："), facts.doesNotProve)
    }

    private func list(_ title: Phrase, _ lines: [Phrase]) {
        printer.print(title)
        for line in lines { printer.print("  - " + line[printer.language]) }
    }

    private func json(_ facts: ReceiptFacts) -> JSONValue {
        let checkpoint = facts.checkpoint
        return [
            "seq": .integer(Int64(clamping: facts.sequence.rawValue)), "verdict": "proved",
            "origin": .string(checkpoint.origin.text),
            "size": .integer(Int64(clamping: checkpoint.size.rawValue)),
            "root": .string(checkpoint.root.description),
            "key": .string(checkpoint.key.description),
            "leafHash": .string(facts.leaf.digest.hex),
            "record": .string(facts.record?.rawValue ?? "not-given"),
            "cosigned": .array(
                facts.witnessed.map {
                    ["witness": .string($0.name), "time": .integer(Int64(clamping: $0.seconds))]
                }),
            "proves": texts(facts.proves), "doesNotProve": texts(facts.doesNotProve),
        ]
    }

    private func texts(_ phrases: [Phrase]) -> JSONValue {
        .array(phrases.map { .string($0[printer.language]) })
    }
}
