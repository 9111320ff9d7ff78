package import Phrases

/// Reads an archive as ``TarEntry`` writes it, and refuses every other one.
package struct TarReader {
    private let source: Source
    private var last: TarEntry?
    private var remaining = 0
    private var count = 0

    /// Up to so many bytes that follow; fewer at the end alone.
    package typealias Source = (Int) throws(TarFault) -> [UInt8]

    package static let entryCountMax = 200_000
    private static let pieceByteCount = 1 << 20

    package init(_ source: @escaping Source) {
        self.source = source
    }

    /// The next entry; nil after the last, when nothing follows it.
    package mutating func next() throws(TarFault) -> TarEntry? {
        try skipRest()
        let header = try source(TarEntry.blockByteCount)
        guard header.count == TarEntry.blockByteCount else { throw .cutOff(after: last?.name) }
        if header.allSatisfy({ $0 == 0 }) {
            try end()
            return nil
        }
        let entry = try TarReader.entry(header)
        if let last, !last.name.utf8.lexicographicallyPrecedes(entry.name.utf8) {
            throw last.name == entry.name ? .twice(entry.name) : .outOfOrder(entry.name)
        }
        count += 1
        guard count <= TarReader.entryCountMax else { throw .tooMany }
        (last, remaining) = (entry, entry.byteCount)
        return entry
    }

    /// All of the entry that ``next()`` gave.
    package mutating func contents() throws(TarFault) -> [UInt8] {
        var bytes: [UInt8] = []
        try pieces { bytes += $0 }
        return bytes
    }

    /// The same, piece by piece.
    package mutating func pieces(_ body: ([UInt8]) -> Void) throws(TarFault) {
        while remaining > 0 {
            let piece = try source(min(remaining, TarReader.pieceByteCount))
            guard !piece.isEmpty else { throw .cutOff(after: last?.name) }
            remaining -= piece.count
            body(piece)
        }
    }

    private mutating func skipRest() throws(TarFault) {
        try pieces { _ in }
        guard let last, last.paddingByteCount > 0 else { return }
        let padding = try source(last.paddingByteCount)
        guard padding.count == last.paddingByteCount else { throw .cutOff(after: last.name) }
        guard padding.allSatisfy({ $0 == 0 }) else { throw .attributes(last.name) }
    }

    private func end() throws(TarFault) {
        let rest = try source(TarEntry.blockByteCount + 1)
        guard rest.count >= TarEntry.blockByteCount else { throw .cutOff(after: last?.name) }
        guard rest.count == TarEntry.blockByteCount, rest.allSatisfy({ $0 == 0 })
        else { throw .moreFollows }
    }

    /// Whatever is not exactly the header that would be written is refused.
    private static func entry(_ header: [UInt8]) throws(TarFault) -> TarEntry {
        let name = String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
        // What is longer than a name may be stands in other fields, which must be empty.
        guard header[345..<500].allSatisfy({ $0 == 0 }) else { throw .badName(name) }
        switch header[156] {
        case UInt8(ascii: "0"): break
        case UInt8(ascii: "1"), UInt8(ascii: "2"): throw .link(name)
        case UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "6"): throw .device(name)
        case UInt8(ascii: "5"): throw .folder(name)
        default: throw .attributes(name)
        }
        if isUnsafe(name) { throw .badName(name) }
        let digits = header[124..<135]
        guard digits.allSatisfy({ 0x30...0x37 ~= $0 }) else { throw .attributes(name) }
        let size = digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
        let entry = TarEntry(name: name, byteCount: size)
        guard entry.header == header else { throw .attributes(name) }
        return entry
    }

    /// A name must not lead anywhere but down, nor hold what shells and screens take for more.
    private static func isUnsafe(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy {
            0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 || $0 == 0x2E
                || $0 == 0x5F || $0 == 0x2D || $0 == 0x2F
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return !isPlain || parts.contains { ["", ".", ".."].contains($0) }
    }
}

/// Why an archive is not read; each with the entry's name as it stands there.
package enum TarFault: Error, Hashable, Sendable {
    case unreadable(Phrase)
    case cutOff(after: String?)
    case moreFollows
    case tooMany
    case badName(String)
    case twice(String)
    case outOfOrder(String)
    case link(String)
    case folder(String)
    case device(String)
    case attributes(String)
    /// Longer than such a file, or all together, may be.
    case tooLong(String)
}

extension TarFault {
    package var phrase: Phrase {
        switch self {
        case .unreadable(let phrase): phrase
        case .cutOff(let name):
            TarFault.say(name ?? "", "the archive is cut off after it", "归档在其后中断")
        case .moreFollows:
            Phrase(en: "more follows the end of the archive", zh: "归档结尾之后还有内容")
        case .tooMany:
            Phrase(
                en: "more than \(TarReader.entryCountMax) entries",
                zh: "条目超过 \(TarReader.entryCountMax) 个")
        case .badName(let name):
            TarFault.say(
                name, "not a name of a bundle: it may lead elsewhere, or has strange characters",
                "不是证据包的文件名：可能指向别处，或含异常字符")
        case .twice(let name): TarFault.say(name, "there twice", "重复出现")
        case .outOfOrder(let name): TarFault.say(name, "out of order", "次序不符")
        case .link(let name): TarFault.say(name, "a link", "是链接")
        case .folder(let name): TarFault.say(name, "a folder", "是目录")
        case .device(let name): TarFault.say(name, "a device or pipe", "是设备或管道")
        case .tooLong(let name): TarFault.say(name, "too long", "过长")
        case .attributes(let name):
            TarFault.say(name, "not a plain file as bundles have them", "不是证据包所用的普通文件条目")
        }
    }

    /// The name comes from outside: its control characters stay there.
    private static func say(_ name: String, _ en: String, _ zh: String) -> Phrase {
        let shown = String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(100).map {
                    $0.value < 0x20 || $0.value >= 0x7F ? "?" : $0
                }))
        return Phrase(en: "entry “\(shown)”: \(en)", zh: "条目“\(shown)”：\(zh)")
    }
}
