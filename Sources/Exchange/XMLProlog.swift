import Phrases

/// Looks at what stands before the root element, before the XML parser sees it.
///
/// XES has no document type, and entities are only good for attacks (a billion laughs), so a
/// DOCTYPE is refused; so is an encoding in which one could hide.
struct XMLProlog {
    /// Comments of a generator are short.
    private static let byteCountMax = 64 << 10
    private static let encodings = ["utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1"]

    private var seen: [UInt8] = []
    private(set) var isOver = false

    /// What is wrong with the prolog, as far as it is known after `bytes`.
    mutating func look(at bytes: UnsafeRawBufferPointer) -> Phrase? {
        guard !isOver else { return nil }
        seen.append(contentsOf: bytes.prefix(XMLProlog.byteCountMax))
        let verdict = judge()
        if isOver { seen = [] }
        if verdict == nil, seen.count >= XMLProlog.byteCountMax {
            return Phrase(
                en: "no XML element in the first 64 KiB", zh: "前 64 KiB 内没有 XML 元素")
        }
        return verdict
    }

    private mutating func judge() -> Phrase? {
        var place = seen.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while place < seen.count {
            if [0x20, 0x09, 0x0A, 0x0D].contains(seen[place]) {
                place += 1
                continue
            }
            guard seen[place] == UInt8(ascii: "<") else { return XMLProlog.notXML }
            let rest = seen[place...]
            guard rest.count > 3 else { return nil }
            if rest.starts(with: "<?".utf8) {
                guard let end = find("?>", from: place + 2) else { return nil }
                if let encoding = encoding(seen[place..<end]), !isKnown(encoding) {
                    return XMLProlog.foreign(encoding)
                }
                place = end + 2
            } else if rest.starts(with: "<!--".utf8) {
                guard let end = find("-->", from: place + 4) else { return nil }
                place = end + 3
            } else if rest.starts(with: "<!".utf8) {
                return XMLProlog.documentType
            } else {
                isOver = true
                return nil
            }
        }
        return nil
    }

    private func find(_ text: StaticString, from start: Int) -> Int? {
        let count = text.utf8CodeUnitCount
        guard start + count <= seen.count else { return nil }
        return (start...seen.count - count).first { place in
            (0..<count).allSatisfy { seen[place + $0] == text.utf8Start[$0] }
        }
    }

    /// What an XML declaration says after `encoding=`.
    private func encoding(_ declaration: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: declaration, as: UTF8.self)
        guard text.hasPrefix("<?xml "), let found = text.firstRange(of: "encoding") else {
            return nil
        }
        return String(
            text[found.upperBound...].drop { " \t\r\n=\"'".contains($0) }
                .prefix { !" \t\r\n\"'".contains($0) })
    }

    private func isKnown(_ encoding: String) -> Bool {
        XMLProlog.encodings.contains(encoding.lowercased())
    }

    private static let notXML = Phrase(
        en: "this is not XML in UTF-8: it does not begin with <",
        zh: "不是 UTF-8 编码的 XML：开头不是 <")
    private static let documentType = Phrase(
        en: "a document type (DOCTYPE) is not read: XES has none; remove it",
        zh: "不读取带文档类型（DOCTYPE）的文件：XES 没有文档类型，请删去")

    private static func foreign(_ encoding: String) -> Phrase {
        Phrase(
            en: "the encoding \(encoding) is not read; convert the file to UTF-8",
            zh: "不支持编码 \(encoding)，请将文件转换为 UTF-8")
    }
}
