import Digests
import Merkle
import Records

/// Reads tiles from one size to another and ties every hash to those above it.
///
/// A tile's hash over its 256 hashes stands in the tile above; the partial tiles on the right edge
/// give the root. So nothing that was read can differ from what the root was made of. Roots of
/// earlier sizes come from the same bytes: a reader that gives two answers for one place gains
/// nothing.
struct TileWalk {
    let reader: any TileReader
    /// Hashes of records before it were read at another time.
    let start: TreeSize
    let size: TreeSize
    /// The sizes, none below `start`, whose roots are wanted beside that of `size`.
    let marks: [TreeSize]
    let findingsMax: Int
    /// Takes the lines, in order; nil if only hashes are read.
    let takeLine: ((ArraySlice<UInt8>) throws(SourceError) -> Void)?

    private(set) var findings: [Finding] = []
    private(set) var moreFindings = 0
    private(set) var withheldCount: UInt64 = 0
    /// Of every size that was asked for and could be read.
    private(set) var roots: [UInt64: Root] = [:]
    private var kept: [Tile: [Digest]] = [:]
    private let hasher = MerkleHasher()

    init(
        _ reader: any TileReader, from start: TreeSize, to size: TreeSize, marks: [TreeSize],
        findingsMax: Int, takeLine: ((ArraySlice<UInt8>) throws(SourceError) -> Void)?
    ) {
        (self.reader, self.start, self.size) = (reader, start, size)
        (self.marks, self.findingsMax, self.takeLine) = (marks, findingsMax, takeLine)
    }

    /// What is fetched of a tile.
    private struct Fetched: Sendable {
        let hashes: TileContent<[Digest]>
        /// Nil where lines are not wanted.
        let lines: TileContent<[[UInt8]]>?
    }

    mutating func run(_ progress: (UInt64) -> Void) async throws {
        let sizes = Set(marks + [size, start])
        let edges = Dictionary(
            uniqueKeysWithValues: sizes.map { ($0, Tile.edge(of: $0).compactMap(wholeTile)) })
        let wanted = Set(edges.values.flatMap(\.self).map(\.whole))
        var folds: [UInt64: Digest] = [:]
        for level in 0...Tile.maximumLevel where Tile.hashCount(at: level, in: size) > 0 {
            folds = try await walk(level, folds, wanted, progress)
        }
        for tile in wanted where kept[tile] == nil {
            // Nothing new stands on its level.
            take(tile, try await reader.hashes(tile), keeping: true)
        }
        for (size, edge) in edges { roots[size.rawValue] = root(of: size, edge) }
    }

    /// The tile at the newest size in which a partial one of an older size lies.
    private func wholeTile(_ edge: Tile) -> (edge: Tile, whole: Tile)? {
        Tile(level: edge.level, holding: edge.hashes.lowerBound, in: size).map { (edge, $0) }
    }

    private func root(of size: TreeSize, _ edge: [(edge: Tile, whole: Tile)]) -> Root? {
        var hashes: [Tile: [Digest]] = [:]
        for (edge, whole) in edge {
            guard let all = kept[whole] else { return nil }
            hashes[edge] = Array(all.prefix(edge.width))
        }
        return Merkle.root(of: size, hasher) { hashes[$0] ?? [] }
    }

    /// Reads the new tiles of a level; gives the hashes over the full ones, by their index.
    private mutating func walk(
        _ level: Int, _ folds: [UInt64: Digest], _ wanted: Set<Tile>,
        _ progress: (UInt64) -> Void
    ) async throws -> [UInt64: Digest] {
        var above: [UInt64: Digest] = [:]
        let known = Tile.hashCount(at: level, in: start)
        let (reader, takesLines) = (reader, takeLine != nil && level == 0)
        let fetch = TileFetch<Fetched> { (tile) throws(SourceError) in
            let hashes = try await reader.hashes(tile)
            return Fetched(hashes: hashes, lines: takesLines ? try await reader.lines(tile) : nil)
        }
        try await fetch.each(Tile.tiles(at: level, from: start, to: size)) { tile, fetched in
            let hashes = take(tile, fetched.hashes, keeping: wanted.contains(tile))
            if let hashes {
                for (index, hash) in zip(tile.hashes, hashes) where index >= known {
                    if let fold = folds[index], fold != hash { differ(tile, index, fold, hash) }
                }
                if !tile.isPartial { above[tile.index] = Tile.fold(hashes, hasher) }
            }
            if let lines = fetched.lines { try take(lines, of: tile, hashes, from: known) }
            if level == 0 { progress(tile.hashes.upperBound) }
        }
        return above
    }

    // MARK: - What was found

    @discardableResult
    private mutating func take(
        _ tile: Tile, _ content: TileContent<[Digest]>, keeping: Bool
    ) -> [Digest]? {
        if let hashes = content.value {
            if keeping { kept[tile] = hashes }
            return hashes
        }
        let code: FindingCode
        let found: String
        switch content {
        case .malformed(let count): (code, found) = (.tileDiffers, "\(count) bytes")
        default: (code, found) = (.tileMissing, "no file")
        }
        let records = tile.records(in: size)
        add(
            Finding(
                code, seq: records.lowerBound, through: records.upperBound - 1, file: tile.path,
                expected: "\(tile.width) hashes", found: found))
        return nil
    }

    private mutating func differ(_ tile: Tile, _ index: UInt64, _ fold: Digest, _ hash: Digest) {
        let first = index << tile.treeLevel
        add(
            Finding(
                .tileDiffers, seq: first, through: first + (1 << tile.treeLevel) - 1,
                file: tile.path, offset: Int(index - tile.hashes.lowerBound) * Digest.byteCount,
                expected: "\(fold.hex), the hash over the tile below", found: hash.hex))
    }

    private mutating func take(
        _ content: TileContent<[[UInt8]]>, of tile: Tile, _ hashes: [Digest]?, from known: UInt64
    ) throws(SourceError) {
        guard let lines = content.value else {
            var (code, found) = (FindingCode.bundleMissing, "no file")
            if case .malformed(let count) = content {
                (code, found) = (.bundleDiffers, "\(count) bytes")
            }
            return add(
                Finding(
                    code, seq: tile.hashes.lowerBound, through: tile.hashes.upperBound - 1,
                    file: tile.entriesPath, expected: "\(tile.width) records", found: found))
        }
        for (place, line) in lines.enumerated() {
            let index = tile.hashes.lowerBound + UInt64(place)
            let stub = line.withUnsafeBytes { WithheldLine($0) }
            let leaf = stub?.leafHash ?? line.withUnsafeBytes { hasher.leaf($0) }
            if stub != nil, index >= known { withheldCount += 1 }
            if let hash = hashes?[place], hash != leaf.digest {
                add(
                    Finding(
                        .bundleDiffers, seq: index, file: tile.entriesPath,
                        expected: "a record with leaf hash \(hash.hex)", found: leaf.digest.hex))
            }
            try takeLine?(line[...])
        }
    }

    private mutating func add(_ finding: Finding) {
        if findings.count < findingsMax { findings.append(finding) } else { moreFindings += 1 }
    }
}

extension Tile {
    /// The records that its hashes stand for.
    fileprivate func records(in size: TreeSize) -> Range<UInt64> {
        let begin = hashes.lowerBound << treeLevel
        return begin..<min(size.rawValue, hashes.upperBound << treeLevel)
    }
}
