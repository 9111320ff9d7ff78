import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Records
import Rules

struct DutiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duties",
        abstract: "List what is owed by when, and what was missed. 列出职责与期限。",
        discussion: """
            Without options: what runs, stands still or is overdue. --all lists what was
            done, too. Several ledgers are asked together: repeat --ledger.
            不带选项时列出进行中、中止和逾期未办的职责；--all 也列出已办的。可重复 --ledger
            合并查询多个账本。
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
    @OptionGroup var ledgers: LedgersOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledgers.withJudgements(asOf, period: 0...0, common) { judged, printer in
            let question = self.question
            let standings = joined(
                judged.members.map { question.standings(of: $0.judgement) },
                by: DutyQuestion.isBefore)
            if common.json {
                for one in standings {
                    let ledger = judged.members[one.ledger]
                    printer.print(
                        ledger.judgement.json(one.value).of(ledger: ledger.head.origin))
                }
            } else {
                show(standings, judged, printer)
            }
            printer.heads(judged.heads)
        }
    }

    private var question: DutyQuestion {
        var question = DutyQuestion()
        (question.isOverdueOnly, question.isAll) = (overdue, all)
        (question.person, question.unit, question.duty) = (person, unit, duty)
        return question
    }

    private func show(
        _ standings: [Joint<DutyStanding>], _ judged: LedgerGroup<JudgedLedger>,
        _ printer: Printer
    ) {
        printer.table(
            standings.map { one in
                judged.mark(one.ledger)
                    + row(one.value, judged.members[one.ledger].judgement.book, printer)
            })
        let late = standings.count { one in
            one.value.state == .overdue
                && judged.members[one.ledger].judgement.book.isOfBureau(one.value.duty)
        }
        printer.print(
            Phrase(
                en: "\(standings.count) duties, \(late) of the bureau's overdue",
                zh: "共 \(standings.count) 项，其中本机关逾期未办 \(late) 项"))
    }

    private func row(
        _ standing: DutyStanding, _ book: RuleBook, _ printer: Printer
    ) -> [String] {
        let (catalogue, language) = (book.catalogue, printer.language)
        let owed = standing.duty.to.map { catalogue.title(ofType: $0)?[language] ?? $0 }
        let isOurs = book.isOfBureau(standing.duty)
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
    }

    private func due(_ standing: DutyStanding, _ printer: Printer) -> String {
        guard let day = standing.dueDay else { return "—" }
        let mark = standing.isProvisional ? printer.text(en: " (provisional)", zh: "（暂定）") : ""
        if let moment = standing.dueMoment {
            return occurredTime(moment.text, isDayOnly: false) + mark
        }
        return dayText(day) + mark
    }
}
