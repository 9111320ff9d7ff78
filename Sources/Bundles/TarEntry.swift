/// A plain file in a ustar archive, POSIX.1-1988: Specs/bundle.md section 1.
package struct TarEntry: Hashable, Sendable {
    /// Relative, of at most 100 bytes, safe to be taken for a path: ``fault(of:)``.
    package let name: String
    package let byteCount: Int

    package static let blockByteCount = 512
    package static let nameByteCountMax = 100
    /// What 11 octal digits hold.
    package static let byteCountMax = 1 << 33 - 1

    package init(name: String, byteCount: Int) {
        (self.name, self.byteCount) = (name, byteCount)
    }

    /// The one header that such a file has; owner, group and time are nobody's and 0.
    package var header: [UInt8] {
        var block = [UInt8](repeating: 0, count: TarEntry.blockByteCount)
        func put(_ text: String, at place: Int) {
            block.replaceSubrange(place..<(place + text.utf8.count), with: text.utf8)
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(TarEntry.octal(byteCount, digits: 11), at: 124)
        put("00000000000", at: 136)
        // The checksum is taken with spaces in its own place.
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(TarEntry.octal(sum, digits: 6) + "\0 ", at: 148)
        return block
    }

    /// Zero bytes after the contents, up to the next block.
    package var paddingByteCount: Int {
        (TarEntry.blockByteCount - byteCount % TarEntry.blockByteCount) % TarEntry.blockByteCount
    }

    private static func octal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// The end of an archive.
    package static let end = [UInt8](repeating: 0, count: 2 * blockByteCount)
}
