package import Phrases

/// Every kind of damage that an audit can name; the spelling is stable: Specs/verify.md section 3.
package enum FindingCode: String, Hashable, Sendable, CaseIterable {
    case segmentMissing = "segment-missing"
    case segmentMisnamed = "segment-misnamed"
    case lineTooLong = "line-too-long"
    case lineUnterminated = "line-unterminated"
    case lineUnreadable = "line-unreadable"
    case sequenceWrong = "sequence-wrong"
    case linkBroken = "link-broken"
    case rootDiffers = "root-differs"
    case recordsMissing = "records-missing"
    case recordAltered = "record-altered"
    case checkpointMissing = "checkpoint-missing"
    case checkpointRefused = "checkpoint-refused"
    case givenCheckpointRefused = "given-checkpoint-refused"
    case forked
    case rolledBack = "rolled-back"
    case keyChanged = "key-changed"
    case recordsLost = "records-lost"
    case keyRevoked = "key-revoked"
    case revokedKeySigned = "revoked-key-signed"
    case sm2Refused = "sm2-refused"
    case sm3RootDiffers = "sm3-root-differs"
    case memoryUnreadable = "memory-unreadable"
    case genesisWrong = "genesis-wrong"
    case recordMalformed = "record-malformed"
    case recordInvalid = "record-invalid"
    case timeInFuture = "time-in-future"
    case recordedBack = "recorded-back"
    case batchBroken = "batch-broken"
    case revisionWrong = "revision-wrong"
    case idRepeated = "id-repeated"
    case ownRecordWrong = "own-record-wrong"
    case targetWrong = "target-wrong"
    case withheldUnbacked = "withheld-unbacked"
    case catalogueMissing = "catalogue-missing"
    case catalogueDiffers = "catalogue-differs"
    case attachmentMissing = "attachment-missing"
    case attachmentDiffers = "attachment-differs"
    case indexDiffers = "index-differs"
    case tileMissing = "tile-missing"
    case tileDiffers = "tile-differs"
    case bundleMissing = "bundle-missing"
    case bundleDiffers = "bundle-differs"
    case timeContradicted = "time-contradicted"
    case quorumUnmet = "quorum-unmet"
    case timestampRefused = "timestamp-refused"
    case timestampMissing = "timestamp-missing"
    case archiveRefused = "archive-refused"
    case archiveMissing = "archive-missing"
    case archiveDiffers = "archive-differs"
    case proofRefused = "proof-refused"
}

extension FindingCode {
    /// What it means, without the place.
    package var phrase: Phrase {
        let words = FindingCode.words[self]
        return Phrase(en: words?.en ?? rawValue, zh: words?.zh ?? rawValue)
    }

