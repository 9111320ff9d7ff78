import CanonicalJSON
import Checkpoints
import Digests
import Merkle
import Phrases
import Records

/// What is settled before a pass reads its first slice: whose checkpoint has to be met, and whether
/// a stopped pass can go on.
///
/// Specs/scrub.md sections 2 and 5.
struct ScrubStart {
    private(set) var signed = SignedPoints()
    private(set) var state: ScrubState
    private(set) var notes: [AuditNote] = []
    /// Of the newest checkpoint, if it is valid; the one that has to be met may be larger.
    private(set) var newestSize: UInt64?
    private let scrubber: Scrubber
    private let records: PatientReader
    private let list: SegmentList
    private var keys: [VerifierKey] = []

    init(
        _ scrubber: Scrubber, _ records: PatientReader, _ list: SegmentList, _ note: [UInt8]?,
        _ isStopped: () -> Bool
    ) throws(SourceError) {
        (self.scrubber, self.records, self.list) = (scrubber, records, list)
        let identity = try Identity(list, records)
        _ = signed.identify(identity, given: scrubber.options.key, note: note) {
            (_) throws(SourceError) in nil
        }
        state = ScrubState(origin: signed.origin?.text ?? "")
        signed.readLatest(note, identity, vouched: [])
        var announced: [VerifierKey] = []
        if signed.latest == nil, note != nil {
            announced = try announcedKeys(isStopped)
            if !announced.isEmpty {
                signed.findings = []
                signed.readLatest(note, identity, vouched: announced)
            }
        }
        keys = [signed.key].compactMap(\.self) + announced
    }

    /// Keys that the ledger's records announce, whoever vouches for them: for the rare ledger that
    /// needs it all is read.
    private func announcedKeys(_ isStopped: () -> Bool) throws(SourceError) -> [VerifierKey] {
        let search = OwnSearch(records, scrubber.sources.index, scrubber.options)
        let pieces = Piece.cut(list.segments, byteCount: scrubber.options.sliceByteCount)
        return try search.own(in: pieces, size: nil, isStopped)
            .filter { OwnRecord.announcing.contains($0.type) }
            .flatMap { $0.data["keys"]?.array?.compactMap(\.string) ?? [] }
            .compactMap { try? VerifierKey($0) }
    }

    /// Reads what the last scrub wrote down; a newer version's is refused.
    mutating func readState() throws(SourceError) {
        guard let file = scrubber.sources.state, let origin = signed.origin else { return }
        let bytes: [UInt8]?
        do throws(SourceError) {
            bytes = try file.load()
        } catch {
            return noteDamaged(error.phrase)
        }
        guard let bytes else { return }
        switch ScrubState.read(bytes) {
        case .state(let state) where state.origin == origin.text: self.state = state
        case .state: break
        case .damaged: noteDamaged(Phrase(en: "not what a scrub writes", zh: "内容不是巡检所写"))
        case .newer(let format): throw Scrubber.tooNew(format)
        }
    }

    private mutating func noteDamaged(_ reason: Phrase) {
        notes.append(
            AuditNote(
                "state-damaged",
                en: "what the last scrub wrote down cannot be used (\(reason.en)); beginning anew",
                zh: "上次巡检的状态无法使用（\(reason.zh)），将从头开始"))
    }

    /// The pass to run; `signed` is then what it is compared with.
    mutating func pass(began: Timestamp) throws(SourceError) -> (isResumed: Bool, pass: ScrubPass) {
        newestSize = signed.latest?.size.rawValue
        if let last = verified(state.last?.checkpoint) { take(last) }
        if let saved = state.pass, let target = verified(saved.checkpoint),
            let pass = ScrubPass(saved, target: target), try isBelieved(pass)
        {
            signed.latest = target
            signed.older.removeAll { $0.checkpoint.size > target.size }
            return (true, pass)
        }
        return (false, ScrubPass(began: began, target: signed.latest))
    }

    private func verified(_ note: [UInt8]?) -> VerifiedCheckpoint? {
        guard let note, let origin = signed.origin else { return nil }
        return try? VerifiedCheckpoint(verifying: note, of: origin, by: keys)
    }

    /// The larger of the newest checkpoint and the last pass's has to be met, and the other too.
    private mutating func take(_ last: VerifiedCheckpoint) {
        var other: VerifiedCheckpoint? = last
        if let latest = signed.latest, latest.size < last.size {
            (signed.latest, other) = (last, latest)
        }
        guard let other, other.checkpoint != signed.latest?.checkpoint else { return }
        signed.older.append(
            SignedPoints.Older(name: "seen by the last scrub", checkpoint: other.checkpoint))
    }

    /// Whether the record before the place is the one that the pass saw there.
    private func isBelieved(_ pass: ScrubPass) throws(SourceError) -> Bool {
        guard pass.log.count > 1, let leaf = pass.log.standing.lastLeaf,
            let segment = list.segments.first(where: { $0.file == pass.place.file }),
            pass.place.offset <= segment.byteCount,
            let line = try line(endingAt: pass.place.offset, of: segment)
        else { return false }
        return line.withUnsafeBytes { raw in
            (RecordHeader(raw)?.withheldLeaf ?? MerkleHasher().leaf(raw)) == leaf
        }
    }

    /// The last line that begins before `offset`, without its LF.
    private func line(endingAt offset: Int, of segment: Segment) throws(SourceError) -> [UInt8]? {
        let reach = RecordLayout.byteCountMax + 1
        let from = max(0, offset - reach - 1)
        let count = min(segment.byteCount, offset + reach) - from
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { memory.deallocate() }
        guard try records.read(segment, at: from, into: memory) == count else { return nil }
        let lf = UInt8(ascii: "\n")
        guard let end = memory[max(0, offset - 1 - from)...].firstIndex(of: lf) else { return nil }
        let start = memory[..<end].lastIndex(of: lf).map { $0 + 1 } ?? (from == 0 ? 0 : nil)
        return start.map { Array(memory[$0..<end]) }
    }
}

/// Looks for the ledger's own records in part of the log.
struct OwnSearch {
    private let records: any RecordReader
    private let index: any IndexReader
    private let options: Scrubber.Options

    init(_ records: any RecordReader, _ index: any IndexReader, _ options: Scrubber.Options) {
        (self.records, self.index, self.options) = (records, index, options)
    }

    /// Those before `size`; what was found until it is stopped.
    func own(
        in pieces: [Piece], size: UInt64?, _ isStopped: () -> Bool
    ) throws(SourceError) -> [OwnRecord] {
        let plan = ScanPlan(
            mode: .quick, size: size, hashKey: ShortHash(high: 0, low: 0),
            chunkByteCount: options.sliceByteCount, findingsMax: 0)
        let scanner = ChunkScanner(plan, records: records, index: index)
        var own: [OwnRecord] = []
        for piece in pieces {
            guard !isStopped() else { break }
            own += try scanner.scan(piece, from: nil)?.facts.own ?? []
        }
        return own
    }
}
