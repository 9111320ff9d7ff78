package import Digests
package import Merkle

/// The ledger that is published.
package protocol PublicationSource: Sendable {
    /// The hashes of a tile that the checkpoint covers, 32 bytes each.
    func hashes(_ tile: Tile) async throws(PublicationError) -> [UInt8]

    /// Proves that the tree of `new` records begins with that of `old`.
    func consistency(
        from old: TreeSize, to new: TreeSize
    ) async throws(PublicationError) -> [Digest]

    /// The lines of these records, without LF, all of them; withheld ones as the stubs they are.
    func lines(_ range: Range<UInt64>) async throws(PublicationError) -> [[UInt8]]
}
