import CanonicalJSON
import Digests
import Merkle
import Projections
import Records
import Rules

extension Question {
    /// How and when records came in.
    static let records: [Question] = [
        Question(
            41, .discipline, zh: "某事件入账时账本头是多少，之后是否被追加更正？",
            en: "What was the ledger head when the event was entered; was it corrected later?",
            parameters: [Parameter(.record, .needed, en: "its number", zh: "记录号")],
            answer: RecordAnswers.headThen),
        Question(
            47, .investigated, zh: "证据事件有无在案发后补录？原发生时间与入账时间差？",
            en: """
                Was any evidence event entered after the fact; gap between occurred_at and \
                recorded_at?
                """,
            parameters: [.person, .case],
            answer: RecordAnswers.enteredAfterwards),
    ]
}

enum RecordAnswers {
    // MARK: - 41

    static func headThen(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        guard let number = arguments.record, let record = try await past.record(number) else {
            throw ProjectionError(
                en: "no such record as of then", zh: "当时没有该记录", kind: .unknownName)
        }
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            Answer.Column("record", en: "later record", zh: "之后的记录"),
            Answer.Column("recorded", en: "recorded", zh: "入账时间"),
            Answer.Column("what", en: "what it did", zh: "处理"),
            Answer.Column("by", en: "by", zh: "录入人"),
            Answer.Column("approver", en: "second person", zh: "复核人"),
            Answer.Column("reason", en: "reason", zh: "理由"),
        ])
        let records = try await past.prefix(of: record.stream)?.records ?? []
        for later in records where later.mends == number {
            guard let entry = later.entry else { continue }
            let isCorrection = entry.data["corrected"] != nil
            let words = entry.data["corrects"] ?? entry.data["withdraws"]
            answer.add(
                [
                    Value(later.sequence), .moment(later.recorded),
                    isCorrection
                        ? .words(en: "corrected", zh: "更正") : .words(en: "withdrawn", zh: "撤回"),
                    reader.enterer(entry), reader.person(entry.text("approver")),
                    Value(words?["reason"]?.string),
                ],
                records: [number, later.sequence])
        }
        answer.figure("record", en: "record", zh: "记录", Value(number))
        answer.figure("stream", en: "case", zh: "案件", .text(record.stream))
        answer.figure("recorded", en: "recorded", zh: "入账时间", .moment(record.recorded))
        answer.figure(
            "occurred", en: "happened", zh: "发生时间",
            record.entry.map { .moment($0.moment) } ?? .none)
        answer.figure("size", en: "head then: records", zh: "当时账本头：记录数", Value(number + 1))
        answer.figure(
            "root", en: "head then: root hash", zh: "当时账本头：根哈希",
            .text(try await past.root(of: number + 1).base64))
        answer.figure(
            "leaf", en: "leaf hash of the record", zh: "记录的叶哈希",
            .text(try await past.leaf(number).digest.hex))
        answer.figure(
            "mends", en: "corrected or withdrawn later", zh: "之后更正、撤回", Value(answer.rows.count))
        answer.note(
            en: """
                The head at the entry is that of the smallest tree that holds the record; hanqing \
                prove shows that every later head goes on from it.
                """,
            zh: "入账时的账本头取含有该记录的最小的树；此后各账本头均由其延续而来，可用 hanqing prove 证明。")
        return answer
    }

    // MARK: - 47

    static func enteredAfterwards(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let person = try arguments.neededPerson()
        let found = try await arguments.needed(past)
        let reader = FieldReader(past, arguments)
        let acting = ActReader(past)
        var answer = Answer([
            Answer.Column("record", en: "record", zh: "记录"), .type,
            Answer.Column("occurred", en: "happened", zh: "发生时间"),
            Answer.Column("recorded", en: "recorded", zh: "入账时间"),
            Answer.Column("gap", en: "minutes between", zh: "相差分钟"),
            Answer.Column("late", en: "late entry", zh: "迟录"),
            Answer.Column("batch", en: "batch of late entries", zh: "补录批次"),
            Answer.Column("after", en: "entered after the case broke", zh: "案发后入账"),
            Answer.Column("mine", en: "concerns the person", zh: "与本人有关"),
        ])
        let late = try await past.findings(
            Wanted(streams: [found.stream], ids: ["late-entry"]))
        let broke = try await outbreak(of: found, past)
        for entry in found.entries where isEvidence(entry) {
            let isAfter = broke.map { entry.moment < $0.moment && entry.recorded >= $0.moment }
            let gap = entry.recorded.microseconds - entry.moment.microseconds
            answer.add(
                [
                    Value(entry.sequence), reader.title(ofType: entry.type),
                    .moment(entry.moment), .moment(entry.recorded), Value(gap / 60_000_000),
                    .truth(late.contains { $0.entry == entry.sequence }),
                    Value(entry.lateBatch), isAfter.map { .truth($0) } ?? .none,
                    .truth(acting.acts(entry, in: found).contains { $0.person == person }),
                ],
                records: found.records(entry) + [broke?.record].compactMap(\.self))
        }
        answer.figure(
            "broke", en: "the case broke", zh: "案发", broke.map { .moment($0.moment) } ?? .none)
        answer.figure(
            "after", en: "evidence entered after that", zh: "案发后补录的证据",
            Value(answer.rows.count { answer.value($0, "after") == .truth(true) }))
        answer.note(
            en: """
                Evidence is every entry with a document. The case broke with the first clue of an \
                accountability case about it, or with the accident that names it or that it names.
                """,
            zh: "证据事件指附有文件的记录。案发以针对该案的追责案件首条线索之时为准，或者以与该案互相引用的事故发生之时为准。")
        return answer
    }

    private static func isEvidence(_ entry: CaseEntry) -> Bool {
        !(entry.data["attachments"]?.array ?? []).isEmpty
    }

    /// When it became known that something was wrong with the case.
    private static func outbreak(
        of judged: PastCase, _ past: any PastView
    ) async throws(ProjectionError) -> (moment: Timestamp, record: UInt64)? {
        var signs: [(moment: Timestamp, record: UInt64)] = []
        var cases = try await past.cases(
            naming: .reference(judged.stream), of: ["accountability", "accident"])
        for accident in accidents(namedIn: judged) {
            if let found = try await past.pastCase(accident) { cases.append(found) }
        }
        for found in cases {
            if let clue = found.all("accountability.clue-received").first(where: {
                $0.text("relatedCase") == judged.stream
            }) {
                signs.append((clue.moment, clue.sequence))
            }
            if let reported = found.first("accident.reported") {
                signs.append((reported.moment("occurredAt") ?? reported.moment, reported.sequence))
            }
        }
        return signs.min { ($0.moment, $0.record) < ($1.moment, $1.record) }
    }

    private static func accidents(namedIn found: PastCase) -> Set<String> {
        let values = found.entries.flatMap { $0.data.members ?? [] }.compactMap(\.value.string)
        return Set(values.filter { $0.hasPrefix("accident/") })
    }
}

extension CaseEntry {
    /// The moment that an instant names.
    func moment(_ field: String) -> Timestamp? {
        guard let text = data[field]?.string else { return nil }
        return Array(text.utf8).withUnsafeBytes { ZonedTime($0)?.moment }
    }
}
