import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Records
import Rules

struct DutiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duties",
        abstract: "List what is owed by when, and what was missed. 列出职责与期限。",
        discussion: """
            Without options: what runs, stands still or is overdue. --all lists what was done, too.
            不带选项时列出进行中、中止和逾期未办的职责；--all 也列出已办的。
            """)

    @Flag(help: "Only what is overdue. 只看逾期未办的。")
    var overdue = false

    @Flag(help: "Also what was done, in time or not. 也列出已办的。")
    var all = false

    @Option(help: "Only where this person entered or took part in what began it. 只看涉及此人的。")
    var person: String?

    @Option(help: "Only what this unit's entry began. 只看该单位登记引起的。")
    var unit: String?

    @Option(help: "Only this duty, such as D.pn.decide. 只看该职责。")
    var duty: String?

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withJudgement(asOf, period: 0...0, common) { judgement, printer in
            let standings = judgement.standings.filter { isWanted($0, judgement) }
                .sorted { ($0.dueDay ?? .max, $0.id) < ($1.dueDay ?? .max, $1.id) }
            if common.json {
                for standing in standings { printer.print(json(standing, judgement)) }
                return
            }
            show(standings, judgement, printer)
        }
    }

    private func isWanted(_ standing: DutyStanding, _ judgement: LedgerJudgement) -> Bool {
        if overdue, standing.state != .overdue { return false }
        if !all, !overdue, ![.running, .paused, .overdue].contains(standing.state) { return false }
        if let duty, standing.duty.id != duty { return false }
        let operators = standing.start.flatMap { judgement.operators[$0] } ?? []
        if let person, !operators.contains(person) { return false }
        if let unit, standing.start.flatMap({ judgement.units[$0] }) != unit { return false }
        return true
    }

    private func show(
        _ standings: [DutyStanding], _ judgement: LedgerJudgement, _ printer: Printer
    ) {
        let catalogue = judgement.book.catalogue
        let language = printer.language
        printer.table(
            standings.map { standing in
                let owed = standing.duty.to.map { catalogue.title(ofType: $0)?[language] ?? $0 }
                let isOurs = judgement.book.isOfBureau(standing.duty)
                let whose = standing.duty.dutyOf.flatMap { catalogue.role($0)?.title[language] }
                let state =
                    standing.state == .overdue && !isOurs
                    ? printer.text(en: "expired", zh: "期满") : standing.state.title[language]
                return [
                    due(standing, printer),
                    standing.state == .overdue && isOurs ? printer.coloured(state, .red) : state,
                    standing.duty.id, standing.stream, owed.joined(separator: " / "),
                    isOurs ? whose ?? "" : printer.coloured(whose ?? "", .grey),
                    printer.coloured(basisText(standing.duty.basis, catalogue, language), .grey),
                ]
            })
        let late = standings.count { $0.state == .overdue && judgement.book.isOfBureau($0.duty) }
        printer.print(
            Phrase(
                en: "\(standings.count) duties, \(late) of the bureau's overdue",
                zh: "共 \(standings.count) 项，其中本机关逾期未办 \(late) 项"))
    }

    private func due(_ standing: DutyStanding, _ printer: Printer) -> String {
        guard let day = standing.dueDay else { return "—" }
        let mark = standing.isProvisional ? printer.text(en: " (provisional)", zh: "（暂定）") : ""
        if let moment = standing.dueMoment {
            return occurredTime(moment.text, isDayOnly: false) + mark
        }
        return dayText(day) + mark
    }

    private func json(_ standing: DutyStanding, _ judgement: LedgerJudgement) -> JSONValue {
        [
            "id": .string(standing.id), "duty": .string(standing.duty.id),
            "stream": .string(standing.stream), "state": .string(standing.state.rawValue),
            "start": standing.start.map { .integer(Int64($0)) } ?? .null,
            "startDay": .string(dayText(standing.startDay)),
            "due": standing.dueDay.map { .string(dayText($0)) } ?? .null,
            "dueMoment": standing.dueMoment.map { .string($0.text) } ?? .null,
            "provisional": .bool(standing.isProvisional),
            "end": standing.end.map { .integer(Int64($0)) } ?? .null,
            "endDay": standing.endDay.map { .string(dayText($0)) } ?? .null,
            "dutyOf": standing.duty.dutyOf.map { .string($0) } ?? .null,
            "ofBureau": .bool(judgement.book.isOfBureau(standing.duty)),
            "to": .array(standing.duty.to.map { .string($0) }),
            "basis": basisJSON(standing.duty.basis),
        ]
    }
}
