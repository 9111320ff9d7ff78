/// The id of a person: Specs/record.md section 3.
package enum Pseudonym {
    /// Whether `text` is `[A-Za-z][A-Za-z0-9-]{0,63}`.
    package static func isSound(_ text: UnsafeRawBufferPointer) -> Bool {
        guard 1...64 ~= text.count, isLetter(text[0]) else { return false }
        for byte in text
        where !(isLetter(byte) || byte &- 0x30 < 10 || byte == UInt8(ascii: "-")) {
            return false
        }
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26
    }
}
