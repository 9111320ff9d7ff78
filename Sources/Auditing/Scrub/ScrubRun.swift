import Checkpoints
import Digests
import Merkle
import Phrases

/// One run of a scrubber: it goes on with a pass, or begins one, and ends with it or is stopped.
///
/// Used by one thread.
final class ScrubRun {
    let scrubber: Scrubber
    let surroundings: Scrubber.Surroundings
    let tell: (Scrubber.Event) -> Void
    let records: PatientReader
    /// As it was when the newest segment was begun.
    private(set) var list: SegmentList
    let signed: SignedPoints
    var state: ScrubState
    var pass: ScrubPass
    let isResumed: Bool
    let newestSize: UInt64?
    private var isStateKept: Bool
    /// Whether something was found that is not written down yet.
    private var isSaveDue = false
    /// Attachments that were hashed in this run, with the length that a record stated.
    private var hashed: [Digest: Int64] = [:]
    /// The ledger's first records, until they are judged.
    private var genesis: [OwnRecord]? = []
    private let firstRecord: UInt64
    private var savedAt: Duration

    private static let hashedMax = 200_000

    var sources: Scrubber.Sources { scrubber.sources }
    var options: Scrubber.Options { scrubber.options }

    init(
        _ scrubber: Scrubber, _ surroundings: Scrubber.Surroundings,
        _ tell: @escaping (Scrubber.Event) -> Void
    ) throws(SourceError) {
        (self.scrubber, self.surroundings, self.tell) = (scrubber, surroundings, tell)
        records = PatientReader(scrubber.sources.records)
        // The checkpoint first: what it covers is in the folder by then.
        let note = try scrubber.sources.kept.checkpoint()
        list = try records.segments()
        var start = try ScrubStart(scrubber, records, list, note, surroundings.isStopped)
        try start.readState()
        (isResumed, pass) = try start.pass(began: surroundings.now())
        (signed, newestSize, state) = (start.signed, start.newestSize, start.state)
        isStateKept = scrubber.sources.state != nil
        firstRecord = pass.log.count
        if isResumed { genesis = nil }
        savedAt = surroundings.steady()
        tell(.began(isResumed: isResumed))
        // Stopped already, what was settled may be half of it.
        guard !surroundings.isStopped() else { return }
        for note in start.notes { self.note(note) }
        begin()
    }

    /// Reads slice after slice.
    func run() throws(SourceError) -> ScrubReport {
        while !surroundings.isStopped(), !pass.isAtEnd, let piece = try nextPiece() {
            try read(piece)
            if isSaveDue || surroundings.steady() - savedAt >= options.savesEvery { save() }
            tell(
                .progress(
                    Scrubber.Progress(
                        records: pass.log.count, size: pass.size, firstRecord: firstRecord)))
        }
        guard !surroundings.isStopped(), try end() else { return stopped() }
        let now = surroundings.now()
        state.last = ScrubState.Finished(pass, finished: now)
        state.pass = nil
        write(durably: true)
        return ScrubReport(pass, finished: now, isResumed: isResumed)
    }

    private func stopped() -> ScrubReport {
        if pass.log.count > firstRecord { save() }
        return ScrubReport(pass, finished: nil, isResumed: isResumed)
    }

    // MARK: A slice

    /// A segment is measured again when it is begun: lines may have been withheld in it.
    private func nextPiece() throws(SourceError) -> Piece? {
        let next = pass.next(in: list.segments, byteCount: options.sliceByteCount)
        guard let next, next.from == 0, !pass.place.file.isEmpty else { return next }
        list = try records.segments()
        return pass.next(in: list.segments, byteCount: options.sliceByteCount)
    }

    func plan() -> ScanPlan {
        var plan = ScanPlan(
            mode: .quick, size: pass.size, hashKey: ShortHash(high: 0, low: 0),
            chunkByteCount: options.sliceByteCount, findingsMax: 20_000, comparesIndex: true)
        plan.marks = marks
        plan.origin = signed.origin.map { Array($0.text.utf8) } ?? []
        plan.wantsAttachments = true
        return plan
    }

    private var marks: [UInt64] {
        Set(signed.older.map(\.checkpoint.size.rawValue) + [pass.size].compactMap(\.self)).sorted()
    }

    private lazy var scanner = ChunkScanner(plan(), records: records, index: sources.index)
    private lazy var walk = LogWalk(
        plan(), records: records, index: sources.index, from: pass.log)
    private lazy var leaves = pass.target.map {
        SignedLeaves(sources.index, size: $0.size.rawValue, root: $0.root)
    }

    /// Judges one piece; if the scrub is stopped meanwhile, nothing of it counts.
    private func read(_ piece: Piece) throws(SourceError) {
        let scanned = try scanner.scan(piece, from: nil)
        try walk.take(piece, scanned)
        let slice = walk.state
        walk.state.forgetFacts()
        let altered = try altered(in: slice, piece)
        var kept = KeptCheck(sources.kept)
        kept.judge(slice.own)
        let held = slice.attachments.filter { hashed[$0.digest] != $0.byteCount }
        for one in held where !surroundings.isStopped() { kept.judge([one]) }
        guard !surroundings.isStopped() else { return }

        for one in held { remember(one) }
        pass.place = ScrubPass.Place(file: piece.segment.file, offset: piece.to)
        pass.byteCount += piece.to - piece.from
        pass.attachmentCount += held.count
        pass.log = walk.state
        pass.moreFindings += slice.moreFindings
        keep(slice.indexDifferences, slice.indexDifferenceCount)
        settle(slice)
        noteUnreadable()
        add(Altered.runs(altered))
        add(slice.findings.filter(isDamage).map(pass.narrowed))
        add(kept.findings)
        judgeGenesis(slice)
        if !altered.isEmpty { pass.narrowLinks() }
    }

