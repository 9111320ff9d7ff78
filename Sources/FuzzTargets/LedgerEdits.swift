import Digests
import Merkle

/// Edits to a ledger, read from an input: what comes is an edit, whatever its bytes are.
///
/// An edit is a byte that says what is done, one that says to which file, two of place, one of
/// length, and as many bytes as it needs.
struct LedgerEdits {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    /// More edits than these tell nothing new.
    private static let countMax = 16

    mutating func apply(to ledger: inout MemoryLedger) {
        for _ in 0..<LedgerEdits.countMax where !rest.isEmpty {
            let (kind, file) = (take() % 10, take())
            let place = Int(take()) << 8 | Int(take())
            let length = Int(take())
            switch kind {
            case 6...9: editLines(&ledger, kind, place, length)
            default: edit(&ledger, file, kind, place, length)
            }
        }
    }

    private mutating func take() -> UInt8 {
        guard let first = rest.first else { return 0 }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        return first
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        let taken = Array(rest.prefix(count))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        return taken
    }

    private mutating func edit(
        _ ledger: inout MemoryLedger, _ file: UInt8, _ kind: UInt8, _ place: Int, _ length: Int
    ) {
        switch file % 8 {
        case 0...3: edit(&ledger.records, kind, place, length)
        case 4...5:
            guard kind != 5 else { return ledger.note = nil }
            edit(&ledger.note, kind, place, length)
        default:
            let names = ledger.others.keys.sorted()
            guard !names.isEmpty else { return }
            let name = names[Int(file / 8) % names.count]
            guard kind != 5 else { return ledger.others[name] = nil }
            edit(&ledger.others[name], kind, place, length)
        }
    }

    private mutating func edit(
        _ bytes: inout [UInt8]?, _ kind: UInt8, _ place: Int, _ length: Int
    ) {
        var found = bytes ?? []
        edit(&found, kind, place, length)
        bytes = found
    }

    private mutating func edit(
        _ bytes: inout [UInt8], _ kind: UInt8, _ place: Int, _ length: Int
    ) {
        let start = bytes.isEmpty ? 0 : place % bytes.count
        let end = min(bytes.count, start + length)
        switch kind {
        case 0 where start < bytes.count: bytes[start] ^= UInt8(truncatingIfNeeded: length)
        case 1: bytes.replaceSubrange(start..<end, with: take(length))
        case 2: bytes.insert(contentsOf: take(length), at: start)
        case 3: bytes.removeSubrange(start..<end)
        case 4: bytes.removeSubrange(start...)
        default: bytes.insert(contentsOf: bytes[start..<end], at: start)
        }
    }

    /// Edits to whole lines, and links that are mended behind an edit.
    private mutating func editLines(
        _ ledger: inout MemoryLedger, _ kind: UInt8, _ place: Int, _ length: Int
    ) {
        var lines = ledger.records.split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { Array($0) }
        let line = place % lines.count
        let other = length % lines.count
        switch kind {
        case 6: lines.swapAt(line, other)
        case 7: lines.insert(lines[line], at: other)
        case 8: lines[line] = take(length)
        default: LedgerEdits.relink(&lines, from: line, count: length)
        }
        ledger.records = Array(lines.joined(separator: [0x0A]))
    }

    private static func relink(_ lines: inout [[UInt8]], from first: Int, count: Int) {
        let hasher = MerkleHasher()
        for place in first..<min(lines.count - 1, first + count) where lines[place + 1].count > 82 {
            let leaf = lines[place].withUnsafeBytes { hasher.leaf($0) }
            lines[place + 1].replaceSubrange(18..<82, with: leaf.digest.hex.utf8)
        }
    }
}
