package import Checkpoints
import Merkle
import Phrases
import Records

/// Audits a log that is published as tiles: Specs/publishing.md section 5.
package struct TileAudit: Sendable {
    private let reader: any TileReader
    private let memory: (any CheckpointMemory)?
    private let scratch: @Sendable () throws(SourceError) -> any ScratchSpace
    private let options: Options

    package struct Options: Sendable {
        package var policy: WitnessPolicy?
        /// Only what is new since the memory's checkpoint.
        package var sinceMemory = false
        /// How records are read where they are published.
        package var mode = AuditMode.full
        /// The key, the checkpoints seen before, and how records are read.
        package var records: Auditor.Options
        /// Other keys that the ledger has had, as the auditor was given them: hashes name none.
        package var otherKeys: [VerifierKey] = []

        package init(records: Auditor.Options) {
            self.records = records
        }
    }

    package init(
        _ reader: any TileReader, memory: (any CheckpointMemory)?, _ options: Options,
        scratch: @escaping @Sendable () throws(SourceError) -> any ScratchSpace
    ) {
        (self.reader, self.memory, self.options) = (reader, memory, options)
        self.scratch = scratch
    }

    private static let checkpointFile = "checkpoint"

    /// How far it is, in records.
    package struct Progress: Sendable {
        package let done: UInt64
        package let total: UInt64
    }

    /// Audits the log; what is remembered changes only after a sound audit.
    ///
    /// Throws ``SourceError`` if something cannot be read.
    package func run(_ progress: (Progress) -> Void = { _ in }) async throws -> AuditReport {
        let limit = SignedNote.maximumByteCount + 1
        let note = try await reader.file(TileAudit.checkpointFile, limit: limit)
        var signed = SignedPoints(file: TileAudit.checkpointFile)
        let stated = note.flatMap { try? SignedNote($0) }.flatMap { try? Checkpoint(text: $0.text) }
        let first = stated.flatMap { Tile(level: 0, holding: 0, in: $0.size) }
        let bundle = try await lines(first)
        try read(note, try identity(bundle?.first), &signed)
        guard let latest = signed.latest else { return failed(signed) }
        let start = start(latest, signed)
        let spool = start == .zero && bundle != nil ? SpooledRecords(try scratch()) : nil
        var walk = TileWalk(
            reader, from: start, to: latest.size,
            marks: signed.older.map(\.checkpoint.size).filter { $0 <= latest.size },
            findingsMax: options.records.findingsMax,
            takeLine: bundle == nil
                ? nil : { (line) throws(SourceError) in try spool?.append(line) })
        try await walk.run { progress(Progress(done: $0, total: latest.size.rawValue)) }
        try spool?.flush()
        judgeRoots(walk, &signed)
        judgeQuorum(latest, &signed)
        var report = AuditReport(mode: .hashes)
        if let spool { report = try await audit(spool, latest) }
        return try finish(&report, signed, walk, start, hasLines: bundle != nil)
    }

    // MARK: - What is signed

    /// The lines under the first tile; nil where no records are published.
    private func lines(_ first: Tile?) async throws(SourceError) -> [[UInt8]]? {
        guard let first else { return nil }
        switch try await reader.lines(first) {
        case .found(let lines): return lines
        case .missing: return nil
        case .malformed: return []
        }
    }

    private func identity(_ line: [UInt8]?) throws(SourceError) -> Identity {
        guard let line else { return Identity() }
        let spool = SpooledRecords(try scratch())
        try spool.append(line[...])
        try spool.flush()
        return try Identity(spool.segments(), spool)
    }

    private func read(
        _ note: [UInt8]?, _ identity: Identity, _ signed: inout SignedPoints
    ) throws(SourceError) {
        let memory = memory
        let given = options.records.key
        let remembered = signed.identify(identity, given: given, note: note) {
            (origin) throws(SourceError) in try memory?.recall(origin)
        }
        guard signed.key != nil else {
            throw SourceError(
                TileAudit.checkpointFile,
                Phrase(
                    en: "hashes name no key, and this machine remembers none for this ledger: give "
                        + "its public key with --vkey",
                    zh: "哈希不含公钥，本机也未记住该账本的公钥：请用 --vkey 提供"))
        }
        signed.readLatest(note, identity, vouched: options.otherKeys)
        signed.readOlder(
            options.records.checkpoints, remembered, asked: memory != nil, chain: nil,
            others: options.otherKeys, accepted: nil)
    }

    /// The size from which on it is read: the memory's, if nothing older is to be compared.
    private func start(_ latest: VerifiedCheckpoint, _ signed: SignedPoints) -> TreeSize {
        guard options.sinceMemory, case .compared(let size) = signed.memory,
            size <= latest.size.rawValue,
            signed.older.allSatisfy({ $0.checkpoint.size.rawValue >= size })
        else { return .zero }
        return TreeSize(size)
    }

    private func judgeRoots(_ walk: TileWalk, _ signed: inout SignedPoints) {
        guard let latest = signed.latest else { return }
        let root = walk.roots[latest.size.rawValue]
        if let root, root != latest.root {
            signed.findings.append(
                Finding(
                    .rootDiffers, seq: walk.start.rawValue, through: latest.size.rawValue - 1,
                    file: TileAudit.checkpointFile, expected: "root \(latest.root.base64)",
                    found: "root \(root.base64)"))
        }
        for (name, checkpoint) in signed.older.map({ ($0.name, $0.checkpoint) }) {
            let size = checkpoint.size.rawValue
            guard size <= latest.size.rawValue else {
                signed.findings.append(
                    Finding(
                        .rolledBack, seq: latest.size.rawValue, through: size - 1,
                        expected: "\(size) records (\(name))", found: "\(latest.size)"))
                continue
            }
            guard let found = walk.roots[size], found != checkpoint.root else { continue }
            signed.findings.append(
                Finding(
                    root == latest.root ? .forked : .rootDiffers, seq: 0, through: size - 1,
                    expected: "root \(checkpoint.root.base64) at size \(size) (\(name))",
                    found: "root \(found.base64)"))
        }
    }

    private func judgeQuorum(_ latest: VerifiedCheckpoint, _ signed: inout SignedPoints) {
        guard let policy = options.policy else { return }
        signed.judge(latest, policy, file: TileAudit.checkpointFile)
    }

    // MARK: - The records

    /// Reads the records as those of a folder are read.
    private func audit(
        _ spool: SpooledRecords, _ latest: VerifiedCheckpoint
    ) async throws -> AuditReport {
        var options = options.records
        (options.key, options.checkpoints, options.recordsOnly) = (latest.key, [], true)
        let beside = NothingBeside(note: latest.bytes)
        let sources = Auditor.Sources(
            records: spool, index: beside, kept: beside, memory: nil, scratch: scratch)
        return try await Auditor(sources, options).run(mode: self.options.mode)
    }

    // MARK: - The report

    private func failed(_ signed: SignedPoints) -> AuditReport {
        var report = AuditReport(mode: .hashes)
        (report.origin, report.key, report.keySource) = (
            signed.origin, signed.key, signed.keySource
        )
        (report.memory, report.findings, report.notes) = (
            signed.memory, signed.findings, signed.notes
        )
        return report
    }

    private func finish(
        _ report: inout AuditReport, _ signed: SignedPoints, _ walk: TileWalk, _ start: TreeSize,
        hasLines: Bool
    ) throws(SourceError) -> AuditReport {
        guard let latest = signed.latest else { return report }
        let size = latest.size.rawValue
        report.tiles = TileFacts(since: start.rawValue, readsRecords: hasLines)
        (report.origin, report.checkpoint, report.key) = (
            latest.origin, latest.checkpoint, latest.key
        )
        (report.keySource, report.memory, report.records) = (signed.keySource, signed.memory, size)
        report.root = walk.roots[size]
        let told = signed.findings + walk.findings + report.findings
        report.findings = told.sorted(by: Finding.precedes)
        report.moreFindings += walk.moreFindings
        report.notes = signed.notes + report.notes.filter { $0.code != "index-missing" }
        if report.mode == .hashes {
            report.withheld = walk.withheldCount
            report.notes.append(hasLines ? .leavesOnly : .hashesOnly)
        }
        if walk.withheldCount > 0 { report.notes.append(.withheld(walk.withheldCount)) }
        if report.isSound {
            report.soundThrough = size > 0 ? size - 1 : nil
            try memory?.keep(
                RememberedCheckpoint(key: latest.key, note: latest.bytes), of: latest.origin)
        } else {
            report.soundThrough = nil
        }
        return report
    }
}

extension AuditNote {
    fileprivate static let hashesOnly = AuditNote(
        "hashes-only",
        en: "only hashes are published here: that the ledger has one history was checked, and "
            + "nothing that its records say",
        zh: "此处仅发布哈希：已核对账本历史唯一，未核对记录内容")

    fileprivate static let leavesOnly = AuditNote(
        "leaves-only",
        en: "of the new records only the bytes were compared with the signed hashes; without "
            + "--since-last they are read in full",
        zh: "对新增记录只核对了字节与已签名的哈希；不加 --since-last 则完整读取")

    fileprivate static func withheld(_ count: UInt64) -> AuditNote {
        AuditNote(
            "withheld",
            en: "withheld lines: \(count); their leaf hashes are what they state, and another "
                + "program that hashes them finds other ones",
            zh: "已遮蔽 \(count) 行：其叶哈希以所载为准，其他程序直接计算会得到不同结果")
    }
}

/// What an audit of tiles read.
package struct TileFacts: Hashable, Sendable {
    /// Hashes of records before this one were read at another time.
    package let since: UInt64
    /// Whether records are published beside the hashes.
    package let readsRecords: Bool
}
