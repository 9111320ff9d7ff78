import Catalogue
import Digests
import LedgerStore
import Phrases
import Sealing
import Sequencing
import Synchronization
import VaultStore

/// The vault of a ledger that is open for writing, opened when something is to be sealed.
actor SealingDesk {
    private let folder: String
    private let origin: String
    private let store: any EventStore
    private let catalogue: EventCatalogue
    private let clock: LedgerClock
    /// Those who seal pass it, and what changes the vault has it alone.
    nonisolated let gate = SealingGate()
    private var readyCount = 0
    private var opening: Task<Result<Opened, LedgerError>, Never>?

    private struct Opened: Sendable {
        let vault: VaultStore
        let stock: KeyStock
        let sealer: Sealer
        let recorded: RecordedHolders
    }

    init(
        _ folder: String, origin: String, _ store: any EventStore, _ catalogue: EventCatalogue,
        _ clock: LedgerClock
    ) {
        (self.folder, self.origin, self.store) = (folder, origin, store)
        (self.catalogue, self.clock) = (catalogue, clock)
    }

    /// For a service: keys are ready before they are asked for.
    func keepReady(_ count: Int) { readyCount = count }

    /// Opens the vault if it is not open.
    func sealer() async throws(LedgerError) -> Sealer { try await opened().sealer }

    /// The same vault, for whoever has the gate alone.
    func vault() async throws(LedgerError) -> VaultStore { try await opened().vault }

    /// After somebody joined or left: nothing is wrapped by what was known before.
    func holdersChanged() async throws(LedgerError) {
        let opened = try await opened()
        opened.recorded.set(try await Ledger.holderBook(store))
        try await Ledger.asking { () throws(VaultError) in try await opened.stock.drop() }
    }

    private func opened() async throws(LedgerError) -> Opened {
        let task = opening ?? Task { await open() }
        opening = task
        do throws(LedgerError) {
            return try await task.value.get()
        } catch {
            // The next one tries again: another program may have the vault open.
            if opening == task { opening = nil }
            throw error
        }
    }

    private func open() async -> Result<Opened, LedgerError> {
        do throws(LedgerError) {
            let recorded = RecordedHolders(try await Ledger.holderBook(store))
            let vault = try await Ledger.asking { [folder, origin] () throws(VaultError) in
                try VaultStore(folder, origin: origin)
            }
            let chance: Chance = { RandomBytes.secret(count: $0) }
            let stock = KeyStock(
                vault, origin: origin, chance: chance, isRecorded: { recorded.vouches(for: $0) })
            await stock.keepReady(readyCount)
            let sealer = Sealer(
                store: store, vault: vault, stock: stock, origin: origin, catalogue: catalogue,
                clock: clock, chance: chance)
            return .success(
                Opened(vault: vault, stock: stock, sealer: sealer, recorded: recorded))
        } catch {
            return .failure(error)
        }
    }

    /// Destroys the keys that nobody drew, and lets go of the vault.
    func close() async throws(LedgerError) {
        guard let task = opening, case .success(let opened) = await task.value else { return }
        opening = nil
        try await Ledger.asking { () throws(VaultError) in
            try await opened.stock.drop()
            try await opened.vault.close()
        }
    }
}

/// Who is a holder by the records, as they were read last.
private final class RecordedHolders: Sendable {
    private let book: Mutex<HolderBook>

    init(_ book: HolderBook) { self.book = Mutex(book) }

    func set(_ newer: HolderBook) { book.withLock { $0 = newer } }

    func vouches(for holder: Holder) -> Bool { book.withLock { $0.vouches(for: holder) } }
}
