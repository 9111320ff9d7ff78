package import Auditing
import LedgerStore
import Merkle
import Publishing

/// A ledger's folder as a published log, records included: who may read the folder may read it so.
package struct LedgerTiles: TileReader {
    private let store: any EventStore

    package init(_ ledger: Ledger) {
        store = ledger.store
    }

    package func file(_ path: String, limit: Int) async throws(SourceError) -> [UInt8]? {
        do throws(StoreError) {
            if path == PublishedLog.checkpointFile { return try await store.checkpoint() }
            if let tile = Tile(path: path) { return try await TileSource(store).bytes(of: tile) }
            let entries = "tile/entries/"
            guard path.hasPrefix(entries),
                let tile = Tile(path: "tile/0/" + path.dropFirst(entries.count))
            else { return nil }
            return try await bundle(tile)
        } catch {
            throw SourceError(path, error.reason)
        }
    }

    private func bundle(_ tile: Tile) async throws(StoreError) -> [UInt8]? {
        guard tile.hashes.upperBound <= (try await TileSource(store).size()).rawValue else {
            return nil
        }
        var lines: [[UInt8]] = []
        while lines.count < tile.width {
            let first = SequenceNumber(tile.hashes.lowerBound + UInt64(lines.count))
            let some = try await store.lines(from: first, limit: tile.width - lines.count)
            guard !some.isEmpty else { return nil }
            lines += some
        }
        return EntryBundle.bytes(of: lines)
    }
}