    private static let words: [FindingCode: (en: String, zh: String)] = [
        .segmentMissing: (
            "a segment of the log is missing; restore it from a backup",
            "日志分段文件缺失，请从备份恢复"
        ),
        .segmentMisnamed: (
            "a segment's name does not state its first record", "分段文件名与其首条记录序号不符"
        ),
        .lineTooLong: ("the line is longer than 65,535 bytes", "该行超过 65535 字节"),
        .lineUnterminated: ("the line does not end with LF", "该行末尾缺少换行符"),
        .lineUnreadable: (
            "the line is neither a record nor a withheld line", "该行既不是记录，也不是遮蔽行"
        ),
        .sequenceWrong: (
            "the line states another sequence number than its place: lines were removed, "
                + "added or moved",
            "该行所载序号与其位置不符：有行被删除、插入或移动"
        ),
        .linkBroken: (
            "the chain is broken: the earlier record was altered, or the later one's link",
            "哈希链断裂：前一条记录或后一条记录中的链接被改动"
        ),
        .rootDiffers: (
            "the records do not give the root that the checkpoint signs: "
                + "something in this range was altered",
            "记录算出的树根与签名检查点不符：该范围内的内容被改动"
        ),
        .recordsLost: (
            "a restore from a backup lost records that were seen before: compare what you kept, "
                + "then accept it with --accept-loss",
            "由备份恢复时丢失了此前见过的记录：请核对留存内容，然后以 --accept-loss 确认"
        ),
        .recordsMissing: (
            "the signed checkpoint covers records that are not in the log",
            "签名检查点所涵盖的记录在日志中缺失"
        ),
        .recordAltered: (
            "the record is not the one that the signed checkpoint covers",
            "该记录不是签名检查点所涵盖的原记录"
        ),
        .checkpointMissing: (
            "there is no signed checkpoint, so nothing vouches for the records",
            "缺少签名检查点，无法为记录作证"
        ),
        .checkpointRefused: ("the newest checkpoint is not valid", "最新检查点无效"),
        .givenCheckpointRefused: ("the given checkpoint is not valid", "所提供的检查点无效"),
        .forked: (
            "the ledger shows another history than it signed before; keep both checkpoints "
                + "as evidence",
            "账本历史与其先前签名的不同；请保存两份检查点作为证据"
        ),
        .rolledBack: (
            "the ledger is shorter than a checkpoint that it signed before",
            "账本比其先前签名的检查点短（被回退）"
        ),
        .keyChanged: (
            "the ledger is signed by another key than the one known for it, and no record "
                + "announces that",
            "账本的签名密钥与已知的不同，且没有密钥更换记录"
        ),
        .keyRevoked: (
            "the ledger says that the key you know was lost or stolen, and nobody vouches for the "
                + "new one: ask the bureau by another way, compare with what witnesses cosigned, "
                + "and if you are satisfied, give the new key with --vkey",
            "账本声明您所知的密钥已丢失或被盗，新密钥无人作证：请通过其他途径向建账单位核实，并与见证人联署的内容核对；"
                + "确认后以 --vkey 提供新密钥"
        ),
        .revokedKeySigned: (
            "a checkpoint that was seen is signed by a key after the ledger revoked it: a thief's, "
                + "or another history; keep it as evidence and ask the witnesses what they cosigned",
            "所见检查点由已撤销的密钥在撤销之后签署：或为盗用者所签，或存在另一份历史；请作为证据保存，并向见证人查询其所联署的内容"
        ),
        .sm2Refused: (
            "the checkpoint with an SM2 signature is not the ledger's, or its SM2 line is not valid",
            "带 SM2 签名的检查点不属于本账本，或其 SM2 签名行无效"
        ),
        .sm3RootDiffers: (
            "the records do not give the SM3 root that was signed with SM2",
            "记录算出的 SM3 树根与 SM2 签名所载不符"
        ),
        .memoryUnreadable: (
            "what this machine remembers of the ledger cannot be read",
            "无法读取本机关于该账本的记忆"
        ),
        .genesisWrong: (
            "the ledger's first two records are not as they must be", "账本最初两条记录不合规定"
        ),
        .recordMalformed: ("the line is not sound JSON", "该行不是合规的 JSON"),
        .recordInvalid: ("the record is not as its format demands", "该记录不符合格式规定"),
        .timeInFuture: (
            "the event's time is later than when it was recorded", "事件时间晚于入账时间"
        ),
        .recordedBack: ("the time of recording goes back", "入账时间倒退"),
        .batchBroken: ("a batch is not complete", "批次不完整"),
        .revisionWrong: ("the stream's revisions have a gap or a repeat", "案件流的修订号有缺漏或重复"),
        .idRepeated: (
            "an event with this source and id was recorded before", "同一 source 和 id 的事件重复入账"
        ),
        .ownRecordWrong: (
            "a record of the ledger's own is not as it must be, or somebody else wrote it",
            "账本自身的记录不合规定，或由他人写入"
        ),
        .targetWrong: ("what the record names is not there", "该记录所指的对象不符"),
        .withheldUnbacked: (
            "a withheld line is not backed by a later record with two approvers",
            "遮蔽行没有经两人批准的后续记录为据"
        ),
        .catalogueMissing: (
            "a catalogue that the ledger adopted is missing; restore it from a backup",
            "账本采用过的目录文件缺失，请从备份恢复"
        ),
        .catalogueDiffers: ("a catalogue is not the one that was adopted", "目录文件与采用时不符"),
        .attachmentMissing: (
            "an attachment that the ledger holds is missing; restore it from a backup",
            "账本保存的附件缺失，请从备份恢复"
        ),
        .attachmentDiffers: ("an attachment is not the one that was recorded", "附件与入账时不符"),
        .indexDiffers: (
            "the index does not fit the log; the log is not concerned: delete the folder "
                + "index, it will be rebuilt",
            "索引与日志不符；日志本身不受影响：请删除 index 目录，系统会重建"
        ),
        .tileMissing: ("a tile that the checkpoint covers is not there", "检查点所涵盖的分块缺失"),
        .tileDiffers: (
            "a tile's hashes are not those that the tree is made of", "分块中的哈希与树不符"
        ),
        .bundleMissing: (
            "the records under a tile are not there, though others are published",
            "某分块下的记录缺失，而其他记录已发布"
        ),
        .bundleDiffers: (
            "a published record is not the one whose hash was signed", "所发布的记录与已签名的哈希不符"
        ),
        .timeContradicted: (
            "the time of recording is not what another ledger saw", "入账时间与其他账本所见不符"
        ),
        .quorumUnmet: (
            "the checkpoint lacks the cosignatures that the policy demands",
            "检查点缺少见证策略所要求的联署"
        ),
        .archiveRefused: (
            "the file is not an archive that may be read as a bundle", "该文件不是可按证据包读取的归档"
        ),
        .archiveMissing: ("a file of the bundle is missing", "证据包中缺少文件"),
        .archiveDiffers: (
            "a file of the bundle is not what the others say", "证据包中的文件与其他文件不符"
        ),
        .proofRefused: (
            "the proof does not show that the record is under the signed root",
            "证明未能表明该记录在已签名的树根之下"
        ),
        .timestampRefused: (
            "a timestamp is not valid, or not of this ledger", "时间戳无效，或不属于本账本"
        ),
        .timestampMissing: (
            "a timestamp that came before others is missing; restore it from a backup",
            "在其他时间戳之前的一个时间戳缺失，请从备份恢复"
        ),
    ]
}
