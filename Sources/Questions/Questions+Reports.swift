import Phrases
import Projections
import Rules

extension Question {
    /// How reports were verified.
    static let reports: [Question] = [
        Question(
            28, .supervision, zh: "核查人员与被举报单位是否存在应回避关系？",
            en: "Did a verifying officer have a conflict with the reported unit?",
            answer: ReportAnswers.conflicts),
        Question(
            29, .supervision, zh: "同一企业多次被举报而均“不属实”的核查人员分布？",
            en: "Units reported repeatedly with 不属实 each time: by which officers?",
            answer: ReportAnswers.alwaysUnfounded),
    ]
}

enum ReportAnswers {
    // MARK: - 28

    /// An officer who was to keep away from a case.
    private struct Recusal {
        let person: String
        let stream: String
        let entry: CaseEntry
    }

    static func conflicts(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("object", en: "unit reported", zh: "被举报单位"),
            Answer.Column("verified", en: "verified on", zh: "核查日"), .person, .unit,
            Answer.Column("isChecked", en: "conflict checked on assignment", zh: "交办时核对回避"),
            Answer.Column("signs", en: "signs of a conflict", zh: "应回避的迹象"),
        ])
        let recusals = try await recusals(past)
        let mixed = try await past.findings(Wanted(procedures: ["report"], ids: ["R264"]))
        var seen = 0
        try await past.eachCase(of: "report") { found in
            for verified in found.all("report.verified") {
                let assigned = found.last("report.assigned", notAfter: verified)
                let about = Set([found.stream, verified.text("inspection")].compactMap(\.self))
                for one in verified.participants where one.role == "officer" {
                    seen += 1
                    let own = recusals.filter {
                        $0.person == one.person && about.contains($0.stream)
                    }
                    let kept =
                        mixed.contains { $0.entry == verified.sequence }
                        && keptIdentities(one.person, found)
                    let signs = signs(assigned, own, kept)
                    guard !signs.isEmpty else { continue }
                    answer.add(
                        [
                            .text(found.stream),
                            reader.value(found.last("report.received"), "objectName"),
                            reader.value(verified, "verifiedOn"), reader.person(one.person),
                            Value(one.unit), reader.value(assigned, "conflictChecked"),
                            .list(signs),
                        ],
                        records: found.records(verified, assigned) + own.map(\.entry.sequence))
                }
            }
        }
        answer.figure("verifications", en: "officers at verifications", zh: "核查人次", Value(seen))
        answer.figure("signs", en: "with a sign", zh: "有迹象的人次", Value(answer.rows.count))
        answer.note(
            en: """
                The ledger holds no kinship and no shares, and must not: what it can show is \
                whether the conflict was checked when the work was assigned, who was told to keep \
                away or was asked to, and who had sealed the reporter's identity himself.
                """,
            zh: "账本不记亲属和持股关系（也不应记）：可以查明的是交办时是否核对回避、何人被决定回避或者被申请回避、何人曾封存举报人身份。")
        return answer
    }

    private static func signs(
        _ assigned: CaseEntry?, _ recusals: [Recusal], _ keptIdentities: Bool
    ) -> [Value] {
        var signs: [Value] = []
        if let assigned {
            if assigned.flag("conflictChecked") != true {
                signs.append(.words(en: "not checked on assignment", zh: "交办时未核对"))
            }
        } else {
            signs.append(.words(en: "no assignment before", zh: "此前无交办记录"))
        }
        if recusals.contains(where: { $0.entry.type == "officer.recused" }) {
            signs.append(.words(en: "told to keep away", zh: "已决定回避"))
        }
        if recusals.contains(where: { $0.entry.type == "officer.recusal-applied" }) {
            signs.append(.words(en: "asked to keep away", zh: "曾被申请回避"))
        }
        if keptIdentities {
            signs.append(.words(en: "had sealed the identity", zh: "曾封存身份"))
        }
        return signs
    }

    private static func keptIdentities(_ person: String, _ found: PastCase) -> Bool {
        found.all("report.identity-sealed").flatMap(\.participants).contains {
            $0.role == "vault-keeper" && $0.person == person
        }
    }

    private static func recusals(
        _ past: any PastView
    ) async throws(ProjectionError) -> [Recusal] {
        var recusals: [Recusal] = []
        try await past.eachCase(of: "officer") { found in
            guard let person = found.last("officer.registered")?.text("person") else { return }
            for entry in found.all(["officer.recused", "officer.recusal-applied"]) {
                guard let stream = entry.text("relatedCase") else { continue }
                recusals.append(Recusal(person: person, stream: stream, entry: entry))
            }
        }
        return recusals
    }

    // MARK: - 29

    /// The reports of one unit that came to a conclusion.
    private struct Unit {
        let name: Value
        let code: String?
        var cases: [PastCase] = []
        var isAlwaysUnfounded = true
    }

    static func alwaysUnfounded(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            Answer.Column("object", en: "unit reported", zh: "被举报单位"),
            Answer.Column("code", en: "credit code", zh: "信用代码"),
            Answer.Column("reports", en: "reports concluded", zh: "办结举报数"), .person,
            Answer.Column("verifications", en: "verifications by the officer", zh: "该人核查次数"),
            Answer.Column("cases", en: "reports verified", zh: "所核查的举报"),
        ])
        let units = try await units(past, reader)
        for unit in units where unit.cases.count > 1 && unit.isAlwaysUnfounded {
            var done: [String: [(found: PastCase, entry: CaseEntry)]] = [:]
            for found in unit.cases {
                for verified in found.all("report.verified") {
                    let officers = verified.participants.filter { $0.role == "officer" }
                    for person in Set(officers.map(\.person)) {
                        done[person, default: []].append((found, verified))
                    }
                }
            }
            for (person, verified) in done.sorted(by: { $0.key < $1.key }) {
                let streams = Set(verified.map(\.found.stream)).sorted()
                answer.add(
                    [
                        unit.name, Value(unit.code), Value(unit.cases.count),
                        reader.person(person), Value(verified.count), .streams(streams),
                    ],
                    records: verified.flatMap { found, entry in
                        found.records(entry, found.last("report.concluded"))
                    })
            }
        }
        let flagged = units.count { $0.cases.count > 1 && $0.isAlwaysUnfounded }
        answer.figure(
            "repeated", en: "units with more than one report concluded", zh: "多次被举报并有结论的单位",
            Value(units.count { $0.cases.count > 1 }))
        answer.figure("unfounded", en: "of these always unfounded", zh: "其中均不属实", Value(flagged))
        return answer
    }

    private static func units(
        _ past: any PastView, _ reader: FieldReader
    ) async throws(ProjectionError) -> [Unit] {
        var units: [Unit] = []
        var places: [String: Int] = [:]
        try await past.eachCase(of: "report") { found in
            guard let received = found.last("report.received"),
                let concluded = found.last("report.concluded"),
                let key = received.text("objectUscc") ?? received.text("objectName")
            else { return }
            let place = places[key] ?? units.count
            if place == units.count {
                places[key] = place
                units.append(
                    Unit(
                        name: reader.value(received, "objectName"),
                        code: received.text("objectUscc")))
            }
            units[place].cases.append(found)
            // A conclusion that was changed on review is not known to have stayed so.
            let isChanged = found.last("report.review-concluded")?.text("result") == "变更"
            if concluded.text("result") != "不属实" || isChanged {
                units[place].isAlwaysUnfounded = false
            }
        }
        return units
    }
}
