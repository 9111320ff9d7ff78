import Records

/// What names and words in a grant may hold: Specs/access.md section 2.
package enum Name {
    /// Whether `text` is the name of a system, or of a procedure or role of a catalogue.
    package static func isSound(_ text: String) -> Bool {
        with(text) { StreamName.isName($0) }
    }

    /// Whether `text` is a person's pseudonym.
    package static func isPerson(_ text: String) -> Bool {
        with(text) { Pseudonym.isSound($0) }
    }

    /// Whether `text` is visible words of at most `byteCountMax` bytes.
    package static func areWords(_ text: String, byteCountMax: Int) -> Bool {
        with(text) { $0.count <= byteCountMax && AttributeText.isSound($0) }
    }

    private static func with(
        _ text: String, _ body: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        var text = text
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
