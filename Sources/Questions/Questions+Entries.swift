import CanonicalJSON
import Phrases
import Projections
import Records
import Rules

extension Question {
    /// How things were entered.
    static let entries: [Question] = [
        Question(
            14, .audit, zh: "迟录超过1个工作日的事件有多少，集中在哪些处室？",
            en: "Events entered over one working day late, by unit",
            parameters: [.year(.all)], answer: LateEntryAnswers.byUnit),
        Question(
            15, .audit, zh: "哪些事件被更正过，更正人和理由？",
            en: "Which events were corrected, by whom and why?",
            parameters: [
                Parameter(.case, .all, en: "only this case", zh: "只看该案件")
            ],
            answer: EntryAnswers.mended),
    ]
}

enum EntryAnswers {
    /// Every correction and withdrawal, with the entry that it mends.
    static func mended(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("type", en: "entry", zh: "事件"),
            Answer.Column("target", en: "record mended", zh: "被更正记录"),
            Answer.Column("fate", en: "what was done", zh: "处理"),
            Answer.Column("fields", en: "fields changed", zh: "更正字段"),
            Answer.Column("by", en: "by", zh: "更正人"), Answer.Column("unit", en: "unit", zh: "单位"),
            Answer.Column("approver", en: "second person", zh: "复核人"),
            Answer.Column("reason", en: "reason", zh: "理由"),
            Answer.Column("recorded", en: "recorded", zh: "入账时间"),
        ])
        func take(_ found: PastCase) {
            let records = found.prefix.records
            var standing: [UInt64: JSONValue] = [:]
            for record in records {
                guard let target = record.mends, let entry = record.entry,
                    let mended = records.first(where: { $0.sequence == target })
                else { continue }
                let corrected = entry.data["corrected"]
                let before = standing[target] ?? mended.event?["data"]
                let changes = changedFields(before, corrected)
                standing[target] = corrected
                let words = entry.data["corrects"] ?? entry.data["withdraws"]
                answer.add(
                    [
                        .text(found.stream), reader.title(ofType: mended.entry?.type ?? ""),
                        Value(target), .phrase(fate(isCorrection: corrected != nil)),
                        corrected == nil ? .none : .list(changes.map { .text($0) }),
                        reader.enterer(entry), Value(found.unit(of: entry)),
                        reader.person(entry.text("approver")),
                        reason(words?["reason"]?.string), .moment(record.recorded),
                    ],
                    records: [target, record.sequence])
            }
        }
        if let stream = arguments.stream {
            if let found = try await past.pastCase(stream) { take(found) }
        } else {
            try await past.eachCase(take)
        }
        answer.sort { ($0.records.last ?? 0) < ($1.records.last ?? 0) }
        answer.figure("count", en: "entries mended", zh: "更正、撤回次数", Value(answer.rows.count))
        return answer
    }

    private static func fate(isCorrection: Bool) -> Phrase {
        isCorrection
            ? Phrase(en: "corrected", zh: "更正") : Phrase(en: "withdrawn", zh: "撤回")
    }

    /// Names of the members that a correction changes, sorted; the operator stays.
    private static func changedFields(_ before: JSONValue?, _ after: JSONValue?) -> [String] {
        let names = ((before?.members ?? []) + (after?.members ?? [])).map(\.name)
        return Set(names).subtracting(["operator"]).sorted().filter {
            before?[$0]?.canonicalText != after?[$0]?.canonicalText
        }
    }

    /// Specs/record.md section 6.
    private static func reason(_ word: String?) -> Value {
        switch word {
        case "misrecorded": .phrase(Phrase(en: "misrecorded", zh: "错录"))
        case "duplicate": .phrase(Phrase(en: "duplicate", zh: "重录"))
        case "wrong-case": .phrase(Phrase(en: "wrong case", zh: "错案"))
        case "did-not-happen": .phrase(Phrase(en: "did not happen", zh: "未实际发生"))
        default: Value(word)
        }
    }
}
