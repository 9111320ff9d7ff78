import Merkle
import Records

/// Which records of a mutated ledger are not the ones that were signed, by their places in the log.
///
/// Places are counted as Specs/verify.md section 2 says: over the log, and a segment whose name and
/// first line agree on a later number begins there. This is the campaign's own account of it, from
/// the bytes alone.
struct Places {
    /// Places below the sound ledger's size, ascending, as few ranges as possible.
    private(set) var altered: [ClosedRange<Int>] = []
    /// Places of lines that lost their LF and nothing else: the record is sound, the line is not.
    private(set) var unterminated: Set<Int> = []
    private var next = 0
    private let sound: SoundLedger

    var first: Int? { altered.first?.lowerBound }

    init(_ sound: SoundLedger, _ files: [String: [UInt8]?]) {
        self.sound = sound
        let names = Set(sound.segments.map(\.file)).union(files.keys)
        for name in names.sorted() {
            guard let first = Places.first(name), let bytes = files[name] ?? sound.files[name]
            else { continue }
            take(name, first, bytes, isChanged: files[name] != nil)
        }
        if next < sound.lines.count { mark(next..<sound.lines.count) }
    }

    /// The number in a segment's name; nil for other names.
    private static func first(_ file: String) -> Int? {
        guard file.hasPrefix("records/"), file.hasSuffix(".ndjson"), file.utf8.count == 27 else {
            return nil
        }
        return Int(file.dropFirst(8).prefix(12))
    }

    private mutating func take(_ name: String, _ first: Int, _ bytes: [UInt8], isChanged: Bool) {
        let known = isChanged ? nil : sound.segments.first { $0.file == name }
        let lines =
            known.map { sound.lines[$0.records] }
            ?? bytes.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        var rest = lines
        if known == nil, rest.last?.isEmpty == true { rest.removeLast() }
        if first > next, rest.first.flatMap(Places.sequence) == first {
            mark(next..<min(first, sound.lines.count))
            next = first
        }
        if let known, known.records.lowerBound == next {
            next = known.records.upperBound
            return
        }
        for line in rest {
            if isAltered(line) { mark(next..<next + 1) }
            next += 1
        }
        if let last = bytes.last, last != 0x0A { unterminated.insert(next - 1) }
    }

    /// Whether the line at the next place has another leaf hash than was signed; what else a
    /// withheld line says is its own word.
    private func isAltered(_ line: ArraySlice<UInt8>) -> Bool {
        guard next < sound.lines.count, line != sound.lines[next] else { return false }
        return leafHash(line, MerkleHasher()) != sound.leaves[next]
    }

    /// The number that a line states.
    private static func sequence(_ line: ArraySlice<UInt8>) -> Int? {
        line.withUnsafeBytes { RecordHeader($0) }.map { Int($0.sequence.rawValue) }
    }

    private mutating func mark(_ places: Range<Int>) {
        guard let first = places.first else { return }
        if let last = altered.last, last.upperBound == first - 1 {
            altered[altered.count - 1] = last.lowerBound...places.upperBound - 1
        } else {
            altered.append(first...places.upperBound - 1)
        }
    }

    func overlap(_ range: ClosedRange<Int>) -> Bool {
        altered.contains { $0.overlaps(range) }
    }

    /// Several ranges as few as possible, in order.
    static func union(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var result: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] =
                    last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}
