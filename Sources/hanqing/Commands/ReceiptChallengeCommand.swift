import ArgumentParser
import Auditing
import CanonicalJSON
import Checkpoints
import DurableFiles
import LedgerHome
import Merkle
import Phrases

struct ReceiptChallengeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "challenge",
        abstract: "Ask whoever shows the ledger for a receipt's record. 凭回执质询所示账本。",
        discussion: """
            PLACE is a running server, a published folder or its address, or a ledger's
            folder. Each receipt's record is present; withheld, naming the record that says
            so; denied, if what is shown does not contain what the receipt was signed for;
            or unavailable. With --evidence, what is denied is kept in a file, one JSON
            object a line, that hanqing evidence judges anywhere with the public key alone.
            PLACE 可为运行中的服务、发布目录（或其网址）、账本目录。逐条给出：在账、已遮蔽
            （并指明依据记录）、被否认（所示账本不含回执签署时的历史）或无法取得。
            --evidence 将被否认者存为证据文件。
            Exit codes: 0 each is present, or withheld by a record; 1 one is denied; 2 one
            could not be had. 退出码：0 均在账或依规遮蔽；1 有被否认者；2 有无法取得者。
            """)

    @Argument(help: "A file of receipts, or a proof file; - is standard input. 回执文件。")
    var file: String

    @Argument(help: "Who is asked: an address or a folder. 被质询的网址或目录。")
    var place: String

    @Option(
        help: ArgumentHelp(
            "The record's exact bytes, for a proof file. 记录的原始字节（用于证明文件）。",
            valueName: "file"))
    var record: String?

    @Option(help: ArgumentHelp("Keep what is denied here. 证据文件。", valueName: "file"))
    var evidence: String?

    @OptionGroup var known: KeysOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
            let keys = try known.keys()
            let receipts = try readReceipts(file)
            let record = try record.map { try recordLine($0) }
            let challenge = ReceiptChallenge(keys: keys)
            let verdicts = try await verdicts(challenge, receipts, record)
            for (receipt, verdict) in zip(receipts, verdicts) {
                ChallengePage(receipt, verdict, printer).print()
            }
            try keep(verdicts)
            try end(verdicts.map { ChallengeAnswer($0) })
        }
    }

    private func verdicts(
        _ challenge: ReceiptChallenge, _ receipts: [KeptReceipt?], _ record: [UInt8]?
    ) async throws -> [ReceiptChallenge.Verdict] {
        do {
            return try await LogPlace(place).read(common) { reader in
                var verdicts: [ReceiptChallenge.Verdict] = []
                for receipt in receipts {
                    verdicts.append(await challenge.ask(reader, for: receipt, record: record))
                }
                return verdicts
            }
        } catch let error as LedgerError {
            let phrase = error.phrases.first ?? Phrase(en: place, zh: place)
            return receipts.map { _ in .unavailable(phrase) }
        }
    }

    private func keep(_ verdicts: [ReceiptChallenge.Verdict]) throws {
        guard let evidence else { return }
        let lines = verdicts.flatMap { verdict -> [UInt8] in
            guard case .denied(let fork) = verdict else { return [] }
            return fork.json.canonicalBytes + [0x0A]
        }
        guard !lines.isEmpty else { return }
        do throws(FileError) {
            try DurableFile.replace(evidence, with: lines)
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    private func end(_ answers: [ChallengeAnswer]) throws {
        if answers.contains(where: { $0.exit == Exit.found }) { throw Exit.found }
        if answers.contains(where: { $0.exit == Exit.unanswered }) { throw Exit.unanswered }
    }
}

/// A verdict as word, title, sentence and exit code.
private struct ChallengeAnswer {
    let word: String
    let title: Phrase
    let phrase: Phrase
    let exit: ExitCode

    private init(_ word: String, _ title: Phrase, _ phrase: Phrase, _ exit: ExitCode) {
        (self.word, self.title, self.phrase, self.exit) = (word, title, phrase, exit)
    }

    init(_ verdict: ReceiptChallenge.Verdict) {
        switch verdict {
        case .present(let shown): self = .present(shown)
        case .withheld(let record):
            self.init(
                "withheld", Phrase(en: "WITHHELD", zh: "已遮蔽"),
                Phrase(
                    en: "its hash is there; its text was withheld, as record \(record) says",
                    zh: "其哈希在账；原文已遮蔽，依据为记录 \(record)"), .success)
        case .withheldUnbacked:
            self.init(
                "withheld-unbacked", Phrase(en: "DENIED", zh: "被否认"),
                Phrase(
                    en: "its text was withheld, and no record says by whose order",
                    zh: "原文已遮蔽，却没有任何记录说明依据"), Exit.found)
        case .altered:
            self.init(
                "altered", Phrase(en: "DENIED", zh: "被否认"),
                Phrase(
                    en: "its hash is there, and beside it a text with another hash",
                    zh: "其哈希在账，但所示原文的哈希与之不符"), Exit.found)
        case .denied(let evidence): self = .denied(evidence)
        case .notTheLog(let why): self.init("not-the-ledger", .denied, why, Exit.found)
        case .refused(let refusal):
            self.init(
                refusal.code.rawValue, Phrase(en: "PROVES NOTHING", zh: "不能证明"),
                refusal.phrase, Exit.found)
        case .recordNeeded:
            self.init(
                "record-needed", Phrase(en: "NOT ASKED", zh: "未质询"),
                Phrase(
                    en: "a proof file says nothing of a record by itself: give its exact bytes "
                        + "with --record",
                    zh: "证明文件本身不说明是哪条记录：请用 --record 提供该记录的原始字节"),
                Exit.unanswered)
        case .unavailable(let why):
            self.init(
                "unavailable", Phrase(en: "UNAVAILABLE", zh: "无法取得"), why, Exit.unanswered)
        }
    }

    private static func present(_ shown: ReceiptChallenge.Shown) -> ChallengeAnswer {
        ChallengeAnswer(
            "present", Phrase(en: "PRESENT", zh: "在账"),
            shown == .record
                ? Phrase(
                    en: "the record is there, and the ledger grew from what was signed then",
                    zh: "记录在账，且账本自签署时起只增不改")
                : Phrase(
                    en: "its hash is there, and the ledger grew from what was signed then; its "
                        + "text is not shown here",
                    zh: "其哈希在账，且账本自签署时起只增不改；此处不显示原文"), .success)
    }

    private static func denied(_ evidence: ForkEvidence) -> ChallengeAnswer {
        let phrase =
            switch evidence.contradiction {
            case .roots:
                Phrase(
                    en: "a fork: the history shown is not the one that was signed with the receipt",
                    zh: "账本分叉：所示历史并非回执签署时的历史")
            case .records:
                Phrase(
                    en: "a fork: another record was signed in its place",
                    zh: "账本分叉：同一位置签署了另一条记录")
            case .shorter:
                Phrase(
                    en: "what is shown has fewer records than were signed with the receipt: it was "
                        + "rolled back, or an old copy is shown",
                    zh: "所示记录少于回执签署时的数量：账本被回退，或出示的是旧副本")
            }
        return ChallengeAnswer("denied", .denied, phrase, Exit.found)
    }
}

extension Phrase {
    fileprivate static let denied = Phrase(en: "DENIED", zh: "被否认")
}

/// A challenge's verdict for people and programs.
private struct ChallengePage {
    private let receipt: KeptReceipt?
    private let verdict: ReceiptChallenge.Verdict
    private let printer: Printer

    init(_ receipt: KeptReceipt?, _ verdict: ReceiptChallenge.Verdict, _ printer: Printer) {
        (self.receipt, self.verdict, self.printer) = (receipt, verdict, printer)
    }

    func print() {
        let answer = ChallengeAnswer(verdict)
        guard !printer.isJSON else { return printer.print(json(answer)) }
        let number = receipt.map { "  \($0.proof.sequence)" } ?? ""
        let colour: Printer.Colour =
            answer.exit == .success ? .green : answer.exit == Exit.found ? .red : .yellow
        printer.print(
            printer.coloured(answer.title[printer.language], colour) + number + "  "
                + answer.phrase[printer.language])
    }

    private func json(_ answer: ChallengeAnswer) -> JSONValue {
        var members = [
            JSONMember("verdict", .string(answer.word)),
            JSONMember(
                "seq",
                receipt.map { .integer(Int64(clamping: $0.proof.sequence.rawValue)) } ?? .null),
            JSONMember("detail", .string(answer.phrase[printer.language])),
        ]
        switch verdict {
        case .present(let shown): members.append(JSONMember("shown", .string(shown.rawValue)))
        case .withheld(let record):
            members.append(JSONMember("by", .integer(Int64(clamping: record.rawValue))))
        case .denied(let evidence): members.append(JSONMember("evidence", evidence.json))
        default: break
        }
        return .object(members)
    }
}
