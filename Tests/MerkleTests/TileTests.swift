import Digests
import Merkle
import Testing

@Suite struct TileTests {
    @Test(
        arguments: [
            (0, 0, 256, "tile/0/000"), (0, 255, 256, "tile/0/255"),
            (1, 1000, 256, "tile/1/x001/000"), (0, 1_234_067, 256, "tile/0/x001/x234/067"),
            (0, 273, 112, "tile/0/273.p/112"), (63, 0, 1, "tile/63/000.p/1"),
            (0, 1_000_000, 7, "tile/0/x001/x000/000.p/7"),
        ] as [(Int, UInt64, Int, String)])
    func `a tile has one path`(level: Int, index: UInt64, width: Int, path: String) throws {
        let tile = try #require(Tile(level: level, index: index, width: width))
        #expect(tile.path == path)
        #expect(Tile(path: path) == tile)
    }

    @Test(arguments: [
        "tile/0/0", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/0/1000",
        "tile/0/x000/000", "tile/0/001/000", "tile/0/x001", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/000.p/01", "tile/0/000.p", "tile/0/000/", "/tile/0/000", "tile/0", "tile/0/",
        "tile//000", "tile/0/xx01/000", "tile/0/000.p/1.p/1", "tile/entries/000", "tiles/0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999", "tile/0/٠٠٠", "tile/0/000.p/1 ", "",
        "tile/0/.p/1", "tile/0/../000",
    ])
    func `any other spelling is no tile`(path: String) {
        #expect(Tile(path: path) == nil)
    }

    @Test(arguments: [41, 42] as [UInt64])
    func `a random tile survives its path`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<500 {
            let index =
                UInt64.random(in: 0..<1 << 55, using: &random)
                >> UInt64.random(
                    in: 0..<55, using: &random)
            let tile = try #require(
                Tile(
                    level: .random(in: 0...63, using: &random), index: index,
                    width: .random(in: 1...256, using: &random)))
            #expect(Tile(path: tile.path) == tile, "seed \(seed), \(tile.path)")
        }
    }

    private func tiles(of size: UInt64) -> [String] {
        (0...63).flatMap { level in
            Tile.tiles(at: level, from: .zero, to: TreeSize(size)).map(\.path)
        }
    }

    @Test func `a tree has the tiles that its size says`() {
        #expect(tiles(of: 0) == [])
        #expect(tiles(of: 1) == ["tile/0/000.p/1"])
        #expect(tiles(of: 255) == ["tile/0/000.p/255"])
        #expect(tiles(of: 256) == ["tile/0/000", "tile/1/000.p/1"])
        #expect(tiles(of: 257) == ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"])
        #expect(tiles(of: 65_536).count == 258)
        #expect(tiles(of: 65_536).suffix(2) == ["tile/1/000", "tile/2/000.p/1"])
        let large = tiles(of: 70_000)
        #expect(large.count == 277)
        #expect(
            large.suffix(4)
                == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"])
    }

    @Test func `growth needs the tiles that changed and no others`() {
        let (old, new) = (TreeSize(500), TreeSize(520))
        #expect(
            Tile.tiles(at: 0, from: old, to: new).map(\.path)
                == ["tile/0/001", "tile/0/002.p/8"])
        #expect(Tile.tiles(at: 1, from: old, to: new).map(\.path) == ["tile/1/000.p/2"])
        #expect(Tile.tiles(at: 2, from: old, to: new).map(\.path) == [])
        #expect(Tile.tiles(at: 0, from: new, to: new).map(\.path) == [])
    }

    @Test func `a tile knows which hashes of which level of the tree it holds`() throws {
        let tile = try #require(Tile(level: 1, index: 3, width: 17))
        #expect(tile.hashes == 768..<785)
        #expect(tile.treeLevel == 8)
        #expect(tile.isPartial)
        let last = try #require(Tile(level: 0, index: 1 << 55 - 1))
        #expect(last.hashes.upperBound == 1 << 63)
        #expect(!last.isPartial)
        #expect(Tile(level: 0, index: 1 << 55) == nil)
    }

    @Test func `a hash lies in the tile of its index, as wide as the tree allows`() {
        let size = TreeSize(70_000)
        #expect(Tile(level: 0, holding: 69_999, in: size)?.path == "tile/0/273.p/112")
        #expect(Tile(level: 0, holding: 69_887, in: size)?.path == "tile/0/272")
        #expect(Tile(level: 1, holding: 272, in: size)?.path == "tile/1/001.p/17")
        #expect(Tile(level: 0, holding: 70_000, in: size) == nil)
        #expect(Tile(level: 8, holding: 0, in: TreeSize(.max)) == nil)
        #expect(Tile(level: 0, holding: 69_999, in: size)?.entriesPath == "tile/entries/273.p/112")
    }
}
