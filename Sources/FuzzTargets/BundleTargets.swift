import Auditing
import Bundles
import Checkpoints

extension FuzzTarget {
    /// An archive that somebody hands in as a bundle; checksums are mended.
    static let bundle = FuzzTarget(
        "bundle", byteCountMax: 8192,
        dictionary: [
            "bundle/", "ustar", "../", "0000644", "checkpoint", "records/000000000000.json",
        ]
    ) { (bytes) throws(Broken) in
        let bytes = mended(Array(bytes))
        if let files = files(in: bytes) {
            let again = files.flatMap { file in
                let entry = TarEntry(name: file.name, byteCount: file.bytes.count)
                return entry.header + file.bytes
                    + [UInt8](repeating: 0, count: entry.paddingByteCount)
            }
            try demand(again + TarEntry.end == bytes, "an archive has one spelling")
            for file in files {
                let parts = file.name.split(separator: "/", omittingEmptySubsequences: false)
                try demand(!parts.contains("..") && !parts.contains(""), "no name leads elsewhere")
            }
        }
        var options = BundleAudit.Options()
        options.key = try? VerifierKey(
            "ledger.example/audit+2a52108c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
        var audit = BundleAudit(options)
        let report = try? audit.run(source(bytes))
        // The key signed a log whose records are none of these.
        try demand(report?.isSound != true, "nothing is sound that the key never signed")
        let isRead = report?.findings.contains { $0.code == .archiveRefused } == false
        return isRead ? .read : .refused
    }

    private static func source(_ bytes: [UInt8]) -> TarReader.Source {
        var place = 0
        return { (count) throws(TarFault) in
            let piece = Array(bytes[place..<min(bytes.count, place + count)])
            place += piece.count
            return piece
        }
    }

    private static func files(in bytes: [UInt8]) -> [(name: String, bytes: [UInt8])]? {
        var reader = TarReader(source(bytes))
        var files: [(name: String, bytes: [UInt8])] = []
        do throws(TarFault) {
            while let entry = try reader.next() {
                files.append((entry.name, try reader.contents()))
            }
            return files
        } catch {
            return nil
        }
    }

    /// The first header's checksum made right, which chance alone would not do.
    private static func mended(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= TarEntry.blockByteCount else { return bytes }
        var bytes = bytes
        bytes.replaceSubrange(148..<156, with: "        ".utf8)
        let sum = bytes[..<TarEntry.blockByteCount].reduce(0) { $0 + Int($1) }
        guard sum > 256 else { return bytes }
        let digits = String(sum, radix: 8)
        let text = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "\0 "
        bytes.replaceSubrange(148..<156, with: text.utf8.prefix(8))
        return bytes
    }
}
