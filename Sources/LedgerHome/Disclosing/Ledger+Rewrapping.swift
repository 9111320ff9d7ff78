import CanonicalJSON
package import Digests
import LedgerStore
package import Merkle
import Phrases
import Records
package import Sealing
import VaultStore

extension HolderBook {
    /// Whose keys went over to whom.
    static let rewrappedType = "ledger.keys-rewrapped"
}

/// Keys that went from a holder's old key to his new one.
package struct Rewrapping: Hashable, Sendable {
    package let handleCount: Int
    package let sequence: SequenceNumber
}

extension Ledger {
    /// Wraps all that is wrapped to the holder of `key` to the holder `new` instead, and destroys
    /// what was: Specs/sealing.md section 4.
    ///
    /// The record comes first: from there on `new` may read what is old. A crash in between leaves
    /// some keys with both, and the same call goes on.
    package func rewrap(
        from key: X25519PrivateKey, to new: HolderID, _ order: ApprovedOrder
    ) async throws(LedgerError) -> Rewrapping {
        try order.check()
        let old = HolderID(key.publicKey)
        let holder = try await demandSuccessor(of: old, new)
        let done = try await linesOf(.vault).lazy.compactMap { try? JSONValue(parsing: $0) }
            .first { root in
                root["event"]?["type"]?.string == HolderBook.rewrappedType
                    && root["event"]?["data"]?["from"]?.string == old.text
                    && root["event"]?["data"]?["to"]?.string == new.text
            }
        let recorded = done?["chain"]?["seq"]?.integer
        return try await withVault { vault throws(VaultError) in
            guard try await vault.holders().contains(where: { $0 == holder }) else {
                throw .unknownHolder(new)
            }
        } then: { vault throws(LedgerError) in
            let sequence: SequenceNumber
            if let recorded {
                sequence = SequenceNumber(UInt64(clamping: recorded))
            } else {
                sequence = try await recordOwn(
                    HolderBook.rewrappedType, .vault,
                    .object(
                        order.members(and: [
                            JSONMember("from", .string(old.text)),
                            JSONMember("to", .string(new.text)),
                        ])))
            }
            let count = try await rewrap(key, holder, in: vault)
            return Rewrapping(handleCount: count, sequence: sequence)
        }
    }

    /// Some at a time, until none is left.
    private func rewrap(
        _ key: X25519PrivateKey, _ new: Holder, in vault: VaultStore
    ) async throws(LedgerError) -> Int {
        let (old, origin) = (HolderID(key.publicKey), settings.origin)
        var count = 0
        while true {
            let handles = try await Ledger.asking { () throws(VaultError) in
                try await vault.handles(wrappedTo: old, limit: 1_024)
            }
            guard !handles.isEmpty else { return count }
            var fresh: [WrappedKey] = []
            for handle in handles {
                let wrapped = try await Ledger.asking { () throws(VaultError) in
                    try await vault.wrappedKey(of: handle, for: old)
                }
                guard let wrapped else { continue }
                do throws(SealingError) {
                    let dataKey = try wrapped.unwrap(with: key, origin: origin)
                    fresh.append(
                        WrappedKey(dataKey, to: new.publicKey, origin: origin) {
                            RandomBytes.secret(count: $0)
                        })
                } catch {
                    throw LedgerError([error.phrase])
                }
            }
            let ready = fresh
            try await Ledger.asking { () throws(VaultError) in
                try await vault.replace(ready, of: old)
            }
            count += ready.count
        }
    }

    /// The holder `new`, who is one by the records, of at least the groups of `old`.
    private func demandSuccessor(
        of old: HolderID, _ new: HolderID
    ) async throws(LedgerError) -> Holder {
        let book = try await holderBook()
        guard let before = book.entry(old)?.holder else {
            throw LedgerError([VaultError.unknownHolder(old).reason])
        }
        guard let after = book.entry(new)?.holder, !after.isRetired else {
            throw LedgerError([VaultError.unknownHolder(new).reason])
        }
        guard old != new, after.groups.isSuperset(of: before.groups) else {
            throw LedgerError(
                en: "\(after.name) must be another key, of all groups of \(before.name)",
                zh: "\(after.name) 须为另一密钥，且属于 \(before.name) 的全部分组")
        }
        return after
    }
}