    private func remember(_ attachment: HeldAttachment) {
        if hashed.count >= ScrubRun.hashedMax { hashed.removeAll() }
        hashed[attachment.digest] = attachment.byteCount
    }

    /// Where nothing is signed, a line that is being written is no damage.
    private func isDamage(_ finding: Finding) -> Bool {
        pass.target != nil || finding.code != .lineUnterminated
            || finding.file != list.segments.last?.file
    }

    /// Records of which the index has the leaf hash that was signed, and the log another.
    private func altered(
        in slice: LogState, _ piece: Piece
    ) throws(SourceError) -> [Altered] {
        guard var leaves, slice.indexDifferenceCount > 0 else { return [] }
        var altered: [Altered] = []
        for difference in slice.indexDifferences where difference.file == .level(0) {
            guard try leaves.isSigned(difference.index) else { continue }
            altered.append(Altered(difference, file: piece.segment.file))
        }
        self.leaves = leaves
        return altered
    }

    /// Differences wait until it is known whether the log is sound.
    private func keep(_ differences: [IndexDifference], _ count: Int) {
        guard count > 0 else { return }
        let mine = differences.filter { $0.endsBefore(pass.size ?? .max) }
        let room = max(0, options.findingsMax - pass.differences.count)
        pass.differences += mine.prefix(room)
        pass.differenceCount += mine.count + count - differences.count
    }

    private func settle(_ slice: LogState) {
        pass.stubs += slice.stubs
        for own in slice.own { pass.stubs.removeAll(where: own.backs) }
    }

    private func noteUnreadable() {
        for failure in records.takeFailures() {
            note(
                AuditNote(
                    "unreadable",
                    en: "the disk does not give \(failure.file), \(failure.phrase.en)",
                    zh: "磁盘无法读出 \(failure.file)，\(failure.phrase.zh)"))
        }
    }

    private func judgeGenesis(_ slice: LogState) {
        guard var own = genesis else { return }
        own += slice.own.filter { $0.ordinal < 2 }
        genesis = own
        if pass.log.count >= 2 { judgeGenesis() }
    }

    /// Judges the first two records, once.
    func judgeGenesis() {
        guard let own = genesis else { return }
        genesis = nil
        let check = GenesisCheck(origin: signed.origin, size: pass.size, list: list)
        add(check.findings(own, count: pass.log.count, known: pass.findings))
    }

    // MARK: What is said and written down

    func add(_ findings: [Finding]) {
        let told = pass.add(findings, max: options.findingsMax)
        guard !findings.isEmpty else { return }
        for finding in told { tell(.found(finding)) }
        isSaveDue = true
    }

    func note(_ note: AuditNote) {
        guard !pass.notes.contains(note) else { return }
        pass.notes.append(note)
        tell(.noted(note))
    }

    /// What is wrong before a record is read.
    private func begin() {
        let misnamed = list.misnamed.map {
            Finding(
                .segmentMisnamed, file: $0, expected: "12 digits and .ndjson",
                found: "another name")
        }
        add((signed.findings + misnamed).filter { !pass.findings.contains($0) })
    }

    /// Keeps the place.
    private func save() {
        (savedAt, isSaveDue) = (surroundings.steady(), false)
        // A pass that has read nothing, or under no checkpoint, has no place to go on from.
        state.pass = pass.place.offset > 0 && pass.log.count > 1 ? ScrubState.Saved(pass) : nil
        write(durably: false)
    }

    private func write(durably: Bool) {
        guard isStateKept, let file = sources.state else { return }
        do throws(SourceError) {
            try file.save(state.bytes, durably: durably)
        } catch {
            isStateKept = false
            note(
                AuditNote(
                    "state-not-kept",
                    en: "the place cannot be kept (\(error.phrase.en)); a stopped pass begins anew",
                    zh: "无法保存进度（\(error.phrase.zh)）；中断后将从头开始"))
        }
    }
}

extension LogState {
    /// What a slice gave and the next one does not need.
    mutating func forgetFacts() {
        (findings, moreFindings, beyond, tornAt) = ([], 0, [], nil)
        (own, stubs, claims, attachments, extents) = ([], [], [], [], [])
        (indexDifferences, indexDifferenceCount) = ([], 0)
    }
}

extension OwnRecord {
    /// Whether it lets the line be withheld: Specs/record.md section 7.
    func backs(_ stub: Facts.Stub) -> Bool {
        guard type == "ledger.entry-withheld", fault == nil, let target else { return false }
        return ordinal > stub.ordinal && target.ordinal == stub.ordinal
            && target.leafHash == stub.leafHash
    }
}

extension IndexDifference {
    /// Whether it concerns only records before `size`.
    func endsBefore(_ size: UInt64) -> Bool {
        guard case .level(let number) = file else { return index < size }
        return (index + 1) << UInt64(8 * number) <= size
    }
}
