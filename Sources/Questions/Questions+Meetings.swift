import CanonicalJSON
import Projections
import Rules

extension Question {
    /// What was said in meetings.
    static let meetings: [Question] = [
        Question(
            39, .discipline, zh: "某决策会议上每人的意见和发言顺序，谁持不同意见？",
            en: "Each member’s opinion and order of speaking at a meeting; who dissented?",
            parameters: [
                Parameter(.case, .needed, en: "the case that was deliberated", zh: "所讨论的案件")
            ],
            answer: MeetingAnswers.opinions),
        Question(
            43, .investigated, zh: "我的不同意见是否如实记录？哈希与会议记录原件一致吗？",
            en: "Was my dissent recorded; does its hash match the minutes?",
            parameters: [
                .person,
                Parameter(.case, .needed, en: "the case that was deliberated", zh: "所讨论的案件"),
            ],
            answer: MeetingAnswers.ownOpinions),
    ]
}

enum MeetingAnswers {
    // MARK: - 39

    static func opinions(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let found = try await arguments.needed(past)
        let reader = FieldReader(past, arguments)
        let acting = ActReader(past)
        var answer = Answer([
            Answer.Column("meeting", en: "meeting", zh: "会议"), .type, .day,
            Answer.Column("order", en: "order of speaking", zh: "发言顺序"), .person, .role, .unit,
            .post, Answer.Column("opinion", en: "opinion", zh: "意见"),
            Answer.Column("dissents", en: "dissents", zh: "持不同意见"),
            Answer.Column("evidence", en: "grade of evidence", zh: "证明力"),
            Answer.Column("own", en: "his own word", zh: "本人表示"),
        ])
        for entry in found.entries where acting.isDeliberation(entry.type) {
            let acts = acting.acts(entry, in: found).filter { $0.role != nil }
            for act in acts.sorted(by: isEarlier) {
                let career = try await Career.of(act.person, past)
                let words = ownWords(act.person, on: entry, in: found)
                answer.add(
                    [
                        reader.value(entry, "meetingNo"), reader.title(ofType: entry.type),
                        .day(entry.day), act.order.map { Value($0) } ?? .none,
                        reader.person(act.person), acting.role(act), Value(act.unit),
                        career.post(act), acting.opinion(act.opinion), .truth(act.isDissent),
                        acting.evidence(act.evidence), ownWord(words),
                    ],
                    records: found.records([entry] + words))
            }
        }
        answer.figure(
            "dissents", en: "dissenting opinions", zh: "不同意见",
            Value(answer.rows.count { answer.value($0, "dissents") == .truth(true) }))
        return answer
    }

    /// Who has no place in the order of speaking comes last.
    private static func isEarlier(_ left: Act, _ right: Act) -> Bool {
        (left.order ?? .max, left.person) < (right.order ?? .max, right.person)
    }

    /// What the person said later of what is recorded of him.
    static func ownWords(
        _ person: String, on entry: CaseEntry, in found: PastCase
    ) -> [CaseEntry] {
        found.all(["participant.confirmed", "participant.disputed"]).filter { word in
            word.operatorPerson == person
                && word.data["target"]?["seq"]?.integer == Int64(entry.sequence)
        }
    }

    static func ownWord(_ words: [CaseEntry]) -> Value {
        guard let newest = words.last else { return .none }
        return newest.type == "participant.confirmed"
            ? .words(en: "confirmed", zh: "已确认") : .words(en: "disputed", zh: "有异议")
    }

    // MARK: - 43

    static func ownOpinions(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let found = try await arguments.needed(past)
        let person = try arguments.neededPerson()
        let reader = FieldReader(past, arguments)
        let acting = ActReader(past)
        var answer = Answer([
            .type, .day, Answer.Column("meeting", en: "meeting", zh: "会议"),
            Answer.Column("order", en: "order of speaking", zh: "发言顺序"),
            Answer.Column("opinion", en: "opinion", zh: "意见"),
            Answer.Column("dissents", en: "dissents", zh: "不同意见"),
            Answer.Column("evidence", en: "grade of evidence", zh: "证明力"),
            Answer.Column("document", en: "digest of the document that shows it", zh: "证明文件哈希"),
            Answer.Column("minutes", en: "digest of the minutes", zh: "会议记录哈希"),
            Answer.Column("isInMinutes", en: "shown by the minutes", zh: "以会议记录证明"),
            Answer.Column("held", en: "where the minutes are", zh: "会议记录存放"),
            Answer.Column("own", en: "his own word", zh: "本人表示"),
        ])
        for act in acting.acts(of: person, in: found) where act.opinion != nil {
            let minutes = act.entry.text("minutesFile")
            let words = ownWords(person, on: act.entry, in: found)
            answer.add(
                [
                    reader.title(ofType: act.entry.type), .day(act.entry.day),
                    reader.value(act.entry, "meetingNo"), act.order.map { Value($0) } ?? .none,
                    acting.opinion(act.opinion), .truth(act.isDissent),
                    acting.evidence(act.evidence), Value(act.attachment), Value(minutes),
                    inMinutes(act, minutes), held(minutes, act.entry), ownWord(words),
                ],
                records: found.records([act.entry] + words))
        }
        answer.figure(
            "dissents", en: "dissents on record", zh: "在账的不同意见",
            Value(answer.rows.count { answer.value($0, "dissents") == .truth(true) }))
        answer.note(
            en: """
                The record holds the SHA-256 of the minutes. Whether the original is the same is \
                for whoever has it to see: sha256sum FILE must print the digest of this table. A \
                correction of the entry is among its records.
                """,
            zh: "记录中为会议记录的 SHA-256。与原件是否一致，由持有原件的人以 sha256sum 核对：输出应与表中哈希相同。该记录如有更正，更正的记录一并列出。")
        return answer
    }

    private static func inMinutes(_ act: Act, _ minutes: String?) -> Value {
        guard let attachment = act.attachment, let minutes else { return .none }
        return .truth(attachment == minutes)
    }

    private static func held(_ digest: String?, _ entry: CaseEntry) -> Value {
        let attachments = entry.data["attachments"]?.array ?? []
        guard let digest,
            let found = attachments.first(where: { $0["sha256"]?.string == digest })
        else { return .none }
        return switch found["held"]?.string {
        case "ledger": .words(en: "in the ledger's folder", zh: "账本附件目录")
        case "producer": .words(en: "with the producer", zh: "来源系统")
        default: .none
        }
    }
}
