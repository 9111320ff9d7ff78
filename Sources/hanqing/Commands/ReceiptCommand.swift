import ArgumentParser
import Auditing
import CanonicalJSON
import Checkpoints
import LedgerHome
import Merkle
import Phrases

struct ReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt", abstract: "What a receipt proves. 回执证明什么。",
        subcommands: [
            ReceiptVerifyCommand.self, ReceiptCheckCommand.self, ReceiptChallengeCommand.self,
        ])
}

struct ReceiptCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask a ledger for the records of full receipts. 凭回执核对账本。",
        discussion: """
            Each receipt is present, lost (a restore from a backup lost the record; send
            the event again), contradicted (evidence against the ledger), or invalid. Exit
            code 1 if one is not present. What a receipt proves without the ledger:
            hanqing receipt verify.
            逐行核对回执：在账、丢失（由备份恢复所致，请重新报送）、矛盾（可作证据）或无
            效。
            """)

    @Argument(help: "A file of receipts; - is standard input. 回执文件。")
    var file: String

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            var isWell = true
            for receipt in try readReceipts(file) {
                let answer = Answer(try await ledger.judge(receipt: receipt))
                isWell = isWell && answer.isPresent
                let seq = receipt.map { Int64(clamping: $0.proof.sequence.rawValue) } ?? -1
                guard !common.json else {
                    let json: JSONValue = [
                        "seq": .integer(seq), "verdict": .string(answer.word),
                        "detail": .string(answer.phrase[printer.language]),
                    ]
                    printer.print(json)
                    continue
                }
                let colour: Printer.Colour = answer.isPresent ? .green : .red
                printer.print(
                    printer.coloured(answer.title[printer.language], colour)
                        + "  \(seq)  \(answer.phrase[printer.language])")
            }
            guard isWell else { throw Exit.found }
        }
    }

    /// A verdict in words.
    private struct Answer {
        let word: String
        let title: Phrase
        let phrase: Phrase
        var isPresent: Bool { word == "present" }

        init(_ verdict: ReceiptVerdict) {
            switch verdict {
            case .present:
                word = "present"
                title = Phrase(en: "PRESENT", zh: "在账")
                phrase = Phrase(
                    en: "recorded, and as it was acknowledged", zh: "已入账，且与确认时一致")
            case .lost(let restore):
                word = "lost"
                title = Phrase(en: "LOST", zh: "丢失")
                phrase = Phrase(
                    en: "acknowledged, and lost when the ledger was restored from a backup "
                        + "(record \(restore.sequence)); send the event again",
                    zh: "曾被确认，由备份恢复账本时丢失（见记录 \(restore.sequence)）；请重新报送")
            case .contradicted(let why):
                (word, phrase) = ("contradicted", why)
                title = Phrase(en: "CONTRADICTED", zh: "矛盾")
            case .invalid(let why):
                (word, phrase) = ("invalid", why)
                title = Phrase(en: "INVALID", zh: "无效")
            }
        }
    }
}
