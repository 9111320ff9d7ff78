import Digests
import Merkle
import Records

/// What a walk over the whole log gave.
struct LogState {
    var standing = Standing()
    /// The right edge of the tree; nil from the first gap on.
    var tree: CompactRange? = CompactRange(begin: 0)
    /// The roots at the wanted sizes, as far as they could be told.
    var roots: [UInt64: Root] = [:]
    var findings: [Finding] = []
    var moreFindings = 0
    /// What was seen after the last signed record.
    var beyond: [Finding] = []
    var tornAt: (file: String, offset: Int)?
    var own: [OwnRecord] = []
    var ownCount: UInt64 = 0
    var stubs: [Facts.Stub] = []
    var withheldCount: UInt64 = 0
    var claims: [TargetClaim] = []
    var attachments: [HeldAttachment] = []
    var names = NameSums()
    var indexDifferences: [IndexDifference] = []
    var indexDifferenceCount = 0
    /// Where each piece's records begin, for reading some of them again.
    var extents: [Extent] = []

    struct Extent: Sendable {
        let first: UInt64
        let piece: Piece
    }

    var count: UInt64 { standing.ordinal }
}

/// Puts pieces together in the order of the log.
///
/// A piece that does not join what came before, or in which something is wrong, is judged again
/// from where the walk really stands: so what is found does not depend on where the log was cut.
struct LogWalk {
    /// Whoever walks in slices takes out what each gave.
    var state: LogState
    private let plan: ScanPlan
    private let scanner: ChunkScanner
    private let index: any IndexReader
    private let hasher = MerkleHasher()
    private var ids: FactSorter?
    private var streams: FactSorter?

    init(
        _ plan: ScanPlan, records: any RecordReader, index: any IndexReader,
        sorters: (ids: FactSorter, streams: FactSorter)? = nil, from state: LogState = LogState()
    ) {
        (self.plan, self.index) = (plan, index)
        self.state = state
        scanner = ChunkScanner(plan, records: records, index: index)
        (ids, streams) = (sorters?.ids, sorters?.streams)
        if plan.marks.first == 0 { self.state.roots[0] = Root(.emptyTree) }
    }

    /// Takes the next piece, in order.
    mutating func take(_ piece: Piece, _ scanned: ChunkResult?) throws(SourceError) {
        if piece.from == 0 { begin(piece.segment, scanned) }
        if let scanned, scanned.findings.isEmpty, joins(scanned) {
            try add(scanned)
        } else if let again = try scanner.scan(piece, from: state.standing) {
            try add(again)
        }
    }

    /// A segment's name must state its first record.
    private mutating func begin(_ segment: Segment, _ scanned: ChunkResult?) {
        let ordinal = state.standing.ordinal
        guard segment.first != ordinal else { return }
        guard segment.first > ordinal, scanned?.firstSequence == segment.first else {
            note(
                Finding(
                    .segmentMisnamed, seq: ordinal, file: segment.file,
                    expected: "a name that states \(ordinal)", found: "\(segment.first)"))
            return
        }
        note(
            Finding(
                .segmentMissing, seq: ordinal, through: segment.first - 1, file: segment.file,
                expected: "record \(ordinal) in the segment before",
                found: "the next segment begins with record \(segment.first)"))
        state.standing = Standing(ordinal: segment.first, lastLeaf: nil)
        state.tree = nil
    }

    private func joins(_ chunk: ChunkResult) -> Bool {
        let here = state.standing
        guard chunk.count > 0 else { return true }
        guard here.shift == 0, chunk.start.ordinal == here.ordinal,
            here.lastLeaf == nil || chunk.firstPrev == here.lastLeaf
        else { return false }
        guard plan.mode == .full, plan.judges(here.ordinal) else { return true }
        guard let neighbour = chunk.firstNeighbour else { return false }
        return Neighbour.fault(from: here.neighbour, to: neighbour) == nil
    }

