/// The reader's work: it walks over the bytes once and writes down what it finds.
///
/// A value and not a class, so that its state is accessed without run-time checks at every step.
struct JSONTape: ~Copyable {
    var nodes = Block<JSONNode>(capacity: 256)
    var scratch = Block<UInt8>(capacity: 1024)
    var source: UnsafePointer<UInt8>
    var end = 0
    var position = 0
    /// White space seen so far: a container whose count did not change while it was read has none.
    var spaces = 0
    var depth = 0
    let roundsNumbers: Bool
    private let byteCountMax: Int
    private let nothing: UnsafeMutablePointer<UInt8>

    init(byteCountMax: Int, roundsNumbers: Bool) {
        (self.byteCountMax, self.roundsNumbers) = (byteCountMax, roundsNumbers)
        nothing = .allocate(capacity: 1)
        nothing.initialize(to: 0)
        source = UnsafePointer(nothing)
    }

    deinit {
        nothing.deallocate()
    }

    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONView {
        guard bytes.count <= byteCountMax else { throw JSONError(.tooLong, at: byteCountMax) }
        nodes.removeAll()
        scratch.removeAll()
        source = bytes.bindMemory(to: UInt8.self).baseAddress ?? UnsafePointer(nothing)
        (end, position, spaces, depth) = (bytes.count, 0, 0, 0)
        if end >= 3, source[0] == 0xEF, source[1] == 0xBB, source[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0)
        }
        skipSpace()
        guard position < end else { throw JSONError(.empty, at: position) }
        try readValue()
        skipSpace()
        guard position == end else { throw JSONError(.trailingBytes, at: position) }
        return JSONView(
            nodes: UnsafePointer(nodes.base), source: source,
            scratch: UnsafePointer(scratch.base), index: 0, isWholeCanonical: spaces == 0)
    }

    @inline(__always)
    mutating func skipSpace() {
        while position < end {
            let byte = source[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
            spaces += 1
        }
    }

    mutating func readValue() throws(JSONError) {
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        switch source[position] {
        case UInt8(ascii: "\""):
            position += 1
            try readString()
        case UInt8(ascii: "{"): try readObject()
        case UInt8(ascii: "["): try readArray()
        case UInt8(ascii: "t"): try readWord("true", .true)
        case UInt8(ascii: "f"): try readWord("false", .false)
        case UInt8(ascii: "n"): try readWord("null", .null)
        default: try readNumber()
        }
    }

    private mutating func readWord(_ word: StaticString, _ kind: JSONKind) throws(JSONError) {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
            guard source[position] == word.utf8Start[index] else {
                throw JSONError(.unexpectedByte, at: position)
            }
            position += 1
        }
        push(kind, JSONNode.isCanonical, start: start)
    }

    /// Appends a node that ends at the present position and has no contents.
    @inline(__always)
    mutating func push(_ kind: JSONKind, _ flags: UInt8, start: Int) {
        nodes.append(
            JSONNode(
                kind: kind, flags: flags, start: UInt32(truncatingIfNeeded: start),
                length: UInt32(truncatingIfNeeded: position - start),
                next: UInt32(truncatingIfNeeded: nodes.count + 1), count: 0, textLength: 0))
    }

    /// Closes the container at `index`, whose contents have been pushed after it.
    @inline(__always)
    private mutating func close(_ index: Int, count: Int, spacesBefore: Int, isCanonical: Bool) {
        position += 1
        depth -= 1
        let node = nodes.base + index
        node.pointee.length = UInt32(truncatingIfNeeded: position) &- node.pointee.start
        node.pointee.next = UInt32(truncatingIfNeeded: nodes.count)
        node.pointee.count = UInt32(truncatingIfNeeded: count)
        if isCanonical && spaces == spacesBefore { node.pointee.flags |= JSONNode.isCanonical }
    }

    @inline(__always)
    private mutating func open(_ kind: JSONKind) throws(JSONError) -> Int {
        depth += 1
        guard depth <= JSONReader.depthMax else { throw JSONError(.tooDeep, at: position) }
        let index = nodes.count
        push(kind, 0, start: position)
        position += 1
        return index
    }

    private mutating func readArray() throws(JSONError) {
        let spacesBefore = spaces
        let index = try open(.array)
        var count = 0
        var isCanonical = true
        skipSpace()
        if position < end, source[position] == UInt8(ascii: "]") {
            return close(index, count: 0, spacesBefore: spacesBefore, isCanonical: true)
        }
        while true {
            let element = nodes.count
            try readValue()
            count += 1
            isCanonical = isCanonical && isNodeCanonical(element)
            skipSpace()
            guard try !takesComma(or: UInt8(ascii: "]")) else { continue }
            return close(
                index, count: count, spacesBefore: spacesBefore, isCanonical: isCanonical)
        }
    }

    private mutating func readObject() throws(JSONError) {
        let spacesBefore = spaces
        let index = try open(.object)
        var count = 0
        var isCanonical = true
        var isSorted = true
        var last = -1
        skipSpace()
        if position < end, source[position] == UInt8(ascii: "}") {
            return close(index, count: 0, spacesBefore: spacesBefore, isCanonical: true)
        }
        while true {
            let name = nodes.count
            try readName()
            if last >= 0 && isSorted { isSorted = compareNames(last, name) < 0 }
            last = name
            let value = nodes.count
            try readValue()
            count += 1
            isCanonical = isCanonical && isNodeCanonical(name) && isNodeCanonical(value)
            skipSpace()
            guard try !takesComma(or: UInt8(ascii: "}")) else { continue }
            if !isSorted { try refuseDuplicates(in: index, count: count) }
            return close(
                index, count: count, spacesBefore: spacesBefore,
                isCanonical: isCanonical && isSorted)
        }
    }

    @inline(__always)
    private mutating func readName() throws(JSONError) {
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        guard source[position] == UInt8(ascii: "\"") else {
            throw JSONError(.unexpectedByte, at: position)
        }
        position += 1
        try readString()
        skipSpace()
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        guard source[position] == UInt8(ascii: ":") else {
            throw JSONError(.unexpectedByte, at: position)
        }
        position += 1
        skipSpace()
    }

    /// True after a comma, false before `closing`.
    @inline(__always)
    private mutating func takesComma(or closing: UInt8) throws(JSONError) -> Bool {
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        if source[position] == closing { return false }
        guard source[position] == UInt8(ascii: ",") else {
            throw JSONError(.unexpectedByte, at: position)
        }
        position += 1
        skipSpace()
        return true
    }

    @inline(__always)
    private func isNodeCanonical(_ index: Int) -> Bool {
        nodes.base[index].flags & JSONNode.isCanonical != 0
    }

    @inline(__always)
    func text(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        nodes.base[index].text(source, UnsafePointer(scratch.base))
    }

    @inline(__always)
    private func compareNames(_ left: Int, _ right: Int) -> Int {
        compareAsUTF16(text(left), text(right))
    }

    /// Names that do not come in order are sorted here, because equal ones need not be neighbours.
    private func refuseDuplicates(in object: Int, count: Int) throws(JSONError) {
        var names: [Int] = []
        names.reserveCapacity(count)
        var name = object + 1
        for _ in 0..<count {
            names.append(name)
            name = Int(nodes.base[name + 1].next)
        }
        names.sort {
            let order = compareNames($0, $1)
            return order != 0 ? order < 0 : $0 < $1
        }
        for (left, right) in zip(names, names.dropFirst()) where compareNames(left, right) == 0 {
            throw JSONError(.duplicateName, at: Int(nodes.base[right].start) - 1)
        }
    }
}

extension JSONNode {
    /// The text of a string, without escapes.
    @inlinable
    func text(
        _ source: UnsafePointer<UInt8>, _ scratch: UnsafePointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8> {
        flags & JSONNode.isUnescaped == 0
            ? UnsafeBufferPointer(start: source + Int(start), count: Int(length))
            : UnsafeBufferPointer(start: scratch + Int(count), count: Int(textLength))
    }
}

/// Compares two UTF-8 texts by their UTF-16 code units, as RFC 8785 section 3.2.3 sorts names.
///
/// The order differs from that of the bytes only where a character beyond U+FFFF (lead byte F0 and
/// above) meets one from U+E000 to U+FFFF (lead bytes EE and EF).
@inline(__always)
package func compareAsUTF16(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
) -> Int {
    let shorter = min(left.count, right.count)
    for index in 0..<shorter where left[index] != right[index] {
        let (a, b) = (left[index], right[index])
        if a >= 0xEE && b >= 0xEE && (a >= 0xF0) != (b >= 0xF0) { return a >= 0xF0 ? -1 : 1 }
        return a < b ? -1 : 1
    }
    return left.count - right.count
}
