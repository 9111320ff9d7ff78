import CanonicalJSON
import Digests
import Merkle
import Records

/// Walks over the lines of one piece after another.
///
/// It keeps buffers and hashers, so one task uses it at a time.
final class ChunkScanner {
    let plan: ScanPlan
    let hasher = MerkleHasher()
    let json = JSONReader(byteCountMax: RecordLayout.byteCountMax)
    private let records: any RecordReader
    private let index: any IndexReader
    private let buffer: LineBuffer
    private var result: ChunkResult
    private var range = CompactRange(begin: 0)
    private var nextMark = 0
    /// What the index is compared with: leaf hashes and offsets of this piece.
    private var leaves: [Digest] = []
    private var offsets: [UInt32] = []

    init(_ plan: ScanPlan, records: any RecordReader, index: any IndexReader) {
        (self.plan, self.records, self.index) = (plan, records, index)
        buffer = LineBuffer(chunkByteCount: plan.chunkByteCount)
        result = ChunkResult(
            piece: Piece(segment: Segment(first: 0, file: "", byteCount: 0), from: 0, to: 0))
    }

    /// Judges the lines that begin in `piece`.
    ///
    /// Without `standing` the first line is believed to stand at the sequence number that it
    /// states, and whoever puts the pieces together checks that. Nil if it states none.
    func scan(_ piece: Piece, from standing: Standing?) throws(SourceError) -> ChunkResult? {
        result = ChunkResult(piece: piece)
        let first = try buffer.load(piece, records)
        guard try begin(standing, at: first) else { return nil }
        if var offset = first {
            while offset < piece.to {
                let (line, hasEnd) = try buffer.line(at: offset, of: piece, records)
                if !hasEnd, offset + line.count < piece.segment.byteCount {
                    take(tooLong: line, at: offset)
                    break
                }
                guard hasEnd || plan.judges(result.end.ordinal) else {
                    result.tornAt = offset
                    break
                }
                take(line, hasEnd: hasEnd, at: offset)
                offset += line.count + 1
            }
        }
        cut()
        if plan.comparesIndex { try compareIndex() }
        return result
    }

    private func begin(_ standing: Standing?, at first: Int?) throws(SourceError) -> Bool {
        leaves.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        if let first {
            let header = RecordHeader(try buffer.line(at: first, of: result.piece, records).bytes)
            result.firstSequence = header?.sequence.rawValue
            result.firstPrev = header?.prev
        }
        if let standing {
            result.start = standing
        } else {
            guard first == nil || result.firstSequence != nil else { return false }
            result.start = Standing(ordinal: result.firstSequence ?? 0, lastLeaf: nil)
        }
        result.end = result.start
        let ordinal = result.start.ordinal
        range = CompactRange(begin: ordinal)
        nextMark = plan.marks.firstIndex { $0 > ordinal } ?? plan.marks.count
        return true
    }

    /// One line that is within the bounds of a record.
    @inline(__always)
    private func take(_ line: UnsafeRawBufferPointer, hasEnd: Bool, at offset: Int) {
        let ordinal = result.end.ordinal
        guard line.count <= RecordLayout.byteCountMax else {
            return take(tooLong: line, at: offset)
        }
        if !hasEnd {
            find(.lineUnterminated, at: offset, "LF after the record", "the end of the file")
        }
        var leaf: LeafHash
        if let header = RecordHeader(line) {
            check(header, ordinal, offset)
            leaf = header.withheldLeaf ?? hasher.leaf(line)
            if header.withheldLeaf == nil {
                judge(line, offset)
            } else {
                takeStub(line, leaf, offset)
            }
        } else {
            find(.lineUnreadable, at: offset, "a record or a withheld line", excerpt(line))
            leaf = hasher.leaf(line)
            result.end.neighbour = nil
        }
        add(leaf, offset)
    }

    @inline(__always)
    private func check(_ header: RecordHeader, _ ordinal: UInt64, _ offset: Int) {
        let stated = header.sequence.rawValue
        if stated != UInt64(bitPattern: Int64(bitPattern: ordinal) + result.end.shift) {
            // Back at its place after others that were not, a record is not accused.
            if stated != ordinal {
                find(.sequenceWrong, at: offset, "seq \(ordinal)", "seq \(stated)")
            }
            result.end.shift = Int64(clamping: stated) - Int64(clamping: ordinal)
        }
        if let last = result.end.lastLeaf, last != header.prev {
            let place = plan.findingsMax > result.findings.count
            guard place else { return }
            result.findings.append(
                Finding(
                    .linkBroken, seq: ordinal == 0 ? 0 : ordinal - 1, through: ordinal,
                    file: result.piece.segment.file, offset: offset,
                    expected: last.digest.hex, found: header.prev.digest.hex))
        }
    }

    /// Of a line that is longer than a record may be only its beginning is looked at.
    private func take(tooLong line: UnsafeRawBufferPointer, at offset: Int) {
        find(.lineTooLong, at: offset, "at most \(RecordLayout.byteCountMax) bytes", "more")
        result.end.neighbour = nil
        add(hasher.leaf(line), offset)
    }

    @inline(__always)
    private func add(_ leaf: LeafHash, _ offset: Int) {
        let ordinal = result.end.ordinal
        var inTree = leaf
        if !plan.overrides.isEmpty, let other = plan.overrides[ordinal] { inTree = LeafHash(other) }
        if plan.comparesIndex {
            leaves.append(leaf.digest)
            offsets.append(UInt32(truncatingIfNeeded: offset))
            range.append(inTree, hasher) { node, hash in
                if StoredLevels.contains(node) { result.nodes.append((node, hash)) }
            }
        } else {
            range.append(inTree, hasher)
        }
        result.end.lastLeaf = leaf
        result.end.ordinal = ordinal + 1
        if nextMark < plan.marks.count, plan.marks[nextMark] == ordinal + 1 {
            cut()
            nextMark += 1
        }
    }

