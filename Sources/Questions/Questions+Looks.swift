import CanonicalJSON
import Projections
import Rules

extension Question {
    /// Who looked at what is known of a person.
    static let looks: [Question] = [
        Question(
            45, .investigated, zh: "谁查询过与我有关的敏感信息，是否有批准？",
            en: "Who looked at sensitive data about me, with what approval?",
            parameters: [
                .person,
                Parameter(.case, .all, en: "only looks for this case", zh: "只看为该案件的查询"),
            ],
            answer: LookAnswers.looks)
    ]
}

/// Looks at a person's data: traces that found him, openings of what the vault keeps of him, and
/// sensitive queries whose causes are records about him.
enum LookAnswers {
    private struct Look {
        let found: PastCase
        let entry: CaseEntry
        /// Who asked or saw.
        let who: Value
        let purpose: Value
        let approval: CaseEntry?
        let approvers: Value
        let related: Set<String>
    }

    static func looks(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let person = try arguments.neededPerson()
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, .type, Answer.Column("moment", en: "when", zh: "时间"),
            Answer.Column("who", en: "who", zh: "查询人"), .unit,
            Answer.Column("purpose", en: "why", zh: "目的"),
            Answer.Column("isApproved", en: "approved", zh: "有批准"),
            Answer.Column("approvers", en: "by", zh: "批准人"),
        ])
        let (queries, strangeCount) = try await queries(past, person, reader)
        let looks =
            try await openings(past, person, reader) + emergencies(past, person, reader)
            + traces(past, person, reader) + queries
        for look in looks.sorted(by: { $0.entry.moment < $1.entry.moment }) {
            if let stream = arguments.stream, !look.related.contains(stream) { continue }
            answer.add(
                [
                    .text(look.found.stream), reader.title(ofType: look.entry.type),
                    .moment(look.entry.moment), look.who,
                    Value(look.found.enterer(of: look.entry)?["unit"]?.string), look.purpose,
                    .truth(look.approvers != .none), look.approvers,
                ],
                records: look.found.records(look.entry, look.approval))
        }
        answer.figure("looks", en: "looks", zh: "查询次数", Value(answer.rows.count))
        answer.figure(
            "others", en: "sensitive queries that name no record", zh: "未指明记录的敏感查询",
            Value(strangeCount))
        answer.note(
            en: """
                A sensitive query is recorded with the digest of its text alone. It is taken to be \
                about a person if its causes are records about him; of one without causes nobody \
                can tell.
                """,
            zh: "敏感查询只记其内容的哈希。所列原因（causes）为涉及本人的记录的，视为与本人有关；未列原因的，无从判断。")
        return answer
    }

    private static func openings(
        _ past: any PastView, _ person: String, _ reader: FieldReader
    ) async throws(ProjectionError) -> [Look] {
        var looks: [Look] = []
        try await past.eachCase(of: "vault") { found in
            for opened in found.all("vault.opened") {
                let approved = found.last("vault.access-approved", notAfter: opened)
                let requested = found.last("vault.access-requested", notAfter: approved ?? opened)
                guard requested?.text("subject") == person else { continue }
                looks.append(
                    Look(
                        found: found, entry: opened, who: reader.persons(opened, "viewer"),
                        purpose: reader.value(requested, "purpose"), approval: approved,
                        approvers: reader.persons(approved, "vault-approver"),
                        related: Set([requested?.text("relatedCase")].compactMap(\.self))))
            }
        }
        return looks
    }

    /// Nobody asked whose they are: they are looks at the case, and the case says whose pseudonym
    /// it keeps.
    private static func emergencies(
        _ past: any PastView, _ person: String, _ reader: FieldReader
    ) async throws(ProjectionError) -> [Look] {
        var looks: [Look] = []
        for found in try await past.cases(of: "vault") {
            for opened in found.all(IdentityAnswers.emergency) {
                guard let stream = opened.text("relatedCase"),
                    let about = try await past.prefix(of: stream)?.history,
                    about.entries.contains(where: { $0.text("pseudonym") == person })
                else { continue }
                looks.append(
                    Look(
                        found: found, entry: opened, who: reader.persons(opened, "viewer"),
                        purpose: reader.value(opened, "reason"), approval: nil, approvers: .none,
                        related: [stream]))
            }
        }
        return looks
    }

    /// A trace needs no approval of ours: it is the act of a supervisory organ.
    private static func traces(
        _ past: any PastView, _ person: String, _ reader: FieldReader
    ) async throws(ProjectionError) -> [Look] {
        var looks: [Look] = []
        for found in try await past.cases(naming: .person(person), of: ["accountability"]) {
            let about = found.all("accountability.clue-received").compactMap {
                $0.text("relatedCase")
            }
            for run in found.all("accountability.trace-run")
            where run.words("personsFound").contains(person) {
                looks.append(
                    Look(
                        found: found, entry: run, who: reader.enterer(run),
                        purpose: reader.value(run, "query"), approval: nil, approvers: .none,
                        related: Set(about + [found.stream])))
            }
        }
        return looks
    }

    private static func queries(
        _ past: any PastView, _ person: String, _ reader: FieldReader
    ) async throws(ProjectionError) -> (looks: [Look], strangeCount: Int) {
        var looks: [Look] = []
        var strangeCount = 0
        for found in try await past.cases(of: "ledger-audit") {
            for query in found.all("ledger-audit.queried") {
                let causes = (query.data["causes"]?.array ?? []).compactMap {
                    $0["seq"]?.integer.flatMap { UInt64(exactly: $0) }
                }
                if causes.isEmpty { strangeCount += 1 }
                var related: Set<String> = []
                for cause in causes {
                    guard let record = try await past.record(cause), isAbout(person, record)
                    else { continue }
                    related.insert(record.stream)
                }
                guard !related.isEmpty else { continue }
                let asking = reader.persons(query, "requester")
                looks.append(
                    Look(
                        found: found, entry: query,
                        who: asking == .none ? reader.enterer(query) : asking,
                        purpose: reader.value(query, "purpose"), approval: nil,
                        approvers: reader.persons(query, "approver"), related: related))
            }
        }
        return (looks, strangeCount)
    }

    /// Whether the record names the person anywhere in its data.
    private static func isAbout(_ person: String, _ record: CaseRecord) -> Bool {
        names(person, record.event?["data"])
    }

    private static func names(_ person: String, _ json: JSONValue?) -> Bool {
        switch json {
        case .string(let text)?: text == person
        case .array(let elements)?: elements.contains { names(person, $0) }
        case .object(let members)?: members.contains { names(person, $0.value) }
        default: false
        }
    }
}
