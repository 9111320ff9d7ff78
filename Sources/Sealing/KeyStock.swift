import Phrases
import SideBySide

/// Data keys that are wrapped and durable in the vault before anybody needs them.
///
/// The keys themselves are here alone, in memory; they are gone when the process ends, and the
/// vault then destroys what it has of them: Specs/sealing.md section 4.
package actor KeyStock {
    private let vault: any KeyVault
    private let origin: String
    private let chance: Chance
    private let isRecorded: @Sendable (Holder) -> Bool
    /// How many keys of a group are made at once.
    private let batch: Int
    /// Keys that one task wraps.
    private static let keysInShare = 64
    private var keys: [HolderGroup: [DataKey]] = [:]
    /// How many keys of a group that was asked for are kept ready.
    private var readyCount = 0
    private var refilling: Set<HolderGroup> = []
    /// Counts the times that holders have changed: what was begun before is not to be used.
    private var generation = 0

    /// `isRecorded` says whether records made somebody a holder, and none made him leave: to nobody
    /// else is anything wrapped.
    package init(
        _ vault: any KeyVault, origin: String, batch: Int = 64, chance: @escaping Chance,
        isRecorded: @escaping @Sendable (Holder) -> Bool
    ) {
        self.isRecorded = isRecorded
        (self.vault, self.origin, self.chance) = (vault, origin, chance)
        self.batch = max(1, batch)
    }

    /// A key of this group, for one record; it is given once.
    ///
    /// `.notFound` if the group has no holder: nobody could ever open it.
    package func draw(_ group: HolderGroup) async throws(VaultError) -> DataKey {
        try await draw(group, 1)[0]
    }

    /// So many keys, each for one record and given once.
    package func draw(
        _ group: HolderGroup, _ count: Int
    ) async throws(VaultError) -> [DataKey] {
        // Others may take what is made here.
        while self.count(group) < count {
            try await fill(group, to: max(batch, count + readyCount))
        }
        let all = keys[group] ?? []
        keys[group] = all.dropLast(count)
        if self.count(group) < readyCount / 2, refilling.insert(group).inserted {
            Task { await refill(group) }
        }
        return all.suffix(count)
    }

    /// From now on keys are made while nobody waits for them, so that there are `count` of each
    /// group that is asked for.
    package func keepReady(_ count: Int) { readyCount = count }

    /// What goes wrong here, the next one who draws is told.
    private func refill(_ group: HolderGroup) async {
        try? await fill(group, to: readyCount)
        refilling.remove(group)
    }

    /// Makes keys until there are `count` of this group.
    package func fill(_ group: HolderGroup, to count: Int) async throws(VaultError) {
        let begun = generation
        let holders = try await holders(of: group)
        guard !holders.isEmpty else {
            throw VaultError(
                .notFound, en: "the group \(group) has no holder: nobody could open the value",
                zh: "分组 \(group) 没有保管人：密封后无人能够调阅")
        }
        let missing = count - self.count(group)
        guard missing > 0 else { return }
        let made = DataKey.make(missing, chance)
        let wrappers = holders.map { KeyWrapper(to: $0.publicKey, origin: origin, chance) }
        let wrapped = await sideBySide(made, share: KeyStock.keysInShare) { key in
            wrappers.map { $0.wrap(key) }
        }
        try await vault.keep(wrapped.flatMap { $0 })
        guard begun == generation else {
            return try await vault.discard(made.map(\.handle))
        }
        keys[group, default: []] += made
    }

    /// Whoever gets keys of this group.
    package func holders(of group: HolderGroup) async throws(VaultError) -> [Holder] {
        try await vault.holders().filter {
            !$0.isRetired && $0.groups.contains(group) && isRecorded($0)
        }
    }

    /// Ends the stock: after a holder has joined or left, and when the process ends.
    package func drop() async throws(VaultError) {
        generation += 1
        let handles = keys.values.flatMap { $0.map(\.handle) }
        // Nobody draws what the vault is destroying.
        keys = [:]
        try await vault.discard(handles)
    }

    package func count(_ group: HolderGroup) -> Int { keys[group]?.count ?? 0 }
}
