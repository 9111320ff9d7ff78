import Digests
import FileStore
import Testing

/// Whatever is done to an index's files: it is refused when opened, or found when verified, and no
/// look-up ever reads beyond a file.
@Suite struct IndexDamageTests {
    private let folder: ScratchFolder
    private let runName: String
    private let run: [UInt8]
    private let manifest: [UInt8]

    /// One run of 17 entries, so that there is padding between them and the filter.
    init() throws {
        folder = try ScratchFolder()
        let index = try SortedRuns(folder: folder.path, name: "ids", options: .small(17))
        try index.insertNumbers(0..<17, batch: 17)
        runName = "ids/000000000000-000000000017.run"
        run = try folder.read(runName)
        manifest = try folder.read("ids/manifest")
    }

    /// The code with which the index is refused; nil if all of it seems sound.
    private func verdict() -> IndexError.Code? {
        do throws(IndexError) {
            let opened = try RunSnapshot(opening: folder.path + "/ids", boot: "boot-1")
            guard let opened else { return .missing }
            for number in [3, 16, 20] as [UInt64] {
                _ = opened.find(Seeded.key(number))
                _ = opened.values(of: Seeded.key(number))
            }
            try opened.verify()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `untouched files are sound`() {
        #expect(verdict() == nil)
    }

    @Test func `every flipped bit of a run is noticed`() throws {
        for place in run.indices {
            for bit in 0..<8 {
                var bytes = run
                bytes[place] ^= 1 << UInt8(bit)
                try folder.write(bytes, to: runName)
                #expect(verdict() == .damaged, "byte \(place), bit \(bit)")
            }
        }
    }

    @Test func `every other length of a run is refused`() throws {
        for count in 0..<run.count {
            try folder.write(Array(run[..<count]), to: runName)
            #expect(verdict() == .damaged, "\(count) bytes")
        }
        try folder.write(run + [0], to: runName)
        #expect(verdict() == .damaged)
    }

    @Test func `every flipped bit of a manifest is refused`() throws {
        for place in manifest.indices {
            for bit in 0..<8 {
                var bytes = manifest
                bytes[place] ^= 1 << UInt8(bit)
                try folder.write(bytes, to: "ids/manifest")
                #expect(verdict() == .damaged, "byte \(place), bit \(bit)")
                let error = #expect(throws: IndexError.self) {
                    try SortedRuns(folder: folder.path, name: "ids", options: .small(17))
                }
                #expect(error?.code == .damaged)
            }
        }
    }

    @Test func `every other length of a manifest is refused`() throws {
        for count in 0..<manifest.count {
            try folder.write(Array(manifest[..<count]), to: "ids/manifest")
            #expect(verdict() == .damaged, "\(count) bytes")
        }
        try folder.write(manifest + [0x0a], to: "ids/manifest")
        #expect(verdict() == .damaged)
    }

    @Test func `a run under another run's name is refused`() throws {
        let other = try SortedRuns(folder: folder.path, name: "other", options: .small(17))
        try other.insertNumbers(0..<18, batch: 18)
        try folder.write(try folder.read("other/000000000000-000000000018.run"), to: runName)
        #expect(verdict() == .damaged)
    }

    @Test func `a missing run is missing, and removing the index makes way for a new one`() throws {
        try SortedRuns.remove(folder: folder.path, name: "ids")
        try folder.write(manifest, to: "ids/manifest")
        #expect(verdict() == .missing)
        try SortedRuns.remove(folder: folder.path, name: "ids")
        let index = try SortedRuns(folder: folder.path, name: "ids", options: .small(17))
        #expect(index.coveredThrough == 0)
        try index.insertNumbers(0..<17, batch: 17)
        #expect(verdict() == nil)
    }

    @Test func `comparing two indexes names the first entry that differs`() throws {
        let one = try SortedRuns(folder: folder.path, name: "one", options: .small(16))
        let two = try SortedRuns(folder: folder.path, name: "two", options: .small(64))
        try one.insertNumbers(0..<256)
        try two.insertNumbers(0..<256, batch: 7)
        try two.flush()
        #expect(one.snapshot.firstDifference(from: two.snapshot) == nil)
        two.insert(Seeded.key(3), 999)
        try two.settle(through: 257)
        try two.flush()
        let extra = IndexEntry(key: Seeded.key(3), value: 999)
        #expect(one.snapshot.firstDifference(from: two.snapshot) == extra)
        #expect(two.snapshot.firstDifference(from: one.snapshot) == extra)
    }
}
