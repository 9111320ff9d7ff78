package import Merkle
package import Phrases

/// Why a witness does not cosign: the answers of c2sp.org/tlog-witness other than 200.
package enum WitnessRefusal: Error, Hashable, Sendable {
    /// 400: no request, no note or no checkpoint.
    case malformed
    /// 400: it says that it grew from more than it has.
    case oldIsLarger
    /// 404.
    case unknownLog
    /// 403: no known key of that log signed it, or a line of a known key does not verify.
    case notSigned
    /// 409: the witness has cosigned another size.
    case otherSize(TreeSize)
    /// 422: another history, or no proof that it is the same.
    case inconsistent
    /// 422: an empty tree has one root only.
    case wrongEmptyRoot

    package var status: Int {
        switch self {
        case .malformed, .oldIsLarger: 400
        case .notSigned: 403
        case .unknownLog: 404
        case .otherSize: 409
        case .inconsistent, .wrongEmptyRoot: 422
        }
    }

    package var phrase: Phrase {
        switch self {
        case .malformed:
            Phrase(
                en: "the request is not as c2sp.org/tlog-witness has it",
                zh: "请求不符合 c2sp.org/tlog-witness 的格式")
        case .oldIsLarger:
            Phrase(
                en: "the old size is larger than the checkpoint's", zh: "旧规模大于检查点的规模")
        case .unknownLog:
            Phrase(en: "this witness does not know the log", zh: "本见证人不认识该账本")
        case .notSigned:
            Phrase(
                en: "no known key of the log has signed the checkpoint",
                zh: "检查点没有该账本已知密钥的有效签名")
        case .otherSize(let size):
            Phrase(
                en: "this witness cosigned the log at size \(size) last",
                zh: "本见证人最近联署的规模为 \(size)")
        case .inconsistent:
            Phrase(
                en: "the checkpoint is not shown to continue what this witness cosigned",
                zh: "未能证明该检查点是本见证人已联署历史的延续")
        case .wrongEmptyRoot:
            Phrase(
                en: "the root is not that of an empty tree", zh: "所列树根不是空树的树根")
        }
    }
}
