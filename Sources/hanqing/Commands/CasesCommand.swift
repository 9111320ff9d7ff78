import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Projections
import Records

struct CasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cases",
        abstract: "List cases with their state, as of any moment. 列出案件及其状态，可指定任一时点。",
        discussion: """
            --as-of asks what the ledger said then, --occurred how things stood that day by
            what is known of it; both can be asked together. Read from the projection,
            which follows first. Several ledgers are asked together: repeat --ledger.
            --as-of 为当时账本所载，--occurred 为按发生时间的状态，二者可同时指定。可重复
            --ledger 合并多个账本。
            """)

    @Option(help: "Only this procedure, such as penalty. 只看该程序。")
    var procedure: String?

    @Option(help: "Only this stage. 只看该阶段。")
    var stage: String?

    @Option(
        help: ArgumentHelp("As things stood at the end of this day. 该日终了时的状态。", valueName: "day"))
    var occurred: String?

    @Option(help: "At most so many. 最多列出条数。")
    var limit = 50

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledgers: LedgersOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let occurred, civilDay(occurred) == nil {
            throw ValidationError("--occurred \(occurred): a day such as 2025-06-30")
        }
        guard limit > 0 else { throw ValidationError("--limit: at least 1") }
    }

    func run() async throws {
        try await ledgers.withPasts(asOf, common) { asked, printer in
            let question = self.question
            let lists = try await asked.map { try ListedCase.list($0, question) }
            let cases = joined(lists.members) { $0.begun < $1.begun }.prefix(limit)
            if common.json {
                for one in cases {
                    printer.print(
                        CaseQuestion.json(one.value.row).of(ledger: asked.origins[one.ledger]))
                }
            } else {
                show(Array(cases), asked, printer)
            }
            printer.heads(try await asking(asked.pasts, AnswerHead.init))
        }
    }

    private var question: CaseQuestion {
        var question = CaseQuestion()
        (question.procedure, question.stage, question.limit) = (procedure, stage, limit)
        question.occurredDay = occurred.flatMap(civilDay)
        return question
    }

    private func show(
        _ cases: [Joint<ListedCase>], _ asked: LedgerGroup<AskedLedger>, _ printer: Printer
    ) {
        let language = printer.language
        printer.table(
            cases.map { one in
                let (found, values) = (one.value.row, one.value.row.row.values)
                let catalogue = asked.members[one.ledger].ledger.catalogue
                let procedure = catalogue.procedure(values[0].text ?? "")
                let stage = procedure?.stages.first { $0.id == values[1].text }
                let end = values[2].integer == 1 ? printer.text(en: "ended", zh: "已终结") : ""
                return asked.mark(one.ledger) + [
                    printer.coloured(found.stream, .bold),
                    stage?.title[language] ?? values[1].text ?? "", end, values[3].text ?? "",
                ]
            })
        let size = asked.pasts.reduce(0) { $0 + $1.size }
        printer.print(
            Phrase(
                en: "\(cases.count) cases as of \(size) records",
                zh: "共 \(cases.count) 个案件，截至 \(size) 条记录"))
    }
}

/// A case of a list, and when its first record was recorded: what orders cases of several ledgers.
private struct ListedCase: Sendable {
    let row: FoundRow
    let begun: String

    static func list(_ asked: AskedLedger, _ question: CaseQuestion) throws -> [ListedCase] {
        let (file, origin) = (try asked.demandFile(), asked.past.origin)
        let rows = try question.rows(in: file, of: origin, size: asked.past.size)
        let begun = try file.begun(rows.map(\.stream), in: origin)
        return rows.map { ListedCase(row: $0, begun: begun[$0.stream] ?? "") }
    }
}
