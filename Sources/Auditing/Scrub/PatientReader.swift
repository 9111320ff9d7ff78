import Phrases
import Synchronization

/// Reads what can be read: a block that the disk does not give is zeros, and is remembered.
///
/// So one bad sector does not keep a scrub from finding the next. The findings come from the zeros,
/// which are no record. Specs/scrub.md section 2.
final class PatientReader: RecordReader {
    private let inner: any RecordReader
    private let failures = Mutex(Failures())

    private struct Failures {
        var places: Set<String> = []
        var new: [SourceError] = []
    }

    static let blockByteCount = 4096
    /// With more blocks than this that cannot be read the disk is gone.
    static let failuresMax = 64

    init(_ inner: any RecordReader) {
        self.inner = inner
    }

    func segments() throws(SourceError) -> SegmentList { try inner.segments() }

    func read(
        _ segment: Segment, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        do throws(SourceError) {
            return try inner.read(segment, at: offset, into: target)
        } catch {
            guard error.isOfDisk else { throw error }
            return try readBlocks(segment, at: offset, into: target)
        }
    }

    private func readBlocks(
        _ segment: Segment, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        var done = 0
        while done < target.count, offset + done < segment.byteCount {
            let rest = PatientReader.blockByteCount - (offset + done) % PatientReader.blockByteCount
            let end = min(done + rest, target.count, segment.byteCount - offset)
            let block = UnsafeMutableRawBufferPointer(rebasing: target[done..<end])
            do throws(SourceError) {
                let count = try inner.read(segment, at: offset + done, into: block)
                guard count == block.count else { return done + count }
            } catch {
                try remember(error, segment, offset + done)
                block.initializeMemory(as: UInt8.self, repeating: 0)
            }
            done = end
        }
        return done
    }

    private func remember(
        _ error: SourceError, _ segment: Segment, _ offset: Int
    ) throws(SourceError) {
        let place = SourceError(
            segment.file,
            Phrase(
                en: "byte \(offset): \(error.phrase.en)",
                zh: "第 \(offset) 字节：\(error.phrase.zh)"), isOfDisk: true)
        let count = failures.withLock { failures in
            let isNew = failures.places.insert("\(segment.file) \(offset)").inserted
            if isNew { failures.new.append(place) }
            return failures.places.count
        }
        guard count <= PatientReader.failuresMax else { throw error }
    }

    /// What could not be read since this was last asked.
    func takeFailures() -> [SourceError] {
        failures.withLock { failures in
            defer { failures.new = [] }
            return failures.new
        }
    }
}
