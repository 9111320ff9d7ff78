/// A complete subtree: the leaves from `index << level` to `(index + 1) << level`.
package struct NodeID: Hashable, Sendable {
    package let level: Int
    package let index: UInt64

    package init(level: Int, index: UInt64) {
        (self.level, self.index) = (level, index)
    }

    package var leaves: Range<UInt64> { index << level..<(index + 1) << level }
}
