import Digests
import FileStore

extension FuzzTarget {
    /// A run file, its checksums mended, because no chance would spell them.
    static let run = FuzzTarget("run", byteCountMax: 4096, dictionary: ["HanqRun1"]) {
        (bytes) throws(Broken) in
        var mended = Array(bytes)
        mend(&mended)
        let file = MemoryFile(mended)
        let run: RunFile
        do throws(IndexError) { run = try RunFile(path: file.path) } catch { return .refused }
        try demand(run.byteCount == mended.count, "a run is as long as its file")
        for key in keys(bytes) {
            let values = run.values(of: key)
            if (try? run.verify()) != nil {
                try demand(run.find(key) == values.last, "find gives the greatest value")
                try demand(values == values.sorted(), "values ascend")
            }
        }
        return .read
    }

    /// Keys that are in the run, and one that may not be.
    private static func keys(_ bytes: UnsafeRawBufferPointer) -> [ShortHash] {
        guard bytes.count >= 96 else { return [ShortHash(high: 0, low: 0)] }
        func word(_ place: Int) -> UInt64 {
            bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        }
        let last = (bytes.count / 8 - 2) * 8
        return [
            ShortHash(high: word(64), low: word(72)), ShortHash(high: word(last), low: word(last)),
            ShortHash(high: .max, low: .max),
        ]
    }

    /// Writes the checksums of the header that are true of the rest.
    ///
    /// The step of the sum is the store's own, written here a second time on purpose.
    private static func mend(_ bytes: inout [UInt8]) {
        guard bytes.count >= 64 else { return }
        bytes.withUnsafeMutableBytes { raw in
            func word(_ place: Int) -> UInt64 {
                raw.loadUnaligned(fromByteOffset: place * 8, as: UInt64.self)
            }
            let count = Int(truncatingIfNeeded: word(3) & 0xFFFF)
            let end = 8 + count * 3
            let filter = (end + 7) & ~7
            if end <= raw.count / 8, filter <= raw.count / 8 {
                let body = (8..<end).map(word) + [sum((filter..<raw.count / 8).map(word))]
                raw.storeBytes(of: sum(body), toByteOffset: 32, as: UInt64.self)
            }
            raw.storeBytes(of: sum((0..<7).map(word)), toByteOffset: 56, as: UInt64.self)
        }
    }

    private static func sum(_ words: [UInt64]) -> UInt64 {
        words.reduce(0x9e37_79b9_7f4a_7c15) { state, word in
            let mixed = (state ^ word) &* 0xff51_afd7_ed55_8ccd
            return mixed << 29 | mixed >> 35
        }
    }

    /// The list of runs, its last line mended, and the index's `state.json`.
    static let manifest = FuzzTarget(
        "manifest", byteCountMax: 1024,
        dictionary: [
            "hanqing index 1\n", "key 00112233445566778899aabbccddeeff\n", "run 0 ", " -\n",
            "check 0123456789abcdef\n", #"{"boot":""#, #"","closed":true,"format":1}"#,
        ]
    ) { (bytes) throws(Broken) in
        let isState = IndexState(Array(bytes)) != nil
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let body = lines.dropLast(2).map { $0 + "\n" }.joined()
        let check = String(sum(body.utf8.map(UInt64.init)), radix: 16)
        let digits = String(repeating: "0", count: 16 - check.count) + check
        let mended = Array("\(body)check \(digits)\n".utf8)
        guard let manifest = RunManifest(mended) else { return isState ? .read : .refused }
        try demand(manifest.text.utf8.elementsEqual(mended), "a manifest has one spelling")
        return .read
    }
}
