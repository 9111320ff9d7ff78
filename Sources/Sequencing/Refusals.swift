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

    static let twiceInBatch = Refusal(
        .conflict, at: "/id", en: "an earlier event of the batch has the same source and id",
        zh: "本批中已有 source 和 id 相同的事件")

    static func wrongRevision(_ expected: Int64, _ found: Int64) -> Refusal {
        Refusal(
            .wrongRevision, at: "/expectedrevision",
            en: "the stream is at revision \(found), not \(expected); read what came in between",
            zh: "案件流当前修订号为 \(found)，而非 \(expected)；请先读取其间的记录")
    }

    static func wrongTarget(_ target: EventTarget, _ en: String, _ zh: String) -> Refusal {
        Refusal(
            .wrongTarget, at: target.pointer, en: "record \(target.sequence): \(en)",
            zh: "记录 \(target.sequence)：\(zh)")
    }
}
