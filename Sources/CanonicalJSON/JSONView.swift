/// A value on a reader's tape.
///
/// It borrows the reader's memory and the input and holds neither: use it before the reader reads
/// again, and never let it out of the call that read. In return it costs no reference counting.
@usableFromInline
package struct JSONView {
    @usableFromInline let document: UnsafePointer<JSONDocument>
    @usableFromInline let index: Int

    @inlinable @inline(__always)
    init(document: UnsafePointer<JSONDocument>, index: Int) {
        (self.document, self.index) = (document, index)
    }

    @inlinable @inline(__always)
    var node: JSONNode { document.pointee.nodes[index] }

    @inlinable @inline(__always)
    var source: UnsafePointer<UInt8> { document.pointee.source }

    @inlinable @inline(__always)
    func at(_ index: Int) -> JSONView { JSONView(document: document, index: index) }

    @inlinable package var kind: JSONKind { node.kind }

    /// Members of an object, elements of an array, otherwise 0.
    package var count: Int { kind == .object || kind == .array ? Int(node.count) : 0 }

    /// Where the value begins in the input; of a string, its opening quote.
    package var offset: Int { Int(node.start) - (kind == .string ? 1 : 0) }

    /// The value's bytes in the input; of a string, without its quotes and with its escapes.
    package var rawBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: source + Int(node.start), count: Int(node.length))
    }

    /// Whether the value's bytes are already its canonical form (RFC 8785).
    package var isCanonical: Bool { node.flags & JSONNode.isCanonical != 0 }

    /// Whether the whole input, of which this is the root, is canonical: no byte around it either.
    package var isCanonicalDocument: Bool { document.pointee.hasNoSpace && isCanonical }

    /// The text of a string without escapes; empty for other kinds.
    @inlinable @inline(__always)
    package var utf8: UnsafeRawBufferPointer {
        kind == .string
            ? UnsafeRawBufferPointer(node.text(source, document.pointee.scratch))
            : UnsafeRawBufferPointer(start: nil, count: 0)
    }

    package var string: String? {
        kind == .string ? String(decoding: utf8, as: UTF8.self) : nil
    }

    package var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The number, if it is whole and at most 2^53 in magnitude.
    package var integer: Int64? {
        guard kind == .number else { return nil }
        if node.length <= 15, let value = plainInteger { return value }
        guard let value = double, value.magnitude <= 9_007_199_254_740_992,
            value == value.rounded(.towardZero)
        else { return nil }
        return Int64(value)
    }

    package var double: Double? {
        kind == .number ? Double(String(decoding: rawBytes, as: UTF8.self)) : nil
    }

    private var plainInteger: Int64? {
        var value: Int64 = 0
        var isNegative = false
        for (place, byte) in rawBytes.enumerated() {
            if byte == UInt8(ascii: "-"), place == 0 {
                isNegative = true
            } else if byte &- 0x30 < 10 {
                value = value * 10 + Int64(byte &- 0x30)
            } else {
                return nil
            }
        }
        return isNegative ? -value : value
    }

    /// Whether this is a string with exactly the text `word`.
    @inlinable @inline(__always)
    package func equals(_ word: StaticString) -> Bool {
        let text = utf8
        guard kind == .string, text.count == word.utf8CodeUnitCount else { return false }
        return isSame(text.baseAddress, word.utf8Start, count: text.count)
    }

    /// Whether this is a string that begins with `word`.
    @inlinable @inline(__always)
    package func hasPrefix(_ word: StaticString) -> Bool {
        let text = utf8
        guard text.count >= word.utf8CodeUnitCount else { return false }
        return isSame(text.baseAddress, word.utf8Start, count: word.utf8CodeUnitCount)
    }

    /// Whether this is a string with exactly the text `bytes`.
    @inline(__always)
    package func equals(_ bytes: some Collection<UInt8>) -> Bool {
        kind == .string && utf8.count == bytes.count && utf8.elementsEqual(bytes)
    }
}

