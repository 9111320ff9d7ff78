package import CanonicalJSON
import Catalogue
package import Phrases
package import Projections

/// A question answered by several ledgers, each for itself: Specs/projections.md section 8.
package struct AnsweredTogether: Sendable {
    package let question: Question
    /// Of every ledger that was asked.
    package let heads: [AnswerHead]
    /// Of those that know what was named, in the order of the ledgers; at least one.
    package let answers: [Joint<Answered>]

    package var arguments: Arguments { answers[0].value.arguments }
    package var columns: [Answer.Column] { answers[0].value.answer.columns }
    package var rows: [Joint<Answer.Row>] { all(\.rows) }
    package var hiddenCount: Int { answers.reduce(0) { $0 + $1.value.answer.hiddenCount } }

    private func all<Value>(_ part: (Answer) -> [Value]) -> [Joint<Value>] {
        answers.flatMap { one in part(one.value.answer).map { Joint($0, of: one.ledger) } }
    }

    /// A figure of all ledgers, and of each.
    package struct Figure {
        package let id: String
        package let title: Phrase
        package let parts: [Joint<Value>]
        /// Counts and sums of money, added up; nil of anything else of several ledgers.
        package let sum: Value?
    }

    /// In the order in which the first ledger that has it gives it.
    package var figures: [Figure] {
        let found = all(\.figures)
        var ids: [String] = []
        for one in found where !ids.contains(one.value.id) { ids.append(one.value.id) }
        return ids.compactMap { id in
            let own = found.filter { $0.value.id == id }
            let values = own.map(\.value.value)
            return own.first.map { first in
                Figure(
                    id: id, title: first.value.title,
                    parts: own.map { Joint($0.value.value, of: $0.ledger) },
                    sum: values.count == 1 ? values[0] : Value(sum: values))
            }
        }
    }

    /// A note that all ledgers make is one note; `ledger` is nil of it.
    package var notes: [(ledger: Int?, note: Phrase)] {
        let found = all(\.notes)
        var said: Set<Phrase> = []
        var notes: [(ledger: Int?, note: Phrase)] = []
        for one in found where said.insert(one.value).inserted {
            let own = found.filter { $0.value == one.value }
            let isOfAll = own.count == answers.count
            notes += isOfAll ? [(nil, one.value)] : own.map { ($0.ledger, $0.value) }
        }
        if answers.count > 1 { notes.append((nil, AnsweredTogether.apart)) }
        return notes
    }

    private static let apart = Phrase(
        en: """
            each ledger was asked for itself: what is compared (a median, several reports about \
            one unit, the years before an accident) is compared within a ledger
            """,
        zh: "各账本分别作答：需比较之处（中位数、同一单位多次被举报、事故前若干年等）仅在同一账本内比较")
}

extension Question {
    /// The answers of all of the ledgers; ``refusal(of:)`` comes first.
    ///
    /// A case, a record or a code must be known to exactly one of them.
    package func ask(
        _ pasts: [any PastView], _ given: GivenArguments = GivenArguments()
    ) async throws(ProjectionError) -> AnsweredTogether {
        let found = try await asking(pasts) {
            (past) async throws(ProjectionError) -> Result<Answered, ProjectionError> in
            do throws(ProjectionError) {
                return .success(try await ask(past, given))
            } catch {
                guard error.kind == .unknownName else { throw error }
                return .failure(error)
            }
        }
        var answers: [Joint<Answered>] = []
        for (place, one) in found.enumerated() {
            if case .success(let answered) = one { answers.append(Joint(answered, of: place)) }
        }
        if case .failure(let error) = found[0], answers.isEmpty { throw error }
        if given.namesOne, answers.count > 1 {
            let origins = answers.map { pasts[$0.ledger].origin }
            throw ProjectionError(
                en: "what was named is in several of the ledgers: "
                    + "\(origins.joined(separator: ", ")); ask one of them",
                zh: "所指对象同时见于多个账本：\(origins.joined(separator: "、"))；请只指定其中一个")
        }
        return AnsweredTogether(
            question: self, heads: try await asking(pasts, AnswerHead.init), answers: answers)
    }
}

extension GivenArguments {
    /// Whether it names something that is another in each ledger.
    fileprivate var namesOne: Bool { self.case != nil || record != nil || code != nil }
}

extension Value {
    /// All numbers or all money; nil of anything else.
    fileprivate init?(sum values: [Value]) {
        var (numbers, money) = ([Int64](), [Int64]())
        for value in values {
            switch value {
            case .integer(let number): numbers.append(number)
            case .fen(let fen): money.append(fen)
            default: return nil
            }
        }
        if money.isEmpty {
            self = .integer(numbers.reduce(0, +))
        } else if numbers.isEmpty {
            self = .fen(money.reduce(0, +))
        } else {
            return nil
        }
    }
}

// MARK: - For programs

extension AnsweredTogether {
    package var json: JSONValue {
        [
            "question": .integer(Int64(question.number)),
            "asker": .string(question.asker.rawValue), "text": question.text.json,
            "arguments": argumentsJSON, "heads": .array(heads.map(\.json)),
            "redaction": redactionJSON,
            "columns": .array(columns.map { ["id": .string($0.id), "title": $0.title.json] }),
            "rows": .array(rows.map { json($0.value).of(ledger: origin($0.ledger)) }),
            "figures": .array(figures.map(json)),
            "notes": .array(
                notes.map { ledger, note in
                    .object(
                        [JSONMember("ledger", ledger.map { .string(origin($0)) } ?? .null)]
                            + (note.json.members ?? []))
                }),
            "records": .array(
                answers.map { one in
                    ["ledger": .string(origin(one.ledger)), "records": numbers(one.value.records)]
                }),
        ]
    }

    private func origin(_ ledger: Int) -> String { heads[ledger].origin }

    private func json(_ row: Answer.Row) -> JSONValue {
        let members = zip(columns, row.values).map { JSONMember($0.id, $1.json) }
        return .object(members + [JSONMember("records", numbers(row.records))])
    }

    private func json(_ figure: Figure) -> JSONValue {
        [
            "id": .string(figure.id), "title": figure.title.json,
            "value": figure.sum?.json ?? .null,
            "ledgers": .array(
                figure.parts.map { part in
                    ["ledger": .string(origin(part.ledger)), "value": part.value.json]
                }),
        ]
    }

    private func numbers(_ records: [UInt64]) -> JSONValue {
        .array(records.map { .integer(Int64($0)) })
    }

    private var argumentsJSON: JSONValue {
        .object(
            question.parameters.map { parameter in
                JSONMember(parameter.kind.rawValue, arguments.value(parameter.kind).json)
            })
    }

    private var redactionJSON: JSONValue {
        [
            "level": .string(question.redaction.rawValue), "title": question.redaction.title.json,
            "classesLeftOut": .array(question.redaction.leftOut.map { .string($0.rawValue) }),
            "valuesLeftOut": .integer(Int64(hiddenCount)),
            "reporterIdentity": "never shown",
        ]
    }
}
