import Checkpoints
import Digests
import Merkle
package import Records

/// One reading of everything that one checkpoint covers, as far as it has come.
struct ScrubPass: Sendable {
    let began: Timestamp
    /// What has to be met; nil if no checkpoint is valid: then nothing is compared with a root.
    var target: VerifiedCheckpoint?
    var place = Place()
    /// What the walk needs to go on, and the roots at the sizes that it passed.
    var log = LogState()
    /// Bytes of the log that were read.
    var byteCount = 0
    var attachmentCount = 0
    /// Withheld lines that no record seen so far backs.
    var stubs: [Facts.Stub] = []
    /// Places at which the index has something else; told at the end, when it is known which of the
    /// two is wrong.
    var differences: [IndexDifference] = []
    var differenceCount = 0
    var findings: [Finding] = []
    var moreFindings = 0
    var notes: [AuditNote] = []

    /// Where the next slice begins.
    struct Place: Hashable, Sendable {
        /// Empty before the first slice.
        var file = ""
        var offset = 0
    }

    var size: UInt64? { target?.size.rawValue }
    /// Whether everything that the checkpoint covers has been read.
    var isAtEnd: Bool { size.map { log.count >= $0 } ?? false }

    init(began: Timestamp, target: VerifiedCheckpoint?) {
        (self.began, self.target) = (began, target)
    }

    /// The piece to read next: nil at the end of the log.
    func next(in segments: [Segment], byteCount: Int) -> Piece? {
        var rest = segments[...]
        var from = 0
        if !place.file.isEmpty {
            rest = rest.drop { $0.file < place.file }
            if let first = rest.first, first.file == place.file {
                from = place.offset
                if from >= first.byteCount {
                    rest = rest.dropFirst()
                    from = 0
                }
            }
        }
        guard let segment = rest.first else { return nil }
        return Piece(segment: segment, from: from, to: min(from + byteCount, segment.byteCount))
    }
}

extension ScrubPass {
    /// Adds what was found; gives what is new and worth telling.
    ///
    /// A run of altered records that goes on from the slice before is not told again.
    mutating func add(_ new: [Finding], max: Int) -> [Finding] {
        var told: [Finding] = []
        for finding in new {
            if finding.code == .recordAltered, let seq = finding.seq,
                let open = findings.lastIndex(where: {
                    $0.code == .recordAltered && $0.through == seq - 1
                })
            {
                findings[open].through = finding.through
            } else if findings.count < max {
                findings.append(finding)
                told.append(finding)
            } else {
                moreFindings += 1
            }
        }
        return told
    }

    /// The finding, where it is known which of two records is altered.
    func narrowed(_ finding: Finding) -> Finding {
        var finding = finding
        finding.narrow(isAltered)
        return finding
    }

    mutating func narrowLinks() {
        findings = findings.map(narrowed)
    }

    func isAltered(_ ordinal: UInt64) -> Bool {
        findings.contains { finding in
            guard finding.code == .recordAltered, let seq = finding.seq,
                let through = finding.through
            else { return false }
            return seq <= ordinal && ordinal <= through
        }
    }
}

/// What a scrub that ended, or was stopped, has to say.
package struct ScrubReport: Sendable {
    package let began: Timestamp
    /// Nil if it was stopped.
    package var finished: Timestamp?
    /// Whether it went on with a pass that had been stopped.
    package var isResumed = false
    package var records: UInt64
    /// Of the checkpoint that the pass has to meet.
    package var size: UInt64?
    /// Of the log.
    package var byteCount: Int
    package var attachmentCount: Int
    package var findings: [Finding]
    package var moreFindings: Int
    package var notes: [AuditNote]

    package var isSound: Bool { findings.isEmpty }

    init(_ pass: ScrubPass, finished: Timestamp?, isResumed: Bool) {
        (began, self.finished, self.isResumed) = (pass.began, finished, isResumed)
        records = min(pass.log.count, pass.size ?? pass.log.count)
        (size, byteCount, attachmentCount) = (pass.size, pass.byteCount, pass.attachmentCount)
        findings = pass.findings.sorted(by: Finding.precedes)
        (moreFindings, notes) = (pass.moreFindings, pass.notes)
    }
}
