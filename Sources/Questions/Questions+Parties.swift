import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Rules

extension Question {
    /// What a party asks of its own case.
    static let parties: [Question] = [
        Question(
            48, .party, zh: "我的处罚案件走到哪一步，期限是否超过，可以看到哪些材料？",
            en: "Where is my case, is any time limit passed, what may I see?",
            parameters: [
                Parameter(.case, .needed, en: "the penalty case", zh: "处罚案件")
            ],
            answer: PartyAnswers.progress),
        Question(
            49, .party, zh: "公示何时到期，信用修复条件是什么？",
            en: "When does publication end and what does credit repair need?",
            parameters: [
                Parameter(.case, .needed, en: "the penalty case", zh: "处罚案件")
            ],
            answer: PartyAnswers.publication),
    ]
}

enum PartyAnswers {
    /// A party learns of its own penalty case, and of no other by this question: that there is a
    /// report about it, say, is not for it to know.
    private static func penalty(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> PastCase {
        let found = try await arguments.needed(past)
        guard found.stream.hasPrefix("penalty/") else {
            throw ProjectionError(
                en: "no penalty case", zh: "不是处罚案件", kind: .unknownName)
        }
        return found
    }

    // MARK: - 48

    static func progress(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let found = try await penalty(past, arguments)
        let reader = FieldReader(past, arguments)
        let catalogue = past.shelf.newest.catalogue
        var answer = Answer([
            Answer.Column("kind", en: "step or time limit", zh: "步骤、期限"),
            Answer.Column("what", en: "what", zh: "事项"), .day, .due, .state,
            Answer.Column("access", en: "may be seen", zh: "可否查看"),
            Answer.Column("documents", en: "documents", zh: "材料"),
        ])
        for entry in found.entries {
            let documents = documents(entry)
            answer.add(
                [
                    .words(en: "step", zh: "步骤"), reader.title(ofType: entry.type),
                    .day(entry.day), .none, .none,
                    documents.isEmpty ? .none : access(entry, catalogue), .some(documents),
                ],
                records: found.records(entry))
        }
        let owed = try await past.duties(Wanted(streams: [found.stream])).map(\.standing)
        for standing in owed {
            let titles = standing.duty.to.compactMap { catalogue.title(ofType: $0) }
            answer.add(
                [
                    .words(en: "time limit", zh: "期限"), .some(titles.map { .phrase($0) }),
                    .day(standing.startDay), Value(day: standing.dueDay), Value(standing.state),
                    .none, .none,
                ],
                records: [standing.start, standing.end].compactMap(\.self))
        }
        answer.figure("stage", en: "stage", zh: "阶段", stage(found, catalogue))
        answer.figure(
            "passed", en: "time limits passed", zh: "已超过的期限", Value(owed.count(where: \.isBreach)))
        answer.note(
            en: """
                Public documents may be had by anybody. What the party gave or was given it has; \
                the file's other papers may be read on request, save state and trade secrets, \
                privacy, and what was weighed inside the bureau.
                """,
            zh: "公开材料任何人可以查看；当事人提交或者已送达的材料由其持有；案卷其他材料可以申请查阅，涉及国家秘密、商业秘密、个人隐私和内部审议的除外。")
        return answer
    }

    /// Names of the papers beside an entry.
    private static func documents(_ entry: CaseEntry) -> [Value] {
        (entry.data["attachments"]?.array ?? []).map { Value($0["name"]?.string) }
    }

    /// Entries whose papers the party gave or was given.
    private static let handedOver: Set = [
        "penalty.notified", "penalty.hearing-notified", "penalty.served", "penalty.demanded",
        "penalty.summary-decided", "penalty.no-penalty-decided",
    ]
    /// What was weighed inside the bureau.
    private static let inner: Set = [
        "penalty.investigation-ended", "penalty.legality-reviewed", "penalty.review-addressed",
        "penalty.deliberated",
    ]

    private static func access(_ entry: CaseEntry, _ catalogue: EventCatalogue) -> Value {
        let type = catalogue.eventType(entry.type)
        let isPublic = type?.fields.contains {
            $0.type == .attachment && $0.readingClass == .public
        }
        if isPublic == true { return .words(en: "public", zh: "公开") }
        if type?.by.contains("party") == true || handedOver.contains(entry.type) {
            return .words(en: "yours", zh: "由本人提交或者已送达本人")
        }
        if inner.contains(entry.type) { return .words(en: "not open", zh: "内部审议，不予查阅") }
        return .words(en: "on request", zh: "可以申请查阅")
    }

    /// The stage that the newest entry with one put the case in.
    static func stage(_ found: PastCase, _ catalogue: EventCatalogue) -> Value {
        let ids = found.entries.compactMap { catalogue.eventType($0.type)?.stage }
        let stages = catalogue.procedure(found.stream.prefix { $0 != "/" })?.stages
        guard let id = ids.last else { return .none }
        return stages?.first { $0.id == id }.map { .phrase($0.title) } ?? .text(id)
    }

    // MARK: - 49

    static func publication(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let found = try await penalty(past, arguments)
        var answer = Answer([
            Answer.Column("what", en: "what", zh: "事项"), .day,
            Answer.Column("isSo", en: "is it so", zh: "是否"),
            Answer.Column("detail", en: "detail", zh: "说明"),
        ])
        let published = found.last("penalty.published")
        let withdrawn = found.last("penalty.withdrawn-from-public")
        func add(_ what: Phrase, _ day: Int?, _ isSo: Bool?, _ detail: Value, _ records: [UInt64]) {
            answer.add(
                [.phrase(what), Value(day: day), isSo.map { .truth($0) } ?? .none, detail],
                records: records)
        }
        add(
            Phrase(en: "published", zh: "公示"), published?.day("publishedOn"), published != nil,
            .none, found.records(published))
        add(
            Phrase(en: "published until", zh: "公示至"), published?.day("publishedUntil"),
            published?.day("publishedUntil").map { $0 < past.today }, .none,
            found.records(published))
        add(
            Phrase(en: "withdrawn from publication", zh: "撤回公示"), withdrawn?.day("withdrawnOn"),
            withdrawn != nil, Value(withdrawn?.text("reason")), found.records(withdrawn))
        let kept = try await past.duties(
            Wanted(streams: [found.stream], ids: ["D.ci.expire"])
        ).last?.standing
        add(
            Phrase(en: "credit record kept until", zh: "信用信息保存披露至"), kept?.dueDay,
            kept.map { $0.end != nil }, kept.map { Value($0.state) } ?? .none,
            [kept?.start, kept?.end].compactMap(\.self))
        let executed = found.last("penalty.executed")
        add(
            Phrase(en: "needed: the penalty is carried out", zh: "条件：处罚已执行完毕"),
            executed?.day("executedOn"), executed != nil, .none, found.records(executed))
        try await repair(found, past, add)
        answer.note(
            en: """
                Repair is asked for by the party and decided by the bureau (zjcredit 32); who is \
                on the serious list must be removed from it first (R247). How long a penalty must \
                have been public before is not in the catalogue: 国家发展改革委令第58号 was not read.
                """,
            zh:
                """
                信用修复由当事人申请、本局决定（浙江省公共信用信息管理条例第32条）；列入严重失信名单的须先移出（R247）。\
                最短公示期未收入目录：国家发展改革委令第58号未读原文。
                """
        )
        return answer
    }

    private typealias Adding = (Phrase, Int?, Bool?, Value, [UInt64]) -> Void

    private static func repair(
        _ penalty: PastCase, _ past: any PastView, _ add: Adding
    ) async throws(ProjectionError) {
        let credit = try await past.cases(
            naming: .reference(penalty.stream), of: ["credit"]
        ).filter { found in
            found.all("credit.pushed").contains { $0.text("penalty") == penalty.stream }
        }
        for found in credit {
            let pushed = found.last("credit.pushed")
            add(
                Phrase(en: "pushed to a credit platform", zh: "推送信用平台"),
                pushed?.day("pushedOn"), true, Value(pushed?.text("platform")),
                found.records(pushed))
            let entered = found.last("credit.serious-list-entered")
            let removed = found.last("credit.serious-list-removed")
            let isListed = entered.map { listed in
                removed.map { !listed.mayPrecede($0) } ?? true
            }
            add(
                Phrase(en: "needed: not on the serious list", zh: "条件：不在严重失信名单"),
                (removed ?? entered)?.day, !(isListed ?? false), .none,
                found.records(entered, removed))
            let applied = found.last("credit.repair-applied")
            add(
                Phrase(en: "needed: applied for by the party", zh: "条件：当事人申请"),
                applied?.day("appliedOn"), applied != nil, .none, found.records(applied))
            let decided = found.last("credit.repair-decided")
            add(
                Phrase(en: "repair decided", zh: "信用修复决定"), decided?.day,
                decided.map { $0.text("result") == "同意" }, Value(decided?.text("result")),
                found.records(decided))
        }
    }
}