extension JSONView {
    /// The member called `name`, or nil, also if this is no object.
    ///
    /// Asked many times of every event, so it walks over the tape and makes no views on the way.
    package subscript(name: StaticString) -> JSONView? {
        guard kind == .object else { return nil }
        let (nodes, scratch) = (document.pointee.nodes, document.pointee.scratch)
        var place = index + 1
        for _ in 0..<Int(node.count) {
            let text = nodes[place].text(source, scratch)
            if text.count == name.utf8CodeUnitCount, text.starts(with: name) {
                return at(place + 1)
            }
            place = Int(nodes[place + 1].next)
        }
        return nil
    }

    /// The member called `name`, or nil, also if this is no object.
    package func member(_ name: some Collection<UInt8>) -> JSONView? {
        for member in members where member.name.equals(name) { return member.value }
        return nil
    }

    /// The members of an object in the order of the input; empty for other kinds.
    @inlinable package var members: Members {
        Members(view: self, place: index + 1, left: kind == .object ? Int(node.count) : 0)
    }

    /// The elements of an array; empty for other kinds.
    @inlinable package var elements: Elements {
        Elements(view: self, place: index + 1, left: kind == .array ? Int(node.count) : 0)
    }

    @usableFromInline package struct Members: Sequence, IteratorProtocol {
        @usableFromInline let view: JSONView
        @usableFromInline var place: Int
        @usableFromInline var left: Int

        @inlinable package var underestimatedCount: Int { left }

        @inlinable
        init(view: JSONView, place: Int, left: Int) {
            (self.view, self.place, self.left) = (view, place, left)
        }

        @inlinable
        package mutating func next() -> (name: JSONView, value: JSONView)? {
            guard left > 0 else { return nil }
            let member = (name: view.at(place), value: view.at(place + 1))
            left -= 1
            place = Int(member.value.node.next)
            return member
        }
    }

    @usableFromInline package struct Elements: Sequence, IteratorProtocol {
        @usableFromInline let view: JSONView
        @usableFromInline var place: Int
        @usableFromInline var left: Int

        @inlinable package var underestimatedCount: Int { left }

        @inlinable
        init(view: JSONView, place: Int, left: Int) {
            (self.view, self.place, self.left) = (view, place, left)
        }

        @inlinable
        package mutating func next() -> JSONView? {
            guard left > 0 else { return nil }
            let element = view.at(place)
            left -= 1
            place = Int(element.node.next)
            return element
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// There must be as many bytes as `word` has.
    @inline(__always)
    fileprivate func starts(with word: StaticString) -> Bool {
        for place in 0..<word.utf8CodeUnitCount where self[place] != word.utf8Start[place] {
            return false
        }
        return true
    }
}

/// Whether two runs of bytes are equal, eight at a time; the last eight may overlap those before.
@inlinable @inline(__always)
func isSame(
    _ left: UnsafeRawPointer?, _ right: UnsafeRawPointer, count: Int
) -> Bool {
    guard let left, count > 0 else { return count == 0 }
    guard count >= 8 else { return isShortSame(left, right, count: count) }
    var place = 0
    while place &+ 8 < count {
        guard isEqual(left, right, at: place, as: UInt64.self) else { return false }
        place &+= 8
    }
    return isEqual(left, right, at: count &- 8, as: UInt64.self)
}

/// The same of 1 to 7 bytes.
@inlinable @inline(__always)
func isShortSame(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
    if count >= 4 {
        return isEqual(left, right, at: 0, as: UInt32.self)
            && isEqual(left, right, at: count &- 4, as: UInt32.self)
    }
    if count >= 2 {
        return isEqual(left, right, at: 0, as: UInt16.self)
            && isEqual(left, right, at: count &- 2, as: UInt16.self)
    }
    return isEqual(left, right, at: 0, as: UInt8.self)
}

@inlinable @inline(__always)
func isEqual<Word: FixedWidthInteger & BitwiseCopyable>(
    _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, at place: Int, as word: Word.Type
) -> Bool {
    left.loadUnaligned(fromByteOffset: place, as: word)
        == right.loadUnaligned(fromByteOffset: place, as: word)
}
