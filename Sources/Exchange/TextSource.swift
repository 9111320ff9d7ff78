/// A text made of a row: words, attributes in braces and what the importer itself knows.
///
/// `fine/{trace.concept:name}`; `{@case}` is the case id, `{@n}` the place of the row in its case
/// from 1, `{@row}` the place of the row in the file from 1.
struct TextPattern: Hashable, Sendable {
    enum Segment: Hashable, Sendable {
        case words(String)
        /// By the number of the attribute's name.
        case attribute(Int)
        case caseID, numberInCase, rowNumber
    }

    var segments: [Segment]

    var attributes: [Int] {
        segments.compactMap { if case .attribute(let number) = $0 { number } else { nil } }
    }

    /// The words, if there is nothing else.
    var constant: String? {
        var text = ""
        for segment in segments {
            guard case .words(let words) = segment else { return nil }
            text += words
        }
        return text
    }

    /// Reads `text`, where `{{` and `}}` are braces; nil if a brace is left over or empty.
    init?(_ text: String, number: (String) -> Int) {
        segments = []
        var words = ""
        var rest = Substring(text)
        while let character = rest.popFirst() {
            guard character == "{" || character == "}" else {
                words.append(character)
                continue
            }
            if rest.first == character {
                rest.removeFirst()
                words.append(character)
                continue
            }
            guard character == "{", let end = rest.firstIndex(of: "}"), end > rest.startIndex else {
                return nil
            }
            if !words.isEmpty { segments.append(.words(words)) }
            words = ""
            switch rest[..<end] {
            case "@case": segments.append(.caseID)
            case "@n": segments.append(.numberInCase)
            case "@row": segments.append(.rowNumber)
            case let name where name.hasPrefix("@"): return nil
            case let name: segments.append(.attribute(number(String(name))))
            }
            rest = rest[rest.index(after: end)...]
        }
        if !words.isEmpty { segments.append(.words(words)) }
    }
}

/// A text of a row, looked up in a table if there is one.
struct TextSource: Hashable, Sendable {
    var pattern: TextPattern
    /// What the file's words are called in the ledger; a word not in it is refused.
    var values: [String: String]?
    /// Where the row has nothing.
    var otherwise: String?
}

/// How a text becomes a value of the event's data.
enum FieldKind: Hashable, Sendable {
    case string, integer, percent, boolean, date, instant
    /// An organisation, known by its name alone.
    case organisation
    /// Money; the file's unit is ten to the power `places` fen.
    case fen(places: Int)
}

struct FieldSource: Hashable, Sendable {
    var text: TextSource
    var kind = FieldKind.string
    /// What parts the elements of a list, if the field is one.
    var split: Character?
}

struct ParticipantSource: Hashable, Sendable {
    var person: TextSource
    /// Stands before the file's own id, so that it becomes a valid pseudonym.
    var prefix = ""
    var role: TextSource
    var unit: TextSource
    var post: TextSource?
    var evidence = "asserted"
}
