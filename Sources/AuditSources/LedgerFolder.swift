package import Auditing
package import Checkpoints
package import Digests
import Phrases

/// A ledger in a folder, read without its writer's code.
package struct LedgerFolder: Sendable {
    private let path: String
    private let opened: OpenedFiles
    private let manner: ReadingManner

    /// Throws if there is no such ledger.
    package init(
        _ path: String, _ manner: ReadingManner = ReadingManner()
    ) throws(SourceError) {
        (self.path, self.manner) = (path, manner)
        opened = OpenedFiles(path)
        let names = try names(in: path, called: path)
        guard names.contains("records") else {
            throw SourceError(
                path,
                Phrase(
                    en: "\(path) is no ledger: it has no folder \"records\"; name the ledger's "
                        + "own folder",
                    zh: "\(path) 不是账本：其中没有 records 目录；请给出账本所在目录"))
        }
    }
}

extension LedgerFolder: RecordReader {
    package func segments() throws(SourceError) -> SegmentList {
        var list = SegmentList()
        for name in try names(in: path + "/records", called: "records") {
            let file = "records/" + name
            guard name.hasSuffix(".ndjson") else {
                list.strays.append(file)
                continue
            }
            let digits = name.dropLast(7)
            guard digits.utf8.count == 12, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
                let first = UInt64(digits)
            else {
                list.misnamed.append(file)
                continue
            }
            let byteCount = try opened.file(file)?.byteCount() ?? 0
            list.segments.append(Segment(first: first, file: file, byteCount: byteCount))
        }
        return list
    }

    package func read(
        _ segment: Segment, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        guard let file = try opened.file(segment.file) else { return 0 }
        let count = try file.read(at: offset, into: target)
        if manner.forgets { file.forget(from: offset, byteCount: count) }
        _ = manner.read(count)
        return count
    }
}

extension LedgerFolder: IndexReader {
    package func byteCount(of file: IndexFile) throws(SourceError) -> Int? {
        try opened.file(file.path)?.byteCount()
    }

    package func read(
        _ file: IndexFile, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        let count = try opened.file(file.path)?.read(at: offset, into: target) ?? 0
        _ = manner.read(count)
        return count
    }

    package func open(_ file: IndexFile) throws(SourceError) -> (any HeldFile)? {
        try self.file(file.path)
    }
}

extension LedgerFolder: KeptFiles {
    /// A signed note has at most 1,000,000 bytes; a longer one is cut, and then not valid.
    package func checkpoint() throws(SourceError) -> [UInt8]? {
        try file("checkpoints/latest")?.contents(limit: 1_000_001)
    }

    package func cosigned() throws(SourceError) -> [UInt8]? {
        try file("checkpoints/cosigned")?.contents(limit: 1_000_001)
    }

    package func sm2Checkpoint() throws(SourceError) -> [UInt8]? {
        try file("checkpoints/sm2")?.contents(limit: 1_000_001)
    }

    package func sm3Leaf(_ ordinal: UInt64) throws(SourceError) -> Digest? {
        guard let place = Int(exactly: ordinal).map({ $0 * Digest.byteCount }) else { return nil }
        var leaf = Digest()
        let count = try leaf.withUnsafeMutableBytes { target throws(SourceError) in
            try opened.file("checkpoints/sm3-leaves")?.read(at: place, into: target) ?? 0
        }
        return count == Digest.byteCount ? leaf : nil
    }

    package func timestamps() throws(SourceError) -> [UInt64] { try stamped.numbers() }

    package func timestamp(_ number: UInt64) throws(SourceError) -> KeptTimestamp {
        try stamped.timestamp(number)
    }

    private var stamped: TimestampFolder {
        let folder = "checkpoints/timestamped"
        return TimestampFolder("\(path)/\(folder)", called: folder)
    }

    package func keyNotes() throws(SourceError) -> [KeyNote] {
        let folder = "checkpoints/keys"
        var notes: [KeyNote] = []
        for name in try names(in: "\(path)/\(folder)", called: folder).prefix(1_000) {
            guard name.utf8.count == 12, let sequence = UInt64(name),
                let bytes = try file("\(folder)/\(name)")?.contents(limit: 1_000_001)
            else { continue }
            notes.append(KeyNote(sequence: sequence, note: bytes))
        }
        return notes
    }

    package func compiledCatalogue(_ digest: Digest) throws(SourceError) -> FileDigest? {
        try file("catalogue/\(digest.hex)/compiled.json")?.digest(manner)
    }

    package func catalogueFile(
        _ digest: Digest, path: String
    ) throws(SourceError) -> FileDigest? {
        // The path comes from a record: it must not lead out of the catalogue's folder.
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { ["", ".", ".."].contains($0) }), !path.contains("\0")
        else { return nil }
        return try file("catalogue/\(digest.hex)/files/\(path)")?.digest(manner)
    }

    package func attachment(_ digest: Digest) throws(SourceError) -> FileDigest? {
        try file("attachments/sha256/\(digest.hex.prefix(2))/\(digest.hex)")?.digest(manner)
    }

    private func file(_ name: String) throws(SourceError) -> OpenFile? {
        try OpenFile("\(path)/\(name)", name: name)
    }
}
