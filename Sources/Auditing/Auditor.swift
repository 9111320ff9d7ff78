import CanonicalJSON
package import Checkpoints
package import Digests
import Merkle
import Phrases
import Records

/// Re-derives everything that a ledger claims: Specs/verify.md.
///
/// It trusts the bytes it reads, a key, and nothing that a ledger says of itself.
package struct Auditor: Sendable {
    package let sources: Sources
    package let options: Options

    package struct Sources: Sendable {
        package var records: any RecordReader
        package var index: any IndexReader
        package var kept: any KeptFiles
        /// Nil if nothing is to be asked and kept.
        package var memory: (any CheckpointMemory)?
        package var scratch: @Sendable () throws(SourceError) -> any ScratchSpace

        package init(
            records: any RecordReader, index: any IndexReader, kept: any KeptFiles,
            memory: (any CheckpointMemory)?,
            scratch: @escaping @Sendable () throws(SourceError) -> any ScratchSpace
        ) {
            (self.records, self.index, self.kept) = (records, index, kept)
            (self.memory, self.scratch) = (memory, scratch)
        }
    }

    package struct Options: Sendable {
        /// The ledger's key, as the auditor was given it.
        package var key: VerifierKey?
        /// Checkpoints seen before.
        package var checkpoints: [GivenCheckpoint] = []
        /// The `ledger.restored` record whose loss the auditor accepts.
        package var acceptedLoss: UInt64?
        package var workers = 2
        package var chunkByteCount = 1 << 20
        /// Facts that wait in memory before they are written to scratch space, 16 bytes each.
        package var factsInMemory = 3_000_000
        package var findingsMax = 1000
        /// Whose cosignatures `checkpoints/cosigned` must have.
        package var policy: WitnessPolicy?
        /// Whom to trust for timestamps, PEM; nil: the certificates kept with each, else the
        /// system's.
        package var timestampAuthorities: [UInt8]?
        /// The auditor's time, in seconds since 1970: which certificates have ended.
        package var seconds: Int64 = 0
        /// Whether there is no ledger's folder around the records: no index, catalogues and
        /// attachments.
        package var recordsOnly = false
        /// Names are hashed under it, so that nobody can choose names that collide.
        package var hashKey: ShortHash

        package init(hashKey: ShortHash) {
            self.hashKey = hashKey
        }
    }

    /// How far an audit is.
    package struct Progress: Sendable {
        package var bytesDone: Int
        package var bytesTotal: Int
    }

    package init(_ sources: Sources, _ options: Options) {
        (self.sources, self.options) = (sources, options)
    }

    /// Audits the ledger.
    ///
    /// Throws ``SourceError`` if something cannot be read, and `CancellationError`. What is
    /// remembered changes only after a sound audit.
    package func run(
        mode: AuditMode, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> AuditReport {
        // The checkpoint first: what it covers is in the log already, also while somebody appends.
        let note = try sources.kept.checkpoint()
        var audit = Audit(self, mode, note, try sources.records.segments())
        try await audit.readSigned()
        try await audit.walk(progress)
        try await audit.locate()
        try audit.judge()
        return try audit.close()
    }
}

/// One audit on its way.
struct Audit {
    let auditor: Auditor
    let mode: AuditMode
    let list: SegmentList
    let pieces: [Piece]
    var plan: ScanPlan
    var signed = SignedPoints()
    var state = LogState()
    var sound: UInt64?
    var findings: [Finding] = []
    var notes: [AuditNote] = []
    /// Whether the walk agrees with the signed root.
    var isRootSound = false
    var remembered: RememberedCheckpoint?
    /// The newest checkpoint as it was found.
    let note: [UInt8]?
    /// The newest one with an SM2 signature, as it was found.
    var sm2: [UInt8]?

    var sources: Auditor.Sources { auditor.sources }

    init(_ auditor: Auditor, _ mode: AuditMode, _ note: [UInt8]?, _ list: SegmentList) {
        (self.auditor, self.mode, self.note, self.list) = (auditor, mode, note, list)
        let options = auditor.options
        pieces = Piece.cut(list.segments, byteCount: options.chunkByteCount)
        plan = ScanPlan(
            mode: mode, hashKey: options.hashKey, chunkByteCount: options.chunkByteCount,
            findingsMax: options.findingsMax, comparesIndex: mode == .full)
    }

    /// Reads everything signed before the log is read.
    mutating func readSigned() async throws {
        let identity = try Identity(list, sources.records)
        let memory = sources.memory
        remembered = signed.identify(identity, given: auditor.options.key, note: note) {
            (origin) throws(SourceError) in try memory?.recall(origin)
        }
        plan.origin = signed.origin.map { Array($0.text.utf8) } ?? []
        signed.readLatest(note, identity, vouched: [])
        if mode == .full, !auditor.options.recordsOnly { sm2 = try sources.kept.sm2Checkpoint() }
        var chain: KeyChain?
        let policy = auditor.options.policy
        let cosigned = policy == nil ? nil : try sources.kept.cosigned()
        let kept = try [sm2, cosigned].compactMap(\.self) + stampedNotes()
        if note != nil, signed.isOfSeveralKeys(auditor.options.checkpoints, remembered, kept) {
            chain = try await keyChain()
        }
        if signed.latest == nil, let key = signed.key, let vouched = chain?.vouched(from: key),
            !vouched.isEmpty
        {
            signed.findings.removeAll { $0.file == signed.latestFile }
            signed.readLatest(note, identity, vouched: vouched)
        }
        judgeRevoked(chain)
        signed.readOlder(
            auditor.options.checkpoints, remembered, asked: sources.memory != nil, chain: chain,
            accepted: auditor.options.acceptedLoss)
        try readTimestamps(remembered, chain)
        if let sm2 { signed.readSM2(sm2, chain) }
        if let policy { signed.readCosigned(cosigned, policy, chain) }
        if mode == .full {
            plan.ids = try NameRuns(.ids, sources.index)
            plan.streams = try NameRuns(.streams, sources.index)
        }
        plan.size = signed.latest?.size.rawValue
        plan.marks = signed.sizes
    }
}

// MARK: - The walk

extension Audit {
    mutating func walk(_ progress: @escaping @Sendable (Auditor.Progress) -> Void) async throws {
        guard mode == .full else {
            state = try await walk(plan, names: nil, progress)
            return
        }
        let (max, workers) = (auditor.options.factsInMemory / 2, auditor.options.workers)
        let ids = FactPartitions(inMemoryMax: max, scratch: sources.scratch)
        let streams = FactPartitions(inMemoryMax: max, scratch: sources.scratch)
        state = try await walk(plan, names: (ids, streams), progress)
        var names = NameCheck(plan, sources, state.extents)
        try names.judgeIDs(await ids.suspects(.once, workers: workers))
        try names.judgeStreams(await streams.suspects(.inSequence, workers: workers))
        findings += names.findings
    }

    func walk(
        _ plan: ScanPlan, names: (ids: FactPartitions, streams: FactPartitions)?,
        _ progress: (Auditor.Progress) -> Void
    ) async throws -> LogState {
        var walk = LogWalk(plan, records: sources.records, index: sources.index, names: names)
        let scan = ParallelScan(
            plan: plan, records: sources.records, index: sources.index,
            workers: max(1, auditor.options.workers))
        let total = list.segments.reduce(0) { $0 + $1.byteCount }
        var done = 0
        try await scan.run(pieces) { piece, result in
            try walk.take(piece, result)
            done += piece.to - piece.from
            progress(Auditor.Progress(bytesDone: done, bytesTotal: total))
        }
        walk.end()
        return walk.state
    }
}

// MARK: - The end

extension Audit {
    /// Judges what needs the whole log.
    mutating func judge() throws {
        findings += state.findings + signed.findings
        let genesis = GenesisCheck(
            origin: signed.origin, size: signed.latest?.size.rawValue, list: list)
        findings += genesis.findings(state.own, count: state.count, known: findings)
        judgeKeys()
        judgeMisnamed()
        judgeStubs()
        if mode == .full {
            var targets = TargetCheck(plan, sources, state.extents)
            try targets.judge(state.claims)
            findings += targets.findings
            if !auditor.options.recordsOnly { try judgeBeside() }
        }
        noteBeyond()
    }

    /// What the ledger's folder holds beside the log.
    private mutating func judgeBeside() throws(SourceError) {
        var kept = KeptCheck(sources.kept)
        kept.judge(state.own)
        kept.judge(state.attachments)
        findings += kept.findings
        if let sm2 { try judge(sm2: sm2) }
        try judgeIndex()
    }

    private mutating func judgeMisnamed() {
        for file in list.misnamed {
            findings.append(
                Finding(
                    .segmentMisnamed, file: file, expected: "12 digits and .ndjson",
                    found: "another name"))
        }
        for file in list.strays {
            notes.append(
                AuditNote(
                    "stray-file", en: "\(file) is no part of the log and was not read",
                    zh: "\(file) 不属于日志，未读取"))
        }
    }

    /// A withheld line needs a later record that names it: Specs/record.md section 7.
    private mutating func judgeStubs() {
        guard !state.stubs.isEmpty else { return }
        var backing: [UInt64: [(ordinal: UInt64, leafHash: LeafHash)]] = [:]
        for own in state.own where own.type == "ledger.entry-withheld" && own.fault == nil {
            guard let target = own.target else { continue }
            backing[target.ordinal, default: []].append((own.ordinal, target.leafHash))
        }
        for stub in state.stubs {
            let isBacked = backing[stub.ordinal]?.contains {
                $0.ordinal > stub.ordinal && $0.leafHash == stub.leafHash
            }
            guard isBacked != true else { continue }
            findings.append(
                Finding(
                    .withheldUnbacked, seq: stub.ordinal, file: stub.file, offset: stub.offset,
                    expected: "a later ledger.entry-withheld that names it", found: "none"))
        }
    }

    private mutating func noteBeyond() {
        guard let size = plan.size, state.count > size || state.tornAt != nil else { return }
        let count = state.count > size ? state.count - size : 0
        if count > 0 {
            notes.append(
                AuditNote(
                    "beyond-checkpoint",
                    en: "\(count) records after the newest checkpoint: nobody vouches for them yet",
                    zh: "最新检查点之后有 \(count) 条记录，尚无签名为其作证"))
        }
        if let first = state.beyond.first {
            notes.append(
                AuditNote(
                    "beyond-damaged",
                    en: "after the newest checkpoint: \(first.phrase.en); it was never "
                        + "acknowledged, and opening the ledger for writing cuts it off",
                    zh: "最新检查点之后：\(first.phrase.zh)；该部分从未确认，下次以写方式打开账本时会被截去"))
        }
        if let torn = state.tornAt {
            notes.append(
                AuditNote(
                    "torn-tail",
                    en: "\(torn.file) ends within a line (byte \(torn.offset)), after the newest "
                        + "checkpoint; it was never acknowledged",
                    zh: "\(torn.file) 在第 \(torn.offset) 字节处的行未写完，位于最新检查点之后，从未确认"))
        }
    }

    /// Puts the report together, and remembers a sound ledger.
    func close() throws(SourceError) -> AuditReport {
        var report = AuditReport(mode: mode)
        report.origin = signed.origin
        let size = signed.latest?.size.rawValue ?? state.count
        report.records = min(size, state.count)
        report.beyondCheckpoint = state.count - report.records
        (report.ledgerRecords, report.withheld) = (state.ownCount, state.withheldCount)
        report.byteCount = list.segments.reduce(0) { $0 + $1.byteCount }
        report.root = state.roots[size]
        report.checkpoint = signed.latest?.checkpoint
        (report.key, report.keySource) = (signed.latest?.key ?? signed.key, signed.keySource)
        report.memory = signed.memory
        report.timestamps = signed.timestamps
        report.soundThrough = sound
        let told = Audit.told(findings, atMost: auditor.options.findingsMax)
        report.findings = told.sorted(by: Finding.precedes)
        report.moreFindings = findings.count - told.count + state.moreFindings
        report.notes = signed.notes + notes
        if report.isSound { try remember() }
        return report
    }

    /// One line that got longer moves the offsets of all after it: what the index says of them must
    /// not crowd out what was found of the records themselves.
    private static func told(_ findings: [Finding], atMost limit: Int) -> [Finding] {
        let ofRecords = findings.filter { $0.code != .indexDiffers }.sorted(by: Finding.precedes)
        let ofIndex = findings.filter { $0.code == .indexDiffers }.sorted(by: Finding.precedes)
        return Array((ofRecords + ofIndex.prefix(indexFindingsMax)).prefix(limit))
    }

    /// Differences of the index that are told one by one; the rest is counted.
    private static let indexFindingsMax = 20

    private func remember() throws(SourceError) {
        guard let memory = sources.memory, let latest = signed.latest, let origin = signed.origin
        else { return }
        try memory.keep(RememberedCheckpoint(key: latest.key, note: latest.bytes), of: origin)
    }
}
