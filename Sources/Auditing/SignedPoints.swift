import Checkpoints
import Digests
import Merkle
import Phrases

/// Everything signed that the log is compared with, and whose key it was.
struct SignedPoints {
    var origin: Origin?
    var key: VerifierKey?
    var keySource: KeySource?
    /// The newest checkpoint in the ledger, if it is valid.
    var latest: VerifiedCheckpoint?
    var older: [Older] = []
    var memory = MemoryReport.none
    var findings: [Finding] = []
    var notes: [AuditNote] = []
    var timestamps: [TimestampFact] = []

    /// A checkpoint that was seen before.
    struct Older {
        let name: String
        let checkpoint: Checkpoint
    }

    /// What the newest checkpoint is called in reports.
    var latestFile = "checkpoints/latest"

    init() {}

    init(file: String) {
        latestFile = file
    }

    /// The sizes at which roots are wanted.
    var sizes: [UInt64] {
        let all = older.map(\.checkpoint.size.rawValue) + [latest?.size.rawValue].compactMap(\.self)
        return Set(all).sorted()
    }

    mutating func refuse(
        _ code: FindingCode, file: String?, expected: String, found: String
    ) {
        findings.append(Finding(code, file: file, expected: expected, found: found))
    }
}

/// A checkpoint that the auditor brings along.
package struct GivenCheckpoint: Sendable {
    package let name: String
    package let note: [UInt8]

    package init(name: String, note: [UInt8]) {
        (self.name, self.note) = (name, note)
    }
}

extension SignedPoints {
    /// Whose key is believed: the caller's, then this machine's memory's, then the ledger's own.
    mutating func identify(
        _ identity: Identity, given: VerifierKey?, note: [UInt8]?,
        _ recall: (Origin) throws(SourceError) -> RememberedCheckpoint?
    ) -> RememberedCheckpoint? {
        let stated = note.flatMap { try? SignedNote($0) }
            .flatMap { try? Checkpoint(text: $0.text) }?.origin
        origin =
            given.flatMap { Origin($0.name.text) } ?? identity.origin.flatMap(Origin.init)
            ?? stated
        var remembered: RememberedCheckpoint?
        if let origin {
            do throws(SourceError) {
                remembered = try recall(origin)
            } catch {
                refuse(
                    .memoryUnreadable, file: error.file, expected: "what was kept",
                    found: error.phrase.en)
            }
        }
        if let given {
            (key, keySource) = (given, .given)
        } else if let remembered {
            (key, keySource) = (remembered.key, .memory)
        } else {
            (key, keySource) = (identity.keys.first, .ledger)
        }
        return remembered
    }

    /// Verifies the newest checkpoint; `vouched` are later keys that the known one vouches for.
    mutating func readLatest(_ note: [UInt8]?, _ identity: Identity, vouched: [VerifierKey]) {
        let file = latestFile
        guard let note else {
            return refuse(
                .checkpointMissing, file: file, expected: "a signed checkpoint", found: "no file")
        }
        guard let origin, let key else {
            return refuse(
                .checkpointRefused, file: file, expected: "a known origin and key",
                found: "neither can be read from the ledger; give the key with --vkey")
        }
        do throws(CheckpointError) {
            latest = try VerifiedCheckpoint(verifying: note, of: origin, by: [key] + vouched)
        } catch {
            let others = identity.keys.filter { $0 != key }
            let other = try? VerifiedCheckpoint(verifying: note, of: origin, by: others)
            refuse(
                other == nil ? .checkpointRefused : .keyChanged, file: file,
                expected: "a checkpoint of \(origin) signed by \(key)",
                found: other.map { "one signed by \($0.key)" } ?? error.phrase.en)
        }
    }

    /// Whether something signed is not by the one key that is known.
    func isOfSeveralKeys(
        _ given: [GivenCheckpoint], _ remembered: RememberedCheckpoint?, _ kept: [[UInt8]]
    ) -> Bool {
        guard let origin, let key, latest != nil else { return true }
        let notes = given.map(\.note) + [remembered?.note].compactMap(\.self) + kept
        return notes.contains {
            (try? VerifiedCheckpoint(verifying: $0, of: origin, by: [key])) == nil
        }
    }

