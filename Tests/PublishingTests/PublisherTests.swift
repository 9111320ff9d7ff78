import Auditing
import Checkpoints
import Digests
import Foundation
import Merkle
import Publishing
import Records
import TestKit
import Testing

@Suite struct PublisherTests {
    private let place: Publication
    private let key: SignerKey

    init() throws {
        place = try Publication()
        key = try MemorySource.key()
    }

    @Test func `the worked example's log is published byte by byte as other programs have it`()
        async throws
    {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/vectors/worked-example/log")
        let key = try SignerKey(
            secretText:
                "PRIVATE+KEY+ledger.example/audit+2a52108c+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
        )
        try await place.publish(MemorySource.numbered(5, key: key), entries: true)
        let files = try place.files()
        #expect(Set(files.keys) == ["checkpoint", "tile/0/000.p/5", "tile/entries/000.p/5"])
        for (name, bytes) in files where name != "checkpoint" {
            #expect(try Data(contentsOf: folder.appending(path: name)) == Data(bytes), "\(name)")
        }
        // That one has a cosignature too.
        let note = try SignedNote(files["checkpoint"] ?? [])
        let other = try SignedNote(Data(contentsOf: folder.appending(path: "checkpoint")))
        #expect(note.text == other.text)
        #expect(note.signatures[0] == other.signatures[0])
    }

    @Test func `70,000 records have the tiles that tree.md lists`() async throws {
        let source = try MemorySource.numbered(70_000, key: key)
        let report = try await place.publish(source)
        let names = try place.files().keys.filter { $0 != "checkpoint" }
        var wanted = (0..<273).map { number in
            "tile/0/" + String(repeating: "0", count: 3 - "\(number)".count) + "\(number)"
        }
        wanted += ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
        #expect(names.sorted() == wanted.sorted())
        #expect(report?.files == 277)
        #expect(try await place.audit(key.verifierKey).isSound)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `however it grows, it is sound at each step and ends the same`(_ seed: UInt64) async throws
    {
        var random = Seeded(seed: seed)
        let entries = seed.isMultiple(of: 2)
        var (size, steps) = (0, 0)
        let source = try MemorySource.numbered(3_000, key: key)
        while size < 3_000 {
            size = min(3_000, size + Int.random(in: 0...700, using: &random))
            steps += 1
            // Some runs are killed before the checkpoint.
            let isKilled = steps.isMultiple(of: 4)
            try await place.publish(source, at: size, entries: entries, finishing: !isKilled)
            // These lines are no records, so only what has hashes alone is judged as a whole.
            guard !isKilled, !entries, size > 0 else { continue }
            let report = try await place.audit(key.verifierKey, sinceLast: true, memory: true)
            #expect(report.findings.isEmpty, "\(size)")
        }
        try await place.publish(source, entries: entries)
        let atOnce = try Publication()
        try await atOnce.publish(source, entries: entries)
        let (grown, whole) = (try place.files(), try atOnce.files())
        for (name, bytes) in whole { #expect(grown[name] == bytes, "\(name)") }
        // Beside that only partial tiles of sizes that were published, none beside a full one.
        for name in grown.keys where whole[name] == nil {
            let parts = name.split(separator: ".p/")
            #expect(parts.count == 2 && grown[String(parts[0])] == nil, "\(name)")
        }
    }

    @Test func `a fork is refused, and nothing is changed`() async throws {
        try await place.publish(MemorySource.numbered(600, key: key))
        let before = try place.files()
        for forkedAt in [0, 255, 300, 512, 599] {
            for size in [600, 601, 1_000] {
                let fork = try MemorySource.numbered(size, key: key, forkedAt: forkedAt)
                await expectContradiction { try await place.publish(fork) }
            }
        }
        #expect(try place.files() == before)
        try await place.publish(MemorySource.numbered(1_000, key: key, forkedAt: 600))
    }

    private func expectContradiction(
        _ body: () async throws -> Void, _ location: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await body()
            Issue.record("it was published", sourceLocation: location)
        } catch PublicationError.contradiction {
        } catch {
            Issue.record("\(error)", sourceLocation: location)
        }
    }

    private func expectRefusal(
        _ body: () async throws -> Void, _ location: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await body()
            Issue.record("it was published", sourceLocation: location)
        } catch PublicationError.refused {
        } catch PublicationError.file {
        } catch {
            Issue.record("\(error)", sourceLocation: location)
        }
    }

