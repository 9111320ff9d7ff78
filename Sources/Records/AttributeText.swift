private import Foundation

/// What `id`, `source`, `subject` and the like may hold: Specs/record.md section 2.
package enum AttributeText {
    /// Whether `text` is visible, in normal form C and without space at either end.
    ///
    /// Almost all is ASCII and answered without a String. Foundation is used for the rest because
    /// the standard library has no public test of normal form C.
    package static func isSound(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let first = text.first, let last = text.last, first != 0x20, last != 0x20 else {
            return false
        }
        if text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return true }
        let string = String(decoding: text, as: UTF8.self)
        guard string.unicodeScalars.allSatisfy(isVisible),
            let first = string.unicodeScalars.first, let last = string.unicodeScalars.last,
            !first.properties.isWhitespace, !last.properties.isWhitespace
        else { return false }
        return string.precomposedStringWithCanonicalMapping.utf8.elementsEqual(text)
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        guard !properties.isDefaultIgnorableCodePoint, !properties.isBidiControl,
            !properties.isNoncharacterCodePoint
        else { return false }
        switch properties.generalCategory {
        case .control, .unassigned, .privateUse, .surrogate, .lineSeparator, .paragraphSeparator,
            .format:
            return false
        default: return true
        }
    }
}
