package import Phrases

/// Where something stands in a file that is imported.
package struct SourcePlace: Hashable, Sendable {
    /// From 1; 0 where no line can be told.
    package var line: Int
    /// From 1, in characters.
    package var column: Int?
    /// The case, as the file names it.
    package var trace: String?
    /// The place of the event in its trace, from 1.
    package var event: Int?

    package init(line: Int, column: Int? = nil, trace: String? = nil, event: Int? = nil) {
        (self.line, self.column, self.trace, self.event) = (line, column, trace, event)
    }

    package var phrase: Phrase {
        var (en, zh) = ("line \(line)", "第 \(line) 行")
        if let column {
            en += ", column \(column)"
            zh += "第 \(column) 列"
        }
        if let trace {
            en += ", case \(trace)"
            zh += "，案件 \(trace)"
        }
        if let event {
            en += ", event \(event)"
            zh += "，第 \(event) 个事件"
        }
        return Phrase(en: en, zh: zh)
    }
}

/// A file that cannot be read any further; what came before it stands.
package struct ImportError: Error, Hashable, Sendable {
    package let file: String
    package let place: SourcePlace
    package let reason: Phrase

    package init(_ file: String, _ place: SourcePlace, _ reason: Phrase) {
        (self.file, self.place, self.reason) = (file, place, reason)
    }

    /// `file:line:column: reason`, as compilers print it, so that editors can jump to it.
    package var phrase: Phrase {
        var position = file
        if place.line > 0 { position += ":\(place.line)" }
        if place.line > 0, let column = place.column { position += ":\(column)" }
        return Phrase(en: "\(position): \(reason.en)", zh: "\(position)：\(reason.zh)")
    }
}

/// Why one row of a file does not become an event: an answer, not an error.
package struct RowRefusal: Error, Hashable, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        /// The row breaks the rules of its own format.
        case malformed
        /// An activity that the mapping does not name.
        case unmappedActivity = "unmapped-activity"
        /// An attribute that the mapping does not name.
        case unmappedAttribute = "unmapped-attribute"
        /// An attribute that is needed and not there.
        case missing
        /// A value that cannot be read as the mapping says.
        case invalidValue = "invalid-value"
        /// A time or date in none of the formats.
        case invalidTime = "invalid-time"
        /// No case id can be made, or two cases would have the same.
        case invalidCase = "invalid-case"
        /// No pseudonymous id can be made, or two persons would have the same.
        case invalidPerson = "invalid-person"
        /// The event would not fit into a record.
        case tooLarge = "too-large"
    }

    package let code: Code
    package let reason: Phrase

    package init(_ code: Code, en: String, zh: String) {
        (self.code, self.reason) = (code, Phrase(en: en, zh: zh))
    }
}
