import Digests
import Merkle
import Records

/// Records under a tile of level 0: 16-bit big-endian length and line, repeated
/// (c2sp.org/tlog-tiles).
package enum EntryBundle {
    static let byteCountMax = Tile.fullWidth * (2 + RecordLayout.byteCountMax)

    package static func bytes(of lines: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.reduce(0) { $0 + $1.count + 2 })
        for line in lines {
            precondition(line.count <= RecordLayout.byteCountMax, "a record fits its length")
            bytes += [UInt8(line.count >> 8), UInt8(line.count & 255)]
            bytes += line
        }
        return bytes
    }

    /// Nil if the lengths do not add up.
    static func lines(in bytes: [UInt8]) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 2 else { return nil }
            let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            guard rest.count >= count else { return nil }
            lines.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return lines
    }

    /// Of a withheld line the leaf hash is the one that it states.
    static func leaves(of lines: [[UInt8]]) -> [LeafHash] {
        let hasher = MerkleHasher()
        return lines.map { line in
            line.withUnsafeBytes { WithheldLine($0)?.leafHash ?? hasher.leaf($0) }
        }
    }

    static func isWithheld(_ line: [UInt8]) -> Bool {
        line.withUnsafeBytes { WithheldLine($0) != nil }
    }
}
