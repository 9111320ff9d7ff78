import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Rules

struct FindingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "findings",
        abstract: "List rules broken, duties missed and late entries. 列出违规、逾期与迟录。",
        discussion: """
            A finding is derived from the records each time, never stored. People answer it
            by the events finding.explained, finding.confirmed, finding.dismissed and
            finding.rectified. Exit code 0 also where there are findings. Several ledgers
            are asked together: repeat --ledger. 发现由记录推出，不另存储。可重复 --ledger
            合并查询多个账本。
            """)

    @Option(help: "Only this rule or duty, such as R173; or late-entry. 只看该规则或职责。")
    var rule: String?

    @Option(help: "Only this severity: refuse or flag. 只看该级别。")
    var severity: String?

    @Option(help: "Only this state: open, explained, confirmed, dismissed, rectified. 只看该状态。")
    var state: String?

    @Option(help: "Only this stream, such as penalty/PN-2025-000001. 只看该案件流。")
    var stream: String?

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledgers: LedgersOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let severity, Rule.Level(rawValue: severity) == nil {
            throw ValidationError("--severity is refuse or flag, not \(severity)")
        }
        if let state, Finding.State(rawValue: state) == nil {
            throw ValidationError(
                "--state is \(Finding.State.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func run() async throws {
        try await ledgers.withJudgements(asOf, period: 0...0, common) { judged, printer in
            let question = self.question
            let lists = judged.members.map { question.findings(of: $0.judgement) }
            if let stream {
                _ = try await judged.place(holding: stream) { one in
                    try await one.ledger.holds(stream: stream)
                }
            }
            let findings = joined(lists) { ($0.day, $0.id) < ($1.day, $1.id) }
            if common.json {
                for one in findings {
                    let origin = judged.members[one.ledger].head.origin
                    printer.print(one.value.json.of(ledger: origin))
                }
            } else {
                show(findings, judged, printer)
            }
            printer.heads(judged.heads)
        }
    }

    private var question: FindingQuestion {
        var question = FindingQuestion()
        (question.rule, question.stream) = (rule, stream)
        question.level = severity.flatMap { Rule.Level(rawValue: $0) }
        question.state = state.flatMap { Finding.State(rawValue: $0) }
        return question
    }

    private func show(
        _ found: [Joint<Finding>], _ judged: LedgerGroup<JudgedLedger>, _ printer: Printer
    ) {
        let language = printer.language
        // Many entries of one case that were late are one line, unless they are what is asked for.
        let isWhole = rule != nil || stream != nil
        let rows = isWhole ? found : found.filter { $0.value.kind != .lateEntry }
        let late = found.count - rows.count
        printer.table(
            rows.map { one in
                let finding = one.value
                let catalogue = judged.members[one.ledger].judgement.book.catalogue
                let level = finding.level.title[language]
                return judged.mark(one.ledger) + [
                    dayText(finding.day), printer.coloured(finding.id, .bold),
                    finding.level == .refuse ? printer.coloured(level, .red) : level,
                    finding.state.title[language], finding.stream, finding.what[language],
                    printer.coloured(basisText(finding.basis, catalogue, language), .grey),
                ]
            })
        if late > 0 {
            printer.print(
                Phrase(
                    en: "… and \(grouped(late)) late entries: --rule late-entry lists them",
                    zh: "……另有迟录 \(grouped(late)) 条：用 --rule late-entry 列出"))
        }
        let open = found.count { $0.value.state == .open }
        let asserted = found.count(where: \.value.isAsserted)
        let entryCount = judged.members.reduce(0) { $0 + $1.judgement.entryCount }
        let caseCount = judged.members.reduce(0) { $0 + $1.judgement.caseCount }
        printer.print(
            Phrase(
                en: "\(found.count) findings, \(open) of them open, \(asserted) on asserted "
                    + "facts; \(grouped(entryCount)) entries of "
                    + "\(grouped(caseCount)) cases were judged",
                zh: "共 \(found.count) 项，其中未处理 \(open) 项、补报事实 \(asserted) 项；已判断 "
                    + "\(grouped(caseCount)) 个案件的 \(grouped(entryCount)) 条记录"))
    }
}
