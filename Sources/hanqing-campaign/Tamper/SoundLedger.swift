import CanonicalJSON
import Checkpoints
import Foundation
import Merkle
import Records

/// A ledger that was found sound, in memory: what is mutated, and what is put back.
struct SoundLedger: Sendable {
    /// Every file of its folder by its path inside.
    private(set) var files: [String: [UInt8]] = [:]
    private(set) var segments: [Segment] = []
    private(set) var lines: [ArraySlice<UInt8>] = []
    private(set) var leaves: [LeafHash] = []
    let key: SignerKey
    let origin: String
    /// What stood where a line is withheld now, and which record says so.
    var clear: [Int: (line: [UInt8], backing: Int)] = [:]

    /// A segment: its name, and the records in it.
    struct Segment: Sendable {
        let file: String
        let records: Range<Int>
    }

    /// Reads the ledger in `folder`.
    init(folder: String) throws {
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var isFolder: ObjCBool = false
            let whole = folder + "/" + path
            guard FileManager.default.fileExists(atPath: whole, isDirectory: &isFolder),
                !isFolder.boolValue
            else { continue }
            files[path] = [UInt8](try Data(contentsOf: URL(filePath: whole)))
        }
        guard let secret = files["keys/ledger.key"],
            let note = files["checkpoints/latest"].flatMap({ try? SignedNote($0) })
        else { throw CampaignError("\(folder) is no ledger with its key") }
        key = try SignerKey(secretText: String(decoding: secret.dropLast(), as: UTF8.self))
        origin = try Checkpoint(text: note.text).origin.text
        readLog()
    }

    private mutating func readLog() {
        let hasher = MerkleHasher()
        for file in files.keys.filter({ $0.hasPrefix("records/") }).sorted() {
            let first = lines.count
            lines += (files[file] ?? []).split(separator: 0x0A)
            segments.append(Segment(file: file, records: first..<lines.count))
        }
        leaves = lines.map { leafHash($0, hasher) }
    }

    /// A number as segments' names have it.
    static func digits(_ number: Int) -> String {
        String(repeating: "0", count: 12 - "\(number)".count) + "\(number)"
    }

    /// The segment that holds a record.
    func segment(of record: Int) -> Int {
        segments.lastIndex { $0.records.lowerBound <= record } ?? 0
    }

    func isWithheld(_ record: Int) -> Bool { lines[record].starts(with: #"{"withheld""#.utf8) }

    /// Whether the ledger itself wrote it.
    func isOwn(_ record: Int) -> Bool {
        lines[record].contains(#""recorder":"ledger""#.utf8)
    }

    /// The place of a record in its batch; nil outside of batches.
    func batch(_ record: Int) -> BatchPlace? {
        if isWithheld(record) {
            return lines[record].withUnsafeBytes { WithheldLine($0) }?.batch
        }
        guard let start = lines[record].range(of: #","intake":{"batch":""#.utf8)?.upperBound,
            let end = lines[record][start...].firstIndex(of: UInt8(ascii: "\""))
        else { return nil }
        return lines[record][start..<end].withUnsafeBytes { BatchPlace($0) }
    }

    /// Whether the ledger could have ended before this record: no batch is cut there.
    func isEnd(_ size: Int) -> Bool { size == lines.count || (batch(size)?.index ?? 1) == 1 }

    /// The checkpoint that the ledger signed, or would have signed, at this size.
    func checkpoint(_ size: Int) throws -> [UInt8] {
        try SoundLedger.checkpoint(Array(leaves.prefix(size)), origin, key)
    }

    static func checkpoint(
        _ leaves: [LeafHash], _ origin: String, _ key: SignerKey
    ) throws -> [UInt8] {
        guard let origin = Origin(origin) else { throw CampaignError("no origin: \(origin)") }
        let hasher = MerkleHasher()
        var tree = CompactRange(begin: 0)
        for leaf in leaves { tree.append(leaf, hasher) }
        return Checkpoint(
            origin: origin, size: TreeSize(UInt64(leaves.count)), root: tree.root(hasher)
        ).sign(with: key)
    }
}

/// A record's leaf hash; of a withheld line the one that it states.
func leafHash(_ line: ArraySlice<UInt8>, _ hasher: MerkleHasher) -> LeafHash {
    line.withUnsafeBytes { raw in
        line.starts(with: #"{"withheld""#.utf8)
            ? WithheldLine(raw)?.leafHash ?? hasher.leaf(raw) : hasher.leaf(raw)
    }
}

/// Why a campaign could not be tried at all.
struct CampaignError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension ArraySlice<UInt8> {
    /// Where `part` stands first.
    func range(of part: some Collection<UInt8>) -> Range<Int>? {
        guard let first = part.first, count >= part.count else { return nil }
        var place = startIndex
        while let found = self[place...].firstIndex(of: first) {
            if self[found...].starts(with: part) { return found..<found + part.count }
            place = found + 1
        }
        return nil
    }

    func contains(_ part: some Collection<UInt8>) -> Bool { range(of: part) != nil }
}
