import Catalogue
import Phrases
import Projections
import Questions
import Records

/// An answer for people: the table, figures, notes, and what it rests on.
struct AnswerPage {
    private let printer: Printer
    /// The ledgers' names in front of lines; none where there is only one.
    private let mark: (Int) -> [String]
    private var language: Language { printer.language }

    init(_ printer: Printer, mark: @escaping (Int) -> [String]) {
        (self.printer, self.mark) = (printer, mark)
    }

    func show(_ answered: AnsweredTogether) {
        let question = answered.question
        printer.print(printer.coloured("\(question.number)  \(question.text[language])", .bold))
        for parameter in question.parameters {
            let value = answered.arguments.value(parameter.kind)
            guard value != .none else { continue }
            printer.print(line(parameter.title, value.text(language)))
        }
        printer.print()
        if !answered.rows.isEmpty { table(answered) }
        for figure in answered.figures { show(figure) }
        for (ledger, note) in answered.notes {
            let name = ledger.map { mark($0).map { "[\($0)] " }.joined() } ?? ""
            printer.print(
                printer.coloured(printer.text(en: "note: ", zh: "说明："), .grey) + name
                    + note[language])
        }
        rest(answered)
    }

    /// The sum, and beside it each ledger's own.
    private func show(_ figure: AnsweredTogether.Figure) {
        let parts = figure.parts.flatMap { part in
            mark(part.ledger).map { line(Phrase(en: $0, zh: $0), part.value.text(language)) }
        }
        let beside = printer.coloured(
            parts.joined(separator: printer.text(en: "; ", zh: "；")), .grey)
        let words = [figure.sum?.text(language), parts.isEmpty ? nil : beside].compactMap { $0 }
        printer.print(line(figure.title, words.joined(separator: "  ")))
    }

    private func line(_ title: Phrase, _ text: String) -> String {
        title[language] + (language == .chinese ? "：" : ": ") + text
    }

    private func table(_ answered: AnsweredTogether) {
        let first = answered.heads.count > 1 ? [Phrase(en: "ledger", zh: "账本")] : []
        let titles =
            first + answered.columns.map(\.title) + [Phrase(en: "records", zh: "记录")]
        let head = titles.map { printer.coloured($0[language], .grey) }
        let rows = answered.rows.map { one in
            mark(one.ledger) + one.value.values.map { short(text($0)) }
                + [numbers(one.value.records)]
        }
        printer.table([head] + rows)
        printer.print()
    }

    /// Moments in Beijing, as everywhere.
    private func text(_ value: Value) -> String {
        if case .moment(let moment) = value { return localTime(moment.text) }
        return value.text(language)
    }

    /// Long texts stand whole in the JSON.
    private func short(_ text: String) -> String {
        let line = text.replacing("\n", with: " ")
        return line.count > 32 ? line.prefix(31) + "…" : line
    }

    private func numbers(_ records: [UInt64]) -> String {
        let shown = records.prefix(6).map { "#\($0)" }.joined(separator: " ")
        return records.count > 6 ? shown + " +\(records.count - 6)" : shown
    }

    private func rest(_ answered: AnsweredTogether) {
        let redaction = answered.question.redaction
        let classes = redaction.leftOut.map(\.title)
        let hidden = answered.hiddenCount
        printer.heads(answered.heads)
        let recordCount = answered.answers.reduce(0) { $0 + $1.value.records.count }
        printer.print(
            Phrase(
                en: "\(answered.rows.count) rows from \(recordCount) records",
                zh: "共 \(answered.rows.count) 行，依据 \(recordCount) 条记录"))
        printer.print(
            Phrase(
                en: """
                    redaction: \(redaction.title.en); left out: \
                    \(classes.map(\.en).joined(separator: ", ")) (\(hidden) values); a reporter's \
                    identity is never shown
                    """,
                zh: """
                    脱敏级别：\(redaction.title.zh)；略去：\
                    \(classes.map(\.zh).joined(separator: "、"))（\(hidden) 项）；举报人身份一律不显示
                    """))
    }
}
