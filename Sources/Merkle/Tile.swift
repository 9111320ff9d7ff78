/// Up to 256 consecutive hashes of one stored level, as c2sp.org/tlog-tiles cuts the tree.
///
/// Tile level *l* holds tree level 8·*l*. Specs/tree.md section 6.
package struct Tile: Hashable, Sendable {
    /// 0 to 63.
    package let level: Int
    package let index: UInt64
    /// Hashes in it: 256, or 1 to 255 in a partial tile.
    package let width: Int

    package static let fullWidth = 256
    package static let maximumLevel = 63

    /// Nil for a level or a width that no tile has, or an index that no tree reaches.
    package init?(level: Int, index: UInt64, width: Int = fullWidth) {
        guard (0...Tile.maximumLevel).contains(level), (1...Tile.fullWidth).contains(width),
            index < 1 << 55
        else { return nil }
        (self.level, self.index, self.width) = (level, index, width)
    }

    package var isPartial: Bool { width < Tile.fullWidth }

    /// The hashes in it, by their index in the tree level ``treeLevel``.
    package var hashes: Range<UInt64> {
        index * 256..<index * 256 + UInt64(width)
    }

    /// The level of the tree that its hashes stand on.
    package var treeLevel: Int { level * StoredLevels.step }

    /// The tile that holds `index` of tile level `level` in a tree of this size, as wide as that
    /// size allows, or nil if the tree does not reach there.
    package init?(level: Int, holding index: UInt64, in size: TreeSize) {
        let count = Tile.hashCount(at: level, in: size)
        guard index < count else { return nil }
        let first = index & ~255
        self.init(level: level, index: first >> 8, width: Int(min(256, count - first)))
    }

    /// How many hashes tile level `level` has in a tree of this size: floor(size / 256^level).
    package static func hashCount(at level: Int, in size: TreeSize) -> UInt64 {
        // Swift's smart shift gives 0 for a distance of 64 and more, which is the right count.
        size.rawValue >> (level * StoredLevels.step)
    }

    /// The tiles of a level that a tree of the new size has and one of the old size has not, in
    /// order; all but the last are full.
    package static func tiles(
        at level: Int, from old: TreeSize, to new: TreeSize
    ) -> some Sequence<Tile> {
        let (before, after) = (hashCount(at: level, in: old), hashCount(at: level, in: new))
        let indexes = before < after ? before >> 8..<(after - 1) >> 8 + 1 : 0..<0
        return indexes.lazy.compactMap { index in
            Tile(level: level, index: index, width: Int(min(256, after - index << 8)))
        }
    }
}

extension Tile {
    /// `tile/0/x001/234`, for a partial tile with `.p/` and its width.
    package var path: String { "tile/\(level)/\(coordinates)" }

    /// The path of the records under a tile of level 0.
    package var entriesPath: String { "tile/entries/\(coordinates)" }

    /// The index in groups of three digits, so that no folder grows beyond some 2,000 entries.
    private var coordinates: String {
        var (text, rest) = (Tile.group(index % 1000), index / 1000)
        while rest > 0 {
            text = "x" + Tile.group(rest % 1000) + "/" + text
            rest /= 1000
        }
        return isPartial ? "\(text).p/\(width)" : text
    }

    private static func group(_ value: UInt64) -> String {
        String(repeating: "0", count: value < 10 ? 2 : value < 100 ? 1 : 0) + String(value)
    }

    /// The tile that `path` names, or nil for any other spelling than ``path`` gives.
    package init?(path: some StringProtocol) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 12, parts[0].elementsEqual("tile".utf8),
            let level = Tile.number(parts[1]),
            let (index, width) = Tile.coordinates(parts[2...].map { Array($0) })
        else { return nil }
        self.init(level: Int(level), index: index, width: width)
        // One rule for all strictness: what we would not write is refused.
        guard self.path.utf8.elementsEqual(path.utf8) else { return nil }
    }

    private static func coordinates(_ parts: [[UInt8]]) -> (index: UInt64, width: Int)? {
        var (groups, width) = (parts, fullWidth)
        if groups.count > 1, groups[groups.count - 2].suffix(2).elementsEqual(".p".utf8) {
            guard let partial = number(groups.removeLast()), partial < fullWidth else { return nil }
            groups[groups.count - 1].removeLast(2)
            width = Int(partial)
        }
        var index: UInt64 = 0
        for group in groups {
            guard let value = number(group.drop { $0 == UInt8(ascii: "x") }), value < 1000
            else { return nil }
            let (product, overflow) = index.multipliedReportingOverflow(by: 1000)
            let (sum, carry) = product.addingReportingOverflow(value)
            guard !overflow, !carry else { return nil }
            index = sum
        }
        return (index, width)
    }

    private static func number(_ digits: some Collection<UInt8>) -> UInt64? {
        guard (1...3).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = digit else { return nil }
            value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