    private mutating func add(_ chunk: ChunkResult) throws(SourceError) {
        for finding in chunk.findings { note(finding) }
        if let tornAt = chunk.tornAt { state.tornAt = (chunk.piece.segment.file, tornAt) }
        guard chunk.count > 0 else { return }
        state.extents.append(LogState.Extent(first: chunk.start.ordinal, piece: chunk.piece))
        var nodes = chunk.nodes
        for (range, neighbour) in zip(chunk.ranges, chunk.cutNeighbours) {
            join(range, &nodes)
            if range.end == plan.size, range.begin < range.end { endSigned(neighbour, chunk) }
        }
        try compare(nodes)
        state.indexDifferenceCount += chunk.indexDifferences.count
        let room = max(0, plan.findingsMax - state.indexDifferences.count)
        state.indexDifferences += chunk.indexDifferences.prefix(room)
        state.standing = chunk.end
        if plan.size == nil || chunk.end.ordinal < plan.size ?? 0 {
            lastJudged = (chunk.end.neighbour, chunk.piece.segment.file)
        }
        try take(chunk.facts)
    }

    private var lastJudged: (neighbour: Neighbour?, file: String)?

    private mutating func join(_ range: CompactRange, _ nodes: inout [(node: NodeID, hash: Digest)])
    {
        guard var tree = state.tree else { return }
        state.tree = nil
        tree.append(range, hasher) { node, hash in
            if plan.comparesIndex, StoredLevels.contains(node) { nodes.append((node, hash)) }
        }
        if plan.marks.contains(tree.end) { state.roots[tree.end] = tree.root(hasher) }
        state.tree = tree
    }

    private mutating func take(_ facts: Facts) throws(SourceError) {
        state.own += facts.own
        state.ownCount += facts.ownCount
        state.stubs += facts.stubs
        state.withheldCount += facts.withheldCount
        state.claims += facts.claims
        state.attachments += facts.attachments
        state.names.add(facts.names)
        try ids?.add(facts.ids)
        try streams?.add(facts.streams)
    }

    /// A batch must be complete where the signed records end.
    private mutating func endSigned(_ neighbour: Neighbour?, _ chunk: ChunkResult) {
        closeBatch(neighbour, chunk.piece.segment.file)
        lastJudged = nil
    }

    private mutating func closeBatch(_ neighbour: Neighbour?, _ file: String) {
        guard let batch = neighbour?.batch, batch.index < batch.count else { return }
        let last = (plan.size ?? state.count).advanced(by: -1)
        note(
            Finding(
                .batchBroken, seq: last, file: file,
                expected: "\(batch.index + 1)/\(batch.count)", found: "the end"))
    }

    /// The walk is over.
    mutating func end() {
        if let lastJudged { closeBatch(lastJudged.neighbour, lastJudged.file) }
    }

    private mutating func note(_ finding: Finding) {
        guard finding.place.map(plan.judges) ?? true else {
            if state.beyond.count < plan.findingsMax { state.beyond.append(finding) }
            return
        }
        if state.findings.count < plan.findingsMax {
            state.findings.append(finding)
        } else {
            state.moreFindings += 1
        }
    }
}

// MARK: - The index

extension LogWalk {
    /// Compares completed nodes with the stored levels, as far as these go.
    private mutating func compare(_ nodes: [(node: NodeID, hash: Digest)]) throws(SourceError) {
        for (node, hash) in nodes where node.level > 0 {
            let file = IndexFile.level(node.level / StoredLevels.step)
            guard node.level / StoredLevels.step <= IndexFile.levelMax else { continue }
            var stored = Digest()
            var failure: SourceError?
            let count = stored.withUnsafeMutableBytes { target -> Int in
                do throws(SourceError) {
                    return try index.read(
                        file, at: Int(node.index) * Digest.byteCount, into: target)
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            guard count == Digest.byteCount, stored != hash else { continue }
            state.indexDifferenceCount += 1
            guard state.indexDifferences.count < plan.findingsMax else { continue }
            state.indexDifferences.append(
                IndexDifference(
                    file: file, index: node.index, expected: hash.hex, found: stored.hex))
        }
    }
}
