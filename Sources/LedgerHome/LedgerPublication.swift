package import Checkpoints
package import Digests
import DurableFiles
import LedgerStore
package import Merkle
package import Publishing

/// A ledger as it is published.
package struct LedgerPublication: PublicationSource {
    private let store: any EventStore

    package init(_ ledger: Ledger) {
        store = ledger.store
    }

    package func hashes(_ tile: Tile) async throws(PublicationError) -> [UInt8] {
        do throws(StoreError) {
            return try await TileSource(store).bytes(of: tile) ?? []
        } catch {
            throw .refused(error.reason)
        }
    }

    package func lines(_ range: Range<UInt64>) async throws(PublicationError) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        do throws(StoreError) {
            while lines.count < range.count {
                let first = SequenceNumber(range.lowerBound + UInt64(lines.count))
                let some = try await store.lines(from: first, limit: range.count - lines.count)
                guard !some.isEmpty else { throw StoreError(noRecord: first) }
                lines += some
            }
        } catch {
            throw .refused(error.reason)
        }
        return lines
    }
}

extension LedgerPublication {
    /// Proves that the tree of `new` records begins with that of `old`.
    package func consistency(
        from old: TreeSize, to new: TreeSize
    ) async throws(PublicationError) -> [Digest] {
        do throws(StoreError) {
            var maker = ProofMaker(store)
            return try await maker.consistency(from: old, to: new)
        } catch {
            throw .refused(error.reason)
        }
    }
}

extension Ledger {
    private var cosignedPath: String { "\(folder)/checkpoints/cosigned" }

    /// Keeps a checkpoint with its cosignatures: `checkpoints/cosigned`, replaced by renaming.
    package func keepCosigned(_ checkpoint: VerifiedCheckpoint) throws(LedgerError) {
        do throws(FileError) {
            try DurableFile.replace(cosignedPath, with: checkpoint.bytes)
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    /// The newest checkpoint that was published with cosignatures, the log's signature checked.
    package func cosignedCheckpoint() throws(LedgerError) -> VerifiedCheckpoint {
        let bytes: [UInt8]?
        do throws(FileError) {
            let limit = SignedNote.maximumByteCount + 1
            bytes = try DurableFile.contents(cosignedPath, limit: limit)
        } catch {
            throw LedgerError([error.phrase])
        }
        guard let bytes else {
            throw LedgerError(
                en: "no checkpoint was cosigned yet: hanqing publish --policy asks for it",
                zh: "尚无经联署的检查点：请用 hanqing publish --policy 请求联署")
        }
        do throws(CheckpointError) {
            return try VerifiedCheckpoint(verifying: bytes, of: origin, by: keys)
        } catch {
            throw LedgerError([error.phrase])
        }
    }
}
