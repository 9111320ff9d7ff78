package import Checkpoints
package import LedgerStore
import Records

/// Where a simulated ledger is kept: what opens its store, lets go of it and harms it from below.
package protocol StorePlace: AnyObject {
    var origin: Origin { get }
    var key: SignerKey { get }

    /// Opens the store, for the first time or again.
    func open() async throws -> any EventStore

    /// Closes it well.
    func close() async throws

    /// Lets go as a killed process would; then `loss` befalls the newest `unsureBytes`, which
    /// nobody was told of.
    ///
    /// True if the newest checkpoint was lost as well.
    func abandon(_ loss: TailLoss, unsureBytes: Int) async throws -> Bool

    /// Whether faults below the store can be armed.
    var hasFaultsBelow: Bool { get }

    /// Whether a commit of so many bytes would begin a new segment.
    func wouldRoll(_ byteCount: Int) throws -> Bool

    /// The next write of the kind fails.
    func arm(_ fault: FaultBelow)

    /// Takes the fault back.
    func disarm()

    /// Looks at what is stored by other means, beside the writer or at rest; throws what is wrong.
    ///
    /// The newest checkpoint covers `size` records, and all there are if `isCovered`.
    func inspect(size: Int, isCovered: Bool, isLast: Bool) async throws
}

/// What a disk may have lost when its sync failed.
package enum TailLoss: Sendable, Hashable {
    case nothing
    /// Only so many bytes are there.
    case cut(kept: Int)
    /// So many bytes are there, then zeros for so many, then the rest.
    case hole(kept: Int, count: Int)
}

/// A system call on the store's files that fails.
package enum FaultBelow: Sendable, Hashable {
    /// A write to the log, after so many bytes of it; what was written can be cut off again.
    case write(done: Int)
    /// The same, but it cannot be cut off.
    case writeAndCut(done: Int)
    case sync
    /// The checkpoint's rename, before or after it happened.
    case rename(isDone: Bool)
    /// A write to the index.
    case index
}

/// A ledger in memory: each opening is a new door to the same store.
package final class MemoryPlace: StorePlace {
    package let origin: Origin
    package let key: SignerKey
    private let store: any EventStore

    package struct BadName: Error {}

    /// `store` may be a wrong one, to see whether it is found out.
    package init(_ store: any EventStore = MemoryStore()) throws {
        guard let origin = Origin("simulated.example"), let name = KeyName("simulated.example")
        else { throw BadName() }
        (self.origin, key, self.store) = (origin, SignerKey.generate(name: name), store)
    }

    package func open() -> any EventStore { store }
    package func close() {}
    package func abandon(_ loss: TailLoss, unsureBytes: Int) -> Bool { false }

    package var hasFaultsBelow: Bool { false }
    package func wouldRoll(_ byteCount: Int) -> Bool { false }
    package func arm(_ fault: FaultBelow) {}
    package func disarm() {}
    package func inspect(size: Int, isCovered: Bool, isLast: Bool) {}
}
