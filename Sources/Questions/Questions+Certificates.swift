import Catalogue
import Projections
import Rules

extension Question {
    /// Who may enforce.
    static let certificates: [Question] = [
        Question(
            31, .supervision, zh: "无有效执法证件当日参与执法的人员和案件？",
            en: "Acts by persons without a certificate valid that day",
            answer: CertificateAnswers.uncertified)
    ]
}

enum CertificateAnswers {
    /// The catalogue's register of certificates.
    static let register = "enforcement-certificate"

    /// The findings of every rule that asks for a certificate, person by person.
    static func uncertified(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        let acting = ActReader(past)
        var answer = Answer([
            .stream, .type, .day, .person, .role, .unit,
            Answer.Column("rule", en: "rule broken", zh: "违反规则"), .state,
        ])
        let roles = roles(past.shelf.newest.catalogue)
        let holders = try await holders(past)
        let findings = try await past.findings(Wanted(ids: Set(roles.keys)))
        for finding in findings {
            guard let role = roles[finding.rule], let number = finding.entry,
                let found = try await past.pastCase(finding.stream),
                let entry = found.entry(number)
            else { continue }
            let acts = acting.acts(entry, in: found).filter { act in
                act.role == role && !holders.holds(act.person, register, on: entry.day)
            }
            for act in acts {
                answer.add(
                    [
                        .text(finding.stream), reader.title(ofType: entry.type), .day(entry.day),
                        reader.person(act.person), acting.role(act), Value(act.unit),
                        .broken(finding), Value(finding),
                    ],
                    records: found.records(entry) + [finding.stateBy].compactMap(\.self))
            }
        }
        answer.figure("findings", en: "acts", zh: "执法行为", Value(findings.count))
        answer.figure(
            "cases", en: "cases", zh: "案件", Value(Set(findings.map(\.stream)).count))
        answer.note(
            en: "A certificate that nobody recorded counts as none.", zh: "未登记的证件视为没有。")
        return answer
    }

    /// Of each rule that asks for a certificate, whose.
    private static func roles(_ catalogue: EventCatalogue) -> [String: String] {
        var roles: [String: String] = [:]
        for rule in catalogue.procedures.flatMap(\.rules) {
            if case .participants(let role, .holds(register)) = rule.demand {
                roles[rule.id] = role
            }
        }
        return roles
    }

    /// Who held a certificate when.
    static func holders(_ past: any PastView) async throws(ProjectionError) -> RegisterFold {
        var fold = RegisterFold()
        let book = past.shelf.newest
        try await past.eachCase(of: "officer") { found in
            fold.take(found.prefix.history.renamed(book.catalogue.formerNames), book)
        }
        return fold
    }
}
