package import CanonicalJSON
import Catalogue
package import Merkle
package import Phrases
package import Records

/// One ledger's answer with what it rests on: as of when, at which head, from which records.
package struct Answered: Sendable {
    package let question: Question
    package let arguments: Arguments
    package let origin: String
    package let moment: Timestamp
    /// The head: so many records, and their root hash.
    package let size: UInt64
    package let root: Root
    package let answer: Answer

    /// The records behind all rows, ascending.
    package var records: [UInt64] { Set(answer.rows.flatMap(\.records)).sorted() }
}

extension Arguments {
    /// What the question was asked with.
    package func value(_ kind: Parameter.Kind) -> Value {
        switch kind {
        case .year: isEveryYear ? .none : Value(year)
        case .years: Value(years)
        case .day: .day(day)
        case .case: Value(stream)
        case .person: Value(person)
        case .enterprise: Value(enterprise)
        case .record: record.map { Value($0) } ?? .none
        case .code: Value(code)
        }
    }
}

extension Value {
    package var json: JSONValue {
        switch self {
        case .none: .null
        case .text(let text): .string(text)
        case .phrase(let phrase): phrase.json
        case .integer(let number), .fen(let number): .integer(number)
        case .percent(let number): .number(number)
        case .day(let day): .string(CivilDate(dayNumber: day).text)
        case .moment(let moment): .string(moment.text)
        case .truth(let truth): .bool(truth)
        case .list(let values): .array(values.map(\.json))
        case .hidden(let readingClass): ["leftOut": .string(readingClass.rawValue)]
        }
    }

    /// For people.
    package func text(_ language: Language) -> String {
        switch self {
        case .none: ""
        case .text(let text): text
        case .phrase(let phrase): phrase[language]
        case .integer(let number): String(number)
        case .fen(let fen): Value.yuan(fen)[language]
        case .percent(let number): Value.tenths(number) + " %"
        case .day(let day): CivilDate(dayNumber: day).text
        case .moment(let moment): moment.text
        case .truth(let truth):
            (truth ? Phrase(en: "yes", zh: "是") : Phrase(en: "no", zh: "否"))[language]
        case .list(let values):
            values.map { $0.text(language) }.joined(separator: language == .chinese ? "、" : ", ")
        case .hidden(let readingClass):
            Phrase(
                en: "(left out: \(readingClass.title.en))",
                zh: "（略：\(readingClass.title.zh)）")[language]
        }
    }

    private static func yuan(_ fen: Int64) -> Phrase {
        let hundredths = fen % 100
        let text = grouped(fen / 100) + (hundredths < 10 ? ".0" : ".") + "\(hundredths)"
        return Phrase(en: "CNY \(text)", zh: "\(text) 元")
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int64((number * 10).rounded())
        return "\(tenths / 10).\(tenths.magnitude % 10)"
    }
}

extension Phrase {
    var json: JSONValue { ["zh": .string(zh), "en": .string(en)] }
}

extension Question {
    /// What it is and what it takes, for programs.
    package var json: JSONValue {
        [
            "question": .integer(Int64(number)), "asker": .string(asker.rawValue),
            "text": text.json,
            "parameters": .array(
                parameters.map { parameter in
                    [
                        "name": .string(parameter.kind.rawValue),
                        "default": parameter.fallback.json, "title": parameter.title.json,
                    ]
                }),
            "redaction": .string(redaction.rawValue),
        ]
    }
}

extension Parameter.Fallback {
    fileprivate var json: JSONValue {
        switch self {
        case .needed: .null
        case .all: "all"
        case .now: "now"
        case .lastYear: "last year"
        case .number(let number): .integer(Int64(number))
        }
    }
}
