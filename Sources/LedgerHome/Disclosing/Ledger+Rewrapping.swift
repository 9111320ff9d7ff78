import CanonicalJSON
import Digests
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

/// What is recorded before keys go over: from there on `successor` may read what is old.
package struct RewrappingOrder: Hashable, Sendable {
    package let successor: Holder
    package let sequence: SequenceNumber
}

extension Ledger {
    /// Records that all that is wrapped to `old` goes over to `new`: Specs/sealing.md section 4.
    ///
    /// One order has one record, however often it is said.
    package func orderRewrapping(
        from old: HolderID, to new: HolderID, _ order: ApprovedOrder
    ) async throws(LedgerError) -> RewrappingOrder {
        try order.check()
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
        } then: { _ throws(LedgerError) in
            if let recorded {
                return RewrappingOrder(
                    successor: holder, sequence: SequenceNumber(UInt64(clamping: recorded)))
            }
            let sequence = try await recordOwn(
                HolderBook.rewrappedType, .vault,
                .object(
                    order.members(and: [
                        JSONMember("from", .string(old.text)),
                        JSONMember("to", .string(new.text)),
                    ])))
            return RewrappingOrder(successor: holder, sequence: sequence)
        }
    }

    /// Some of the keys that are wrapped to `old` and belong to somebody; none when all went over.
    package func keysToRewrap(
        of old: HolderID, limit: Int
    ) async throws(LedgerError) -> [WrappedKey] {
        try await withVault { _ throws(VaultError) in
        } then: { vault throws(LedgerError) in
            try await Ledger.asking { () throws(VaultError) in
                var keys: [WrappedKey] = []
                for handle in try await vault.handles(wrappedTo: old, limit: limit) {
                    if let key = try await vault.wrappedKey(of: handle, for: old) {
                        keys.append(key)
                    }
                }
                return keys
            }
        }
    }

    /// Puts keys that were wrapped anew in the place of those wrapped to `old`.
    ///
    /// Only to a successor whom a record names: a key wrapped to anybody else is refused.
    package func replace(
        _ keys: [WrappedKey], of old: HolderID
    ) async throws(LedgerError) {
        let successors = try await linesOf(.vault).compactMap { line -> String? in
            guard let event = (try? JSONValue(parsing: line))?["event"],
                event["type"]?.string == HolderBook.rewrappedType,
                event["data"]?["from"]?.string == old.text
            else { return nil }
            return event["data"]?["to"]?.string
        }
        if let other = keys.first(where: { !successors.contains($0.holder.text) }) {
            throw LedgerError(
                en: "no record says that keys of \(old) go over to \(other.holder)",
                zh: "没有记录载明 \(old) 的密钥转换给 \(other.holder)")
        }
        try await withVault { _ throws(VaultError) in
        } then: { vault throws(LedgerError) in
            try await Ledger.asking { () throws(VaultError) in
                try await vault.replace(keys, of: old)
            }
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
