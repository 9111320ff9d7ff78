import Digests
package import Merkle

/// What stands at fixed places of a line: enough to check links and sequence without reading JSON.
package struct RecordHeader {
    package let prev: LeafHash
    package let sequence: SequenceNumber
    /// The leaf hash that a withheld line states; nil for a record, which is hashed.
    package let withheldLeaf: LeafHash?
    /// Where the digits of a record's sequence number end.
    let afterSequence: Int

    /// Reads the fixed places of `line` (without LF), or nil if they do not look as they must.
    @inline(__always)
    package init?(_ line: UnsafeRawBufferPointer) {
        if line.count > RecordLayout.seq + 12, starts(line, with: RecordLayout.beforePrev) {
            guard let prev = hash(line, RecordLayout.prev),
                let (sequence, end) = number(line, from: RecordLayout.seq)
            else { return nil }
            (self.prev, self.sequence, withheldLeaf, afterSequence) = (prev, sequence, nil, end)
            return
        }
        guard let stub = WithheldLine(line) else { return nil }
        (prev, sequence, withheldLeaf) = (stub.prev, stub.sequence, stub.leafHash)
        afterSequence = 0
    }
}

@inline(__always)
private func starts(_ line: UnsafeRawBufferPointer, with text: StaticString) -> Bool {
    for index in 0..<text.utf8CodeUnitCount where line[index] != text.utf8Start[index] {
        return false
    }
    return true
}

@inline(__always)
private func hash(_ line: UnsafeRawBufferPointer, _ range: Range<Int>) -> LeafHash? {
    Digest(hexDigits: UnsafeRawBufferPointer(rebasing: line[range])).map(LeafHash.init)
}

/// The number that begins at `start` and ends with a comma, and where that is.
@inline(__always)
private func number(
    _ line: UnsafeRawBufferPointer, from start: Int
) -> (SequenceNumber, end: Int)? {
    var value: UInt64 = 0
    var place = start
    while place < line.count, place - start < 19 {
        let digit = line[place] &- 0x30
        guard digit < 10 else { break }
        value = value * 10 + UInt64(digit)
        place += 1
    }
    guard place > start, place < line.count, line[place] == UInt8(ascii: ","),
        line[start] != UInt8(ascii: "0") || place == start + 1
    else { return nil }
    return (SequenceNumber(value), place)
}
