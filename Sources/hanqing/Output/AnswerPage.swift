import Merkle
import Phrases
import Questions
import Records

/// An answer for people: the table, figures, notes, and what it rests on.
struct AnswerPage {
    private let printer: Printer
    private var language: Language { printer.language }

    init(_ printer: Printer) {
        self.printer = printer
    }

    func show(_ answered: Answered) {
        let answer = answered.answer
        let question = answered.question
        printer.print(printer.coloured("\(question.number)  \(question.text[language])", .bold))
        for parameter in question.parameters {
            let value = answered.arguments.value(parameter.kind)
            guard value != .none else { continue }
            printer.print(line(parameter.title, value.text(language)))
        }
        printer.print()
        if !answer.rows.isEmpty { table(answer) }
        for figure in answer.figures {
            printer.print(line(figure.title, figure.value.text(language)))
        }
        for note in answer.notes {
            printer.print(
                printer.coloured(printer.text(en: "note: ", zh: "说明："), .grey) + note[language])
        }
        rest(answered)
    }

    private func line(_ title: Phrase, _ text: String) -> String {
        title[language] + (language == .chinese ? "：" : ": ") + text
    }

    private func table(_ answer: Answer) {
        let titles = answer.columns.map(\.title) + [Phrase(en: "records", zh: "记录")]
        let head = titles.map { printer.coloured($0[language], .grey) }
        let rows = answer.rows.map { row in
            row.values.map { short(text($0)) } + [numbers(row.records)]
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

    private func rest(_ answered: Answered) {
        let redaction = answered.question.redaction
        let classes = redaction.leftOut.map(\.title)
        let hidden = answered.answer.hiddenCount
        printer.print(
            line(Phrase(en: "as of", zh: "截至"), localTime(answered.moment.text)) + " +08:00")
        printer.print(
            Phrase(
                en: "head: \(answered.size) records, root \(answered.root.base64)",
                zh: "账本头：\(answered.size) 条记录，根哈希 \(answered.root.base64)"))
        printer.print(
            Phrase(
                en: "\(answered.answer.rows.count) rows from \(answered.records.count) records",
                zh: "共 \(answered.answer.rows.count) 行，依据 \(answered.records.count) 条记录"))
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
