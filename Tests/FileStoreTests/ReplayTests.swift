import Digests
import FileStore
import Foundation
import LedgerStore
import Merkle
import Phrases
import Records
import Synchronization
import TestKit
import Testing

/// Reading the log again, in pieces of any size and by several cores.
///
/// The reference is a store that was never closed: what it says must come back.
@Suite struct ReplayTests {
    private static let pieceSizes = [700, 1_000, 2_500, 20_000, 1 << 20]

    private let folder: TemporaryFolder
    private let size: UInt64
    private let head: Head
    private let hashes: [Digest]
    private let streams: [SequenceNumber]

    /// Some three hundred records in several segments, twenty streams and batches of one to nine.
    init() async throws {
        folder = try TemporaryFolder()
        let store = try ReplayTests.open(folder, pieceBytes: 1 << 20)
        var number = 0
        for round in 0..<60 {
            let ids = (0..<1 + round * 7 % 9).map { "\(number + $0)" }
            number += ids.count
            let head = try await store.lead()
            try await store.commit(try ReplayTests.batch(ids, at: head), at: head)
            if round == 40 {
                let size = await store.head().size
                try await store.publish(Array("\(size)".utf8), size: size)
            }
        }
        head = await store.head()
        size = head.size.rawValue
        hashes = try await store.hashes(level: 0, 0..<size)
        streams = try await ReplayTests.stream7(store)
        await store.abandon()
    }

    @Test(arguments: pieceSizes)
    func `pieces of any size give the same head, hashes and streams`(bytes: Int) async throws {
        try FileManager.default.removeItem(at: folder.url.appending(path: "index"))
        let store = try Self.open(folder, pieceBytes: bytes)
        #expect(store.report.replayed == size)
        #expect(store.report.cutBytes == 0)
        #expect(await store.head() == head)
        #expect(try await store.hashes(level: 0, 0..<size) == hashes)
        #expect(try await Self.stream7(store) == streams)
        let known = try await store.look(
            up: (0..<Int(size)).map { LookUp(try Self.event("\($0)")) })
        #expect(known.compactMap(\.event) == (0..<size).map { SequenceNumber($0) })
    }

    @Test(arguments: pieceSizes)
    func `a reader stops at the checkpoint, wherever pieces end`(bytes: Int) async throws {
        for access in [FileStore.Access.rebuildIndex, .read] {
            let reader = try Self.open(folder, access, pieceBytes: bytes)
            let published = try #require(try await reader.checkpoint())
            #expect(await "\(reader.head().size)" == String(decoding: published, as: UTF8.self))
            try await reader.close()
        }
    }

    @Test(arguments: pieceSizes)
    func `a changed byte beyond the checkpoint ends the log just before it`(
        bytes: Int
    ) async throws {
        let (url, line, first) = try lastSegment()
        var text = try Data(contentsOf: url)
        text[text.startIndex + line + 30] ^= 1
        try text.write(to: url)
        try FileManager.default.removeItem(at: folder.url.appending(path: "index"))
        let store = try Self.open(folder, pieceBytes: bytes)
        #expect(await store.head().size.rawValue == first)
        #expect(store.report.cutBytes == text.count - line)
        #expect(try await store.hashes(level: 0, 0..<first) == Array(hashes.prefix(Int(first))))
    }

