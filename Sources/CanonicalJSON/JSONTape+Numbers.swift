extension JSONTape {
    /// Reads a number and refuses it unless double precision holds its decimal value exactly as
    /// RFC 8785 would print it.
    mutating func readNumber() throws(JSONError) {
        let start = position
        let isNegative = position < end && source[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        let whole = position
        guard takeDigits() > 0 else {
            throw JSONError(isNegative ? .malformedNumber : .unexpectedByte, at: position)
        }
        let digits = position - whole
        if source[whole] == UInt8(ascii: "0"), digits > 1 {
            throw JSONError(.malformedNumber, at: whole)
        }
        let isPlain = try !takeFractionAndExponent()
        if isPlain && digits <= 15 {
            let isNegativeZero = isNegative && source[whole] == UInt8(ascii: "0")
            push(.number, isNegativeZero ? 0 : JSONNode.isCanonical, start, position)
        } else {
            try pushWideNumber(from: start)
        }
    }

    @inline(__always)
    private mutating func takeDigits() -> Int {
        let start = position
        while position < end, source[position] &- 0x30 < 10 { position += 1 }
        return position - start
    }

    /// False if there is neither.
    private mutating func takeFractionAndExponent() throws(JSONError) -> Bool {
        let start = position
        if position < end, source[position] == UInt8(ascii: ".") {
            position += 1
            guard takeDigits() > 0 else { throw JSONError(.malformedNumber, at: position) }
        }
        if position < end, source[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < end,
                source[position] == UInt8(ascii: "+") || source[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            guard takeDigits() > 0 else { throw JSONError(.malformedNumber, at: position) }
        }
        return position > start
    }

    private mutating func pushWideNumber(from start: Int) throws(JSONError) {
        let raw = UnsafeBufferPointer(start: source + start, count: position - start)
        guard raw.count <= 400, let value = Double(String(decoding: raw, as: UTF8.self)),
            value.isFinite
        else { throw JSONError(.inexactNumber, at: start) }
        let canonical = Array(ECMAScriptNumber.text(of: value).utf8)
        guard roundsNumbers || DecimalValue(raw) == DecimalValue(canonical) else {
            throw JSONError(.inexactNumber, at: start)
        }
        push(.number, raw.elementsEqual(canonical) ? JSONNode.isCanonical : 0, start, position)
    }
}

/// A decimal number by value: its digits without zeros at either end, and the power of ten of the
/// digit after the last.
///
/// Two spellings of one value are equal.
struct DecimalValue: Equatable {
    private var digits: [UInt8] = []
    private var exponent = 0
    private var isNegative = false

    /// The value of `text`, which is a number by RFC 8259.
    init(_ text: some Collection<UInt8>) {
        var isInFraction = false
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x30...0x39:
                digits.append(byte)
                if isInFraction { exponent -= 1 }
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isInFraction = true
            default:
                exponent += Int(String(decoding: rest, as: UTF8.self)) ?? Int(Int32.max)
                rest = rest[rest.endIndex...]
            }
        }
        digits = Array(digits.drop { $0 == 0x30 })
        while digits.last == 0x30 {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { (exponent, isNegative) = (0, false) }
    }
}
