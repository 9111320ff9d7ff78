import Digests
package import Merkle

/// Puts records together byte by byte, at the end of a buffer: Specs/record.md sections 1, 2, 4.
package struct RecordWriter {
    /// What a record says beside the event.
    package struct Frame {
        package var prev: LeafHash
        package var recorded: Timestamp
        package var salt: Salt
        package var sequence: SequenceNumber
        package var batch: BatchPlace?
        package var recorder: String
        package var revision: Revision

        package init(
            prev: LeafHash, recorded: Timestamp, salt: Salt, sequence: SequenceNumber,
            batch: BatchPlace?, recorder: String, revision: Revision
        ) {
            (self.prev, self.recorded, self.salt) = (prev, recorded, salt)
            (self.sequence, self.batch, self.recorder) = (sequence, batch, recorder)
            self.revision = revision
        }
    }

    /// Where the event begins in the record written last, counted from the record's first byte.
    package private(set) var eventStart = 0
    /// The text of a moment, which all records of a batch share.
    private var moment: (recorded: Timestamp, text: [UInt8])?

    package init() {}

    /// Writes one record without its LF.
    ///
    /// `event` is canonical.
    package mutating func write(_ frame: Frame, event: [UInt8], to bytes: inout [UInt8]) {
        let start = bytes.count
        append(RecordLayout.beforePrev, to: &bytes)
        appendHex(frame.prev, to: &bytes)
        append(RecordLayout.beforeRecorded, to: &bytes)
        append(frame.recorded, to: &bytes)
        append(RecordLayout.beforeSalt, to: &bytes)
        frame.salt.write(to: &bytes)
        append(RecordLayout.beforeSeq, to: &bytes)
        appendNumber(frame.sequence.rawValue, to: &bytes)
        append(RecordLayout.beforeEvent, to: &bytes)
        eventStart = bytes.count - start
        bytes.append(contentsOf: event)
        append(#","intake":{"#, to: &bytes)
        if let batch = frame.batch {
            append(#""batch":""#, to: &bytes)
            appendNumber(UInt64(batch.index), to: &bytes)
            append("/", to: &bytes)
            appendNumber(UInt64(batch.count), to: &bytes)
            append(#"","#, to: &bytes)
        }
        append(#""recorder":""#, to: &bytes)
        bytes.append(contentsOf: frame.recorder.utf8)
        append(#"","revision":"#, to: &bytes)
        appendNumber(frame.revision.rawValue, to: &bytes)
        append("}}", to: &bytes)
    }

    private func append(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(
                start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ recorded: Timestamp, to bytes: inout [UInt8]) {
        if let moment, moment.recorded == recorded {
            return bytes.append(contentsOf: moment.text)
        }
        var text: [UInt8] = []
        recorded.write(to: &text)
        moment = (recorded, text)
        bytes.append(contentsOf: text)
    }

    private func appendHex(_ hash: LeafHash, to bytes: inout [UInt8]) {
        hash.digest.withUnsafeBytes { raw in
            withUnsafeTemporaryAllocation(byteCount: raw.count * 2, alignment: 1) { digits in
                Hex.encode(raw, into: digits)
                bytes.append(contentsOf: digits)
            }
        }
    }

    private func appendNumber(_ value: UInt64, to bytes: inout [UInt8]) {
        guard value >= 10 else { return bytes.append(0x30 + UInt8(value)) }
        appendNumber(value / 10, to: &bytes)
        bytes.append(0x30 + UInt8(value % 10))
    }
}

/// The place of a record in its batch, from 1.
package struct BatchPlace: Hashable, Sendable {
    package let index: Int
    package let count: Int

    package init(index: Int, count: Int) {
        (self.index, self.count) = (index, count)
    }

    /// Reads `2/3`, or nil unless 1 ≤ index ≤ count and count ≥ 2, written without leading zeros.
    package init?(_ text: UnsafeRawBufferPointer) {
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")),
            let index = plainNumber(UnsafeRawBufferPointer(rebasing: text[..<slash])),
            let count = plainNumber(UnsafeRawBufferPointer(rebasing: text[(slash + 1)...])),
            count >= 2, 1...count ~= index
        else { return nil }
        (self.index, self.count) = (index, count)
    }
}

/// A position in a stream, from 0.
package struct Revision: Hashable, Sendable, Comparable {
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static func < (left: Revision, right: Revision) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A number of 1 to 9 digits without leading zeros, or nil.
func plainNumber(_ text: UnsafeRawBufferPointer) -> Int? {
    guard 1...9 ~= text.count, text[0] != UInt8(ascii: "0") || text.count == 1 else { return nil }
    var value = 0
    for byte in text {
        guard byte &- 0x30 < 10 else { return nil }
        value = value * 10 + Int(byte &- 0x30)
    }
    return value
}
