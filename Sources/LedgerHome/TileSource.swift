import Checkpoints
import Digests
package import LedgerStore
package import Merkle

/// What of a ledger anyone may have: its newest checkpoint and the hashes under it, cut as
/// c2sp.org/tlog-tiles cuts them.
///
/// Nothing is given that the newest checkpoint does not cover.
package struct TileSource: Sendable {
    private let store: any EventStore

    package init(_ store: any EventStore) {
        self.store = store
    }

    /// The newest signed note; nil before the first.
    package func checkpoint() async throws(StoreError) -> [UInt8]? {
        try await store.checkpoint()
    }

    /// How many records the newest checkpoint covers.
    package func size() async throws(StoreError) -> TreeSize {
        guard let note = try await checkpoint() else { return .zero }
        guard let note = try? SignedNote(note), let checkpoint = try? Checkpoint(text: note.text)
        else {
            throw StoreError(
                .damaged, en: "the newest checkpoint cannot be read", zh: "最新检查点无法读取")
        }
        return checkpoint.size
    }

    /// The hashes of a tile, 32 bytes each; nil if the tree does not reach so far.
    package func bytes(of tile: Tile) async throws(StoreError) -> [UInt8]? {
        let count = Tile.hashCount(at: tile.level, in: try await size())
        guard tile.hashes.upperBound <= count else { return nil }
        return try await store.hashes(level: tile.treeLevel, tile.hashes).flatMap(\.bytes)
    }
}
