/// Walks over an expression's text, word by word and sign by sign.
struct ExpressionScanner {
    /// What is wrong at a place of the text.
    struct Flaw: Error {
        let place: Int
        let reason: ExpressionError.Reason
    }

    let bytes: [UInt8]
    private(set) var place = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private var byte: UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x09 { place += 1 }
    }

    /// What stands here, for an error: a word, a number or a sign; empty at the end.
    var found: String {
        guard let byte else { return "" }
        if byte == UInt8(ascii: "\"") { return "\"" }
        let run = bytes[place...].prefix { Self.isWordByte($0) || $0 >= 0x80 }
        return String(decoding: run.isEmpty ? bytes[place...place] : run, as: UTF8.self)
    }

    func unexpected(_ expected: ExpressionError.Expected) -> Flaw {
        Flaw(place: place, reason: .expected(expected, found: found))
    }

    // MARK: - Signs and words

    /// Whether `sign` stands next; it is passed over.
    mutating func take(_ sign: String) -> Bool {
        skipSpace()
        guard bytes[place...].starts(with: sign.utf8) else { return false }
        place += sign.utf8.count
        return true
    }

    mutating func need(_ sign: String) throws(Flaw) {
        if !take(sign) { throw unexpected(.symbol(sign)) }
    }

    /// The word that stands next, which stays.
    mutating func peekWord() -> String? {
        skipSpace()
        guard let byte, Self.isLetter(byte) else { return nil }
        return String(decoding: bytes[place...].prefix(while: Self.isWordByte), as: UTF8.self)
    }

    /// Whether the word `word` stands next; it is passed over.
    mutating func takeWord(_ word: String) -> Bool {
        guard peekWord() == word else { return false }
        place += word.utf8.count
        return true
    }

    mutating func needWord(_ expected: ExpressionError.Expected) throws(Flaw) -> Syntax.Name {
        guard let word = peekWord() else { throw unexpected(expected) }
        defer { place += word.utf8.count }
        return Syntax.Name(text: word, place: place)
    }

    /// A name as events and roles have: lower-case words with hyphens, of an event perhaps two with
    /// a dot between them.
    mutating func needName(_ expected: ExpressionError.Expected) throws(Flaw) -> Syntax.Name {
        skipSpace()
        let start = place
        guard takeNamePart() else { throw unexpected(expected) }
        if expected == .eventName, byte == UInt8(ascii: ".") {
            place += 1
            guard takeNamePart() else { throw unexpected(expected) }
        }
        return Syntax.Name(
            text: String(decoding: bytes[start..<place], as: UTF8.self), place: start)
    }

    private mutating func takeNamePart() -> Bool {
        guard let first = byte, first &- 0x61 < 26 else { return false }
        while let byte, byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "-") {
            place += 1
        }
        return true
    }

    // MARK: - Literals

    /// The text in quotation marks that stands next, if one does; there are no escapes.
    mutating func takeText() throws(Flaw) -> String? {
        skipSpace()
        guard byte == UInt8(ascii: "\"") else { return nil }
        let rest = bytes[(place + 1)...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else {
            throw Flaw(place: place, reason: .unclosedText)
        }
        place = end + 1
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    /// The number that stands next, if one does, as it is written: `12` or `12.5`.
    mutating func takeNumber() throws(Flaw) -> String? {
        skipSpace()
        let start = place
        guard takeDigits() else { return nil }
        if byte == UInt8(ascii: ".") {
            place += 1
            if !takeDigits() { throw unexpected(.literal) }
        }
        if let byte, Self.isWordByte(byte) { throw Flaw(place: place, reason: .unexpected(found)) }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard let value = Double(text), value <= Value.numberMax else {
            throw Flaw(place: start, reason: .numberTooLarge(text))
        }
        return text
    }

    private mutating func takeDigits() -> Bool {
        let start = place
        while let byte, byte &- 0x30 < 10 { place += 1 }
        return place > start
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte &- 0x30 < 10
    }
}
