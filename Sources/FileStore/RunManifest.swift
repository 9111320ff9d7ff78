import Digests

/// The list of an index's runs: a short text, replaced as a whole by a rename.
///
/// ```
/// hanqing index 2
/// name ids
/// key 00112233445566778899aabbccddeeff
/// run 0 262144 89abcdef01234567 -
/// run 262144 263000 76543210fedcba98 5f0e…
/// check 0123456789abcdef
/// ```
/// A run's words are the records that it covers, its checksum, and the boot under which it was
/// written, or `-` once it is synced. Name and checksums bind the files: a run or a manifest of
/// another index, or of another time, does not pass for this one's.
package struct RunManifest: Equatable {
    package struct Run: Equatable {
        var covered: Range<UInt64>
        /// Of its contents, as its header has it.
        var checksum: UInt64
        /// Nil once the run is synced; until then it is worth nothing after another boot.
        var unsyncedBoot: String?

        var fileName: String { Run.fileName(covered) }

        /// 12 digits, as the log's segments have; more when they are needed.
        static func fileName(_ covered: Range<UInt64>) -> String {
            "\(pad(covered.lowerBound))-\(pad(covered.upperBound)).run"
        }

        private static func pad(_ number: UInt64) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        }
    }

    /// Which index it is: the name of its folder.
    var name: String
    var hashKey: ShortHash
    /// Each begins where the one before ended, the first at 0.
    var runs: [Run] = []

    static let fileName = "manifest"

    /// Entries of records below this are in the runs.
    var coveredThrough: UInt64 { runs.last?.covered.upperBound ?? 0 }

    package var text: String {
        var text = "hanqing index 2\nname \(name)\n"
        text += "key \(hex(hashKey.high))\(hex(hashKey.low))\n"
        for run in runs {
            let boot = run.unsyncedBoot ?? "-"
            text += "run \(run.covered.lowerBound) \(run.covered.upperBound) "
            text += "\(hex(run.checksum)) \(boot)\n"
        }
        return text + "check \(hex(RunChecksum.of(text.utf8.map(UInt64.init))))\n"
    }

    init(name: String, hashKey: ShortHash) {
        (self.name, self.hashKey) = (name, hashKey)
    }

    /// The manifest in `bytes`, or nil unless they are just what we would write.
    package init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count >= 4, lines[1].hasPrefix("name "), lines[2].hasPrefix("key "),
            lines[2].utf8.count == 36,
            let high = UInt64(lines[2].dropFirst(4).prefix(16), radix: 16),
            let low = UInt64(lines[2].dropFirst(20), radix: 16)
        else { return nil }
        self.init(name: String(lines[1].dropFirst(5)), hashKey: ShortHash(high: high, low: low))
        for line in lines[3..<(lines.count - 1)] {
            guard let run = RunManifest.run(line), run.covered.lowerBound == coveredThrough
            else { return nil }
            runs.append(run)
        }
        guard text.utf8.elementsEqual(bytes) else { return nil }
    }

    private static func run(_ line: Substring) -> Run? {
        let words = line.split(separator: " ")
        guard words.count == 5, words[0] == "run", let start = UInt64(words[1]),
            let end = UInt64(words[2]), start < end, let checksum = UInt64(words[3], radix: 16)
        else { return nil }
        return Run(
            covered: start..<end, checksum: checksum,
            unsyncedBoot: words[4] == "-" ? nil : String(words[4]))
    }

    private func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Reads the manifest of the index in `folder`; nil if there is none.
    package static func read(in folder: String) throws(IndexError) -> RunManifest? {
        let path = folder + "/" + fileName
        let bytes: [UInt8]
        do { bytes = try IndexFiles.read(path) } catch {
            if error.code == .missing { return nil }
            throw error
        }
        guard let manifest = RunManifest(bytes), folder.hasSuffix("/" + manifest.name) else {
            throw .damaged(path, "it is not the manifest that we wrote", "清单内容不符")
        }
        return manifest
    }

    /// Replaces the manifest in `folder`; whoever opens it sees the old one or the new one.
    func write(in folder: String, syncing: Bool) throws(IndexError) {
        let path = folder + "/" + RunManifest.fileName
        try IndexFiles.write(Array(text.utf8), to: path + ".new", syncing: syncing)
        try IndexFiles.move(path + ".new", to: path)
        if syncing { try IndexFiles.sync(path: folder) }
    }
}
