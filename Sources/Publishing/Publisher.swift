package import Checkpoints
import Digests
import Merkle
import Phrases
import Records

/// Publishes a ledger as a folder of tiles: Specs/publishing.md.
///
/// First ``writeTiles(for:progress:)``, then the witnesses may be asked, then ``finish(_:)``. A
/// crash anywhere leaves a folder that says what it said before, or what it says now.
package final class Publisher {
    private let folder: PublicationFolder
    private let source: any PublicationSource
    private let keys: [VerifierKey]
    private let options: Options
    private let hasher = MerkleHasher()
    private var report = PublicationReport()

    package struct Options: Sendable {
        /// Whether the records themselves are published too.
        package var withEntries = false
        /// Whether all that was published is compared again, not only what is new.
        package var all = false

        package init() {}
    }

    /// `keys` are all that the ledger has had.
    package init(
        _ folder: PublicationFolder, _ source: any PublicationSource, keys: [VerifierKey],
        _ options: Options = Options()
    ) {
        (self.folder, self.source) = (folder, source)
        (self.keys, self.options) = (keys, options)
    }

    /// Makes everything durable that the checkpoint needs, and gives what was published before.
    package func writeTiles(
        for checkpoint: VerifiedCheckpoint, progress: (_ done: UInt64, _ total: UInt64) -> Void
    ) async throws(PublicationError) -> VerifiedCheckpoint? {
        guard options.withEntries || !folder.holdsEntries else {
            throw .refused(
                en: "\(folder.path) holds records too: publish with --with-entries, or into "
                    + "another folder", zh: "\(folder.path) 已含记录：请加 --with-entries，或发布到其他目录")
        }
        let previous = try previous(of: checkpoint.origin)
        try await demand(checkpoint, continues: previous)
        let start = options.all ? TreeSize.zero : previous?.size ?? .zero
        // All is checked before anything is written: what is written once stays.
        try await checkTiles(from: start, checkpoint)
        try await writeHashes(from: start, checkpoint, progress)
        if options.withEntries { try await writeEntries(checkpoint) }
        try folder.syncNames()
        (report.from, report.size) = (previous?.size.rawValue ?? 0, checkpoint.size.rawValue)
        return previous
    }

    /// Replaces the checkpoint by `note`, which may have more signatures than the one whose tiles
    /// were written; then removes what nobody needs any more.
    package func finish(
        _ checkpoint: VerifiedCheckpoint
    ) throws(PublicationError)
        -> PublicationReport
    {
        precondition(checkpoint.size.rawValue == report.size, "its tiles were written")
        try folder.putCheckpoint(checkpoint.bytes)
        try collect(checkpoint.size)
        return report
    }

    // MARK: - Before

    private func previous(
        of origin: Origin
    ) throws(PublicationError) -> VerifiedCheckpoint? {
        let limit = SignedNote.maximumByteCount + 1
        let name = PublicationFolder.checkpointName
        guard let bytes = try folder.contents(name, limit: limit) else { return nil }
        do throws(CheckpointError) {
            return try VerifiedCheckpoint(verifying: bytes, of: origin, by: keys)
        } catch {
            throw .refused(
                en: "\(folder.path)/checkpoint is none of this ledger's: \(error.phrase.en)",
                zh: "\(folder.path)/checkpoint 不属于本账本：\(error.phrase.zh)")
        }
    }

    private func demand(
        _ checkpoint: VerifiedCheckpoint, continues previous: VerifiedCheckpoint?
    ) async throws(PublicationError) {
        guard let previous else { return }
        guard previous.size <= checkpoint.size else {
            throw .evidence(
                en: "\(previous.size) records were published, and the ledger has "
                    + "\(checkpoint.size): it was rolled back",
                zh: "已发布 \(previous.size) 条记录，而账本只有 \(checkpoint.size) 条：账本被回退")
        }
        let root = try await root(of: previous.size, in: checkpoint.size)
        guard root == previous.root else {
            // A damaged index accuses nobody: only a root from which a proof leads to the signed
            // one is the ledger's.
            try await demand(root, at: previous.size, leadsTo: checkpoint)
            throw .evidence(
                en: "the ledger's first \(previous.size) records are not those that were "
                    + "published: two histories were signed",
                zh: "账本的前 \(previous.size) 条记录与已发布的不同：存在两份已签名的历史")
        }
    }

    private func demand(
        _ root: Root, at size: TreeSize, leadsTo checkpoint: VerifiedCheckpoint
    ) async throws(PublicationError) {
        let proof = try await source.consistency(from: size, to: checkpoint.size)
        do throws(ProofError) {
            try verifyConsistency(
                from: size, to: checkpoint.size, oldRoot: root, newRoot: checkpoint.root,
                proof: proof, hasher)
        } catch {
            throw .damagedIndex
        }
    }

    /// The root of the first records, from the tiles of the newest size.
    private func root(of size: TreeSize, in newest: TreeSize) async throws(PublicationError) -> Root
    {
        var hashes: [Tile: [Digest]] = [:]
        for tile in Tile.edge(of: size) {
            let whole = Tile(level: tile.level, holding: tile.hashes.lowerBound, in: newest)
            guard let whole else { throw .damagedIndex }
            hashes[tile] = Array(try await read(whole).prefix(tile.width))
        }
        return Merkle.root(of: size, hasher) { hashes[$0] ?? [] }
    }

    private func read(_ tile: Tile) async throws(PublicationError) -> [Digest] {
        let bytes = try await source.hashes(tile)
        guard bytes.count == tile.width * Digest.byteCount else { throw .damagedIndex }
        return tile.digests(bytes)
    }

    /// What is about to be written gives the signed root, every hash of it.
    private func checkTiles(
        from start: TreeSize, _ checkpoint: VerifiedCheckpoint
    ) async throws(PublicationError) {
        let size = checkpoint.size
        var folds: [UInt64: Digest] = [:]
        for level in 0...Tile.maximumLevel where Tile.hashCount(at: level, in: size) > 0 {
            var above: [UInt64: Digest] = [:]
            let known = Tile.hashCount(at: level, in: start)
            for tile in Tile.tiles(at: level, from: start, to: size) {
                let hashes = try await read(tile)
                for (index, hash) in zip(tile.hashes, hashes) where level > 0 && index >= known {
                    guard folds[index] == hash else { throw .damagedIndex }
                }
                if !tile.isPartial { above[tile.index] = Tile.fold(hashes, hasher) }
            }
            folds = above
        }
        guard try await root(of: size, in: size) == checkpoint.root else { throw .damagedIndex }
    }

    // MARK: - Writing

    private func writeHashes(
        from start: TreeSize, _ checkpoint: VerifiedCheckpoint,
        _ progress: (_ done: UInt64, _ total: UInt64) -> Void
    ) async throws(PublicationError) {
        let size = checkpoint.size
        for level in 0...Tile.maximumLevel {
            for tile in Tile.tiles(at: level, from: start, to: size) {
                let bytes = try await source.hashes(tile)
                try write(bytes, tile.path, isFull: !tile.isPartial)
                if level == 0 { progress(tile.hashes.upperBound, size.rawValue) }
            }
        }
    }

    private func write(
        _ bytes: [UInt8], _ path: String, isFull: Bool
    ) throws(PublicationError) {
        switch try folder.write(bytes, to: path) {
        case .new:
            report.files += 1
            report.byteCount += bytes.count
        case .alreadyThere: break
        case nil:
            throw .evidence(
                en: "\(folder.path)/\(path) has other hashes than the ledger",
                zh: "\(folder.path)/\(path) 中的哈希与账本不同")
        }
    }

    private func writeEntries(
        _ checkpoint: VerifiedCheckpoint
    ) async throws(PublicationError) {
        let done = options.all ? 0 : min(folder.progress.entries, checkpoint.size.rawValue)
        for tile in Tile.tiles(at: 0, from: TreeSize(done), to: checkpoint.size) {
            let lines = try await source.lines(tile.hashes)
            let leaves = try await read(tile)
            guard lines.count == tile.width, EntryBundle.leaves(of: lines).map(\.digest) == leaves
            else {
                throw .refused(
                    en: "records \(tile.hashes.lowerBound) to \(tile.hashes.upperBound - 1) do not "
                        + "have the leaf hashes that were signed: run hanqing verify",
                    zh: "记录 \(tile.hashes.lowerBound) 至 \(tile.hashes.upperBound - 1) 与已签名的叶哈希不符："
                        + "请运行 hanqing verify")
            }
            report.withheld += lines.count { EntryBundle.isWithheld($0) }
            try write(EntryBundle.bytes(of: lines), tile)
        }
        folder.progress.entries = checkpoint.size.rawValue
    }

    /// Writes a bundle; in one that is there a record may have become a withheld line since, whose
    /// text must leave this copy too.
    private func write(_ bytes: [UInt8], _ tile: Tile) throws(PublicationError) {
        let path = tile.entriesPath
        switch try folder.write(bytes, to: path) {
        case .new:
            report.files += 1
            report.byteCount += bytes.count
        case .alreadyThere: break
        case nil:
            let old = try folder.contents(path, limit: EntryBundle.byteCountMax)
            guard let lines = old.flatMap({ EntryBundle.lines(in: $0) }),
                EntryBundle.leaves(of: lines)
                    == EntryBundle.leaves(of: EntryBundle.lines(in: bytes) ?? [])
            else {
                throw .evidence(
                    en: "\(folder.path)/\(path) has other records than the ledger",
                    zh: "\(folder.path)/\(path) 中的记录与账本不同")
            }
            try folder.put(bytes, path)
            report.rewritten += 1
        }
    }

    // MARK: - After

    /// Removes partial tiles whose full ones are there; readers of older checkpoints fall back to
    /// those.
    private func collect(_ size: TreeSize) throws(PublicationError) {
        let done = TreeSize(min(folder.progress.collected, size.rawValue))
        for level in 0...Tile.maximumLevel {
            let begin = Tile.hashCount(at: level, in: done) >> 8
            let end = Tile.hashCount(at: level, in: size) >> 8
            for index in begin..<end {
                guard let tile = Tile(level: level, index: index) else { continue }
                if try folder.removePartials(tile.path + ".p") { report.collected += 1 }
                guard level == 0, options.withEntries else { continue }
                if try folder.removePartials(tile.entriesPath + ".p") { report.collected += 1 }
            }
        }
        folder.progress.collected = size.rawValue
        try folder.saveProgress()
    }
}

/// What a run did.
package struct PublicationReport: Hashable, Sendable {
    /// What was published before, and now.
    package var from: UInt64 = 0
    package var size: UInt64 = 0
    package var files = 0
    package var byteCount = 0
    /// Bundles in which a record became a withheld line.
    package var rewritten = 0
    /// Withheld lines among the records that were published by this run.
    package var withheld = 0
    /// Folders of partial tiles that were removed.
    package var collected = 0
}

extension Tile {
    /// Its hashes, from the bytes of its file.
    fileprivate func digests(_ bytes: [UInt8]) -> [Digest] {
        (0..<width).compactMap { place in
            Digest(bytes[place * Digest.byteCount..<(place + 1) * Digest.byteCount])
        }
    }
}
