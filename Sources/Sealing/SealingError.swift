package import Phrases

/// Why a value could not be sealed or opened; it says nothing of the value.
package enum SealingError: Error, Hashable, Sendable {
    case tooLarge(Int, max: Int)
    /// Not what a sealed value looks like in a record.
    case noBox
    /// The key's commitment is another one: it is another key, or the box was moved here.
    case otherKeyOrPlace
    /// The key is right, and what it should open was changed.
    case changed
    case badPadding
    /// The wrapped key is for another holder, ledger or handle, or was changed.
    case notForThisHolder

    package var phrase: Phrase {
        switch self {
        case .tooLarge(let count, let max):
            Phrase(
                en: "\(count) bytes are too many to seal, at most \(max): make it an attachment",
                zh: "共 \(count) 字节，超过可密封的 \(max) 字节：请作为附件提交")
        case .noBox: Phrase(en: "this is no sealed value", zh: "不是密封的值")
        case .otherKeyOrPlace:
            Phrase(
                en: "the key is not the one that the record commits to, or the sealed value was "
                    + "moved here from another ledger, event or field",
                zh: "密钥与记录中的承诺不符，或密封的值是从其他账本、事件或字段移来的")
        case .changed:
            Phrase(en: "the sealed value was changed", zh: "密封的值已被改动")
        case .badPadding:
            Phrase(en: "the sealed value is not padded as it must be", zh: "密封的值填充不符合规定")
        case .notForThisHolder:
            Phrase(
                en: "the wrapped key is for another holder, ledger or handle, or was changed",
                zh: "封装的密钥属于其他保管人、账本或句柄，或已被改动")
        }
    }
}
