import ArgumentParser
import Auditing
import CanonicalJSON
import Checkpoints
import LedgerHome
import Phrases

struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Judge evidence that a ledger signed two histories. 判断账本分叉的证据。",
        discussion: """
            Reads what hanqing receipt challenge --evidence kept, or a
            ledger.anchor-refused record as hanqing show prints it. It needs the ledger's
            public key and neither the ledger nor a network. Specs/evidence.md says what
            the file holds.
            离线读取质询所得的证据文件，或 hanqing show 打印的 ledger.anchor-refused 记录，
            仅需账本公钥。
            Exit codes: 0 each proves that two histories were signed; 1 one proves nothing;
            2 one leaves it open, or cannot be read.
            退出码：0 均证明曾签署两段历史；1 有不能证明者；2 有存疑或无法读取者。
            """)

    @Argument(help: "Evidence, one JSON object a line; - is standard input. 证据文件。")
    var file: String

    @OptionGroup var known: KeysOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
            let keys = try known.keys()
            let lines = try contents(file).split(separator: 0x0A)
            guard !lines.isEmpty else { throw unreadable }
            var exits: [ExitCode] = []
            for line in lines {
                guard let value = try? JSONValue(parsing: line), let evidence = ForkEvidence(value)
                else { throw unreadable }
                exits.append(tell(evidence, evidence.judge(by: keys), printer))
            }
            for exit in [Exit.found, Exit.unanswered] where exits.contains(exit) { throw exit }
        }
    }

    private var unreadable: LedgerError {
        LedgerError(
            en: "\(file) holds no evidence that this version reads",
            zh: "\(file) 不含本版本可读的证据")
    }

    private func tell(
        _ evidence: ForkEvidence, _ verdict: ForkEvidence.Verdict, _ printer: Printer
    ) -> ExitCode {
        let (word, title, phrase, exit) = words(verdict)
        guard !printer.isJSON else {
            printer.print([
                "verdict": .string(word), "kind": .string(evidence.kind),
                "origin": .string(evidence.origin.text),
                "detail": .string(phrase[printer.language]),
            ])
            return exit
        }
        printer.print(
            printer.coloured(title[printer.language], exit == .success ? .red : .yellow)
                + "  \(evidence.origin)  " + phrase[printer.language])
        return exit
    }

    private func words(
        _ verdict: ForkEvidence.Verdict
    ) -> (word: String, title: Phrase, phrase: Phrase, exit: ExitCode) {
        switch verdict {
        case .forked(let first, let second):
            let keys = first.key == second.key ? first.key.id.description : nil
            let whose = keys.map { "key \($0)" } ?? "keys \(first.key.id) and \(second.key.id)"
            let restored = Phrase(
                en: keys == nil
                    ? "; a restore that its record ledger.restored declares explains that" : "",
                zh: keys == nil ? "；若 ledger.restored 记录已申明恢复，则属正常" : "")
            return (
                "forked", Phrase(en: "FORKED", zh: "已分叉"),
                Phrase(
                    en: "\(whose) signed \(first.size) records and \(second.size) records that are "
                        + "not of one history\(restored.en)",
                    zh: "\(whose) 签署的 \(first.size) 条记录与 \(second.size) 条记录不属于同一历史"
                        + restored.zh),
                .success
            )
        case .open(let first, let second):
            return (
                "open", Phrase(en: "OPEN", zh: "存疑"),
                Phrase(
                    en: "both were signed, \(first.size) records and \(second.size): whether the "
                        + "ledger was rolled back or an old copy was shown, this does not say",
                    zh: "两者均经签署（\(first.size) 条与 \(second.size) 条）：账本是否被回退、"
                        + "抑或只是出示了旧副本，据此不能判断"),
                Exit.unanswered
            )
        case .refused(let why):
            return ("refused", Phrase(en: "PROVES NOTHING", zh: "不能证明"), why, Exit.found)
        }
    }
}
