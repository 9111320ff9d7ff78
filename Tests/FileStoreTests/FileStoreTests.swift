import FileStore
import Foundation
import LedgerStore
import Merkle
import Records
import TestKit
import Testing

@Suite struct FileStoreTests {
    @Test(arguments: EventStoreContract.names)
    func `the file store keeps the contract`(name: String) async throws {
        let folder = try TemporaryFolder()
        try await EventStoreContract { try open(folder) }.check(name)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the file store answers as the model does`(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        try await EventStoreContract { try open(folder) }.check("random", seed: seed)
    }

    @Test func `a second writer is refused while the first lives, and never after`() async throws {
        let folder = try TemporaryFolder()
        let first = try open(folder)
        let error = #expect(throws: StoreError.self) { try open(folder) }
        #expect(error?.code == .locked)
        try await first.close()
        #expect(throws: Never.self) { try open(folder) }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `whatever the end looks like, no record before it is lost`(seed: UInt64) async throws {
        var random = Seeded(seed: seed)
        let folder = try TemporaryFolder()
        let sizes = try await fill(folder, seed: seed)
        let last = try #require(try segments(folder).last)
        var bytes = try Data(contentsOf: last)
        let whole = bytes.count
        let lines = bytes.split(separator: 0x0A)
        let tornLine = lines[lines.count - 1].count + 1
        let cut = Int.random(in: 1..<tornLine, using: &random)
        bytes.removeLast(cut)
        bytes.append(Data((0..<Int.random(in: 0...40, using: &random)).map { _ in 0 }))
        try bytes.write(to: last)
        let store = try open(folder)
        let size = await store.head().size
        #expect(size.rawValue < sizes, "seed \(seed): the torn record is gone")
        #expect(store.report.cutBytes > 0, "seed \(seed), cut \(cut) of \(whole)")
        try await store.close()
        let again = try open(folder)
        #expect(again.report.cutBytes == 0, "a second start finds nothing to do")
        #expect(await again.head().size == size)
    }

    @Test func `an unfinished batch is cut back to its beginning`() async throws {
        let folder = try TemporaryFolder()
        let head: Head
        do {
            let store = try open(folder)
            let first = try batch(["a", "b"], at: await store.lead())
            try await store.commit(first, at: .empty)
            try await store.publish(Array("2".utf8), size: TreeSize(2))
            head = await store.head()
            let second = try batch(["c", "d", "e"], at: await store.lead(), isAtomic: true)
            try await store.commit(second, at: head)
            await store.abandon()
        }
        let last = try #require(try segments(folder).last)
        let lines = try Data(contentsOf: last).split(separator: 0x0A)
        try (Data(lines[0..<4].joined(separator: [0x0A])) + [0x0A]).write(to: last)
        let store = try open(folder)
        #expect(await store.head() == head)
        let known = try await store.look(up: [LookUp(event("c")), LookUp(event("b"))])
        #expect(known.map(\.event) == [nil, SequenceNumber(1)])
    }

    @Test func `damage below the checkpoint is told and not repaired`() async throws {
        let folder = try TemporaryFolder()
        do {
            let store = try open(folder)
            try await store.commit(
                try batch(["a", "b", "c"], at: await store.lead()), at: .empty)
            try await store.publish(Array("3".utf8), size: TreeSize(3))
            await store.abandon()
        }
        let last = try #require(try segments(folder).last)
        let before = try Data(contentsOf: last)
        try before.prefix(before.count - 5).write(to: last)
        let error = #expect(throws: StoreError.self) { try open(folder) }
        #expect(error?.code == .damaged)
        #expect(try Data(contentsOf: last).count == before.count - 5, "nothing was touched")
    }

    @Test(arguments: [true, false])
    func `without a readable checkpoint nothing is cut`(isTorn: Bool) async throws {
        let folder = try TemporaryFolder()
        let store = try open(folder)
        try await store.commit(try batch(["a", "b", "c"], at: await store.lead()), at: .empty)
        try await store.publish(Array("3".utf8), size: TreeSize(3))
        await store.abandon()
        for name in ["latest", "durable"] {
            try Data().write(to: folder.url.appending(path: "checkpoints/\(name)"))
        }
        try FileManager.default.removeItem(at: folder.url.appending(path: "index"))
        let last = try #require(try segments(folder).last)
        var bytes = try Data(contentsOf: last)
        if isTorn { bytes.removeLast(9) } else { bytes[40] ^= 1 }
        try bytes.write(to: last)
        for access in [FileStore.Access.write, .read, .rebuildIndex] {
            _ = try? open(folder, access)
            #expect(try Data(contentsOf: last) == bytes, "\(access) changed nothing")
        }
        let error = #expect(throws: StoreError.self) { try open(folder) }
        #expect(error?.code == .damaged)
    }

    @Test func `a lost newest checkpoint is replaced by the durable one before it`() async throws {
        let folder = try TemporaryFolder()
        let store = try open(folder)
        try await store.commit(try batch(["a", "b", "c"], at: await store.lead()), at: .empty)
        try await store.publish(Array("3".utf8), size: TreeSize(3))
        try await store.close()
        try Data().write(to: folder.url.appending(path: "checkpoints/latest"))
        let last = try #require(try segments(folder).last)
        let before = try Data(contentsOf: last)
        try before.prefix(before.count - 5).write(to: last)
        let error = #expect(throws: StoreError.self) { try open(folder) }
        #expect(error?.code == .damaged, "still below a checkpoint")
    }

    @Test func `a lost index is made anew and answers the same`() async throws {
        let folder = try TemporaryFolder()
        let size = try await fill(folder, seed: 9)
        let before = try open(folder)
        let hashes = try await before.hashes(level: 0, 0..<size)
        try await before.close()
        try FileManager.default.removeItem(at: folder.url.appending(path: "index"))
        let again = try open(folder)
        #expect(again.report.rebuiltIndex)
        #expect(try await again.hashes(level: 0, 0..<size) == hashes)
    }

    @Test func `a reader sees what the newest checkpoint covers, beside the writer`() async throws {
        let folder = try TemporaryFolder()
        let writer = try open(folder)
        try await writer.commit(try batch(["a", "b"], at: await writer.lead()), at: .empty)
        try await writer.publish(Array("2".utf8), size: TreeSize(2))
        let head = await writer.head()
        try await writer.commit(try batch(["c"], at: await writer.lead()), at: head)
        let reader = try open(folder, .read)
        #expect(await reader.head().size == TreeSize(2))
        #expect(try await reader.look(up: [LookUp(event("b"))])[0].event == SequenceNumber(1))
        #expect(try await reader.lines(from: SequenceNumber(0), limit: 9).count == 2)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `a torn tail after a lost index does not set two owners on its files`(
        seed: UInt64
    ) async throws {
        let folder = try TemporaryFolder()
        for part in 0..<8 { try await add(200 + Int(seed), "\(part)", folder) }
        try FileManager.default.removeItem(at: folder.url.appending(path: "index"))
        let last = try #require(try segments(folder).last)
        try (Data(contentsOf: last) + Array("{torn".utf8)).write(to: last)
        // The first pass over the log starts merges; the second, after the cut, starts its own.
        for part in 8..<16 { try await add(200 + Int(seed), "\(part)", folder) }
        #expect(try await open(folder).head().size == TreeSize(16 * (200 + seed)))
    }

    /// Found by fuzzing: an offset that lies before the one before it ended the reader.
    @Test(arguments: [0, UInt32.max] as [UInt32])
    func `a damaged offset is told where its record is read`(offset: UInt32) async throws {
        let folder = try TemporaryFolder()
        let store = try open(folder)
        try await store.commit(try batch(["a", "b", "c"], at: await store.lead()), at: .empty)
        try await store.publish(Array("3".utf8), size: TreeSize(3))
        try await store.close()
        let file = folder.url.appending(path: "index/offsets")
        var bytes = try Data(contentsOf: file)
        withUnsafeBytes(of: offset.littleEndian) { bytes.replaceSubrange(4..<8, with: $0) }
        try bytes.write(to: file)
        let reader = try open(folder, .read)
        #expect(try await reader.lines(from: SequenceNumber(2), limit: 9).count == 1)
        let error = await #expect(throws: StoreError.self) {
            try await reader.lines(from: SequenceNumber(1), limit: 9)
        }
        #expect(error?.code == .damaged)
    }

    @Test func `what stands before a damaged record is read`() async throws {
        let folder = try TemporaryFolder()
        let store = try open(folder)
        try await store.commit(try batch(["a", "b", "c"], at: await store.lead()), at: .empty)
        let file = try #require(try segments(folder).last)
        var lines = try Data(contentsOf: file).split(separator: 0x0A)
        lines.swapAt(1, 2)
        try (Data(lines.joined(separator: [0x0A])) + [0x0A]).write(to: file)
        #expect(try await store.lines(from: SequenceNumber(0), limit: 9).count == 1)
        await #expect(throws: StoreError.self) {
            try await store.lines(from: SequenceNumber(1), limit: 9)
        }
    }

    // MARK: Helpers

    /// Commits and covers so many records, then lets go.
    private func add(_ count: Int, _ name: String, _ folder: TemporaryFolder) async throws {
        let store = try open(folder)
        for first in stride(from: 0, to: count, by: 20) {
            let ids = (first..<min(count, first + 20)).map { "\(name)-\($0)" }
            let head = try await store.lead()
            try await store.commit(try batch(ids, at: head), at: head)
        }
        let size = await store.head().size
        try await store.publish(Array("\(size)".utf8), size: size)
        await store.abandon()
    }

    private func open(
        _ folder: TemporaryFolder, _ access: FileStore.Access = .write
    ) throws -> FileStore {
        var options = FileStore.Options()
        options.segmentBytes = 20_000
        options.entriesPerRun = 64
        return try FileStore(opening: folder.path, access, options: options) { bytes in
            UInt64(String(decoding: bytes, as: UTF8.self)).map { TreeSize($0) }
        }
    }

    private func event(_ id: String) throws -> CloudEvent {
        try EventMaker.event(EventMaker.json(id: id, stream: "test/\(id)"))
    }

    private func batch(
        _ ids: [String], at head: Head, isAtomic: Bool = false
    ) throws -> CommitBatch {
        EventMaker.batch(
            try ids.map { try event($0) }, at: head, revisions: ids.map { _ in 0 },
            isAtomic: isAtomic)
    }

    /// Commits some hundred records in batches over several segments; returns how many.
    private func fill(_ folder: TemporaryFolder, seed: UInt64) async throws -> UInt64 {
        var random = Seeded(seed: seed)
        let store = try open(folder)
        for round in 0..<30 {
            let ids = (0..<Int.random(in: 1...15, using: &random)).map { "\(round)-\($0)" }
            let head = try await store.lead()
            try await store.commit(try batch(ids, at: head), at: head)
            if round == 10 {
                let size = await store.head().size
                try await store.publish(Array("\(size)".utf8), size: size)
            }
        }
        let size = await store.head().size.rawValue
        if seed % 2 == 0 { try await store.close() } else { await store.abandon() }
        return size
    }

    private func segments(_ folder: TemporaryFolder) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: folder.url.appending(path: "records"), includingPropertiesForKeys: nil
        ).sorted { $0.path < $1.path }
    }
}

/// A folder that is removed with its last reference.
final class TemporaryFolder: Sendable {
    let url: URL
    var path: String { url.path }

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "hanqing-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}
