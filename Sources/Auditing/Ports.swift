package import Checkpoints
package import Digests
package import Phrases

/// The log's bytes.
package protocol RecordReader: Sendable {
    /// The segments in the order of their names, and what else lies beside them.
    func segments() throws(SourceError) -> SegmentList

    /// Fills as much of `target` as the segment has from `offset` on, and says how much that is.
    func read(
        _ segment: Segment, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int
}

/// One file of the log.
package struct Segment: Hashable, Sendable {
    /// The sequence number that its name states for its first record.
    package let first: UInt64
    /// Its path inside the ledger, for reports.
    package let file: String
    package let byteCount: Int

    package init(first: UInt64, file: String, byteCount: Int) {
        (self.first, self.file, self.byteCount) = (first, file, byteCount)
    }
}

package struct SegmentList: Sendable {
    package var segments: [Segment] = []
    /// Files that end like segments but are not named like one.
    package var misnamed: [String] = []
    /// Any other file in the folder.
    package var strays: [String] = []

    package init() {}
}

/// The disposable files beside the log: Specs/tree.md section 5.
package protocol IndexReader: Sendable {
    /// Nil if there is no such file.
    func byteCount(of file: IndexFile) throws(SourceError) -> Int?

    /// Fills as much of `target` as there is from `offset` on, nothing if there is no such file.
    func read(
        _ file: IndexFile, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int

    /// The file as it is now, held open whatever becomes of its name; nil if there is none.
    func open(_ file: IndexFile) throws(SourceError) -> (any HeldFile)?
}

/// A file that stays readable as it was when it was opened.
package protocol HeldFile: Sendable {
    func byteCount() throws(SourceError) -> Int

    /// Fills as much of `target` as there is from `offset` on, and says how much that is.
    func read(
        at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int
}

package enum IndexFile: Hashable, Sendable {
    /// Where each line begins in its segment: 32 bits each, least significant byte first.
    case offsets
    /// The roots of complete subtrees of 256^n leaves, 32 bytes each; 0 are the leaf hashes.
    case level(Int)
    /// The list of the runs of `ids` or `streams`.
    case manifest(IndexPart)
    /// The names of some records.
    case run(IndexPart, Range<UInt64>)

    package static let levelMax = 5

    /// Its path inside the ledger.
    package var path: String {
        switch self {
        case .offsets: "index/offsets"
        case .level(let number): "index/level-\(number)"
        case .manifest(let part): "index/\(part)/manifest"
        case .run(let part, let covered):
            "index/\(part)/\(digits(covered.lowerBound))-\(digits(covered.upperBound)).run"
        }
    }

    private func digits(_ number: UInt64) -> String {
        String(repeating: "0", count: max(0, 12 - "\(number)".utf8.count)) + "\(number)"
    }

    /// Bytes of one entry.
    var width: Int { self == .offsets ? 4 : Digest.byteCount }
}

/// What else the ledger keeps and the log names by digest; nil is said of what is not there.
package protocol KeptFiles: Sendable {
    /// The newest checkpoint, a signed note.
    func checkpoint() throws(SourceError) -> [UInt8]?
    /// The newest checkpoint with cosignatures, a signed note.
    func cosigned() throws(SourceError) -> [UInt8]?
    /// The newest checkpoint with an SM2 signature, a signed note: Specs/shangmi.md.
    func sm2Checkpoint() throws(SourceError) -> [UInt8]?
    /// What a record hashed to by SM3 before its line was withheld.
    func sm3Leaf(_ ordinal: UInt64) throws(SourceError) -> Digest?
    /// The numbers of the timestamps that are kept, in order; at most 100,000.
    func timestamps() throws(SourceError) -> [UInt64]
    /// A timestamp's files, each cut at what it may have at most.
    func timestamp(_ number: UInt64) throws(SourceError) -> KeptTimestamp
    /// What vouches for changes of key; at most 1,000.
    func keyNotes() throws(SourceError) -> [KeyNote]
    func compiledCatalogue(_ digest: Digest) throws(SourceError) -> FileDigest?
    func catalogueFile(_ digest: Digest, path: String) throws(SourceError) -> FileDigest?
    func attachment(_ digest: Digest) throws(SourceError) -> FileDigest?
}

extension KeptFiles {
    /// Where records stand alone there is none.
    package func sm2Checkpoint() throws(SourceError) -> [UInt8]? { nil }
    package func sm3Leaf(_ ordinal: UInt64) throws(SourceError) -> Digest? { nil }
}

package struct FileDigest: Hashable, Sendable {
    /// The path inside the ledger.
    package let file: String
    package let digest: Digest
    package let byteCount: Int

    package init(file: String, digest: Digest, byteCount: Int) {
        (self.file, self.digest, self.byteCount) = (file, digest, byteCount)
    }
}

/// What the auditor's own machine remembers of ledgers that it found sound.
package protocol CheckpointMemory: Sendable {
    func recall(_ origin: Origin) throws(SourceError) -> RememberedCheckpoint?
    func keep(_ remembered: RememberedCheckpoint, of origin: Origin) throws(SourceError)
}

package struct RememberedCheckpoint: Hashable, Sendable {
    package let key: VerifierKey
    /// The newest verified checkpoint, a signed note.
    package let note: [UInt8]

    package init(key: VerifierKey, note: [UInt8]) {
        (self.key, self.note) = (key, note)
    }
}

/// Room outside memory for what is being sorted; it vanishes with its last reference.
package protocol ScratchSpace: AnyObject {
    /// Adds bytes at the end and says where they begin.
    func append(_ bytes: UnsafeRawBufferPointer) throws(SourceError) -> Int
    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SourceError)
}

/// Something that should have been read could not be: the audit has no answer.
package struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let phrase: Phrase
    /// Whether the disk failed at this place, so that others may still be readable.
    package let isOfDisk: Bool

    package init(_ file: String, _ phrase: Phrase, isOfDisk: Bool = false) {
        (self.file, self.phrase, self.isOfDisk) = (file, phrase, isOfDisk)
    }

    package var description: String { phrase.en }
}

/// Where a scrub keeps its place: Specs/scrub.md section 5.
package protocol ScrubStateFile: Sendable {
    /// Nil if there is none.
    func load() throws(SourceError) -> [UInt8]?

    /// Replaces what is there; with `durably` it outlasts a power cut from here on.
    func save(_ bytes: [UInt8], durably: Bool) throws(SourceError)
}
