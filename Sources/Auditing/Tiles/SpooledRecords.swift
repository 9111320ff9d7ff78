import Checkpoints
import Digests

/// Records that were fetched from bundles, put one after the other as a log has them.
///
/// It is filled by one task, and read when that is done.
final class SpooledRecords: @unchecked Sendable {
    // Sendable because nothing changes after the auditor has it: `append` is not called any more.
    private let scratch: any ScratchSpace
    private(set) var byteCount = 0
    private var buffer: [UInt8] = []

    private static let bufferByteCount = 1 << 20
    static let file = "tile/entries"

    init(_ scratch: any ScratchSpace) {
        self.scratch = scratch
    }

    func append(_ line: ArraySlice<UInt8>) throws(SourceError) {
        buffer += line
        buffer.append(0x0A)
        if buffer.count >= SpooledRecords.bufferByteCount { try flush() }
    }

    func flush() throws(SourceError) {
        var failure: SourceError?
        buffer.withUnsafeBytes { bytes in
            do throws(SourceError) {
                _ = try scratch.append(bytes)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        byteCount += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}

extension SpooledRecords: RecordReader {
    func segments() -> SegmentList {
        var list = SegmentList()
        list.segments = [Segment(first: 0, file: SpooledRecords.file, byteCount: byteCount)]
        return list
    }

    func read(
        _ segment: Segment, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        let count = min(target.count, max(0, byteCount - offset))
        guard count > 0 else { return 0 }
        try scratch.read(
            at: offset, into: UnsafeMutableRawBufferPointer(rebasing: target[..<count]))
        return count
    }
}

/// What stands beside the records of a ledger's folder, and nowhere beside tiles.
struct NothingBeside: IndexReader, KeptFiles {
    let note: [UInt8]?

    func byteCount(of file: IndexFile) -> Int? { nil }
    func read(_ file: IndexFile, at offset: Int, into target: UnsafeMutableRawBufferPointer) -> Int
    { 0 }
    func open(_ file: IndexFile) -> (any HeldFile)? { nil }

    func checkpoint() -> [UInt8]? { note }
    func cosigned() -> [UInt8]? { nil }
    func timestamps() -> [UInt64] { [] }
    func timestamp(_ number: UInt64) -> KeptTimestamp { KeptTimestamp(number: number, files: [:]) }
    func keyNotes() -> [KeyNote] { [] }
    func compiledCatalogue(_ digest: Digest) -> FileDigest? { nil }
    func catalogueFile(_ digest: Digest, path: String) -> FileDigest? { nil }
    func attachment(_ digest: Digest) -> FileDigest? { nil }
}
