package import Catalogue
package import Phrases

/// What the names in an expression stand for.
package protocol ExpressionSymbols {
    /// The full name of the event type that the expression judges.
    var judged: String { get }

    /// The full name of the event called `name`, short or full, or nil if there is none.
    func event(_ name: String) -> String?

    /// The field called `name` of the event with this full name, or nil.
    func field(_ name: String, of event: String) -> FieldSymbol?

    func isRole(_ name: String) -> Bool
}

/// What an expression must know of a field.
package struct FieldSymbol: Hashable, Sendable {
    package let type: ValueType
    /// Encrypted in the record, so that no rule can read it.
    package let isEncrypted: Bool

    package init(_ field: Field) {
        self.init(
            field.type, isList: field.isList, words: field.values,
            isEncrypted: field.readingClass.isEncrypted)
    }

    package init(
        _ type: FieldType, isList: Bool = false, words: [String] = [], isEncrypted: Bool = false
    ) {
        self.isEncrypted = isEncrypted
        self.type = ValueType(
            ValueType.Kind(type), isList: isList, words: type == .enum ? words : [],
            isDocumentNumber: type == .docNo)
    }
}

/// The type of a value.
package struct ValueType: Hashable, Sendable {
    package enum Kind: Hashable, Sendable, CaseIterable {
        case number, text, boolean, date, instant, person, reference
        /// Something with parts, of which only the presence can be asked.
        case whole
    }

    package let kind: Kind
    package let isList: Bool
    /// The words of an enumeration; empty where any text will do.
    package let words: [String]
    /// Compared in its normal form (``Catalogue/DocumentNumber``).
    package let isDocumentNumber: Bool

    init(
        _ kind: Kind, isList: Bool = false, words: [String] = [], isDocumentNumber: Bool = false
    ) {
        (self.kind, self.isList) = (kind, isList)
        (self.words, self.isDocumentNumber) = (words, isDocumentNumber)
    }

    static let number = ValueType(.number)
    static let text = ValueType(.text)
    static let boolean = ValueType(.boolean)
    static let date = ValueType(.date)
    static let instant = ValueType(.instant)

    func asList(_ isList: Bool) -> ValueType {
        ValueType(kind, isList: isList, words: words, isDocumentNumber: isDocumentNumber)
    }

    package var phrase: Phrase {
        isList
            ? Phrase(en: "a list of \(kind.names)", zh: "\(kind.phrase.zh)列表") : kind.phrase
    }
}

extension ValueType.Kind {
    init(_ type: FieldType) {
        switch type {
        case .integer, .fen, .percent: self = .number
        case .boolean: self = .boolean
        case .date: self = .date
        case .instant: self = .instant
        case .person: self = .person
        case .reference: self = .reference
        case .organisation, .target, .record: self = .whole
        case .string, .text, .enum, .docNo, .uscc, .residentId, .certificate, .region, .digest,
            .attachment, .uri, .caseId:
            self = .text
        }
    }

    fileprivate var phrase: Phrase {
        switch self {
        case .number: Phrase(en: "a number", zh: "数")
        case .text: Phrase(en: "text", zh: "文本")
        case .boolean: Phrase(en: "true or false", zh: "真假值")
        case .date: Phrase(en: "a date", zh: "日期")
        case .instant: Phrase(en: "an instant", zh: "时刻")
        case .person: Phrase(en: "a person", zh: "人员")
        case .reference: Phrase(en: "a reference", zh: "案件引用")
        case .whole: Phrase(en: "a value with parts", zh: "有下级成员的值")
        }
    }

    fileprivate var names: String {
        switch self {
        case .number: "numbers"
        case .text: "texts"
        case .boolean: "true or false"
        case .date: "dates"
        case .instant: "instants"
        case .person: "persons"
        case .reference: "references"
        case .whole: "values with parts"
        }
    }
}

/// The names of a catalogue, as an expression of one of its procedures uses them.
package struct CatalogueSymbols: ExpressionSymbols {
    private let catalogue: EventCatalogue
    private let procedure: String
    package let judged: String

    /// The names in a rule of `procedure` on the event with the full name `judged`.
    package init(_ catalogue: EventCatalogue, procedure: String, judged: String) {
        (self.catalogue, self.procedure, self.judged) = (catalogue, procedure, judged)
    }

    package func event(_ name: String) -> String? {
        let fullName = name.utf8.contains(UInt8(ascii: ".")) ? name : "\(procedure).\(name)"
        return catalogue.eventType(fullName)?.name
    }

    package func field(_ name: String, of event: String) -> FieldSymbol? {
        catalogue.eventType(event)?.field(name).map { FieldSymbol($0) }
    }

    package func isRole(_ name: String) -> Bool { catalogue.role(name) != nil }
}