    /// Verifies what was seen before; `others` are keys that the auditor was given too.
    mutating func readOlder(
        _ given: [GivenCheckpoint], _ remembered: RememberedCheckpoint?, asked: Bool,
        chain: KeyChain?, others: [VerifierKey] = [], accepted: UInt64?
    ) {
        guard let origin else { return }
        let known =
            [key, remembered?.key].compactMap(\.self) + others
            + (chain?.links.map(\.key) ?? [])
        for checkpoint in given {
            do throws(CheckpointError) {
                let verified = try VerifiedCheckpoint(
                    verifying: checkpoint.note, of: origin, by: Array(Set(known)))
                add(verified, checkpoint.name, chain, accepted)
            } catch {
                refuse(
                    .givenCheckpointRefused, file: checkpoint.name,
                    expected: "a checkpoint of \(origin)", found: error.phrase.en)
            }
        }
        if asked { memory = .first }
        guard let remembered else { return }
        do throws(CheckpointError) {
            let verified = try VerifiedCheckpoint(
                verifying: remembered.note, of: origin, by: [remembered.key])
            add(verified, "memory", chain, accepted)
            memory = .compared(size: verified.size.rawValue)
        } catch {
            refuse(
                .memoryUnreadable, file: nil, expected: "a checkpoint of \(origin)",
                found: error.phrase.en)
        }
        judgeKeys(remembered, chain)
    }

    mutating func add(
        _ verified: VerifiedCheckpoint, _ name: String, _ chain: KeyChain?, _ accepted: UInt64?
    ) {
        if let revoked = chain?.revocation(of: verified.size.rawValue, by: verified.key) {
            findings.append(
                Finding(
                    .revokedKeySigned, seq: revoked.ordinal, through: verified.size.rawValue - 1,
                    expected: "nothing signed by \(revoked.key) over more than "
                        + "\(revoked.ordinal) records: it was \(revoked.cause)",
                    found: "\(verified.size) records (\(name))"))
            return
        }
        let point = Older(name: name, checkpoint: verified.checkpoint)
        guard let loss = chain?.loss(of: verified.size.rawValue, by: verified.key) else {
            return older.append(point)
        }
        let through = verified.size.rawValue - 1
        guard loss.ordinal != accepted else {
            notes.append(
                AuditNote(
                    "loss-accepted",
                    en: "records \(loss.ordinal) to \(through), seen before (\(name)), were lost; "
                        + "you accept that",
                    zh: "此前所见（\(name)）的记录 \(loss.ordinal) 至 \(through) 已丢失；您已确认接受"))
            return
        }
        let declared = loss.lostThrough.map { "records \(loss.ordinal) to \($0) lost" }
        findings.append(
            Finding(
                .recordsLost, seq: loss.ordinal, through: through,
                expected: "\(verified.size) records (\(name))",
                found: "ledger.restored at record \(loss.ordinal), which states: "
                    + (declared ?? "no loss known")))
    }

    private mutating func judgeKeys(_ remembered: RememberedCheckpoint, _ chain: KeyChain?) {
        guard let latest, latest.key != remembered.key else { return }
        // Whoever was given the new key by another way need not have it vouched for.
        let isKnown =
            keySource == .given
            && chain?.links.contains { $0.key == latest.key } ?? true
        guard isKnown || chain?.vouched(from: remembered.key).contains(latest.key) == true else {
            return refuse(
                .keyChanged, file: latestFile, expected: "\(remembered.key)",
                found: "\(latest.key)")
        }
        notes.append(
            AuditNote(
                "key-rotated",
                en: "the ledger has announced a new key, \(latest.key)",
                zh: "账本已公告更换密钥：\(latest.key)"))
    }
}

