import Digests
import Merkle
import Records

/// What one walk over the log is to do.
struct ScanPlan: Sendable {
    var mode: AuditMode
    /// Records that the signed checkpoint covers; nil if nothing is signed: then all are judged.
    var size: UInt64?
    /// Sizes at which the root is wanted, ascending, each once.
    var marks: [UInt64] = []
    /// The ledger's origin, which its own records name as their source.
    var origin: [UInt8] = []
    var hashKey: ShortHash
    var chunkByteCount: Int
    var findingsMax: Int
    /// Whether offsets, leaf hashes and nodes are compared with the index.
    var comparesIndex = false
    /// Whether a quick walk looks for attachments that the ledger holds.
    var wantsAttachments = false
    /// The runs of names that the log is compared with.
    var ids: NameRuns?
    var streams: NameRuns?
    /// Leaf hashes that stand for what is found at these places: a trial, not a claim.
    var overrides: [UInt64: Digest] = [:]

    func judges(_ ordinal: UInt64) -> Bool { size.map { ordinal < $0 } ?? true }
}

/// A run of a segment's bytes; it owns the lines that begin in it.
struct Piece: Sendable {
    let segment: Segment
    let from: Int
    let to: Int

    /// The log cut into pieces of some `byteCount` bytes; an empty segment has one empty piece.
    static func cut(_ segments: [Segment], byteCount: Int) -> [Piece] {
        segments.flatMap { segment in
            let starts = stride(from: 0, to: max(segment.byteCount, 1), by: byteCount)
            return starts.map {
                Piece(segment: segment, from: $0, to: min($0 + byteCount, segment.byteCount))
            }
        }
    }
}

/// Where the walk stands between two lines.
struct Standing: Sendable {
    /// The place of the next line, counted over the whole log.
    var ordinal: UInt64 = 0
    /// How far the sequence numbers that lines state are from their places; not 0 only in a
    /// damaged log.
    var shift: Int64 = 0
    /// The leaf hash of the line before; nil where it is not known.
    var lastLeaf: LeafHash? = .zero
    var neighbour: Neighbour?
}

/// What a record's successor is checked against.
struct Neighbour: Hashable, Sendable {
    let recorded: Timestamp
    let batch: BatchPlace?

    /// What is wrong with `next` as the record after this one.
    static func fault(
        from last: Neighbour?, to next: Neighbour
    ) -> (code: FindingCode, expected: String, found: String)? {
        if let last, next.recorded < last.recorded {
            return (.recordedBack, "not before \(last.recorded.text)", next.recorded.text)
        }
        let open = last.flatMap { $0.batch.flatMap { $0.index < $0.count ? $0 : nil } }
        guard let open else {
            guard let batch = next.batch, batch.index != 1 else { return nil }
            return (.batchBroken, "1/\(batch.count) first", "\(batch.index)/\(batch.count)")
        }
        let expected = "\(open.index + 1)/\(open.count)"
        guard let batch = next.batch, batch.index == open.index + 1, batch.count == open.count
        else {
            let found = next.batch.map { "\($0.index)/\($0.count)" } ?? "no batch"
            return (.batchBroken, expected, found)
        }
        guard let last, last.recorded == next.recorded else {
            return (.batchBroken, "one time of recording", next.recorded.text)
        }
        return nil
    }
}

/// What was seen in one piece.
struct ChunkResult: Sendable {
    let piece: Piece
    /// Before the first line, as far as the piece itself can tell.
    var start = Standing()
    /// The sequence number, link and neighbour of the first line; nil if it cannot be read.
    var firstSequence: UInt64?
    var firstPrev: LeafHash?
    var firstNeighbour: Neighbour?
    /// After the last line.
    var end = Standing()
    /// The leaves as subtrees, cut where a root is wanted.
    var ranges: [CompactRange] = []
    /// The neighbour at each cut.
    var cutNeighbours: [Neighbour?] = []
    var findings: [Finding] = []
    /// Where an unfinished line begins that nothing signed covers.
    var tornAt: Int?
    var facts = Facts()
    /// Nodes of stored levels that were completed here.
    var nodes: [(node: NodeID, hash: Digest)] = []
    /// Places at which the index has another leaf hash or offset.
    var indexDifferences: [IndexDifference] = []

    var count: UInt64 { end.ordinal - start.ordinal }
}

struct IndexDifference: Hashable, Sendable {
    let file: IndexFile
    let index: UInt64
    let expected: String
    let found: String
    /// Where the record's line begins.
    var lineOffset = 0
}

/// What records say that can only be judged beside others.
struct Facts: Sendable {
    var ids: [Fact] = []
    var streams: [Fact] = []
    var own: [OwnRecord] = []
    var ownCount: UInt64 = 0
    var stubs: [Stub] = []
    var withheldCount: UInt64 = 0
    var claims: [TargetClaim] = []
    var attachments: [HeldAttachment] = []
    var names = NameSums()

    struct Stub: Sendable {
        let ordinal: UInt64
        let leafHash: LeafHash
        let offset: Int
        let file: String
    }
}

/// A name's hash, whose it is, and for streams the revision.
struct Fact: Sendable, BitwiseCopyable {
    var key: UInt64
    var ordinal: UInt64
    var revision: UInt64

    static func precedes(_ left: Fact, _ right: Fact) -> Bool {
        left.key == right.key ? left.ordinal < right.ordinal : left.key < right.key
    }
}

/// That a record names another one.
struct TargetClaim: Sendable {
    let ordinal: UInt64
    let target: UInt64
    let leafHash: LeafHash
    /// The stream that the target must be in; nil for any.
    let stream: String?
    let file: String
    let offset: Int
}

struct HeldAttachment: Sendable {
    let digest: Digest
    let byteCount: Int64
    let ordinal: UInt64
}
