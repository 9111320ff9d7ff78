package import CanonicalJSON
import Merkle

/// What the ledger wrote around an event, told from a line's bytes without reading them as JSON.
///
/// Before the event and after it a canonical line has one spelling only, so comparing bytes shows
/// as much as reading them would: whoever knows a record by its frame reads the event alone. Nil
/// never says that a line is wrong, only that it must be read as a whole.
struct RecordFrame {
    let recorded: Timestamp
    /// Where the event begins.
    let event: Int

    @inline(__always)
    init?(_ header: RecordHeader, _ line: UnsafeRawBufferPointer) {
        // Any number of 15 digits is one that JSON readers hold exactly.
        guard header.withheldLeaf == nil, header.afterSequence - RecordLayout.seq <= 15,
            isThere(RecordLayout.beforeRecorded, line, at: RecordLayout.prev.upperBound),
            isThere(RecordLayout.beforeSalt, line, at: RecordLayout.recorded.upperBound),
            isThere(RecordLayout.beforeSeq, line, at: RecordLayout.salt.upperBound),
            isThere(RecordLayout.beforeEvent, line, at: header.afterSequence),
            RecordView.isSalt(UnsafeRawBufferPointer(rebasing: line[RecordLayout.salt])),
            let recorded = Timestamp(
                fixed: UnsafeRawBufferPointer(rebasing: line[RecordLayout.recorded]))
        else { return nil }
        self.recorded = recorded
        event = header.afterSequence + RecordLayout.beforeEvent.utf8CodeUnitCount
    }

    /// What follows the event, from `start` to the end of the line.
    struct Tail {
        var batch: BatchPlace?
        let recorder: UnsafeRawBufferPointer
        let revision: Revision

        @inline(__always)
        init?(_ line: UnsafeRawBufferPointer, from start: Int) {
            var place = start
            guard take(#","intake":{"#, line, &place) else { return nil }
            if take(#""batch":""#, line, &place) {
                let text = takeText(line, &place)
                guard let batch = BatchPlace(text), take(#"","#, line, &place) else { return nil }
                self.batch = batch
            }
            guard take(#""recorder":""#, line, &place) else { return nil }
            recorder = takeText(line, &place)
            guard Recorder.isSound(recorder), take(#"","revision":"#, line, &place),
                place < line.count - 2, isThere("}}", line, at: line.count - 2),
                let revision = plainNumber(
                    UnsafeRawBufferPointer(rebasing: line[place..<line.count - 2]))
            else { return nil }
            self.revision = Revision(UInt64(revision))
        }
    }
}

extension RecordView {
    /// Reads a record whose fixed places are read already, or nil if the whole line must be read:
    /// the same as ``init(_:)``, sooner.
    @inline(__always)
    package init?(_ header: RecordHeader, _ line: UnsafeRawBufferPointer, _ json: JSONReader) {
        guard let frame = RecordFrame(header, line),
            // The record itself is the first level.
            let (event, end) = try? json.readPart(of: line, from: frame.event, depth: 1),
            event.isCanonicalDocument, let tail = RecordFrame.Tail(line, from: end),
            let attributes = try? RecordAttributes(event)
        else { return nil }
        self.event = event
        self.attributes = attributes
        (prev, recorded, sequence) = (header.prev, frame.recorded, header.sequence)
        (batch, recorder, revision) = (tail.batch, tail.recorder, tail.revision)
    }
}

/// Whether `text` stands at `place` of `line`.
@inline(__always)
private func isThere(_ text: StaticString, _ line: UnsafeRawBufferPointer, at place: Int) -> Bool {
    guard place + text.utf8CodeUnitCount <= line.count else { return false }
    for index in 0..<text.utf8CodeUnitCount where line[place &+ index] != text.utf8Start[index] {
        return false
    }
    return true
}

@inline(__always)
private func take(
    _ text: StaticString, _ line: UnsafeRawBufferPointer, _ place: inout Int
) -> Bool {
    guard isThere(text, line, at: place) else { return false }
    place += text.utf8CodeUnitCount
    return true
}

/// Everything before the next quote or the end; what it must be, is for the caller to check.
@inline(__always)
private func takeText(
    _ line: UnsafeRawBufferPointer, _ place: inout Int
) -> UnsafeRawBufferPointer {
    let start = place
    while place < line.count, line[place] != UInt8(ascii: "\"") { place += 1 }
    return UnsafeRawBufferPointer(rebasing: line[start..<place])
}
