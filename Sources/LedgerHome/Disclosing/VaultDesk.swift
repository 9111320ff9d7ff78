package import Digests
package import Merkle
package import Phrases
package import Records
package import Sealing

/// Why an order to the vault came to nothing.
package enum VaultRefusal: Error, Sendable {
    /// All that stands against it.
    case refused([Phrase])
    /// It could not be answered.
    case unanswered(LedgerError)
}

/// What the vault's keepers and holders ask of a ledger: here, or through the service that has it
/// open.
///
/// Specs/sealing.md sections 4, 7 and 8.
package protocol VaultDesk: Sendable {
    /// Of the ledger: keys are wrapped for it and for no other.
    var origin: String { get }
    func status() async throws(VaultRefusal) -> VaultStatus
    /// Nil if a record says so already; so with ``retire(_:_:)``.
    func add(
        _ holder: Holder, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> SequenceNumber?
    func retire(
        _ id: HolderID, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> SequenceNumber?
    func hold(_ subject: StreamName, _ order: ApprovedOrder) async throws(VaultRefusal) -> Hold
    func release(
        holdWith id: String, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> SequenceNumber
    func shred(
        _ subject: StreamName, _ ground: ErasureGround, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> Shredding
    func recordOpening(
        _ access: StreamName, by viewer: Viewer, holder: X25519PublicKey, emergency: Emergency?
    ) async throws(VaultRefusal) -> RecordedOpening
    func orderRewrapping(
        from old: HolderID, to new: HolderID, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> RewrappingOrder
    func keysToRewrap(of old: HolderID, limit: Int) async throws(VaultRefusal) -> [WrappedKey]
    func replace(_ keys: [WrappedKey], of old: HolderID) async throws(VaultRefusal)
    /// Into a new folder, named from `/`; the number of the record that says so.
    func copy(
        to folder: String, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> SequenceNumber
}

extension VaultDesk {
    /// Wraps all that is wrapped to the holder of `key` to the holder `new` instead: where the old
    /// private key is.
    ///
    /// The record comes first. Interrupted, the same call goes on; it ends once nothing more is
    /// wrapped to the old key, so he is retired before.
    package func rewrap(
        from key: X25519PrivateKey, to new: HolderID, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> Rewrapping {
        let old = HolderID(key.publicKey)
        let begun = try await orderRewrapping(from: old, to: new, order)
        var count = 0
        while true {
            let keys = try await keysToRewrap(of: old, limit: 512)
            guard !keys.isEmpty else {
                return Rewrapping(handleCount: count, sequence: begun.sequence)
            }
            try await replace(rewrapped(keys, with: key, to: begun.successor), of: old)
            count += keys.count
        }
    }

    private func rewrapped(
        _ keys: [WrappedKey], with key: X25519PrivateKey, to successor: Holder
    ) throws(VaultRefusal) -> [WrappedKey] {
        let wrapper = KeyWrapper(to: successor.publicKey, origin: origin) {
            RandomBytes.secret(count: $0)
        }
        var fresh: [WrappedKey] = []
        for wrapped in keys {
            do throws(SealingError) {
                fresh.append(wrapper.wrap(try wrapped.unwrap(with: key, origin: origin)))
            } catch {
                throw .unanswered(LedgerError([error.phrase]))
            }
        }
        return fresh
    }
}

/// A ledger that is open here.
package struct LocalVault: VaultDesk {
    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    package var origin: String { ledger.settings.origin }

    package func status() async throws(VaultRefusal) -> VaultStatus {
        try await LocalVault.answering { () throws(LedgerError) in try await ledger.vaultStatus() }
    }

    package func add(
        _ holder: Holder, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> SequenceNumber? {
        try await LocalVault.answering { () throws(LedgerError) in
            try await ledger.add(holder, order)
        }
    }

    package func retire(
        _ id: HolderID, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> SequenceNumber? {
        try await LocalVault.answering { () throws(LedgerError) in
            try await ledger.retire(id, order)
        }
    }

    package func hold(
        _ subject: StreamName, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> Hold {
        try await LocalVault.answering { () throws(LedgerError) in
            try await ledger.hold(subject, order)
        }
    }

    package func release(
        holdWith id: String, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> SequenceNumber {
        try await LocalVault.answering { () throws(LedgerError) in
            try await ledger.release(holdWith: id, order)
        }
    }

    package func shred(
        _ subject: StreamName, _ ground: ErasureGround, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> Shredding {
        do throws(ShredError) {
            return try await ledger.shred(subject, ground, order)
        } catch {
            switch error {
            case .refused(let obstacles): throw .refused(obstacles.map(\.phrase))
            case .unanswered(let error): throw .unanswered(error)
            }
        }
    }

    package func recordOpening(
        _ access: StreamName, by viewer: Viewer, holder: X25519PublicKey, emergency: Emergency?
    ) async throws(VaultRefusal) -> RecordedOpening {
        do throws(OpeningError) {
            return try await ledger.recordOpening(
                access, by: viewer, holder: holder, emergency: emergency)
        } catch {
            switch error {
            case .refused(let refused): throw .refused([refused.phrase])
            case .unanswered(let error): throw .unanswered(error)
            }
        }
    }

    package func orderRewrapping(
        from old: HolderID, to new: HolderID, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> RewrappingOrder {
        try await LocalVault.answering { () throws(LedgerError) in
            try await ledger.orderRewrapping(from: old, to: new, order)
        }
    }

    package func keysToRewrap(
        of old: HolderID, limit: Int
    ) async throws(VaultRefusal) -> [WrappedKey] {
        try await LocalVault.answering { () throws(LedgerError) in
            try await ledger.keysToRewrap(of: old, limit: limit)
        }
    }

    package func replace(
        _ keys: [WrappedKey], of old: HolderID
    ) async throws(VaultRefusal) {
        try await LocalVault.answering { () throws(LedgerError) in
            try await ledger.replace(keys, of: old)
        }
    }

    package func copy(
        to folder: String, _ order: ApprovedOrder
    ) async throws(VaultRefusal) -> SequenceNumber {
        try await LocalVault.answering { () throws(LedgerError) in
            try await ledger.copyVault(to: folder, order)
        }
    }

    private static func answering<Answer>(
        _ body: () async throws(LedgerError) -> Answer
    ) async throws(VaultRefusal) -> Answer {
        do throws(LedgerError) {
            return try await body()
        } catch {
            throw .unanswered(error)
        }
    }
}