    @Test(arguments: pieceSizes)
    func `a changed byte below the checkpoint is named and nothing is cut`(bytes: Int) throws {
        let url = try #require(try segments().first)
        var text = try Data(contentsOf: url)
        let lines = text.split(separator: 0x0A)
        let place = lines[0].count + 1 + lines[1].count + 1
        text[text.startIndex + place + 30] ^= 1
        try text.write(to: url)
        try FileManager.default.removeItem(at: folder.url.appending(path: "index"))
        let error = #expect(throws: StoreError.self) {
            try Self.open(folder, pieceBytes: bytes)
        }
        #expect(error?.code == .damaged)
        #expect(error?.reason.en.contains("record 2 ") == true)
        #expect(error?.reason.en.contains("byte \(place))") == true)
        #expect(try Data(contentsOf: url) == text)
    }

    @Test func `whoever waits is told how much of the checkpoint's size is done`() async throws {
        let folder = try TemporaryFolder()
        let store = try Self.open(folder, pieceBytes: 1 << 20)
        let head = try await store.lead()
        try await store.commit(try Self.batch((0..<9_000).map { "\($0)" }, at: head), at: head)
        try await store.publish(Array("9000".utf8), size: TreeSize(9_000))
        await store.abandon()
        try FileManager.default.removeItem(at: folder.url.appending(path: "index"))
        let told = Mutex<[FileStore.Progress]>([])
        let again = try Self.open(folder, pieceBytes: 1 << 20) { progress in
            told.withLock { $0.append(progress) }
        }
        #expect(await again.head().size == TreeSize(9_000))
        let done = told.withLock { $0.map(\.done) }
        #expect(done.count > 1)
        #expect(done == done.sorted())
        #expect(told.withLock { $0.allSatisfy { $0.total == 9_000 } })
    }

    /// Found at ten million: settling fell between the ends of batches, and all names stayed in
    /// memory.
    @Test func `names of batches are written out as they come, not kept in memory`() async throws {
        let folder = try TemporaryFolder()
        let store = try Self.open(folder, pieceBytes: 1 << 20)
        for round in 0..<40 {
            let head = try await store.lead()
            let ids = (0..<1_000).map { "\(round * 1_000 + $0)" }
            try await store.commit(try Self.batch(ids, at: head, isAtomic: true), at: head)
        }
        await store.abandon()
        try FileManager.default.removeItem(at: folder.url.appending(path: "index"))
        let again = try Self.open(folder, pieceBytes: 1 << 20)
        #expect(again.report.replayed == 40_000)
        await again.abandon()
        for name in ["ids", "streams"] {
            let manifest = try RunManifest.read(in: folder.path + "/index/" + name)
            // What is settled later is on its way to the disk.
            #expect(manifest?.text.contains("run 0 ") == true, "\(name)")
        }
    }

    // MARK: Helpers

    private static func open(
        _ folder: TemporaryFolder, _ access: FileStore.Access = .write, pieceBytes: Int,
        progress: @escaping @Sendable (FileStore.Progress) -> Void = { _ in }
    ) throws -> FileStore {
        var options = FileStore.Options()
        (options.segmentBytes, options.entriesPerRun) = (40_000, 64)
        options.pieceBytes = pieceBytes
        return try FileStore(
            opening: folder.path, access, options: options,
            sizeOf: { UInt64(String(decoding: $0, as: UTF8.self)).map { TreeSize($0) } },
            progress: progress)
    }

    private static func event(_ id: String) throws -> CloudEvent {
        let number = Int(id) ?? 0
        return try EventMaker.event(EventMaker.json(id: id, stream: "test/\(number % 20)"))
    }

    private static func batch(
        _ ids: [String], at head: Head, isAtomic: Bool = false
    ) throws -> CommitBatch {
        EventMaker.batch(
            try ids.map { try event($0) }, at: head,
            revisions: ids.map { UInt64(Int($0) ?? 0) / 20 }, isAtomic: isAtomic)
    }

    private static func stream7(_ store: FileStore) async throws -> [SequenceNumber] {
        let stream = try #require(StreamName("test/7"))
        return await store.sequence(of: stream, from: Revision(0), limit: 1_000)
    }

    private func segments() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: folder.url.appending(path: "records"), includingPropertiesForKeys: nil
        ).sorted { $0.path < $1.path }
    }

    /// The last segment, where its third line begins, and that line's sequence number.
    private func lastSegment() throws -> (url: URL, line: Int, first: UInt64) {
        let url = try #require(try segments().last)
        let lines = try Data(contentsOf: url).split(separator: 0x0A)
        let first = try #require(UInt64(url.deletingPathExtension().lastPathComponent))
        return (url, lines[0].count + lines[1].count + 2, first + 2)
    }
}
