/// A container that is being read.
struct JSONFrame: BitwiseCopyable {
    /// Its node; -1 outside of all containers.
    var node = -1
    var closing: UInt8 = 0
    /// The canonical flag, while all of its contents have it.
    private(set) var flags = JSONNode.isCanonical
    var isSorted = true
    /// Members or elements so far.
    var count = 0
    var spacesBefore = 0
    /// The node of the last name, and the name's first bytes.
    var lastName = -1
    var lastBytes: UInt64 = 0

    @inline(__always)
    var isObject: Bool { closing == UInt8(ascii: "}") }

    @inline(__always)
    mutating func note(_ content: JSONNode) { flags &= content.flags }
}

extension JSONTape {
    /// Begins the container whose bracket stands at `place`.
    @inline(__always)
    mutating func enter(_ open: inout JSONFrame, at place: Int) throws(JSONError) {
        guard depth < JSONReader.depthMax else { throw JSONError(.tooDeep, at: place) }
        frames[depth] = open
        depth &+= 1
        let isObject = source[place] == UInt8(ascii: "{")
        open = JSONFrame()
        open.node = nodes.count
        open.closing = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        open.spacesBefore = spaces
        push(isObject ? .object : .array, 0, place, place)
    }

    /// Ends the container whose closing bracket stands at `place`; its contents have been pushed
    /// after it.
    @inline(__always)
    mutating func leave(_ open: inout JSONFrame, at place: Int) throws(JSONError) -> Int {
        if !open.isSorted { try refuseDuplicates(in: open.node, count: open.count) }
        let node = nodes.base + open.node
        node.pointee.length = UInt32(truncatingIfNeeded: place &+ 1) &- node.pointee.start
        node.pointee.next = UInt32(truncatingIfNeeded: nodes.count)
        node.pointee.count = UInt32(truncatingIfNeeded: open.count)
        if open.isSorted, spaces == open.spacesBefore { node.pointee.flags = open.flags }
        depth &-= 1
        open = frames[depth]
        open.note(node.pointee)
        return place &+ 1
    }

    /// Reads a member's name with its colon and gives where the value begins.
    @inline(__always)
    mutating func readName(at start: Int) throws(JSONError) -> Int {
        guard start < end else { throw JSONError(.unexpectedEnd, at: start) }
        guard source[start] == UInt8(ascii: "\"") else {
            throw JSONError(.unexpectedByte, at: start)
        }
        let place = skipSpace(from: try readString(from: start &+ 1))
        guard place < end else { throw JSONError(.unexpectedEnd, at: place) }
        guard source[place] == UInt8(ascii: ":") else {
            throw JSONError(.unexpectedByte, at: place)
        }
        return skipSpace(from: place &+ 1)
    }

    /// Notes the name at a node, and whether the names still come in the order of RFC 8785.
    ///
    /// Where their first eight bytes tell, they are compared as one number: the first byte in which
    /// they differ is the greater in `bytes`, so if that one is ASCII, both are.
    @inline(__always)
    mutating func note(_ name: Int, in open: inout JSONFrame) {
        open.note(nodes.base[name])
        let bytes = firstBytes(nodes.base + name, source, end)
        if bytes <= open.lastBytes || bytes & 0x8080_8080_8080_8080 != 0 {
            let isNext = open.lastName < 0 || compareNames(open.lastName, name) < 0
            open.isSorted = open.isSorted && isNext
        }
        (open.lastName, open.lastBytes) = (name, bytes)
    }

    private func compareNames(_ left: Int, _ right: Int) -> Int {
        let scratch = UnsafePointer(scratch.base)
        return compareAsUTF16(
            nodes.base[left].text(source, scratch), nodes.base[right].text(source, scratch))
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

/// The first eight bytes of a name, the first one highest, and zeros after its end.
///
/// A name that is read where it stands has no byte 0, so the zeros put a short name before a longer
/// one. All ones, which tell nothing, if one load cannot reach the bytes.
@inline(__always)
private func firstBytes(
    _ node: UnsafePointer<JSONNode>, _ source: UnsafePointer<UInt8>, _ end: Int
) -> UInt64 {
    let start = Int(node.pointee.start)
    guard node.pointee.flags & JSONNode.isUnescaped == 0, start &+ 8 <= end else { return .max }
    let word = UInt64(bigEndian: UnsafeRawPointer(source + start).loadUnaligned(as: UInt64.self))
    // Swift's shift by 64 or more gives zero: an empty name keeps nothing, a long one all.
    return word & ~(UInt64.max >> (UInt64(node.pointee.length) &* 8))
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
