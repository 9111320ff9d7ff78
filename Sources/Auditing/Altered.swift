import Digests

/// A record that is not the one that was signed.
struct Altered {
    var ordinal: UInt64
    var expected: String
    var found: String
    var file: String?
    var offset: Int?

    /// A finding for each run of records, which are given in order.
    static func runs(_ altered: [Altered]) -> [Finding] {
        var findings: [Finding] = []
        for record in altered {
            if let open = findings.last, open.through == record.ordinal - 1 {
                findings[findings.count - 1].through = record.ordinal
                continue
            }
            findings.append(
                Finding(
                    .recordAltered, seq: record.ordinal, file: record.file, offset: record.offset,
                    expected: "leaf hash \(record.expected)", found: record.found))
        }
        return findings
    }
}

extension Altered {
    init(_ difference: IndexDifference, _ extents: [LogState.Extent]) {
        let extent = extents.last { $0.first <= difference.index }
        self.init(difference, file: extent?.piece.segment.file)
    }

    /// The index is believed: it has what was signed.
    init(_ difference: IndexDifference, file: String?) {
        self.init(
            ordinal: difference.index, expected: difference.found, found: difference.expected,
            file: file, offset: difference.lineOffset)
    }
}

extension Finding {
    /// Of the two records at a broken link, only altered ones are suspect.
    mutating func narrow(_ isAltered: (UInt64) -> Bool) {
        guard code == .linkBroken, let seq, let through, seq < through else { return }
        switch (isAltered(seq), isAltered(through)) {
        case (true, false): self.through = seq
        case (false, true): self.seq = through
        default: return
        }
    }

    /// A wrong root is explained by the records from `first` to `last`.
    mutating func narrowRoot(_ first: UInt64, _ last: UInt64) {
        guard code == .rootDiffers else { return }
        let end = through ?? last
        (seq, through) = (min(first, end), min(last, end))
    }
}

/// What broken links say of the records before them.
struct LinkEvidence {
    /// The leaf hashes that were signed, if these links are whole.
    private(set) var overrides: [UInt64: Digest] = [:]
    private var wrong: [Finding] = []

    /// Takes the broken links among `findings` below `size`.
    init(_ findings: [Finding], size: UInt64) {
        // From the end, because a record that is itself wrong names nothing.
        let breaks = findings.filter { $0.code == .linkBroken && $0.through ?? size < size }
        for finding in breaks.sorted(by: { $0.seq ?? 0 > $1.seq ?? 0 }) {
            guard let seq = finding.seq, let through = finding.through, seq < through,
                overrides[through] == nil, let named = Digest(hex: finding.found)
            else { continue }
            overrides[seq] = named
            wrong.append(finding)
        }
    }

    /// A walk that tells whether they give the signed root.
    func trial(of plan: ScanPlan) -> ScanPlan {
        var trial = plan
        (trial.mode, trial.comparesIndex, trial.overrides) = (.quick, false, overrides)
        return trial
    }

    /// What was altered, if they do.
    var altered: [Altered] {
        wrong.reversed().compactMap { finding in
            finding.seq.map {
                Altered(
                    ordinal: $0, expected: finding.found, found: finding.expected,
                    file: finding.file, offset: nil)
            }
        }
    }
}
