extension JSONTape {
    /// Reads a string whose text begins at `start` and gives the place after its closing quote.
    ///
    /// Most strings hold no escape and are left where they are; the first backslash moves the text
    /// to the scratch bytes.
    @inline(__always)
    mutating func readString(from start: Int) throws(JSONError) -> Int {
        var place = start
        while true {
            place = endOfPlain(source, place, end)
            guard place < end else { throw JSONError(.unexpectedEnd, at: place) }
            let byte = source[place]
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x80 else {
                position = place
                return try readEscapedString(from: start)
            }
            place = try endOfCharacters(source, place, end)
        }
        push(.string, JSONNode.isCanonical, start, place)
        return place &+ 1
    }

    /// The same of a string in which the present position has something else than text.
    private mutating func readEscapedString(from start: Int) throws(JSONError) -> Int {
        let textStart = scratch.count
        var isCanonical = true
        for index in start..<position { scratch.append(source[index]) }
        while true {
            guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
            let byte = source[position]
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                isCanonical = try readEscape() && isCanonical
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter, at: position)
            } else {
                let length = byte < 0x80 ? 1 : try lengthOfCharacter(source, position, end)
                for index in position..<position + length { scratch.append(source[index]) }
                position += length
            }
        }
        push(
            .string, JSONNode.isUnescaped | (isCanonical ? JSONNode.isCanonical : 0), start,
            position)
        let node = nodes.base + (nodes.count - 1)
        node.pointee.count = UInt32(truncatingIfNeeded: textStart)
        node.pointee.textLength = UInt32(truncatingIfNeeded: scratch.count - textStart)
        return position + 1
    }

    /// Takes one escape and says whether RFC 8785 would have written it so.
    private mutating func readEscape() throws(JSONError) -> Bool {
        guard position + 1 < end else { throw JSONError(.unexpectedEnd, at: end) }
        let letter = source[position + 1]
        if letter == UInt8(ascii: "u") { return try readUnicodeEscape() }
        guard let byte = JSONEscape.byte(for: letter) else {
            throw JSONError(.invalidEscape, at: position)
        }
        scratch.append(byte)
        position += 2
        return letter != UInt8(ascii: "/")
    }

    private mutating func readUnicodeEscape() throws(JSONError) -> Bool {
        let start = position
        let unit = try readCodeUnit()
        var scalar = UInt32(unit)
        if unit & 0xF800 == 0xD800 {
            guard unit < 0xDC00, position + 1 < end, source[position] == UInt8(ascii: "\\"),
                source[position + 1] == UInt8(ascii: "u")
            else { throw JSONError(.loneSurrogate, at: start) }
            let low = try readCodeUnit()
            guard low & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
            scalar = 0x10000 + (UInt32(unit) & 0x3FF) << 10 + UInt32(low) & 0x3FF
        }
        guard let character = Unicode.Scalar(scalar) else {
            throw JSONError(.loneSurrogate, at: start)
        }
        for byte in UTF8.encode(character) ?? .init() { scratch.append(byte) }
        guard scalar < 0x20, JSONEscape.letter(for: UInt8(scalar)) == nil else { return false }
        let digits = UnsafeBufferPointer(start: source + start + 2, count: 4)
        return !digits.contains { $0 >= 0x41 && $0 <= 0x46 }
    }

    /// Takes `\uXXXX`, whose backslash stands at the present position.
    private mutating func readCodeUnit() throws(JSONError) -> UInt16 {
        guard position + 6 <= end else { throw JSONError(.unexpectedEnd, at: end) }
        var unit: UInt16 = 0
        for index in position + 2..<position + 6 {
            guard let digit = Character(Unicode.Scalar(source[index])).hexDigitValue,
                source[index] < 0x80
            else { throw JSONError(.invalidEscape, at: position) }
            unit = unit << 4 | UInt16(digit)
        }
        position += 6
        return unit
    }
}

/// The next place of a byte that is not plain: a quote, a backslash, a control or beyond ASCII.
///
/// Eight bytes are looked at together. In each term a byte's high bit is set if the byte is of that
/// kind; a borrow can set it wrongly only above a byte for which it is rightly set, and only the
/// lowest counts.
@inline(__always)
private func endOfPlain(_ source: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var place = start
    while place &+ 8 <= end {
        let word = UInt64(
            littleEndian: UnsafeRawPointer(source + place).loadUnaligned(as: UInt64.self))
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let control = word &- ones &* 0x20
        let found =
            ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | control & ~word | word)
            & (ones &* 0x80)
        if found != 0 { return place &+ found.trailingZeroBitCount &>> 3 }
        place &+= 8
    }
    while place < end {
        let byte = source[place]
        guard byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C else { break }
        place &+= 1
    }
    return place
}

/// The end of the characters beyond ASCII that begin at `start`, where there is one.
private func endOfCharacters(
    _ source: UnsafePointer<UInt8>, _ start: Int, _ end: Int
) throws(JSONError) -> Int {
    var place = start
    repeat {
        // Three bytes, as all common Chinese characters have; E0 and ED are told below, for what
        // may follow them is less.
        while place &+ 4 <= end {
            let word = UInt32(
                littleEndian: UnsafeRawPointer(source + place).loadUnaligned(as: UInt32.self))
            guard word & 0xC0_C0F0 == 0x80_80E0, word & 0x0F != 0, word & 0x0F != 0x0D else {
                break
            }
            place &+= 3
        }
        guard place < end, source[place] >= 0x80 else { return place }
        place &+= try lengthOfCharacter(source, place, end)
    } while place < end && source[place] >= 0x80
    return place
}

/// The bytes of the character at `place`, whose first byte is 0x80 or more.
///
/// Unicode 15, table 3-7: no overlong form, no surrogate, nothing above U+10FFFF.
private func lengthOfCharacter(
    _ source: UnsafePointer<UInt8>, _ place: Int, _ end: Int
) throws(JSONError) -> Int {
    let rest = end - place
    let isSecond = rest >= 2 && source[place + 1] & 0xC0 == 0x80
    let isThird = rest >= 3 && source[place + 2] & 0xC0 == 0x80
    let isFourth = rest >= 4 && source[place + 3] & 0xC0 == 0x80
    switch source[place] {
    case 0xC2...0xDF:
        if isSecond { return 2 }
    case 0xE0:
        if isSecond, isThird, source[place + 1] >= 0xA0 { return 3 }
    case 0xED:
        if isSecond, isThird, source[place + 1] < 0xA0 { return 3 }
    case 0xE1...0xEF:
        if isSecond, isThird { return 3 }
    case 0xF0:
        if isSecond, isThird, isFourth, source[place + 1] >= 0x90 { return 4 }
    case 0xF1...0xF3:
        if isSecond, isThird, isFourth { return 4 }
    case 0xF4:
        if isSecond, isThird, isFourth, source[place + 1] < 0x90 { return 4 }
    default: break
    }
    throw JSONError(.invalidUTF8, at: place)
}

/// The two-character escapes of RFC 8259 section 7.
enum JSONEscape {
    static func byte(for letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// The letter that RFC 8785 writes for `byte`, if it has one.
    static func letter(for byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case 0x08: UInt8(ascii: "b")
        case 0x0C: UInt8(ascii: "f")
        case 0x0A: UInt8(ascii: "n")
        case 0x0D: UInt8(ascii: "r")
        case 0x09: UInt8(ascii: "t")
        default: nil
        }
    }
}
