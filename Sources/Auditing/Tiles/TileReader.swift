import Digests
import Merkle
import Records

/// A log as c2sp.org/tlog-tiles lays it out: in a folder, or behind a URL.
package protocol TileReader: Sendable {
    /// The bytes of the file at a path such as `checkpoint` or `tile/0/000`, at most `limit` of
    /// them; nil if there is none.
    func file(_ path: String, limit: Int) async throws(SourceError) -> [UInt8]?
}

/// What was found where a tile or a bundle should be.
enum TileContent<Value: Sendable>: Sendable {
    case found(Value)
    case missing
    /// It has not as many hashes or records as its name says.
    case malformed(byteCount: Int)

    var value: Value? {
        guard case .found(let value) = self else { return nil }
        return value
    }
}

extension TileReader {
    /// A tile's hashes.
    ///
    /// A partial tile may be gone once the full one is there: then the full one is taken, and cut.
    func hashes(_ tile: Tile) async throws(SourceError) -> TileContent<[Digest]> {
        for candidate in tile.candidates {
            let limit = Tile.fullWidth * Digest.byteCount + 1
            guard let bytes = try await file(candidate.path, limit: limit) else { continue }
            guard bytes.count == candidate.width * Digest.byteCount
            else { return .malformed(byteCount: bytes.count) }
            return .found(
                (0..<tile.width).compactMap { place in
                    Digest(bytes[place * Digest.byteCount..<(place + 1) * Digest.byteCount])
                })
        }
        return .missing
    }

    /// The lines of the records under a tile of level 0.
    func lines(_ tile: Tile) async throws(SourceError) -> TileContent<[[UInt8]]> {
        for candidate in tile.candidates {
            let limit = Tile.fullWidth * (2 + RecordLayout.byteCountMax) + 1
            guard let bytes = try await file(candidate.entriesPath, limit: limit)
            else { continue }
            guard let lines = bundledLines(bytes), lines.count == candidate.width
            else { return .malformed(byteCount: bytes.count) }
            return .found(Array(lines.prefix(tile.width)))
        }
        return .missing
    }
}

extension Tile {
    fileprivate var candidates: [Tile] {
        [self] + (isPartial ? [Tile(level: level, index: index)].compactMap(\.self) : [])
    }
}

/// 16-bit big-endian length and line, repeated; nil if the lengths do not add up.
private func bundledLines(_ bytes: [UInt8]) -> [[UInt8]]? {
    var lines: [[UInt8]] = []
    var place = 0
    while place < bytes.count {
        guard place + 2 <= bytes.count else { return nil }
        let end = place + 2 + (Int(bytes[place]) << 8 | Int(bytes[place + 1]))
        guard end <= bytes.count else { return nil }
        lines.append(Array(bytes[(place + 2)..<end]))
        place = end
    }
    return lines
}