    @Test func `a ledger that was rolled back is refused`() async throws {
        let source = try MemorySource.numbered(600, key: key)
        try await place.publish(source)
        await expectContradiction { try await place.publish(source, at: 599) }
    }

    @Test func `a tile that is there with other bytes is refused`() async throws {
        let source = try MemorySource.numbered(1_000, key: key)
        try await place.publish(source, at: 300, finishing: false)
        try place.write("tile/0/000", [UInt8](repeating: 7, count: 8_192))
        await expectContradiction { try await place.publish(source) }
        // What was published is compared again only if that is asked for.
        let other = try Publication()
        try await other.publish(source, at: 300)
        try other.write("tile/0/000", [UInt8](repeating: 7, count: 8_192))
        try await other.publish(source, at: 400)
        await expectContradiction { try await other.publish(source, all: true) }
    }

    @Test func `a damaged index is found before anything is written`() async throws {
        for (level, index, width, byte) in [
            (0, 1, 256, 0), (0, 2, 188, 5_000), (1, 0, 2, 40), (0, 0, 256, 8_191),
        ] {
            let tile = try #require(Tile(level: level, index: UInt64(index), width: width))
            let damaged = try MemorySource.numbered(700, key: key, damage: (tile, byte))
            let fresh = try Publication()
            await expectRefusal { try await fresh.publish(damaged) }
            #expect(try fresh.files().isEmpty)
        }
    }

    @Test func `a damaged index accuses nobody`() async throws {
        let sound = try MemorySource.numbered(700, key: key)
        try await place.publish(sound, at: 600)
        let before = try place.files()
        // In the part that was published before, on either level of the tree.
        for (level, index, width, byte) in [(0, 2, 188, 0), (1, 0, 2, 63)] {
            let tile = try #require(Tile(level: level, index: UInt64(index), width: width))
            let damaged = try MemorySource.numbered(700, key: key, damage: (tile, byte))
            await expectRefusal { try await place.publish(damaged) }
        }
        #expect(try place.files() == before)
        try await place.publish(sound)
    }

    @Test func `a record that was withheld since leaves the copy`() async throws {
        let source = try MemorySource.numbered(300, key: key)
        try await place.publish(source, entries: true)
        var lines = source.lines
        let leaf = lines[7].withUnsafeBytes { MerkleHasher().leaf($0) }
        lines[7] =
            WithheldLine(
                leafHash: leaf, prev: .zero, recorded: Timestamp(microseconds: 0),
                revision: Revision(0), sequence: SequenceNumber(7),
                stream: try #require(StreamName("penalty/1")), batch: nil
            ).bytes
        let withheld = try MemorySource(lines, key: key)
        // The root is the same; a plain run looks at what is new alone.
        #expect(try await place.publish(withheld, entries: true)?.rewritten == 0)
        let report = try await place.publish(withheld, entries: true, all: true)
        #expect(report?.rewritten == 1)
        let text = String(decoding: try place.files()["tile/entries/000"] ?? [], as: UTF8.self)
        #expect(text.contains(#"{"withheld":{"#))
        #expect(!text.contains("entry-7\u{0}"))
        #expect(try await place.publish(withheld, entries: true, all: true)?.rewritten == 0)
    }

    @Test func `a folder is ours, empty, and of one kind`() async throws {
        let source = try MemorySource.numbered(10, key: key)
        try await place.publish(source, entries: true)
        await expectRefusal { try await place.publish(source) }
        let other = try Publication()
        try FileManager.default.createDirectory(
            atPath: other.path, withIntermediateDirectories: true)
        try other.write("index.html", [])
        await expectRefusal { try await other.publish(source) }
        let lock = try PublicationFolder(place.path)
        await expectRefusal { try await place.publish(source, entries: true) }
        withExtendedLifetime(lock) {}
        let stranger = try MemorySource.numbered(10, key: MemorySource.key("other.example"))
        await expectRefusal { try await place.publish(stranger, entries: true) }
    }

    @Test func `nothing but hashes is in a folder without records`() async throws {
        let source = try MemorySource.numbered(300, key: key)
        try await place.publish(source)
        let files = try place.files()
        #expect(!files.keys.contains { $0.contains("entries") })
        for bytes in files.values {
            #expect(!String(decoding: bytes, as: UTF8.self).contains("entry-"))
        }
    }
}
