import CanonicalJSON
import Projections
import Rules

extension Question {
    /// Powers that were lent.
    static let delegations: [Question] = [
        Question(
            36, .supervision, zh: "派驻/委托/赋权期限届满后仍以原权限作出的执法行为？",
            en: "Acts made under a delegation or empowerment that had ended",
            answer: DelegationAnswers.afterEnd)
    ]
}

enum DelegationAnswers {
    /// A power that somebody had on some days.
    private struct Power {
        /// A unit's name, or a person's identifier.
        let holder: String
        let kind: String
        let stream: String
        let entry: CaseEntry
        let days: ClosedRange<Int>
    }

    /// An act when no power of that kind was left.
    private struct Breach {
        let power: Power
        let found: PastCase
        let act: Act
    }

    /// Procedures in which a unit enforces under powers that were lent to it.
    private static let enforcing = ["inspection", "penalty", "coercion"]
    /// The role in which a delegate acts.
    private static let roles = ["授权签发": "signatory", "授权审批": "approver", "委托办理": "handler"]

    static func afterEnd(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        let acting = ActReader(past)
        var answer = Answer([
            Answer.Column("holder", en: "unit or person", zh: "单位或者人员"),
            Answer.Column("kind", en: "power", zh: "权限"),
            Answer.Column("power", en: "given in", zh: "授权案件"),
            Answer.Column("ended", en: "last day", zh: "届满日"), .stream, .type, .day, .person,
            .role, .post,
        ])
        let units = try await units(past)
        let persons = try await persons(past)
        let breaches =
            try await unitBreaches(past, units, acting)
            + personBreaches(past, persons, acting)
        for breach in breaches {
            let isUnit = roles[breach.power.kind] == nil
            answer.add(
                [
                    isUnit ? .text(breach.power.holder) : reader.person(breach.power.holder),
                    .text(breach.power.kind), .text(breach.power.stream),
                    .day(breach.power.days.upperBound), .text(breach.found.stream),
                    reader.title(ofType: breach.act.entry.type), .day(breach.act.entry.day),
                    reader.person(breach.act.person), acting.role(breach.act),
                    Value(breach.act.post),
                ],
                records: [breach.power.entry.sequence] + breach.found.records(breach.act.entry))
        }
        answer.figure(
            "powers", en: "powers that have ended", zh: "已届满的权限",
            Value((units + persons.map(\.power)).count { $0.days.upperBound < past.today }))
        answer.note(
            en: """
                A unit is known by the name that records give it; of a person, an act counts in \
                the role of his delegation, unless he held the post himself. A posting (派驻) is \
                recorded with no last day: it ends when nobody renews it, which records do not say.
                """,
            zh: "单位以记录所载名称识别；人员以其授权种类对应的角色计，本人任该职务的除外。派驻只记起日、不记止日，何时届满无从由账本得知。")
        return answer
    }

    // MARK: - Units

    /// Delegated by letter until a day, or empowered until that is withdrawn.
    private static func units(_ past: any PastView) async throws(ProjectionError) -> [Power] {
        var powers: [Power] = []
        try await past.eachCase(of: "jurisdiction") { found in
            for entry in found.all(["jurisdiction.delegated", "jurisdiction.empowered"]) {
                let isLetter = entry.type == "jurisdiction.delegated"
                let holder = entry.data[isLetter ? "delegatee" : "township"]?["name"]?.string
                let first = entry.day("startsOn") ?? entry.day
                let withdrawn = isLetter ? nil : withdrawn(entry, found)
                let last = min(entry.day("endsOn") ?? .max, withdrawn.map { $0 - 1 } ?? .max)
                guard let holder, first <= last else { continue }
                powers.append(
                    Power(
                        holder: holder, kind: isLetter ? "委托执法" : "赋权",
                        stream: found.stream, entry: entry, days: first...last))
            }
        }
        return powers
    }

    private static func withdrawn(_ entry: CaseEntry, _ found: PastCase) -> Int? {
        let later = found.entries.drop { $0.sequence != entry.sequence }.dropFirst()
        let end = later.first { other in
            other.type == "jurisdiction.item-withdrawn"
                || other.type == "jurisdiction.empowerment-assessed"
                    && other.text("result") == "收回"
        }
        return end.map { $0.day("withdrawnOn") ?? $0.day }
    }

    private static func unitBreaches(
        _ past: any PastView, _ powers: [Power], _ acting: ActReader
    ) async throws(ProjectionError) -> [Breach] {
        let ended = Dictionary(grouping: powers) { $0.holder }.filter { _, powers in
            powers.contains { $0.days.upperBound < past.today }
        }
        guard !ended.isEmpty else { return [] }
        var breaches: [Breach] = []
        for procedure in enforcing {
            try await past.eachCase(of: procedure) { found in
                for act in found.entries.flatMap({ acting.acts($0, in: found) }) {
                    guard let unit = act.unit, let powers = ended[unit],
                        let power = spent(powers, on: act.entry.day)
                    else { continue }
                    breaches.append(Breach(power: power, found: found, act: act))
                }
            }
        }
        return breaches
    }

    /// The newest power that had ended by then, if none was left.
    private static func spent(_ powers: [Power], on day: Int) -> Power? {
        guard !powers.contains(where: { $0.days.contains(day) }) else { return nil }
        return powers.filter { $0.days.upperBound < day }
            .max { $0.days.upperBound < $1.days.upperBound }
    }

    // MARK: - Persons

    private static func persons(
        _ past: any PastView
    ) async throws(ProjectionError) -> [(power: Power, career: Career)] {
        var powers: [(power: Power, career: Career)] = []
        try await past.eachCase(of: "person") { found in
            guard let person = found.last("person.registered")?.text("person") else { return }
            let career = Career(person, [found])
            for spell in career.spells where spell.kind == .delegation {
                guard let kind = spell.entry.text("kind") else { continue }
                let power = Power(
                    holder: person, kind: kind, stream: found.stream, entry: spell.entry,
                    days: spell.days)
                powers.append((power, career))
            }
        }
        return powers
    }

    private static func personBreaches(
        _ past: any PastView, _ powers: [(power: Power, career: Career)], _ acting: ActReader
    ) async throws(ProjectionError) -> [Breach] {
        var breaches: [Breach] = []
        let holders = Dictionary(grouping: powers) { $0.power.holder + "|" + $0.power.kind }
        for (_, held) in holders.sorted(by: { $0.key < $1.key }) {
            guard let one = held.first, let role = roles[one.power.kind],
                held.contains(where: { $0.power.days.upperBound < past.today })
            else { continue }
            let all = held.map(\.power)
            for found in try await past.cases(naming: .person(one.power.holder)) {
                for act in acting.acts(of: one.power.holder, in: found) where act.role == role {
                    guard let power = spent(all, on: act.entry.day), !isOwn(act, power, one.career)
                    else { continue }
                    breaches.append(Breach(power: power, found: found, act: act))
                }
            }
        }
        return breaches
    }

    /// Whether he acted in a post of his own, or for something else than the delegation.
    private static func isOwn(_ act: Act, _ power: Power, _ career: Career) -> Bool {
        let posts = career.posts(on: act.entry.day)
        if let post = act.post, posts.contains(post) { return true }
        return power.entry.text("post").map(posts.contains) ?? false
    }
}
