import Checkpoints
import Merkle

/// What a pass can only judge when it has read everything: Specs/scrub.md section 2.
extension ScrubRun {
    /// False if the scrub was stopped meanwhile: then all this is done when it goes on.
    func end() throws(SourceError) -> Bool {
        let isRootSound = pass.target.map { pass.log.roots[$0.size.rawValue] == $0.root } ?? false
        guard let altered = try isRootSound ? [] : alteredByLinks(), let unbacked = try unbacked()
        else { return false }
        judgeGenesis()
        add(Altered.runs(altered))
        pass.findings = narrowed(pass.findings)
        add(narrowed(comparison()) + missing() + unbacked + differences(isRootSound))
        return true
    }

    /// The same findings, where it is known now which records are altered.
    private func narrowed(_ findings: [Finding]) -> [Finding] {
        let altered = pass.findings.filter { $0.code == .recordAltered }
        guard let first = altered.compactMap(\.seq).min(),
            let last = altered.compactMap(\.through).max()
        else { return findings }
        return findings.map { finding in
            var finding = pass.narrowed(finding)
            finding.narrowRoot(first, last)
            return finding
        }
    }

    /// The roots against everything signed.
    private func comparison() -> [Finding] {
        var signed = signed
        (signed.latest, signed.findings) = (pass.target, [])
        _ = signed.compare(pass.log)
        return signed.findings
    }

    private func missing() -> [Finding] {
        guard let size = pass.size, pass.log.count < size else { return [] }
        let last = list.segments.last
        // The newest checkpoint says itself that there is less than was signed.
        let isRolledBack = newestSize.map { $0 < size } ?? false
        return [
            Finding(
                isRolledBack ? .rolledBack : .recordsMissing, seq: pass.log.count,
                through: size - 1, file: last?.file, offset: last?.byteCount,
                expected: "\(size) records", found: "\(pass.log.count)")
        ]
    }

    /// What the index has otherwise, if the log is sound; else nobody knows who is wrong.
    private func differences(_ isRootSound: Bool) -> [Finding] {
        guard isRootSound else {
            let isPlaced = pass.findings.contains { $0.code == .recordAltered }
            if pass.differenceCount > 0, !isPlaced { note(.indexNotJudged) }
            return []
        }
        pass.moreFindings += pass.differenceCount - pass.differences.count
        return pass.differences.map { $0.finding }
    }

    // MARK: Reading once more

    /// What was altered by the links' evidence, where the index had none; nil if stopped.
    private func alteredByLinks() throws(SourceError) -> [Altered]? {
        guard let target = pass.target, pass.log.count >= target.size.rawValue,
            !pass.findings.contains(where: { $0.code == .recordAltered })
        else { return [] }
        let size = target.size.rawValue
        let evidence = LinkEvidence(pass.findings, size: size)
        guard !evidence.overrides.isEmpty else { return [] }
        let trial = evidence.trial(of: plan())
        var walk = LogWalk(trial, records: records, index: sources.index)
        let scanner = ChunkScanner(trial, records: records, index: sources.index)
        for piece in Piece.cut(list.segments, byteCount: options.sliceByteCount) {
            guard !surroundings.isStopped() else { return nil }
            try walk.take(piece, try scanner.scan(piece, from: nil))
            walk.state.forgetFacts()
            guard walk.state.count < size else { break }
        }
        return walk.state.roots[size] == target.root ? evidence.altered : []
    }

    /// Withheld lines that nothing backs, not even what was signed since; nil if stopped.
    private func unbacked() throws(SourceError) -> [Finding]? {
        guard !pass.stubs.isEmpty else { return [] }
        var stubs = pass.stubs
        if let newest = try newestSince() {
            let newer = try records.segments().segments.filter { $0.file >= pass.place.file }
            let pieces = Piece.cut(newer, byteCount: options.sliceByteCount)
            let search = OwnSearch(records, sources.index, options)
            for own in try search.own(in: pieces, size: newest, surroundings.isStopped) {
                stubs.removeAll(where: own.backs)
            }
            guard !surroundings.isStopped() else { return nil }
        }
        return stubs.map {
            Finding(
                .withheldUnbacked, seq: $0.ordinal, file: $0.file, offset: $0.offset,
                expected: "a later ledger.entry-withheld that names it", found: "none")
        }
    }

    /// The size of the newest checkpoint, if it is larger than when the pass began.
    private func newestSince() throws(SourceError) -> UInt64? {
        guard let target = pass.target, let note = try sources.kept.checkpoint(),
            let newest = try? VerifiedCheckpoint(
                verifying: note, of: target.origin, by: [target.key]),
            newest.size > target.size
        else { return nil }
        return newest.size.rawValue
    }
}
