import CanonicalJSON
package import Checkpoints
import Digests
import LedgerStore
package import Merkle
package import Records

/// What the ledger's own records say: keys, catalogue in force, restores.
struct OwnRecords {
    /// All that were announced, the one in force last.
    private(set) var keys: [VerifierKey] = []
    /// The same with how each came to be in force.
    private(set) var announcements: [KeyAnnouncement] = []
    /// SM2 keys, the newest last.
    private(set) var sm2Keys: [SM2VerifierKey] = []
    private(set) var restores: [Restore] = []
    /// The key in force.
    let key: VerifierKey
    let catalogue: Digest
    /// Every catalogue adopted, from which record on, the one in force last.
    private(set) var adoptions: [(from: UInt64, digest: Digest)] = []

    /// Reads the stream `ledger/self`.
    static func read(_ store: any EventStore) async throws(LedgerError) -> OwnRecords {
        var all: [(SequenceNumber, JSONValue)] = []
        do throws(StoreError) {
            let numbers = try await store.sequence(
                of: .ledgerSelf, from: Revision(0), limit: 1_000_000)
            for number in numbers {
                guard let line = try await store.lines(from: number, limit: 1).first,
                    let event = try? JSONValue(parsing: line)["event"]
                else { continue }
                all.append((number, event))
            }
        } catch {
            throw LedgerError(error)
        }
        return try OwnRecords(all)
    }

    private init(_ records: [(SequenceNumber, JSONValue)]) throws(LedgerError) {
        var catalogue: Digest?
        for (number, event) in records {
            guard let data = event["data"] else { continue }
            if let digest = data["catalogue"]?.string.flatMap({ Digest(hex: $0) }) {
                if catalogue != digest { adoptions.append((number.rawValue, digest)) }
                catalogue = digest
            }
            let texts = data["keys"]?.array?.compactMap(\.string) ?? []
            guard let key = texts.first.flatMap({ try? VerifierKey($0) }) else { continue }
            for new in texts.compactMap({ try? SM2VerifierKey($0) }) where !sm2Keys.contains(new) {
                sm2Keys.append(new)
            }
            // A record may add another kind of key and leave the one in force.
            let isRestored = event["type"]?.string == "ledger.restored"
            guard key != keys.last || isRestored else { continue }
            keys.append(key)
            announcements.append(
                KeyAnnouncement(sequence: number, key: key, event["type"]?.string ?? "", data))
            if isRestored {
                restores.append(Restore(sequence: number, key: key, data))
            }
        }
        guard let key = keys.last, let catalogue else {
            throw LedgerError(
                en: "the ledger's first records cannot be read; run hanqing verify",
                zh: "账本的首批记录无法读取；请运行 hanqing verify")
        }
        (self.key, self.catalogue) = (key, catalogue)
    }
}

/// A record from which on a key is in force.
package struct KeyAnnouncement: Hashable, Sendable {
    package let sequence: SequenceNumber
    package let key: VerifierKey
    package let type: String
    /// Until when the key before it signs beside it; nil if it does not.
    package let overlapUntil: Timestamp?
    /// Why the key before it is believed no more; nil after a plain change.
    package let revoked: RevocationCause?

    init(sequence: SequenceNumber, key: VerifierKey, _ type: String, _ data: JSONValue) {
        (self.sequence, self.key, self.type) = (sequence, key, type)
        overlapUntil = data["overlap"]?["until"]?.string.flatMap(Timestamp.init(fixed:))
        revoked = data["revoked"]?["cause"]?.string.flatMap(RevocationCause.init)
    }
}

/// What became of a key that vouches for nobody any more: Specs/keys.md section 4.
package enum RevocationCause: String, Sendable, CaseIterable {
    case lost, stolen
}

/// A `ledger.restored` record: from here on history may differ from what was signed before.
package struct Restore: Hashable, Sendable {
    package let sequence: SequenceNumber
    /// The key that signs from here on.
    package let key: VerifierKey
    /// The last record that is known to be lost; nil if none is.
    package let lostThrough: UInt64?

    init(sequence: SequenceNumber, key: VerifierKey, _ data: JSONValue) {
        (self.sequence, self.key) = (sequence, key)
        lostThrough = data["lost"]?["through"]?.integer.flatMap { UInt64(exactly: $0) }
    }
}
