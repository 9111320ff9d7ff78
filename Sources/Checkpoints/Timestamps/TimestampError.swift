package import Digests
package import Phrases

/// Why a timestamp shows nothing.
package enum TimestampError: Error, Hashable, Sendable {
    /// Not a checkpoint's text with at most a line `renews`.
    case badMessage
    case checkpoint(CheckpointError)
    /// The message is not made of the note's text.
    case otherCheckpoint
    /// The query cannot be read, or asks for something else than the message.
    case otherQuery
    /// `isOfSystem` if nobody named whom to trust.
    case token(TimestampFault, isOfSystem: Bool)
    /// The first one renews another, or a later one does not name the reply before.
    case otherReply

    /// Whether it only lacks somebody to trust, on this machine.
    package var isUntrusted: Bool {
        if case .token(.untrusted, isOfSystem: true) = self { true } else { false }
    }
}

extension TimestampError {
    package var phrase: Phrase {
        switch self {
        case .badMessage:
            Phrase(
                en: "the message is not a checkpoint's text with at most a line “renews”",
                zh: "所盖的消息不是检查点正文（至多附一行“renews”）")
        case .checkpoint(let error): error.phrase
        case .otherCheckpoint:
            Phrase(
                en: "the message is of another checkpoint than the note beside it",
                zh: "所盖的消息与同存的检查点不一致")
        case .otherQuery:
            Phrase(en: "the query does not ask for the message", zh: "请求与所盖的消息不符")
        case .token(let fault, _): fault.phrase
        case .otherReply:
            Phrase(
                en: "it does not name the reply that was kept before it",
                zh: "未载明此前所存回复的摘要")
        }
    }
}

extension TimestampFault {
    package var phrase: Phrase {
        switch self {
        case .unreadable:
            Phrase(
                en: "the reply is no RFC 3161 answer with a token",
                zh: "回复不是含时间戳令牌的 RFC 3161 应答")
        case .refused(let status):
            Phrase(
                en: "the authority gave no timestamp: \(status)", zh: "时间戳机构未予签发：\(status)")
        case .noCertificate:
            Phrase(
                en: "there is no certificate in what is to be trusted",
                zh: "所给的信任文件中没有证书")
        case .untrusted(let reason):
            Phrase(
                en: "the authority's certificate is not trusted for timestamps: \(reason)",
                zh: "时间戳机构的证书不受信任或不得用于时间戳：\(reason)")
        case .invalid(let reason):
            Phrase(
                en: "the reply does not answer the query, or its signature is wrong: \(reason)",
                zh: "回复与请求不符，或签名无效：\(reason)")
        }
    }
}
