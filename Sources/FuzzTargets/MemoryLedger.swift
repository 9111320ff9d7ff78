import Auditing
import Checkpoints
import Digests
import Foundation

/// A ledger's files in memory, as the auditor asks for them.
struct MemoryLedger: Sendable {
    var records: [UInt8]
    var note: [UInt8]?
    /// By path inside the ledger.
    var others: [String: [UInt8]] = [:]

    static let segment = "records/000000000000.ndjson"
    private static let keyFolder = "checkpoints/keys/"
    private static let folders = ["attachments/", "catalogue/", keyFolder]

    /// The golden ledger with every kind of line of format 1.
    ///
    /// Nil where the project's folder is not.
    static let golden: MemoryLedger? = {
        let project = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = project.appending(path: "Specs/vectors/records/ledger-v1-every")
        func read(_ path: String) -> [UInt8]? {
            (try? Data(contentsOf: folder.appending(path: path))).map { [UInt8]($0) }
        }
        guard let records = read(segment), let checkpoint = read("checkpoints/latest") else {
            return nil
        }
        var ledger = MemoryLedger(records: records, note: checkpoint)
        let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder.path)
        for path in paths ?? [] where folders.contains(where: path.hasPrefix) {
            ledger.others[path] = read(path)
        }
        return ledger
    }()

    /// What vouches for changes of key: a quick audit needs it too.
    var keyNotesByPath: [String: [UInt8]] {
        others.filter { $0.key.hasPrefix(MemoryLedger.keyFolder) }
    }

    private func digest(_ path: String) -> FileDigest? {
        others[path].map {
            FileDigest(file: path, digest: SHA256.digest(of: $0), byteCount: $0.count)
        }
    }
}

extension MemoryLedger: RecordReader, IndexReader, KeptFiles {
    func segments() throws(SourceError) -> SegmentList {
        var list = SegmentList()
        list.segments = [
            Segment(first: 0, file: MemoryLedger.segment, byteCount: records.count)
        ]
        return list
    }

    func read(
        _ segment: Segment, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        copy(records, from: offset, into: target)
    }

    func byteCount(of file: IndexFile) throws(SourceError) -> Int? { others[file.path]?.count }

    func read(
        _ file: IndexFile, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        copy(others[file.path] ?? [], from: offset, into: target)
    }

    func checkpoint() throws(SourceError) -> [UInt8]? { note }
    func cosigned() throws(SourceError) -> [UInt8]? { nil }
    func timestamps() throws(SourceError) -> [UInt64] { [] }

    func timestamp(_ number: UInt64) throws(SourceError) -> KeptTimestamp {
        KeptTimestamp(number: number, files: [:])
    }

    func open(_ file: IndexFile) throws(SourceError) -> (any HeldFile)? {
        others[file.path].map(MemoryIndexFile.init)
    }

    func keyNotes() throws(SourceError) -> [KeyNote] {
        others.filter { $0.key.hasPrefix(MemoryLedger.keyFolder) }.map { path, bytes in
            KeyNote(
                sequence: UInt64(path.dropFirst(MemoryLedger.keyFolder.count)) ?? 0, note: bytes)
        }
    }

    func compiledCatalogue(_ digest: Digest) throws(SourceError) -> FileDigest? {
        self.digest("catalogue/\(digest.hex)/compiled.json")
    }

    func catalogueFile(_ digest: Digest, path: String) throws(SourceError) -> FileDigest? {
        self.digest("catalogue/\(digest.hex)/files/\(path)")
    }

    func attachment(_ digest: Digest) throws(SourceError) -> FileDigest? {
        self.digest("attachments/sha256/\(digest.hex.prefix(2))/\(digest.hex)")
    }
}

/// A file of the index as it was when it was opened.
private struct MemoryIndexFile: HeldFile {
    let bytes: [UInt8]

    func byteCount() throws(SourceError) -> Int { bytes.count }

    func read(
        at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        copy(bytes, from: offset, into: target)
    }
}

/// Fills as much of `target` as `bytes` has from `offset` on.
private func copy(
    _ bytes: [UInt8], from offset: Int, into target: UnsafeMutableRawBufferPointer
) -> Int {
    let piece = bytes[min(offset, bytes.count)..<min(offset + target.count, bytes.count)]
    target.copyBytes(from: piece)
    return piece.count
}

/// Room for sorting, in memory.
final class MemoryScratch: ScratchSpace {
    private var bytes: [UInt8] = []

    func append(_ added: UnsafeRawBufferPointer) throws(SourceError) -> Int {
        defer { bytes.append(contentsOf: added) }
        return bytes.count
    }

    func read(
        at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) {
        target.copyBytes(from: bytes[offset..<offset + target.count])
    }
}
