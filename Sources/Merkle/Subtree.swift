/// A run of leaves that has a hash of its own in every tree that covers it.
///
/// Its begin is a multiple of the least power of two that is not less than its length; the draft
/// for Merkle Tree Certificates calls such a run a valid subtree, and so is an empty run.
package struct Subtree: Hashable, Sendable {
    package let leaves: Range<UInt64>

    /// Nil if the run is turned round or not aligned.
    package init?(from begin: UInt64, to end: UInt64) {
        guard begin <= end else { return nil }
        let length = end - begin
        let width = length < 2 ? 0 : 64 - (length - 1).leadingZeroBitCount
        // A width of 64 means more than 2^63 leaves, which only a run from 0 can hold.
        guard begin == 0 || begin.trailingZeroBitCount >= width else { return nil }
        leaves = begin..<end
    }

    /// The whole tree.
    package init(of size: TreeSize) {
        leaves = 0..<size.rawValue
    }
}
