/// Writes JSON in the canonical form of RFC 8785 (JCS) to the end of some bytes.
package enum CanonicalWriter {
    /// Writes `view`; spans that are canonical already are copied as they stand.
    package static func write(_ view: JSONView, to bytes: inout [UInt8]) {
        switch view.kind {
        case .string: writeStringView(view, to: &bytes)
        case .number where !view.isCanonical:
            bytes.append(contentsOf: ECMAScriptNumber.text(of: view.double ?? 0).utf8)
        case _ where view.isCanonical, .null, .false, .true, .number:
            bytes.append(contentsOf: view.rawBytes)
        case .array:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in view.elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object: writeObject(Array(view.members), to: &bytes)
        }
    }

    /// Writes an object of `members`, sorted; names must differ.
    package static func writeObject(
        _ members: [(name: JSONView, value: JSONView)], to bytes: inout [UInt8]
    ) {
        let sorted = members.sorted {
            compareAsUTF16(
                $0.name.utf8.bindMemory(to: UInt8.self), $1.name.utf8.bindMemory(to: UInt8.self))
                < 0
        }
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in sorted.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            writeStringView(member.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            write(member.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func writeStringView(_ view: JSONView, to bytes: inout [UInt8]) {
        guard view.isCanonical else { return writeString(view.utf8, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: view.rawBytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a string of valid UTF-8 with its quotes: RFC 8785 section 3.2.2.2.
    package static func writeString(_ text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        let done: Void? = text.withContiguousStorageIfAvailable { writeString($0, to: &bytes) }
        if done == nil { Array(text).withUnsafeBufferPointer { writeString($0, to: &bytes) } }
    }

    /// What stands between two escapes is copied at once.
    private static func writeString(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        for place in 0..<text.count where needsEscape(text[place]) {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<place]))
            writeEscape(text[place], to: &bytes)
            start = place + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        bytes.append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func writeEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
        if let letter = JSONEscape.letter(for: byte) {
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(letter)
        } else {
            bytes.append(contentsOf: "\\u00\(byte < 16 ? "0" : "1")".utf8)
            bytes.append(contentsOf: String(byte & 15, radix: 16).utf8)
        }
    }
}
