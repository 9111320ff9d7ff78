private import Foundation

/// In what a CSV file is written.
package enum SourceEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    /// GB 18030, which holds GBK and GB 2312.
    case gb18030

    /// The text of one line, or the column (from 1, in characters) of what is not in the encoding.
    func decode(_ line: UnsafeRawBufferPointer) -> Result<String, InvalidText> {
        switch self {
        case .utf8: SourceEncoding.utf8(line)
        case .gb18030: SourceEncoding.gb18030(line)
        }
    }

    struct InvalidText: Error {
        let column: Int
    }

    private static func utf8(_ line: UnsafeRawBufferPointer) -> Result<String, InvalidText> {
        if let text = String(validating: line, as: UTF8.self) { return .success(text) }
        var decoder = UTF8()
        var bytes = line.makeIterator()
        var column = 1
        while case .scalarValue = decoder.decode(&bytes) { column += 1 }
        return .failure(InvalidText(column: column))
    }

    private static func gb18030(_ line: UnsafeRawBufferPointer) -> Result<String, InvalidText> {
        if line.allSatisfy({ $0 < 0x80 }) {
            return .success(String(decoding: line, as: UTF8.self))
        }
        var place = 0
        var column = 1
        while place < line.count {
            guard let length = characterLength(line, place) else {
                return .failure(InvalidText(column: column))
            }
            place += length
            column += 1
        }
        if let text = foundation(line) { return .success(text) }
        return .failure(InvalidText(column: firstUnknown(line)))
    }

    /// Bytes of the character at `place` by the form of GB 18030, or nil.
    private static func characterLength(_ line: UnsafeRawBufferPointer, _ place: Int) -> Int? {
        let first = line[place]
        if first < 0x80 { return 1 }
        guard 0x81...0xFE ~= first, place + 1 < line.count else { return nil }
        let second = line[place + 1]
        if 0x40...0xFE ~= second, second != 0x7F { return 2 }
        guard 0x30...0x39 ~= second, place + 3 < line.count, 0x81...0xFE ~= line[place + 2],
            0x30...0x39 ~= line[place + 3]
        else { return nil }
        return 4
    }

    /// Foundation has the tables; it gives nil for what they do not hold.
    private static func foundation(_ bytes: UnsafeRawBufferPointer) -> String? {
        let kCFStringEncodingGB18030: UInt = 0x8000_0632
        guard let base = bytes.baseAddress else { return "" }
        return String(
            data: Data(bytes: base, count: bytes.count),
            encoding: String.Encoding(rawValue: kCFStringEncodingGB18030))
    }

    private static func firstUnknown(_ line: UnsafeRawBufferPointer) -> Int {
        var place = 0
        var column = 1
        while place < line.count, let length = characterLength(line, place),
            foundation(UnsafeRawBufferPointer(rebasing: line[place..<place + length])) != nil
        {
            place += length
            column += 1
        }
        return column
    }
}
