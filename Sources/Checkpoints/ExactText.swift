/// Text that is the same only if its bytes are the same.
///
/// `String` compares by Unicode's canonical equivalence, under which two names with different
/// bytes, and so with different key ids, would be equal.
package protocol ExactText: Hashable, Sendable, CustomStringConvertible {
    var text: String { get }
}

extension ExactText {
    package static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(text.utf8.count)
        for byte in text.utf8 { hasher.combine(byte) }
    }

    package var description: String { text }
}

/// Which log a checkpoint is of: one line, not empty, without meaning of its own.
package struct Origin: ExactText {
    package let text: String

    /// Nil for an empty text or one with a control character.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 }) else { return nil }
        self.text = text
    }
}

/// The name of a key in a signed note: not empty, without spaces and without `+`.
package struct KeyName: ExactText {
    package let text: String

    package init?(_ text: String) {
        let isSound = text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && scalar != "+" && !scalar.properties.isWhitespace
        }
        guard !text.isEmpty, isSound else { return nil }
        self.text = text
    }
}
