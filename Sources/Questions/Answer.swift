package import Catalogue
package import Phrases
package import Records

/// What a question comes to: a table, figures, and what the ledger cannot know.
package struct Answer: Hashable, Sendable {
    package struct Column: Hashable, Sendable {
        package let id: String
        package let title: Phrase

        package init(_ id: String, en: String, zh: String) {
            self.id = id
            title = Phrase(en: en, zh: zh)
        }
    }

    package struct Row: Hashable, Sendable {
        /// One for each column.
        package let values: [Value]
        /// The records behind it, ascending.
        package let records: [UInt64]
    }

    package struct Figure: Hashable, Sendable {
        package let id: String
        package let title: Phrase
        package let value: Value
    }

    package let columns: [Column]
    package private(set) var rows: [Row] = []
    package private(set) var figures: [Figure] = []
    /// What must be known to read it, and what the ledger does not hold and why.
    package var notes: [Phrase] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    package mutating func add(_ values: [Value], records: some Sequence<UInt64>) {
        precondition(values.count == columns.count, "a value for each column")
        rows.append(Row(values: values, records: Set(records).sorted()))
    }

    package mutating func figure(_ id: String, en: String, zh: String, _ value: Value) {
        figures.append(Figure(id: id, title: Phrase(en: en, zh: zh), value: value))
    }

    package mutating func note(en: String, zh: String) {
        notes.append(Phrase(en: en, zh: zh))
    }

    /// Counts under this are not told to the public: whoever knows some of so few knows the rest.
    package static let publicCountMin: Int64 = 5

    package mutating func suppressSmallCounts() {
        figures = figures.map { figure in
            guard case .integer(1..<Answer.publicCountMin) = figure.value else { return figure }
            let few = Phrase(
                en: "fewer than \(Answer.publicCountMin)", zh: "不足 \(Answer.publicCountMin)")
            return Figure(id: figure.id, title: figure.title, value: .phrase(few))
        }
    }

    /// Puts the rows in another order; equal ones stay as they are.
    package mutating func sort(by isBefore: (Row, Row) -> Bool) {
        rows.sort(by: isBefore)
    }

    /// The value in the row's column of that id.
    package func value(_ row: Row, _ column: String) -> Value? {
        columns.firstIndex { $0.id == column }.map { row.values[$0] }
    }

    /// How many values were left out.
    package var hiddenCount: Int {
        rows.flatMap(\.values).count(where: \.isHidden)
    }
}

/// A value in an answer.
package indirect enum Value: Hashable, Sendable {
    case none
    case text(String)
    case phrase(Phrase)
    case integer(Int64)
    /// Money, in hundredths of a yuan.
    case fen(Int64)
    case percent(Double)
    /// Days since 1970-01-01.
    case day(Int)
    case moment(Timestamp)
    case truth(Bool)
    case list([Value])
    /// Of a class that the answer may not show.
    case hidden(ReadingClass)

    package init(_ number: some BinaryInteger) { self = .integer(Int64(number)) }
    package init(_ text: String?) { self = text.map { .text($0) } ?? .none }
    package init(day: Int?) { self = day.map { .day($0) } ?? .none }
    package init(_ percent: Double?) { self = percent.map { .percent($0) } ?? .none }

    func contains(_ value: Value) -> Bool {
        if case .list(let values) = self { values.contains(value) } else { self == value }
    }

    var isHidden: Bool {
        switch self {
        case .hidden: true
        case .list(let values): values.contains(where: \.isHidden)
        default: false
        }
    }
}
