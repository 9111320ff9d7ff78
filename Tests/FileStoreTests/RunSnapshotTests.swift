import Digests
import FileStore
import Synchronization
import Testing

/// What readers know of the owner.
private final class Owner: Sendable {
    let isDone = Atomic(false)
}

@Suite struct RunSnapshotTests {
    @Test func `no index, no snapshot`() throws {
        let folder = try ScratchFolder()
        #expect(try RunSnapshot(opening: folder.path, boot: "boot-1") == nil)
    }

    @Test func `a snapshot keeps answering after its runs were merged away`() throws {
        let folder = try ScratchFolder()
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: .small(16))
        try runs.insertNumbers(0..<48)
        let old = try #require(
            try RunSnapshot(opening: folder.path + "/ids", boot: "boot-1"))
        #expect(old.runs.count == 3)
        try runs.insertNumbers(48..<64)
        #expect(runs.snapshot.runs.count == 1)
        #expect(try folder.names(in: "ids").count == 2)
        for number in 0..<48 as Range<UInt64> { #expect(old.find(Seeded.key(number)) == number) }
        try old.verify()
    }

    @Test func `a reader whose manifest is overtaken by a merge reads it again`() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/ids"
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: .small(16))
        try runs.insertNumbers(0..<48)
        let stale = try RunManifest.read(in: path)
        try runs.insertNumbers(48..<64)

        var readings = 0
        let now = try RunSnapshot(opening: path, boot: "boot-1") { (folder) throws(IndexError) in
            readings += 1
            return readings == 1 ? stale : try RunManifest.read(in: folder)
        }
        #expect(now?.coveredThrough == 64)
        #expect(readings == 2)

        let error = #expect(throws: IndexError.self) {
            try RunSnapshot(opening: path, boot: "boot-1") { _ in stale }
        }
        #expect(error?.code == .missing, "a manifest that stays is not read for ever")
    }

    /// Readers open the index again and again while its owner writes and merges in the background.
    @Test func `readers see whole states, and newer ones later`() async throws {
        let folder = try ScratchFolder()
        let (path, end) = (folder.path, UInt64(20_000))
        let owner = Owner()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { owner.isDone.store(true, ordering: .releasing) }
                let options = SortedRuns.Options.small(64, inline: false)
                let runs = try SortedRuns(folder: path, name: "ids", options: options)
                try runs.insertNumbers(0..<end)
                try runs.flush()
            }
            for seed in 1...2 as ClosedRange<UInt64> {
                group.addTask {
                    var (random, seen) = (Seeded(seed: seed), UInt64(0))
                    repeat {
                        seen = try Self.read(path + "/ids", after: seen, &random)
                    } while !owner.isDone.load(ordering: .acquiring)
                    #expect(try Self.read(path + "/ids", after: seen, &random) == end)
                }
            }
            try await group.waitForAll()
        }
    }

    /// Opens the index and looks some keys up; returns how far it reached.
    private static func read(
        _ folder: String, after seen: UInt64, _ random: inout Seeded
    ) throws -> UInt64 {
        guard let now = try RunSnapshot(opening: folder, boot: "boot-1") else { return seen }
        #expect(now.coveredThrough >= seen, "an index never goes back")
        #expect(UInt64(now.count) == now.coveredThrough)
        guard now.coveredThrough > 0 else { return 0 }
        for _ in 0..<20 {
            let number = UInt64.random(in: 0..<now.coveredThrough, using: &random)
            #expect(now.find(Seeded.key(number)) == number)
            #expect(now.find(Seeded.key(number + 1 << 40)) == nil)
        }
        return now.coveredThrough
    }
}

@Suite struct RunTiersTests {
    @Test(
        arguments: [
            ([], nil), ([16, 16, 16], nil), ([16, 16, 16, 16], 0..<4), ([64, 16, 16, 16], nil),
            ([64, 16, 16, 16, 16], 1..<5), ([64, 64, 16, 64, 64], 0..<5),
            ([4096, 16, 16, 16], nil), ([64, 30, 14, 6, 2], nil),
        ] as [([Int], Range<Int>?)])
    func `neighbours of a size are merged, and none much larger than the rest`(
        counts: [Int], expected: Range<Int>?
    ) {
        #expect(RunTiers.choose(counts: counts, fanIn: 4) == expected)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `runs of any sizes stay few`(seed: UInt64) {
        var (random, counts) = (Seeded(seed: seed), [Int]())
        for _ in 0..<3_000 {
            counts.append(.random(in: 1...2_000, using: &random))
            while let due = RunTiers.choose(counts: counts, fanIn: 4) {
                counts.replaceSubrange(due, with: [counts[due].reduce(0, +)])
            }
            #expect(counts.count <= 30, "seed \(seed)")
        }
    }
}
