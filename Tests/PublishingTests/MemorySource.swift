import AuditSources
import Auditing
import Checkpoints
import Digests
import Foundation
import Merkle
import Publishing
import Records
import TestKit
import Testing

/// A log in memory, whose hashes are made the slow way: node by node, by the definition.
final class MemorySource: PublicationSource {
    let key: SignerKey
    let origin: Origin
    let lines: [[UInt8]]
    /// Tree levels 0, 8, 16 and so on.
    private let levels: [[Digest]]
    /// What is given in place of a hash: a damaged index.
    private let damage: (tile: Tile, byte: Int)?

    init(
        _ lines: [[UInt8]], key: SignerKey, damage: (tile: Tile, byte: Int)? = nil
    ) throws {
        (self.lines, self.key, self.damage) = (lines, key, damage)
        origin = try #require(Origin(key.name.text))
        let hasher = MerkleHasher()
        var levels = [
            lines.map { line in
                line.withUnsafeBytes { WithheldLine($0)?.leafHash ?? hasher.leaf($0) }.digest
            }
        ]
        while levels[levels.count - 1].count >= 256 {
            let below = levels[levels.count - 1]
            levels.append(
                (0..<below.count / 256).map { place in
                    MemorySource.tree(below[(place * 256)..<((place + 1) * 256)], hasher)
                })
        }
        self.levels = levels
    }

    /// `count` numbered lines; from `forkedAt` on other ones.
    static func numbered(
        _ count: Int, key: SignerKey, forkedAt: Int = .max, damage: (Tile, Int)? = nil
    ) throws -> MemorySource {
        let lines = (0..<count).map { Array("\($0 >= forkedAt ? "fork" : "entry")-\($0)".utf8) }
        return try MemorySource(
            lines, key: key, damage: damage.map { (tile: $0.0, byte: $0.1) })
    }

    static func key(_ origin: String = "log.example/tiles") throws -> SignerKey {
        SignerKey.generate(name: try #require(KeyName(origin)))
    }

    /// MTH of RFC 6962 section 2.1 over hashes.
    private static func tree(_ hashes: ArraySlice<Digest>, _ hasher: MerkleHasher) -> Digest {
        guard hashes.count > 1, let last = hashes.indices.last else {
            return hashes[hashes.startIndex]
        }
        var half = 1
        while half * 2 < hashes.count { half *= 2 }
        let middle = hashes.startIndex + half
        return hasher.node(
            tree(hashes[..<middle], hasher), tree(hashes[middle...last], hasher))
    }

    func root(of size: Int) -> Root {
        size == 0 ? Root(.emptyTree) : Root(MemorySource.tree(levels[0][..<size], MerkleHasher()))
    }

    func checkpoint(at size: Int) throws -> VerifiedCheckpoint {
        let checkpoint = Checkpoint(
            origin: origin, size: TreeSize(UInt64(size)), root: root(of: size))
        return try VerifiedCheckpoint(
            verifying: checkpoint.sign(with: key), of: origin, by: [key.verifierKey])
    }

    func hashes(_ tile: Tile) async throws(PublicationError) -> [UInt8] {
        let range = Int(tile.hashes.lowerBound)..<Int(tile.hashes.upperBound)
        guard tile.level < levels.count, range.upperBound <= levels[tile.level].count
        else { return [] }
        var bytes = levels[tile.level][range].flatMap(\.bytes)
        if let damage, damage.tile == tile { bytes[damage.byte] ^= 1 }
        return bytes
    }

    func lines(_ range: Range<UInt64>) async throws(PublicationError) -> [[UInt8]] {
        Array(lines[Int(range.lowerBound)..<Int(range.upperBound)])
    }

    /// The proof of a record in the tree of `size`, as its holder keeps it.
    func receipt(of record: Int, at size: Int) throws -> KeptReceipt {
        let hashes = inclusionProof(
            of: SequenceNumber(UInt64(record)), in: TreeSize(UInt64(size)), MerkleHasher()
        ) { node in
            MemorySource.tree(
                levels[0][Int(node.leaves.lowerBound)..<Int(node.leaves.upperBound)],
                MerkleHasher())
        }
        return KeptReceipt(
            TlogProof(
                sequence: SequenceNumber(UInt64(record)), hashes: hashes,
                note: try checkpoint(at: size).bytes))
    }

    func consistency(from old: TreeSize, to new: TreeSize) -> [Digest] {
        consistencyProof(from: old, to: new, MerkleHasher()) { node in
            MemorySource.tree(
                levels[0][Int(node.leaves.lowerBound)..<Int(node.leaves.upperBound)],
                MerkleHasher())
        }
    }
}

/// A folder that is published into.
struct Publication {
    let home: ScratchFolder
    var path: String { home.path + "/tiles" }

    init() throws { home = try ScratchFolder() }

    /// Publishes what `source` has up to `size`.
    @discardableResult
    func publish(
        _ source: MemorySource, at size: Int? = nil, entries: Bool = false, all: Bool = false,
        finishing: Bool = true
    ) async throws -> PublicationReport? {
        var options = Publisher.Options()
        (options.withEntries, options.all) = (entries, all)
        let publisher = Publisher(
            try PublicationFolder(path), source, keys: [source.key.verifierKey], options)
        let checkpoint = try source.checkpoint(at: size ?? source.lines.count)
        _ = try await publisher.writeTiles(for: checkpoint) { _, _ in }
        return finishing ? try publisher.finish(checkpoint) : nil
    }

    /// What the shipped auditor says of it.
    func audit(
        _ key: VerifierKey?, sinceLast: Bool = false, memory: Bool = false,
        policy: WitnessPolicy? = nil, checkpoints: [GivenCheckpoint] = []
    ) async throws -> AuditReport {
        var records = Auditor.Options(hashKey: ShortHash(high: 1, low: 2))
        (records.key, records.checkpoints) = (key, checkpoints)
        var options = TileAudit.Options(records: records)
        (options.policy, options.sinceMemory) = (policy, sinceLast)
        let folder = memory ? MemoryFolder(home.path + "/memory") : nil
        let scratch = home.path
        return try await TileAudit(TileFolder(path), memory: folder, options) {
            () throws(SourceError) in try ScratchFile(in: scratch)
        }.run()
    }

    /// Every file with its bytes, but for the lock.
    func files() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        let all = FileManager.default.enumerator(atPath: path)
        while let name = all?.nextObject() as? String {
            let url = URL(filePath: "\(path)/\(name)")
            guard name != ".publishing", try !url.isFolder else { continue }
            files[name] = [UInt8](try Data(contentsOf: url))
        }
        return files
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    }
}

extension URL {
    fileprivate var isFolder: Bool {
        get throws { try resourceValues(forKeys: [.isDirectoryKey]).isDirectory ?? false }
    }
}
