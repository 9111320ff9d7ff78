/// Lines of words, as people write them: c2sp.org/tlog-policy, and a witness's settings.
///
/// Words stand apart by spaces and tabs; empty lines, and lines that begin with `#`, say nothing.
/// Bytes above 0x7F are opaque.
package struct WordLines: Sendable {
    package typealias Word = ArraySlice<UInt8>

    package struct Line: Sendable {
        /// Counted from 1.
        package let number: Int
        /// At least one.
        package let words: [Word]
    }

    package let lines: [Line]

    package static let byteCountMax = 1 << 18

    /// Nil if it is too long, or has another control character than tab and LF.
    package init?(_ bytes: some Collection<UInt8>) {
        let isText = bytes.allSatisfy { $0 == 0x09 || $0 == 0x0A || $0 >= 0x20 && $0 != 0x7F }
        guard bytes.count <= WordLines.byteCountMax, isText else { return nil }
        let pieces = Array(bytes).split(separator: 0x0A, omittingEmptySubsequences: false)
        lines = pieces.enumerated().compactMap { place, piece in
            let words = piece.split { $0 == 0x20 || $0 == 0x09 }
            guard let first = words.first, first.first != UInt8(ascii: "#") else { return nil }
            return Line(number: place + 1, words: words)
        }
    }
}
