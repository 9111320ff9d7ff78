import Catalogue
import Digests
import Merkle
import Records

extension Refusal {
    static func conflict(with sequence: SequenceNumber) -> Refusal {
        Refusal(
            .conflict, at: "/id",
            en: "record \(sequence) has the same source and id but other content; "
                + "if this is another event, give it another id",
            zh: "记录 \(sequence) 的 source 和 id 相同而内容不同；若为另一事件，请使用新的 id")
    }

    static func partlyRecorded(at sequence: SequenceNumber) -> Refusal {
        Refusal(
            .partlyRecorded, at: "/id",
            en: "is record \(sequence) already, while other events of the batch are new; "
                + "send the new ones as a batch of their own",
            zh: "已是记录 \(sequence)，而本批其他事件是新的；请将新事件另成一批发送")
    }

    static let noBatch = Refusal(
        .malformed, en: "a batch is a JSON array of events", zh: "批次应为事件的 JSON 数组")

    static let twiceInBatch = Refusal(
        .conflict, at: "/id", en: "an earlier event of the batch has the same source and id",
        zh: "本批中已有 source 和 id 相同的事件")

    static func wrongRevision(_ expected: Int64, _ found: Int64) -> Refusal {
        Refusal(
            .wrongRevision, at: "/expectedrevision",
            en: "the stream is at revision \(found), not \(expected); read what came in between",
            zh: "案件流当前修订号为 \(found)，而非 \(expected)；请先读取其间的记录")
    }

    /// A value that reached the ledger's order in clear: nothing that is sealed does.
    static func unsealed(_ field: String) -> Refusal {
        Refusal(.needsSealing, at: "/data/\(field)", EncryptedFields.needsVault)
    }

    static func noHolder(_ group: String, _ pointer: String) -> Refusal {
        Refusal(
            .needsSealing, at: pointer,
            en: "nobody holds keys of the group \(group), so nobody could ever open the value: "
                + "hanqing vault holder add --group \(group)",
            zh: "分组 \(group) 没有保管人，密封后无人能够调阅：请先用 hanqing vault holder add --group "
                + "\(group) 增加保管人")
    }

    static func wrongTarget(_ target: EventTarget, _ en: String, _ zh: String) -> Refusal {
        Refusal(
            .wrongTarget, at: target.pointer, en: "record \(target.sequence): \(en)",
            zh: "记录 \(target.sequence)：\(zh)")
    }
}

extension Refusal {
    static let reservedType = Refusal(
        .reservedType, at: "/type", en: "types that begin with ledger. are the ledger's own",
        zh: "以 ledger. 开头的类型由账本自身使用")

    static func unknownType(_ name: String, _ catalogue: EventCatalogue) -> Refusal {
        let procedure = name.prefix { $0 != "." }
        let hint =
            catalogue.procedure(procedure) == nil
            ? (en: "see hanqing catalogue list", zh: "可用 hanqing catalogue list 查看")
            : (
                en: "see hanqing catalogue list \(procedure)",
                zh: "可用 hanqing catalogue list \(procedure) 查看"
            )
        return Refusal(
            .unknownType, at: "/type",
            en: "the catalogue in force has no event type \"\(name)\"; \(hint.en)",
            zh: "现行目录中没有事件类型“\(name)”，\(hint.zh)")
    }

    static func inFuture(_ event: CloudEvent) -> Refusal {
        Refusal(
            .inFuture, at: "/time",
            en: "is in the future; an event is recorded when it has happened",
            zh: "时间在将来；事件应在发生之后入账")
    }

    static func tooLarge(_ byteCount: Int, _ most: Int) -> Refusal {
        Refusal(
            .tooLarge,
            en: "\(byteCount - most) bytes too many: an event has at most \(most); "
                + "put long text into an attachment",
            zh: "超出 \(byteCount - most) 字节：事件至多 \(most) 字节；长文本请作为附件")
    }

    static func missingAttachment(_ place: Int, _ digest: Digest) -> Refusal {
        Refusal(
            .missingAttachment, at: "/data/attachments/\(place)",
            en: "the ledger does not hold \(digest.hex); add the file with --attach, "
                + "or say \"held\":\"producer\"",
            zh: "账本未保存 \(digest.hex)；请用 --attach 附上文件，或写明 \"held\":\"producer\"")
    }
}
