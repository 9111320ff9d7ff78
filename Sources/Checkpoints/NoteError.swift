package import Phrases

/// Why a signed note cannot be read or relied on.
package enum NoteError: Error, Hashable, Sendable {
    /// Longer than ``SignedNote/maximumByteCount``.
    case tooLong
    case noFinalNewline
    case controlCharacter(offset: Int)
    case invalidUTF8
    /// No empty line with signature lines after it.
    case noSignatures
    case tooManySignatures
    /// Counted from 1 after the empty line.
    case badSignatureLine(number: Int)
    /// None of the keys that the reader knows has signed; those named have.
    case noKnownSignature([KeyName])
    /// A known key's signature does not fit the text.
    case invalidSignature(KeyName, KeyID)
}

extension NoteError {
    package var phrase: Phrase {
        switch self {
        case .tooLong, .noFinalNewline, .controlCharacter, .invalidUTF8: bytesPhrase
        case .noSignatures, .tooManySignatures, .badSignatureLine: linesPhrase
        case .noKnownSignature(let names):
            Phrase(
                en: "signed by \(list(names)), by no key that is trusted here; "
                    + "check the verifier key you were given",
                zh: "签名者为 \(list(names))，其中没有受信任的密钥；请核对所取得的验证公钥")
        case .invalidSignature(let name, let id):
            Phrase(
                en: "the signature of \(name) (key \(id)) does not fit the text: "
                    + "the text or the signature was changed",
                zh: "\(name)（密钥 \(id)）的签名与正文不符：正文或签名被改动过")
        }
    }

    private var bytesPhrase: Phrase {
        switch self {
        case .tooLong:
            Phrase(
                en: "longer than \(SignedNote.maximumByteCount) bytes",
                zh: "超过 \(SignedNote.maximumByteCount) 字节")
        case .noFinalNewline:
            Phrase(en: "does not end with a line feed: cut off?", zh: "末尾缺少换行符，可能被截断")
        case .controlCharacter(let offset):
            Phrase(
                en: "has a control character at byte \(offset)", zh: "第 \(offset) 字节处有控制字符")
        default:
            Phrase(en: "is not valid UTF-8", zh: "不是有效的 UTF-8 文本")
        }
    }

    private var linesPhrase: Phrase {
        switch self {
        case .noSignatures:
            Phrase(en: "has no signature lines after an empty line", zh: "空行之后没有签名行")
        case .tooManySignatures:
            Phrase(
                en: "has more than \(SignedNote.maximumSignatures) signatures",
                zh: "签名超过 \(SignedNote.maximumSignatures) 个")
        case .badSignatureLine(let number):
            Phrase(
                en: "signature line \(number) is not “— name base64”",
                zh: "第 \(number) 个签名行的格式不是“— 名称 base64”")
        default:
            Phrase(en: "cannot be read", zh: "无法读取")
        }
    }

    private func list(_ names: [KeyName]) -> String {
        let shown = names.prefix(5).map(\.text).joined(separator: ", ")
        return names.count > 5 ? shown + ", …" : shown
    }
}
