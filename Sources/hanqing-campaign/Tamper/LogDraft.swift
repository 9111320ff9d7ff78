import CanonicalJSON
import Digests
import Foundation
import Merkle
import Records

/// A sound ledger's log while it is changed; records are named by their places in the sound one.
struct LogDraft {
    let sound: SoundLedger
    /// The lines of each segment that was changed.
    private var edited: [Int: [Line]] = [:]
    private let hasher = MerkleHasher()

    /// A line, and which record it was.
    private struct Line {
        var record: Int?
        var bytes: ArraySlice<UInt8>
    }

    init(_ sound: SoundLedger) {
        self.sound = sound
    }

    private func lines(_ segment: Int) -> [Line] {
        edited[segment]
            ?? sound.segments[segment].records.map { Line(record: $0, bytes: sound.lines[$0]) }
    }

    /// Gives `body` the lines around `record`, and where it stands among them.
    private mutating func change(_ record: Int, _ body: (inout [Line], Int) -> Void) {
        let segment = sound.segment(of: record)
        var lines = lines(segment)
        guard let place = lines.firstIndex(where: { $0.record == record }) else { return }
        edited[segment] = []
        body(&lines, place)
        edited[segment] = lines
    }

    func line(_ record: Int) -> ArraySlice<UInt8> {
        guard let lines = edited[sound.segment(of: record)] else { return sound.lines[record] }
        return lines.first { $0.record == record }?.bytes ?? []
    }

    // MARK: Changes

    mutating func replace(_ record: Int, by line: ArraySlice<UInt8>) {
        change(record) { $0[$1].bytes = line }
    }

    mutating func remove(_ record: Int) {
        change(record) { lines, place in lines.remove(at: place) }
    }

    /// Puts a line that was not there before `record`, or after it.
    mutating func insert(_ line: ArraySlice<UInt8>, at record: Int, after: Bool = false) {
        change(record) { lines, place in
            lines.insert(Line(record: nil, bytes: line), at: place + (after ? 1 : 0))
        }
    }

    mutating func swap(_ one: Int, _ two: Int) {
        let (first, second) = (line(one), line(two))
        replace(one, by: second)
        replace(two, by: first)
    }

    /// Makes links right again, as a forger would, in at most `count` lines after `record`;
    /// `renumbering` also makes sequence numbers right.
    mutating func relink(after record: Int, count: Int = .max, renumbering: Bool = false) {
        var (left, last, number): (Int, LeafHash?, Int) = (count, nil, 0)
        let first = sound.segment(of: record)
        number = sound.segments[first].records.lowerBound
        for segment in first..<sound.segments.count where left > 0 {
            var lines = lines(segment)
            for place in lines.indices where left > 0 {
                let isBefore = segment == first && (lines[place].record ?? .max) <= record
                if !isBefore, let last {
                    lines[place].bytes = linked(
                        lines[place].bytes, last, renumbering ? number : nil)
                    left -= 1
                }
                last = leafHash(lines[place].bytes, hasher)
                number += 1
            }
            edited[segment] = lines
        }
    }

    /// The line with another `prev`, and another `seq` if one is given.
    private func linked(
        _ line: ArraySlice<UInt8>, _ prev: LeafHash, _ number: Int?
    ) -> ArraySlice<UInt8> {
        var line = line
        if let start = line.range(of: #""prev":""#.utf8)?.upperBound {
            line.replaceSubrange(start..<start + 64, with: prev.digest.hex.utf8)
        }
        guard let number, let start = line.range(of: #""seq":"#.utf8)?.upperBound else {
            return line
        }
        let end = line[start...].firstIndex(of: UInt8(ascii: ",")) ?? start
        line.replaceSubrange(start..<end, with: String(number).utf8)
        return line
    }

    // MARK: Files

    /// The segments that were changed, as files.
    func files() -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for (segment, lines) in edited {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(lines.reduce(0) { $0 + $1.bytes.count + 1 })
            for line in lines {
                bytes += line.bytes
                bytes.append(0x0A)
            }
            files[sound.segments[segment].file] = bytes
        }
        return files
    }

    /// Puts the changed log, whose leaf hashes are given, in place of the ledger in `folder`, and
    /// signs it with the ledger's key.
    func install(_ leaves: [LeafHash], in folder: String) throws {
        for (path, bytes) in files() {
            try replaceFile(folder + "/" + path, bytes.isEmpty ? nil : bytes)
        }
        let note = try SoundLedger.checkpoint(leaves, sound.origin, sound.key)
        for name in ["durable", "latest"] { try replaceFile("\(folder)/checkpoints/\(name)", note) }
        try? FileManager.default.removeItem(atPath: folder + "/index")
    }

    /// The leaf hashes of the changed log, for whoever signs it.
    func leaves() -> [LeafHash] {
        sound.segments.indices.flatMap { segment in
            edited[segment]?.map { leafHash($0.bytes, hasher) }
                ?? Array(sound.leaves[sound.segments[segment].records])
        }
    }
}
