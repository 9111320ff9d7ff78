package import Phrases

/// Who may read a field, and whether it is recorded in clear: Specs/catalogue.md section 5.
package enum ReadingClass: String, Sendable, CaseIterable {
    case `public`, `internal`, personal, trade
    /// Encrypted in the record.
    case sensitive, sealed

    package var isEncrypted: Bool { self == .sensitive || self == .sealed }
}

/// A field of an event type's data.
package struct Field: Hashable, Sendable {
    package let name: String
    package let title: Phrase
    package let type: FieldType
    package var isList = false
    package var itemsMax = Field.itemsMaxDefault
    package var isRequired = false
    package var readingClass = ReadingClass.internal
    /// The value names the case, as a document number does.
    package var isAlias = false
    /// The value names a party of the case.
    package var isParty = false
    /// The person may not be the operator of the same event.
    package var isNotOperator = false
    package var bytesMax = 0
    package var minimum = -Field.integerMax
    package var maximum = Field.integerMax
    /// Of an enumeration: the words themselves, resolved.
    package var values: [String] = []
    /// Of a reference: the procedure it must point into, if any.
    package var procedure: String?
    /// Of a record: its members; none for a free one.
    package var members: [Field] = []

    /// Whether its values name persons, organisations, documents, attachments or other cases.
    var isNaming: Bool {
        switch type {
        case .person, .organisation, .uscc, .docNo, .reference, .attachment: true
        case .record: isAlias || members.contains { $0.isNaming }
        default: isAlias
        }
    }

    static let itemsMaxDefault = 64
    /// Every whole number up to here is exact in JSON.
    package static let integerMax: Int64 = 9_007_199_254_740_992

    init(_ name: String, _ title: Phrase, _ type: FieldType) {
        (self.name, self.title, self.type) = (name, title, type)
        bytesMax = type.bytesMaxDefault
        if type == .fen { minimum = 0 }
    }
}

/// What a value may be, spelled as in the catalogue's files: Specs/catalogue.md section 4.
package enum FieldType: String, Sendable, CaseIterable, BitwiseCopyable {
    case string, text, integer, fen, percent, boolean, date, instant
    case `enum`, docNo, uscc, residentId, certificate, region, digest, attachment, uri
    case person, organisation, reference, target, caseId, record

    var bytesMaxDefault: Int {
        switch self {
        case .string: 600
        case .text: 6_000
        case .docNo: 120
        case .uri: 2_048
        case .record: 4_096
        default: 0
        }
    }

    /// Whether a field of this type may say `maxBytes`.
    var hasBytesMax: Bool { bytesMaxDefault > 0 }
}