    private func cut() {
        result.ranges.append(range)
        result.cutNeighbours.append(result.end.neighbour)
        range = CompactRange(begin: result.end.ordinal)
    }
}

// MARK: - What lines say

extension ChunkScanner {
    private func judge(_ line: UnsafeRawBufferPointer, _ offset: Int) {
        let ordinal = result.end.ordinal
        guard plan.judges(ordinal), plan.mode == .full || isWanted(line) else { return }
        var check = RecordCheck(
            plan: plan, ordinal: ordinal, file: result.piece.segment.file, offset: offset)
        let neighbour = check.judge(line, json, &result.facts)
        for finding in check.findings { keep(finding) }
        if plan.mode == .full { succeed(neighbour, offset) }
    }

    /// Whether a quick walk reads what the line says.
    private func isWanted(_ line: UnsafeRawBufferPointer) -> Bool {
        OwnRecord.isOwn(line) || plan.wantsAttachments && HeldMark.occurs(in: line)
    }

    private func takeStub(_ line: UnsafeRawBufferPointer, _ leaf: LeafHash, _ offset: Int) {
        let ordinal = result.end.ordinal
        guard plan.judges(ordinal), let stub = WithheldLine(line) else { return }
        result.facts.withheldCount += 1
        result.facts.stubs.append(
            Facts.Stub(
                ordinal: ordinal, leafHash: leaf, offset: offset, file: result.piece.segment.file))
        guard plan.mode == .full else { return }
        let key = Array(stub.stream.text.utf8).withUnsafeBytes { stream in
            result.facts.names.add(
                plan.streams, ordinal, streamValue(ordinal, stub.revision), under: plan.hashKey,
                stream)
            return SipHash.hash(stream, key: plan.hashKey).high
        }
        result.facts.streams.append(
            Fact(key: key, ordinal: ordinal, revision: stub.revision.rawValue))
        succeed(Neighbour(recorded: stub.recorded, batch: stub.batch), offset)
    }

    /// Checks a record against the one before it; of the piece's first line the one before is not
    /// known unless it was handed in.
    private func succeed(_ neighbour: Neighbour?, _ offset: Int) {
        let isFirst = result.end.ordinal == result.start.ordinal
        if isFirst { result.firstNeighbour = neighbour }
        if let neighbour, !isFirst || result.start.lastLeaf != nil,
            let fault = Neighbour.fault(from: result.end.neighbour, to: neighbour)
        {
            find(fault.code, at: offset, fault.expected, fault.found)
        }
        result.end.neighbour = neighbour
    }

    private func find(
        _ code: FindingCode, at offset: Int, _ expected: String, _ found: String
    ) {
        keep(
            Finding(
                code, seq: result.end.ordinal, file: result.piece.segment.file, offset: offset,
                expected: expected, found: found))
    }

    private func keep(_ finding: Finding) {
        if result.findings.count < plan.findingsMax { result.findings.append(finding) }
    }

    private func excerpt(_ line: UnsafeRawBufferPointer) -> String {
        let start = String(decoding: line.prefix(24), as: UTF8.self)
        return "\(line.count) bytes beginning " + start.debugDescription
    }
}

// MARK: - The index

extension ChunkScanner {
    /// Compares what this piece gave with the index, as far as the index goes.
    private func compareIndex() throws(SourceError) {
        try compare(.level(0), leaves.count) { [leaves] place, bytes in
            leaves[place].withUnsafeBytes { $0.elementsEqual(bytes) }
                ? nil : (leaves[place].hex, Hex.encode(bytes))
        }
        try compare(.offsets, offsets.count) { [offsets] place, bytes in
            let found = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return found == offsets[place] ? nil : ("\(offsets[place])", "\(found)")
        }
    }

    private func compare(
        _ file: IndexFile, _ count: Int,
        _ difference: (Int, UnsafeRawBufferPointer) -> (expected: String, found: String)?
    ) throws(SourceError) {
        let width = file.width
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count * width, alignment: 8)
        defer { memory.deallocate() }
        let read = try index.read(file, at: Int(result.start.ordinal) * width, into: memory)
        for place in 0..<read / width {
            let bytes = UnsafeRawBufferPointer(
                rebasing: memory[place * width..<(place + 1) * width])
            guard let (expected, found) = difference(place, bytes) else { continue }
            result.indexDifferences.append(
                IndexDifference(
                    file: file, index: result.start.ordinal + UInt64(place), expected: expected,
                    found: found, lineOffset: Int(offsets[place])))
        }
    }

    /// Gives `body` the lines of `piece` at the places `wanted`, ascending.
    func visit(
        _ piece: Piece, first ordinal: UInt64, _ wanted: ArraySlice<UInt64>,
        _ body: (UInt64, UnsafeRawBufferPointer, Int) -> Void
    ) throws(SourceError) {
        guard var offset = try buffer.load(piece, records) else { return }
        var (place, rest) = (ordinal, wanted)
        while offset < piece.to, let next = rest.first {
            let line = try buffer.line(at: offset, of: piece, records).bytes
            if place == next {
                body(place, line, offset)
                rest = rest.drop { $0 == next }
            }
            (place, offset) = (place + 1, offset + line.count + 1)
        }
    }
}
