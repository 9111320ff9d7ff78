package import Catalogue
package import Phrases
import Projections
import Records

/// Something that a question can be narrowed by.
package struct Parameter: Hashable, Sendable {
    /// Each is an option of the command by this name.
    package enum Kind: String, Sendable, CaseIterable {
        case year, years, day, `case`, person, enterprise, record, code

        package var placeholder: String {
            switch self {
            case .year: "YEAR"
            case .years: "COUNT"
            case .day: "YYYY-MM-DD"
            case .case: "STREAM|ALIAS"
            case .person: "ID"
            case .enterprise: "CODE"
            case .record: "SEQ"
            case .code: "CODE"
            }
        }
    }

    /// What holds where it is not given.
    package enum Fallback: Hashable, Sendable {
        /// It must be given.
        case needed
        /// Everything.
        case all
        case number(Int)
        /// The year or the day of the moment as of which it is asked.
        case now
        /// The year before that.
        case lastYear
    }

    package let kind: Kind
    package let fallback: Fallback
    package let title: Phrase

    package init(_ kind: Kind, _ fallback: Fallback, en: String, zh: String) {
        (self.kind, self.fallback) = (kind, fallback)
        title = Phrase(en: en, zh: zh)
    }

    /// The person that a question is about.
    static let person = Parameter(.person, .needed, en: "the person", zh: "人员")
    /// The case that a question is about.
    static let `case` = Parameter(.case, .needed, en: "the case", zh: "案件")

    /// The year that a question is about.
    package static func year(_ fallback: Fallback = .now) -> Parameter {
        Parameter(.year, fallback, en: "year", zh: "年度")
    }
}

/// What was given with a question.
package struct GivenArguments: Hashable, Sendable {
    package var year: Int?
    package var years: Int?
    /// Days since 1970-01-01.
    package var day: Int?
    /// A stream, or a document number or another alias of a case.
    package var `case`: String?
    package var person: String?
    package var enterprise: String?
    package var record: UInt64?
    /// The register number of a report, as a reporter was told it.
    package var code: String?

    package init() {}

    func has(_ kind: Parameter.Kind) -> Bool {
        switch kind {
        case .year: year != nil
        case .years: years != nil
        case .day: day != nil
        case .case: self.case != nil
        case .person: person != nil
        case .enterprise: enterprise != nil
        case .record: record != nil
        case .code: code != nil
        }
    }
}

/// What a question is asked with, defaults filled in.
package struct Arguments: Hashable, Sendable {
    package var year: Int
    /// Whether no year was given and all are meant.
    package var isEveryYear = false
    package var years = 1
    /// Days since 1970-01-01.
    package var day: Int
    package var stream: String?
    package var person: String?
    package var enterprise: String?
    package var record: UInt64?
    package var code: String?
    package let redaction: Redaction

    init(today: Int, redaction: Redaction) {
        (day, year, self.redaction) = (today, CivilDate(dayNumber: today).year, redaction)
    }

    mutating func take(_ given: GivenArguments) {
        year = given.year ?? year
        isEveryYear = isEveryYear && given.year == nil
        years = given.years ?? years
        day = given.day ?? day
        (person, enterprise) = (given.person, given.enterprise)
        (record, code) = (given.record, given.code)
    }

    /// The days of ``year``, or all days.
    package var period: ClosedRange<Int> {
        if isEveryYear { return -1_000_000...10_000_000 }
        let first = CivilDate(year: year, month: 1, day: 1)?.dayNumber ?? 0
        let last = CivilDate(year: year, month: 12, day: 31)?.dayNumber ?? first
        return first...max(first, last)
    }

    /// The days of ``years`` years, the last of which is ``year``.
    package var longPeriod: ClosedRange<Int> {
        let first = CivilDate(year: year - max(years, 1) + 1, month: 1, day: 1)?.dayNumber
        return (first ?? period.lowerBound)...period.upperBound
    }
}

extension Parameter.Fallback {
    package var title: Phrase {
        switch self {
        case .needed: Phrase(en: "needed", zh: "必填")
        case .all: Phrase(en: "otherwise all", zh: "默认全部")
        case .now: Phrase(en: "otherwise that of the moment", zh: "默认为所问时点")
        case .lastYear: Phrase(en: "otherwise the year before", zh: "默认上一年度")
        case .number(let number): Phrase(en: "otherwise \(number)", zh: "默认 \(number)")
        }
    }
}
