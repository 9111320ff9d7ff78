/// What is filled in where the sample's events differ from case to case.
///
/// Numbers in the payloads tell values of one story apart: the same number is the same value.
enum Hole: Hashable, Sendable {
    /// The id of the story's event with this place.
    case eventID(Int)
    /// What stands after the year in the name of a case.
    case caseName(Int)
    /// The year in which the story begins.
    case year
    /// A date that is this day, counted from 1970, in the sample.
    case date(Int)
    /// The same without hyphens.
    case compactDate(Int)
    /// A time of day that is this second in the sample.
    case clock(Int)
    /// A serial number with at least `width` digits.
    case serial(Int, width: Int)
    /// The digit that tells a person from the same person of other stories.
    case person
    /// A word for a fictitious name.
    case stem
    /// A credit code of this kind: its first two characters, as a number.
    case creditCode(kind: Int, Int)
    case region
    /// A word of a list.
    case word(list: Int)
    /// Further sentences, at most so many.
    case prose(Int, atMost: Int)
    /// SHA-256 of a file that nobody has.
    case digest(Int)
    /// The size of a file in bytes.
    case fileSize(Int)
    /// The fine of the story, in ten thousand yuan and so much more: as a digit, as a Chinese
    /// numeral, in fen.
    case fineDigit(Int)
    case fineNumeral(Int)
    case fineFen(Int)
}

/// An event of the sample with holes.
struct EventTemplate: Sendable {
    /// A hole and the bytes before it.
    struct Piece: Sendable {
        let start: Int
        let end: Int
        let hole: Hole
    }

    private(set) var literal: [UInt8] = []
    private(set) var pieces: [Piece] = []
    /// Where the bytes after the last hole begin.
    private(set) var tail = 0

    // A hole stands in the JSON as one of two marks, its number as a character, and an end. These
    // characters are of a private area: the sample has none of them.
    private static let inText = Unicode.Scalar(0xE000 as UInt16)
    private static let asNumber = Unicode.Scalar(0xE001 as UInt16)
    private static let firstHole: UInt32 = 0xE100

    /// The text that stands for hole `number` inside a string.
    static func mark(_ number: Int) -> String {
        mark(inText, number)
    }

    /// The text that, as a whole string, stands for hole `number` without quotes.
    static func numberMark(_ number: Int) -> String {
        mark(asNumber, number)
    }

    private static func mark(_ kind: Unicode.Scalar?, _ number: Int) -> String {
        var text = String.UnicodeScalarView()
        for scalar in [kind, Unicode.Scalar(firstHole + UInt32(number))] {
            if let scalar { text.append(scalar) }
        }
        return String(text)
    }

    /// Cuts JSON with marks into pieces.
    init(_ json: [UInt8], holes: [Hole]) {
        let text = String(decoding: json, as: UTF8.self).unicodeScalars
        var start = 0
        var place = text.startIndex
        while place < text.endIndex {
            let scalar = text[place]
            guard scalar == EventTemplate.inText || scalar == EventTemplate.asNumber else {
                literal.append(contentsOf: String(scalar).utf8)
                place = text.index(after: place)
                continue
            }
            let isNumber = scalar == EventTemplate.asNumber
            if isNumber { literal.removeLast() }
            place = text.index(after: place)
            let hole = holes[Int(text[place].value - EventTemplate.firstHole)]
            pieces.append(Piece(start: start, end: literal.count, hole: hole))
            start = literal.count
            place = text.index(place, offsetBy: isNumber ? 2 : 1)
        }
        tail = start
    }
}
