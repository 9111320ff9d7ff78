import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Rules

struct FindingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "findings",
        abstract: "List rules broken, duties missed and late entries. 列出违规、逾期与迟录。",
        discussion: """
            A finding is derived from the records each time, never stored. People answer it by the
            events finding.explained, finding.confirmed, finding.dismissed and finding.rectified.
            Exit code 0 also where there are findings. 发现由记录推出，不另存储。
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
    @OptionGroup var ledger: LedgerOption
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
        try await ledger.withJudgement(asOf, period: 0...0, common) { judgement, printer in
            let findings = judgement.findings.filter { isWanted($0) }
            if common.json {
                for finding in findings { printer.print(json(finding)) }
                return
            }
            show(findings, judgement, printer)
        }
    }

    private func isWanted(_ finding: Finding) -> Bool {
        (rule.map { $0 == finding.rule } ?? true)
            && (severity.map { $0 == finding.level.rawValue } ?? true)
            && (state.map { $0 == finding.state.rawValue } ?? true)
            && (stream.map { $0 == finding.stream } ?? true)
    }

    private func show(_ findings: [Finding], _ judgement: LedgerJudgement, _ printer: Printer) {
        let language = printer.language
        // Many entries of one case that were late are one line, unless they are what is asked for.
        let isWhole = rule != nil || stream != nil
        let rows = isWhole ? findings : findings.filter { $0.kind != .lateEntry }
        let late = findings.count - rows.count
        printer.table(
            rows.map { finding in
                [
                    dayText(finding.day), printer.coloured(finding.id, .bold),
                    finding.level == .refuse
                        ? printer.coloured(finding.level.title[language], .red)
                        : finding.level.title[language],
                    finding.state.title[language], finding.stream, finding.what[language],
                    printer.coloured(
                        basisText(finding.basis, judgement.book.catalogue, language), .grey),
                ]
            })
        if late > 0 {
            printer.print(
                Phrase(
                    en: "… and \(grouped(late)) late entries: --rule late-entry lists them",
                    zh: "……另有迟录 \(grouped(late)) 条：用 --rule late-entry 列出"))
        }
        let open = findings.count { $0.state == .open }
        let asserted = findings.count(where: \.isAsserted)
        printer.print(
            Phrase(
                en: "\(findings.count) findings, \(open) of them open, \(asserted) on asserted "
                    + "facts; \(grouped(judgement.entryCount)) entries of "
                    + "\(grouped(judgement.caseCount)) cases were judged",
                zh: "共 \(findings.count) 项，其中未处理 \(open) 项、补报事实 \(asserted) 项；已判断 "
                    + "\(grouped(judgement.caseCount)) 个案件的 \(grouped(judgement.entryCount)) 条记录"))
    }

    private func json(_ finding: Finding) -> JSONValue {
        [
            "id": .string(finding.id), "kind": .string(finding.kind.rawValue),
            "rule": .string(finding.rule), "severity": .string(finding.level.rawValue),
            "stream": .string(finding.stream),
            "seq": finding.entry.map { .integer(Int64($0)) } ?? .null,
            "day": .string(dayText(finding.day)), "asserted": .bool(finding.isAsserted),
            "provisional": .bool(finding.isProvisional), "basis": basisJSON(finding.basis),
            "what": phraseJSON(finding.what), "state": .string(finding.state.rawValue),
            "stateBy": finding.stateBy.map { .integer(Int64($0)) } ?? .null,
        ]
    }
}
