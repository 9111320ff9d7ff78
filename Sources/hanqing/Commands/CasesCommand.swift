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
            --as-of asks what the ledger said then, --occurred how things stood that day by what is
            known of it; both can be asked together. Read from the projection, which follows first.
            --as-of 为当时账本所载，--occurred 为按发生时间的状态，二者可同时指定。
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
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let occurred, civilDay(occurred) == nil {
            throw ValidationError("--occurred \(occurred): a day such as 2025-06-30")
        }
        guard limit > 0 else { throw ValidationError("--limit: at least 1") }
    }

    func run() async throws {
        try await ledger.withProjection(common, catchUp: true) { ledger, file, printer in
            let head = try await ledger.store.head().size.rawValue
            var question = ProjectionQuestion(asOf: head)
            if let moment = try asOf.moment() {
                question.size = try await ledger.size(asOf: moment)
            }
            if let day = occurred.flatMap(civilDay) {
                question.occurred = (Int64(day + 1) * 86_400 - 8 * 3600) * 1_000_000 - 1
            }
            question.limit = limit
            if let stage { question.values.append(("stage", stage)) }
            let (model, origin) = (CasesModel(), ledger.settings.origin)
            let rows =
                try procedure.map { try file.page(of: $0, in: origin, question) }
                ?? file.rows(of: model, in: origin, question)
            for row in rows { if common.json { printer.print(json(row, model)) } }
            if !common.json { show(rows, ledger, question.size, printer) }
        }
    }

    private func show(
        _ rows: [FoundRow], _ ledger: Ledger, _ size: UInt64, _ printer: Printer
    ) {
        let language = printer.language
        printer.table(
            rows.map { found in
                let values = found.row.values
                let procedure = ledger.catalogue.procedure(values[0].text ?? "")
                let stage = procedure?.stages.first { $0.id == values[1].text }
                let end = values[2].integer == 1 ? printer.text(en: "ended", zh: "已终结") : ""
                return [
                    printer.coloured(found.stream, .bold),
                    stage?.title[language] ?? values[1].text ?? "", end, values[3].text ?? "",
                ]
            })
        printer.print(
            Phrase(
                en: "\(rows.count) cases as of \(size) records",
                zh: "共 \(rows.count) 个案件，截至第 \(size) 条记录"))
    }

    private func json(_ found: FoundRow, _ model: CasesModel) -> JSONValue {
        var members = [
            JSONMember("stream", .string(found.stream)),
            JSONMember("record", .integer(Int64(found.from))),
        ]
        for (column, value) in zip(model.columns, found.row.values) {
            let json: JSONValue =
                switch value {
                case .null: .null
                case .integer(let number): .integer(number)
                case .text(let text): .string(text)
                }
            members.append(JSONMember(column.name, json))
        }
        return .object(members)
    }
}
