import Digests
import FileStore
import Foundation
import Testing

/// A folder of the test's own, gone with it.
final class ScratchFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
    }

    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path + "/" + name)))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: path + "/" + name))
    }
}

/// SplitMix64: chance that a seed replays.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    /// The uniform key that stands for `number`.
    static func key(_ number: UInt64) -> ShortHash {
        var random = Seeded(seed: number)
        return ShortHash(high: random.next(), low: random.next())
    }
}

extension SortedRuns.Options {
    /// Small tables, so that a short test writes and merges many runs.
    static func small(_ entries: Int = 16, inline: Bool = true) -> SortedRuns.Options {
        var options = SortedRuns.Options(
            boot: "boot-1", newHashKey: ShortHash(high: 0x1234, low: 0x5678))
        options.tableEntries = entries
        options.worksInline = inline
        return options
    }
}

extension SortedRuns {
    /// Inserts number `n` under its own key, as an index of ids would, for each n of `numbers`.
    func insertNumbers(_ numbers: Range<UInt64>, batch: UInt64 = 16) throws {
        var start = numbers.lowerBound
        while start < numbers.upperBound {
            let end = min(start + batch, numbers.upperBound)
            for number in start..<end { insert(Seeded.key(number), number) }
            try settle(through: end)
            start = end
        }
    }
}

extension ScratchFolder {
    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: path + "/" + name, withIntermediateDirectories: false)
    }

    func removeFolder(_ name: String) throws {
        try FileManager.default.removeItem(atPath: path + "/" + name)
    }
}