extension SignedPoints {
    /// Reads what witnesses cosigned of a ledger in its folder, which it must have grown from.
    ///
    /// Not every checkpoint is cosigned: appending does not wait.
    mutating func readCosigned(_ note: [UInt8]?, _ policy: WitnessPolicy, _ chain: KeyChain?) {
        let file = "checkpoints/cosigned"
        guard let origin, let note else {
            return refuse(
                .quorumUnmet, file: file, expected: "a cosigned checkpoint",
                found: "no file; hanqing publish --policy makes it")
        }
        do throws(CheckpointError) {
            let keys = [key, latest?.key].compactMap(\.self) + (chain?.links.map(\.key) ?? [])
            let cosigned = try VerifiedCheckpoint(verifying: note, of: origin, by: keys)
            older.append(Older(name: file, checkpoint: cosigned.checkpoint))
            judge(cosigned, policy, file: file)
            guard let latest, latest.size > cosigned.size else { return }
            notes.append(
                AuditNote(
                    "beyond-cosigned",
                    en: "\(latest.size.rawValue - cosigned.size.rawValue) records came after the "
                        + "checkpoint that was cosigned",
                    zh: "已联署的检查点之后又有 "
                        + "\(latest.size.rawValue - cosigned.size.rawValue) 条记录"))
        } catch {
            refuse(
                .quorumUnmet, file: file, expected: "a checkpoint of \(origin)",
                found: error.phrase.en)
        }
    }

    /// Demands the cosignatures of a quorum.
    mutating func judge(_ checkpoint: VerifiedCheckpoint, _ policy: WitnessPolicy, file: String) {
        do throws(NoteError) {
            let cosigners = try checkpoint.cosignatures(by: policy.witnessKeys)
            guard !policy.isMet(by: cosigners.keys) else {
                return notes.append(
                    AuditNote(
                        "cosigned", en: "the policy's quorum of witnesses cosigned \(file)",
                        zh: "\(file) 已获见证策略所要求的见证人联署"))
            }
            refuse(
                .quorumUnmet, file: file, expected: "cosignatures of a quorum",
                found: policy.unmet(by: cosigners.keys).en)
        } catch {
            refuse(.quorumUnmet, file: file, expected: "valid lines", found: error.phrase.en)
        }
    }

    /// Compares the log's roots with everything signed and tells how far all agrees.
    mutating func compare(_ state: LogState) -> UInt64? {
        let size = latest?.size.rawValue ?? state.count
        // Records that do not fit the newest checkpoint either are damage; a ledger that fits it,
        // and not an older one, has signed two histories.
        let isDamaged = latest.map { state.roots[size] != $0.root } ?? true
        var sound: UInt64?
        var suspect: [(size: UInt64, code: FindingCode, expected: String, found: String)] = []
        for (name, checkpoint) in all {
            let at = checkpoint.size.rawValue
            if at > size, name != latestFile {
                findings.append(
                    Finding(
                        .rolledBack, seq: size, through: at - 1,
                        expected: "\(at) records (\(name))", found: "\(size)"))
            }
            let contradicts = latest.map {
                $0.size == checkpoint.size && $0.root != checkpoint.root
            }
            let isFork = name != latestFile && (contradicts == true || !isDamaged)
            guard let root = state.roots[at] else { continue }
            if root == checkpoint.root {
                if at > 0 { sound = max(sound ?? 0, at - 1) }
            } else {
                suspect.append(
                    (
                        at, isFork ? .forked : .rootDiffers,
                        "root \(checkpoint.root.base64) at size \(at) (\(name))",
                        "root \(root.base64)"
                    ))
            }
        }
        // What agrees with a later statement but not with an earlier one is not sound.
        let bound = suspect.map(\.size).min()
        if let bound, let known = sound, known + 1 >= bound {
            sound = all.map(\.checkpoint.size.rawValue).filter { $0 > 0 && $0 < bound }.max()
                .map { $0 - 1 }
        }
        let first = sound.map { $0 + 1 } ?? 0
        for point in suspect {
            findings.append(
                Finding(
                    point.code, seq: min(first, point.size - 1), through: point.size - 1,
                    expected: point.expected, found: point.found))
        }
        return sound
    }

    private var all: [(name: String, checkpoint: Checkpoint)] {
        older.filter { $0.checkpoint != latest?.checkpoint }.map { ($0.name, $0.checkpoint) }
            + (latest.map { [(latestFile, $0.checkpoint)] } ?? [])
    }
}
