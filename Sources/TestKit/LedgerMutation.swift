import CanonicalJSON
import Digests
package import Foundation
import Merkle

/// A seeded change to a ledger's records, and where it was made.
package struct LedgerMutation: Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        case flipBit, deleteLine, swapLines, repeatLine, insertLine, editNextLinked
        case editAllLinked, truncateInside, truncateBetween
    }

    package let kind: Kind
    /// The first record whose bytes or place are not what they were.
    package let sequence: UInt64

    package var description: String { "\(kind.rawValue) at record \(sequence)" }

    /// Changes the one segment at `file`, which holds all records.
    package static func make(
        in file: URL, using random: inout some RandomNumberGenerator
    ) throws -> LedgerMutation {
        var lines = try Data(contentsOf: file).split(separator: 0x0A).map { [UInt8]($0) }
        let kind = Kind.allCases.randomElement(using: &random) ?? .flipBit
        let place = Int.random(in: 0..<lines.count - 1, using: &random)
        var sequence = place
        switch kind {
        case .flipBit:
            let byte = lines[place].indices.randomElement(using: &random) ?? 0
            lines[place][byte] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case .deleteLine: lines.remove(at: place)
        case .swapLines: lines.swapAt(place, place + 1)
        case .repeatLine:
            lines.insert(lines[place], at: place + 1)
            sequence = place + 1
        case .insertLine:
            lines.insert(edited(lines[place]), at: place)
        case .editNextLinked:
            lines[place] = edited(lines[place])
            relink(&lines, after: place, through: place + 1)
        case .editAllLinked:
            lines[place] = edited(lines[place])
            relink(&lines, after: place, through: lines.count - 1)
        case .truncateInside:
            lines.removeLast(lines.count - place - 1)
            lines[place].removeLast(Int.random(in: 1..<lines[place].count, using: &random))
        case .truncateBetween: lines.removeLast(lines.count - place)
        }
        var bytes = Data(lines.joined(separator: [0x0A]))
        if kind != .truncateInside { bytes.append(0x0A) }
        try bytes.write(to: file)
        return LedgerMutation(kind: kind, sequence: UInt64(sequence))
    }

    /// The line with one letter of the event's id changed: as canonical as before.
    private static func edited(_ line: [UInt8]) -> [UInt8] {
        var line = line
        guard let found = line.firstRange(of: Array(#""id":""#.utf8)) else { return line }
        let place = found.upperBound
        line[place] = line[place] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
        return line
    }

    /// Writes the true leaf hash of each line into the `prev` of the next.
    private static func relink(_ lines: inout [[UInt8]], after first: Int, through last: Int) {
        let hasher = MerkleHasher()
        for place in first..<last {
            let leaf = lines[place].withUnsafeBytes { hasher.leaf($0) }
            lines[place + 1].replaceSubrange(18..<82, with: leaf.digest.hex.utf8)
        }
    }
}
