import CanonicalJSON
import Checkpoints
import Merkle
import Phrases

/// A checkpoint that vouches for a change of key.
package struct KeyNote: Sendable {
    /// The record that announces the new key, as the file's name states it.
    package let sequence: UInt64
    package let note: [UInt8]

    package init(sequence: UInt64, note: [UInt8]) {
        (self.sequence, self.note) = (sequence, note)
    }

    /// The size that it speaks of; nil if it is no checkpoint.
    var size: UInt64? {
        (try? SignedNote(note)).flatMap { try? Checkpoint(text: $0.text) }?.size.rawValue
    }
}

/// The keys that a ledger has had, in order: Specs/checkpoint.md section 7.
///
/// A record that announces a key is nobody's word by itself. Only the key before it can vouch.
struct KeyChain {
    struct Link {
        /// The record that announces the key; 0 for the first.
        let ordinal: UInt64
        let key: VerifierKey
        /// The key before it says so.
        let isVouched: Bool
        /// The history before may have gone on otherwise; nil after a plain change of key.
        let restored: Restored?
        /// The key before it is believed no more; nil after a plain change of key.
        let revoked: Revoked?
    }

    /// What a record says of the key that it takes out of force: Specs/keys.md section 4.
    struct Revoked {
        let ordinal: UInt64
        let key: VerifierKey
        let cause: String

        init?(_ record: OwnRecord, _ key: VerifierKey?) {
            guard let key, let cause = record.data["revoked"]?["cause"]?.string else { return nil }
            (ordinal, self.key, self.cause) = (record.ordinal, key, cause)
        }
    }

    /// What `ledger.restored` states.
    struct Restored {
        let ordinal: UInt64
        /// The last record that is known to be lost; nil if none is.
        let lostThrough: UInt64?

        init?(_ record: OwnRecord) {
            guard record.type == "ledger.restored" else { return nil }
            ordinal = record.ordinal
            lostThrough = record.data["lost"]?["through"]?.integer.flatMap { UInt64(exactly: $0) }
        }
    }

    private(set) var links: [Link] = []

    /// `roots` are the log's at the sizes that `notes` speak of.
    init(_ records: [OwnRecord], _ notes: [KeyNote], _ roots: [UInt64: Root], origin: Origin?) {
        for record in records where OwnRecord.announcing.contains(record.type) {
            guard let text = record.data["keys"]?.array?.first?.string,
                let key = try? VerifierKey(text), key != links.last?.key || Restored(record) != nil
            else { continue }
            let revoked = Revoked(record, links.last?.key)
            // A stolen key's word for another is the thief's.
            let isVouched =
                revoked == nil
                && notes.contains { note in
                    guard note.sequence == record.ordinal, let origin, let before = links.last?.key,
                        let checkpoint = try? VerifiedCheckpoint(
                            verifying: note.note, of: origin, by: [before])
                    else { return false }
                    return checkpoint.size.rawValue > record.ordinal
                        && roots[checkpoint.size.rawValue] == checkpoint.root
                }
            links.append(
                Link(
                    ordinal: record.ordinal, key: key, isVouched: isVouched,
                    restored: Restored(record), revoked: revoked))
        }
    }

    /// Later keys that who knows `key` may take for the ledger's.
    func vouched(from key: VerifierKey) -> [VerifierKey] {
        guard let place = links.firstIndex(where: { $0.key == key }) else { return [] }
        return links[(place + 1)...].prefix { $0.isVouched }.map(\.key)
    }

    /// The key that signs `note`, if the ledger announced it without anybody's vouching for it
    /// because `known`, or one that it vouches for, was lost or stolen.
    func successor(of known: VerifierKey, signing note: SignedNote) -> (Link, Revoked)? {
        guard let place = links.firstIndex(where: { $0.key == known }) else { return nil }
        let later = links[(place + 1)...]
        guard let revoked = later.lazy.compactMap(\.revoked).first,
            let signer = later.last(where: {
                (try? note.verifiedKeys(among: [$0.key])) != nil
            }), signer.ordinal >= revoked.ordinal
        else { return nil }
        return (signer, revoked)
    }

