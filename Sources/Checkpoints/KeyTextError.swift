package import Phrases

/// Why a text is no verifier or signer key.
package enum KeyTextError: Error, Hashable, Sendable {
    /// Not three parts joined by `+`, or longer than 1,024 bytes.
    case malformed
    case badName
    case badBase64
    /// The type byte is none that this program knows.
    case unknownType
    /// The key has not 32 bytes.
    case wrongLength
    /// The id is not the one of this name and key, in lower-case digits.
    case wrongID(stated: String, computed: KeyID)
}

extension KeyTextError {
    package var phrase: Phrase {
        switch self {
        case .malformed:
            Phrase(
                en: "a key is <name>+<id>+<base64>; this text is not",
                zh: "密钥格式应为 <名称>+<标识>+<base64>，此文本不符")
        case .badName:
            Phrase(
                en: "the key's name is empty or holds a space or control character",
                zh: "密钥名称为空，或含有空格或控制字符")
        case .badBase64:
            Phrase(
                en: "the part after the last + is not strict base64 with padding",
                zh: "末段不是严格的、带填充的 base64")
        case .unknownType:
            Phrase(
                en: "the key is of a type that is not supported; Ed25519 is 01, a cosigner's 04",
                zh: "不支持该密钥类型；Ed25519 为 01，联署密钥为 04")
        case .wrongLength:
            Phrase(
                en: "an Ed25519 key has 32 bytes; this one has not", zh: "Ed25519 密钥应为 32 字节，此密钥不是")
        case .wrongID(let stated, let computed):
            Phrase(
                en: "the key's id is stated as \(stated) but is \(computed): a typing error?",
                zh: "密钥标识写作 \(stated)，实为 \(computed)，请检查是否有抄写错误")
        }
    }
}
