import Digests
import FileStore
import Foundation
import LedgerStore
import Merkle
import Records
import TestKit
import Testing

/// The index is disposable, so it must not be able to harm the log: Specs/store.md section 4.
@Suite struct IndexTrustTests {
    private let folder: TemporaryFolder
    private let size: UInt64 = 700

    /// A closed ledger of 700 records whose checkpoint has their root.
    init() async throws {
        folder = try TemporaryFolder()
        let store = try open()
        var number = 0
        while await store.head().size.rawValue < size {
            let head = try await store.lead()
            let events = try (number..<number + 7).map { try event("\($0)") }
            number += 7
            try await store.commit(
                EventMaker.batch(events, at: head, revisions: events.map { _ in 0 }), at: head)
        }
        let root = await store.head().tree.root(MerkleHasher())
        try await store.publish(Array("\(size) \(root.base64)".utf8), size: TreeSize(size))
        try await store.close()
    }

    private func open(_ access: FileStore.Access = .write) throws -> FileStore {
        var options = FileStore.Options()
        (options.segmentBytes, options.entriesPerRun) = (20_000, 64)
        return try FileStore(
            opening: folder.path, access, options: options,
            sizeOf: { note in
                IndexTrustTests.words(note).first.flatMap { UInt64($0) }.map(TreeSize.init)
            },
            rootOf: { note in IndexTrustTests.words(note).last.flatMap { Root(base64: $0) } })
    }

    private static func words(_ note: [UInt8]) -> [Substring] {
        String(decoding: note, as: UTF8.self).split(separator: " ")
    }

    private func event(_ id: String) throws -> CloudEvent {
        try EventMaker.event(EventMaker.json(id: id, stream: "test/\(id)"))
    }

    private func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.url.appending(path: name)))
    }

    private func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: folder.url.appending(path: name))
    }

    private func flip(_ name: String, _ place: Int) throws {
        var bytes = try bytes(name)
        bytes[place] ^= 4
        try write(bytes, to: name)
    }

    private func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: self.folder.url.appending(path: folder).path
        ).sorted()
    }

    /// Every event is known at its place and the tree is the signed one.
    private func demandSound(_ store: FileStore) async throws {
        let known = try await store.look(up: try (0..<Int(size)).map { LookUp(try event("\($0)")) })
        #expect(known.map(\.event) == (0..<size).map { SequenceNumber($0) })
        let note = try #require(try await store.checkpoint())
        let root = await store.head().tree.root(MerkleHasher())
        #expect(IndexTrustTests.words(note).last.map(String.init) == root.base64)
    }

    @Test func `an index that was closed is believed`() async throws {
        let store = try open()
        #expect(!store.report.rebuiltIndex)
        try await demandSound(store)
    }

    @Test(arguments: ["ids", "streams"])
    func `a run with a wrong bit is not believed, wherever it is`(part: String) async throws {
        for ninth in 0..<9 {
            let run = try #require(try names("index/\(part)").first { $0.hasSuffix(".run") })
            let place = try bytes("index/\(part)/\(run)").count * ninth / 9
            try flip("index/\(part)/\(run)", place)
            let store = try open()
            #expect(store.report.rebuiltIndex, "byte \(place)")
            try await demandSound(store)
            try await store.close()
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/index.old"))
        }
    }

    @Test func `runs and manifests of another index are not believed`() async throws {
        let index = folder.url.appending(path: "index")
        for (one, two) in [("ids", "aside"), ("streams", "ids"), ("aside", "streams")] {
            try FileManager.default.moveItem(
                at: index.appending(path: one), to: index.appending(path: two))
        }
        let store = try open()
        #expect(store.report.rebuiltIndex)
        try await demandSound(store)
    }

    @Test(arguments: ["level-0", "level-1"])
    func `stored hashes that do not give the signed root are made anew`(
        file: String
    ) async throws {
        // Of level 0 the root needs the last, unfinished block alone.
        try flip("index/\(file)", file == "level-0" ? 600 * Digest.byteCount : 9)
        let store = try open()
        #expect(store.report.rebuiltIndex)
        try await demandSound(store)
    }

    @Test func `a wrong offset is told, and the next start makes the index anew`() async throws {
        try flip("index/offsets", 400)
        let store = try open()
        await #expect(throws: StoreError.self) {
            _ = try await store.lines(from: SequenceNumber(100), limit: 1)
        }
        try await store.close()
        let again = try open()
        #expect(again.report.rebuiltIndex)
        #expect(try await again.lines(from: SequenceNumber(100), limit: 1).count == 1)
    }

    @Test(arguments: [true, false])
    func `a log that was linked anew is not built on, and nothing is changed`(
        hasIndex: Bool
    ) async throws {
        let log = try forge(at: 300)
        let state = "index/state.json"
        if hasIndex {
            // Doubtful, so that the whole log is read.
            try FileManager.default.removeItem(at: folder.url.appending(path: state))
        } else {
            try FileManager.default.removeItem(at: folder.url.appending(path: "index"))
        }
        let leaves = try? bytes("index/level-0")
        for access in [FileStore.Access.write, .rebuildIndex] {
            let error = #expect(throws: StoreError.self) { try open(access) }
            #expect(error?.code == .damaged)
        }
        #expect(try self.log() == log)
        #expect((try? bytes("index/level-0")) == leaves, "the evidence is still there")
    }

    private func log() throws -> [[UInt8]] {
        try names("records").map { try bytes("records/\($0)") }
    }

    /// Edits a record and makes all links after it right again.
    private func forge(at record: Int) throws -> [[UInt8]] {
        let hasher = MerkleHasher()
        var last: LeafHash?
        var number = 0
        for name in try names("records") {
            var lines = try bytes("records/\(name)").split(separator: 0x0A).map { [UInt8]($0) }
            for place in lines.indices {
                if let last {
                    lines[place].replaceSubrange(RecordLayout.prev, with: last.digest.hex.utf8)
                }
                if number == record { lines[place][140] ^= 1 }
                if number >= record { last = lines[place].withUnsafeBytes { hasher.leaf($0) } }
                number += 1
            }
            try write(Array(lines.joined(separator: [0x0A])) + [0x0A], to: "records/\(name)")
        }
        return try log()
    }
}