    /// Why a checkpoint by `key` over `size` records is not the ledger's word: the key was revoked
    /// by a record that it covers.
    func revocation(of size: UInt64, by key: VerifierKey) -> Revoked? {
        links.lazy.compactMap(\.revoked).first { $0.key == key && size > $0.ordinal }
    }

    /// The restore after which a checkpoint by `key` over `size` records speaks of another history.
    func loss(of size: UInt64, by key: VerifierKey) -> Restored? {
        guard let place = links.firstIndex(where: { $0.key == key }) else { return nil }
        return links[(place + 1)...].lazy.compactMap(\.restored).first { size > $0.ordinal }
    }
}

extension Audit {
    /// Reads who announced and vouched for which key: a walk of its own, for the rare ledger that
    /// needs it.
    func keyChain() async throws -> KeyChain {
        let notes = try sources.kept.keyNotes()
        var quick = plan
        (quick.mode, quick.comparesIndex) = (.quick, false)
        quick.marks = Set(notes.compactMap(\.size)).sorted()
        let found = try await walk(quick, names: nil) { _ in }
        return KeyChain(found.own, notes, found.roots, origin: signed.origin)
    }

    /// Says of a newest checkpoint that nobody known has signed what the records say of it.
    ///
    /// That the known key was lost or stolen: it is for the auditor to find out whether that is so.
    mutating func judgeRevoked(_ chain: KeyChain?) {
        guard signed.latest == nil, let key = signed.key, let chain,
            let note = note.flatMap({ try? SignedNote($0) }),
            let (link, revoked) = chain.successor(of: key, signing: note)
        else { return }
        signed.findings.removeAll { $0.file == signed.latestFile }
        signed.findings.append(
            Finding(
                .keyRevoked, seq: revoked.ordinal, file: signed.latestFile,
                expected: "a checkpoint signed by \(key), or by one that it vouches for",
                found: "record \(revoked.ordinal) says that \(revoked.key) was \(revoked.cause); "
                    + "signed by \(link.key), for which nobody vouches"))
    }

    /// The newest checkpoint must be signed by the key that the ledger announced last, and restores
    /// are told.
    mutating func judgeKeys() {
        let chain = KeyChain(state.own, [], [:], origin: signed.origin)
        for restored in chain.links.compactMap(\.restored) {
            let lost = restored.lostThrough
            notes.append(
                AuditNote(
                    "restored",
                    en: "restored from a backup at record \(restored.ordinal); "
                        + (lost.map { "records \(restored.ordinal) to \($0) until then are lost" }
                            ?? "it is not known that a record was lost"),
                    zh: "账本在记录 \(restored.ordinal) 处由备份恢复；"
                        + (lost.map { "此前的记录 \(restored.ordinal) 至 \($0) 已丢失" }
                            ?? "未发现丢失的记录")))
        }
        for revoked in chain.links.compactMap(\.revoked) {
            notes.append(
                AuditNote(
                    "key-revoked",
                    en: "record \(revoked.ordinal): the key \(revoked.key) is believed no more "
                        + "(\(revoked.cause)); what it signs over more than \(revoked.ordinal) "
                        + "records is not this ledger's word",
                    zh: "记录 \(revoked.ordinal)：密钥 \(revoked.key) 不再可信"
                        + "（\(revoked.cause == "lost" ? "丢失" : "被盗")）；其对超过 "
                        + "\(revoked.ordinal) 条记录的签名不代表本账本"))
        }
        guard let latest = signed.latest, !findings.contains(where: { $0.code == .keyChanged }),
            let last = chain.links.last(where: { $0.ordinal < latest.size.rawValue }),
            last.key != latest.key,
            // While two keys overlap, who knows only the old one verifies by that.
            (try? latest.note.verifiedKeys(among: [last.key])) == nil
        else { return }
        findings.append(
            Finding(
                .keyChanged, seq: last.ordinal, file: signed.latestFile,
                expected: "\(last.key), announced by record \(last.ordinal)",
                found: "\(latest.key)"))
    }
}
