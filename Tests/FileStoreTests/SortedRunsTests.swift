import Digests
import FileStore
import Testing

@Suite struct SortedRunsTests {
    /// What the index must say, kept the slow way: the log of all entries, and a dictionary.
    private struct Model {
        var log: [(key: ShortHash, value: UInt64)] = []
        var values: [ShortHash: [UInt64]] = [:]

        mutating func insert(_ key: ShortHash, _ value: UInt64) {
            log.append((key, value))
            values[key, default: []].append(value)
        }
    }

    /// Batches, flushes, clean closes and abandonments at random places.
    ///
    /// After each opening the log is replayed from where the index says.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `an index answers as a dictionary does, whatever happens to its owner`(
        seed: UInt64
    ) throws {
        let folder = try ScratchFolder()
        var random = Seeded(seed: seed)
        var model = Model()
        let options = SortedRuns.Options.small(
            .random(in: 8...64, using: &random), inline: seed % 2 == 0)
        var index: SortedRuns? = try open(folder, options, replaying: model)
        for _ in 0..<250 {
            switch Int.random(in: 0..<40, using: &random) {
            case 0, 1:
                if Bool.random(using: &random) { try index?.close() }
                index = nil  // the only reference: there is but one owner at a time
                index = try open(folder, options, replaying: model)
            case 2:
                try index?.flush()
                #expect(index?.coveredThrough == UInt64(model.log.count))
            case 3:
                try index?.removeAll()
                try replay(model, into: try #require(index))
            default:
                try insertBatch(into: try #require(index), &model, &random)
            }
            try compare(try #require(index), model, &random, "seed \(seed)")
        }
        try compareAll(try #require(index), model, "seed \(seed)")
    }

    private func insertBatch(
        into runs: SortedRuns, _ model: inout Model, _ random: inout Seeded
    ) throws {
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            // One key in four takes a share that no hash function would give it: a busy stream.
            let number = UInt64.random(in: 0..<4, using: &random)
            let key = Seeded.key(number == 0 ? 7 : .random(in: 0..<500, using: &random))
            let value = UInt64(model.log.count) << 24 | number
            runs.insert(key, value)
            model.insert(key, value)
        }
        try runs.settle(through: UInt64(model.log.count))
    }

    private func open(
        _ folder: ScratchFolder, _ options: SortedRuns.Options, replaying model: Model
    ) throws -> SortedRuns {
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: options)
        try replay(model, into: runs)
        return runs
    }

    private func replay(_ model: Model, into runs: SortedRuns) throws {
        let start = Int(runs.coveredThrough)
        guard start < model.log.count else { return }
        for entry in model.log[start...] { runs.insert(entry.key, entry.value) }
        try runs.settle(through: UInt64(model.log.count))
    }

    private func compare(
        _ runs: SortedRuns, _ model: Model, _ random: inout Seeded, _ note: Comment
    ) throws {
        #expect(runs.count == model.log.count, note)
        for _ in 0..<10 {
            let key = Seeded.key(.random(in: 0..<600, using: &random))
            #expect(runs.find(key) == model.values[key]?.last, note)
            var values: [UInt64] = []
            runs.forEach(key) { values.append($0) }
            #expect(values == model.values[key] ?? [], note)
        }
    }

    private func compareAll(_ runs: SortedRuns, _ model: Model, _ note: Comment) throws {
        try runs.flush()
        let snapshot = runs.snapshot
        try snapshot.verify()
        let expected = model.log.map { IndexEntry(key: $0.key, value: $0.value) }.sorted()
        #expect(Array(snapshot.entries()) == expected, note)
        for (key, values) in model.values {
            #expect(snapshot.find(key) == values.last, note)
            #expect(snapshot.values(of: key) == values, note)
        }
    }

    @Test func `many runs become few`() throws {
        let folder = try ScratchFolder()
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: .small())
        try runs.insertNumbers(0..<16 * 256)
        #expect(runs.snapshot.runs.count <= 12)
        #expect(runs.snapshot.count == 16 * 256)
        #expect(try folder.names(in: "ids").count == runs.snapshot.runs.count + 1)
    }

    @Test func `an abandoned index keeps all but what was in memory`() throws {
        let folder = try ScratchFolder()
        var runs: SortedRuns? = try SortedRuns(
            folder: folder.path, name: "ids", options: .small(16))
        try runs?.insertNumbers(0..<100, batch: 10)
        runs = nil
        let again = try SortedRuns(folder: folder.path, name: "ids", options: .small(16))
        #expect(again.coveredThrough == 100)
        #expect(again.count == 100)
        try again.insertNumbers(100..<110, batch: 10)
        #expect(again.coveredThrough == 100, "ten entries wait in memory")
        #expect(again.find(Seeded.key(109)) == 109)
    }

    @Test func `a power cut costs the runs that were not synced`() throws {
        let folder = try ScratchFolder()
        var options = SortedRuns.Options.small()
        try fill(folder, 0..<160, options, closing: true)
        try fill(folder, 160..<192, options, closing: false)
        options.boot = "boot-2"
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: options)
        #expect(runs.coveredThrough == 160, "what was closed counts under any boot")
        #expect(runs.find(Seeded.key(159)) == 159)
        #expect(runs.find(Seeded.key(160)) == nil)
        let kept = try folder.names(in: "ids")
        #expect(kept.count == runs.snapshot.runs.count + 1, "the others are gone from the disk")
    }

    @Test func `runs that are synced as they are written outlive a power cut`() throws {
        let folder = try ScratchFolder()
        var options = SortedRuns.Options.small()
        options.syncsRuns = true
        try fill(folder, 0..<160, options, closing: false)
        options.boot = "boot-2"
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: options)
        #expect(runs.coveredThrough == 160)
    }

    private func fill(
        _ folder: ScratchFolder, _ numbers: Range<UInt64>, _ options: SortedRuns.Options,
        closing: Bool
    ) throws {
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: options)
        #expect(runs.coveredThrough == numbers.lowerBound)
        try runs.insertNumbers(numbers)
        if closing { try runs.close() }
    }

    @Test func `strays of a crash are swept, other files are left alone`() throws {
        let folder = try ScratchFolder()
        try fill(folder, 0..<32, .small(), closing: true)
        try folder.write([1, 2, 3], to: "ids/000000000032-000000000048.run")
        try folder.write([1, 2, 3], to: "ids/000000000032-000000000064.run.new")
        try folder.write([1, 2, 3], to: "ids/manifest.new")
        try folder.write([1, 2, 3], to: "ids/README")
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: .small())
        #expect(try folder.names(in: "ids").count == runs.snapshot.runs.count + 2)
        #expect(runs.coveredThrough == 32)
    }

    @Test func `an index keeps the hash key it began with`() throws {
        let folder = try ScratchFolder()
        try fill(folder, 0..<32, .small(), closing: false)
        var options = SortedRuns.Options.small()
        options.newHashKey = ShortHash(high: 9, low: 9)
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: options)
        #expect(runs.hashKey == ShortHash(high: 0x1234, low: 0x5678))
    }

    @Test func `a table grows with a batch larger than itself`() throws {
        let folder = try ScratchFolder()
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: .small(16))
        try runs.insertNumbers(0..<5_000, batch: 5_000)
        #expect(runs.snapshot.runs.map(\.count) == [5_000])
        for number in 0..<5_000 as Range<UInt64> {
            #expect(runs.find(Seeded.key(number)) == number)
        }
        #expect(runs.find(Seeded.key(5_000)) == nil)
    }

    @Test func `what the disk refuses is an error, and the index still answers`() throws {
        let folder = try ScratchFolder()
        let runs = try SortedRuns(folder: folder.path, name: "ids", options: .small(16))
        try runs.insertNumbers(0..<10)
        try SortedRuns.remove(folder: folder.path, name: "ids")
        try folder.removeFolder("ids")
        let error = #expect(throws: IndexError.self) { try runs.insertNumbers(10..<32) }
        #expect(error?.code == .missing)
        #expect(runs.find(Seeded.key(9)) == 9)
        try folder.makeFolder("ids")
        #expect(throws: IndexError.self) { try runs.insertNumbers(32..<64) }
        #expect(runs.find(Seeded.key(9)) == 9, "no later table takes the place of a lost one")
        try runs.removeAll()
        try runs.insertNumbers(0..<64)
        #expect(runs.coveredThrough == 64)
    }
}
