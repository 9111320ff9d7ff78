import CanonicalJSON
import Projections
import Records
import Rules

extension Question {
    /// What a person did.
    static let persons: [Question] = [
        Question(
            40, .discipline, zh: "某人在2021—2025年间参与的全部决定，含已调离、退休期间前的？",
            en: """
                All decisions a person took part in 2021–2025, including before transfer or \
                retirement
                """,
            parameters: [
                .person,
                Parameter(.year, .number(2025), en: "last year", zh: "末年"),
                Parameter(.years, .number(5), en: "so many years", zh: "年数"),
            ],
            answer: PersonAnswers.decisions),
        Question(
            42, .investigated, zh: "我在该案中做了什么、何时、依据何种授权？有无证明我已提示风险？",
            en: "What did I do in this case, when, on what authority; is my warning on record?",
            parameters: [.person, .case],
            answer: PersonAnswers.ownActs),
        Question(
            44, .investigated, zh: "对我适用的权责清单、裁量基准是哪一版？",
            en: "Which version of the power list and benchmark applied to me then?",
            parameters: [.person, .case],
            answer: VersionAnswers.versions),
    ]
}

enum PersonAnswers {
    // MARK: - 40

    static func decisions(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let person = try arguments.neededPerson()
        let reader = FieldReader(past, arguments)
        let acting = ActReader(past)
        var answer = Answer([
            .day, .stream, .type, Answer.Column("decided", en: "in the decision", zh: "在决定中的角色"),
            Answer.Column("before", en: "before it", zh: "在此前的角色"), .post,
            Answer.Column("since", en: "in post then", zh: "当时在任"),
        ])
        let career = try await Career.of(person, past)
        var decisions: [(found: PastCase, entry: CaseEntry, acts: [Act])] = []
        for found in try await past.cases(naming: .person(person)) {
            let acts = acting.acts(of: person, in: found)
            for entry in found.entries
            where acting.isDecision(entry.type) && arguments.longPeriod.contains(entry.day) {
                let own = acts.filter {
                    $0.entry.sequence == entry.sequence || $0.entry.mayPrecede(entry)
                }
                if !own.isEmpty { decisions.append((found, entry, own)) }
            }
        }
        decisions.sort {
            ($0.entry.moment, $0.entry.sequence) < ($1.entry.moment, $1.entry.sequence)
        }
        for (found, entry, acts) in decisions {
            let inIt = acts.filter { $0.entry.sequence == entry.sequence }
            let before = acts.filter { $0.entry.sequence != entry.sequence }
            answer.add(
                [
                    .day(entry.day), .text(found.stream), reader.title(ofType: entry.type),
                    roles(inIt, acting), roles(before, acting),
                    (inIt.last ?? before.last).map(career.post) ?? .none,
                    career.stream == nil
                        ? .none : .truth(!career.spells(on: entry.day, .post, .acting).isEmpty),
                ],
                records: found.records([entry] + acts.map(\.entry)))
        }
        answer.figure("decisions", en: "decisions", zh: "决定", Value(answer.rows.count))
        answer.figure(
            "cases", en: "cases", zh: "案件", Value(Set(decisions.map(\.found.stream)).count))
        answer.note(
            en: """
                A decision is an entry of a type in which somebody signs, approves, chairs or \
                deliberates. The person took part if he acted in it, or earlier in its case.
                """,
            zh: "决定指有签发、审批、主持或者参加讨论角色的事件类型；本人在该事件中或者此前在该案中有行为的，为参与。")
        return answer
    }

    /// Each role once, in the order in which it was first had.
    private static func roles(_ acts: [Act], _ acting: ActReader) -> Value {
        var roles: [Value] = []
        for act in acts {
            let role = acting.role(act)
            if !roles.contains(role) { roles.append(role) }
        }
        return .some(roles)
    }

    // MARK: - 42

    static func ownActs(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let person = try arguments.neededPerson()
        let found = try await arguments.needed(past)
        let reader = FieldReader(past, arguments)
        let acting = ActReader(past)
        var answer = Answer([
            .day, .type, .role, .unit, .post,
            Answer.Column("authority", en: "on what authority", zh: "授权"),
            Answer.Column("certificate", en: "certificate valid that day", zh: "当日持证"),
            Answer.Column("basis", en: "legal basis stated", zh: "记载的依据"),
            Answer.Column("opinion", en: "opinion", zh: "意见"),
            Answer.Column("warning", en: "warning on record", zh: "提示风险的记载"),
            Answer.Column("own", en: "his own word", zh: "本人表示"),
        ])
        let career = try await Career.of(person, past)
        let holders = try await CertificateAnswers.holders(past)
        for act in acting.acts(of: person, in: found) {
            let words = MeetingAnswers.ownWords(person, on: act.entry, in: found)
            let spells = career.spells(on: act.entry.day)
            answer.add(
                [
                    .day(act.entry.day), reader.title(ofType: act.entry.type), acting.role(act),
                    Value(act.unit), career.post(act), .some(spells.map(authority)),
                    act.role == "officer"
                        ? .truth(
                            holders.holds(
                                person, CertificateAnswers.register, on: act.entry.day))
                        : .none,
                    .some(DocumentAnswers.legalBasis(act.entry)), acting.opinion(act.opinion),
                    warning(act, found), MeetingAnswers.ownWord(words),
                ],
                records: found.records([act.entry] + words) + spells.map(\.entry.sequence))
        }
        answer.figure("acts", en: "acts", zh: "行为", Value(answer.rows.count))
        answer.figure(
            "warnings", en: "with a warning", zh: "有提示风险的记载",
            Value(answer.rows.count { answer.value($0, "warning") != Value.none }))
        answer.note(
            en: """
                A warning on record is a dissenting or reserved opinion, or the note that the \
                record has beside his name.
                """,
            zh: "提示风险的记载，指不同意、保留意见，或者其姓名代号旁的备注。")
        return answer
    }

    /// Of what he held that day, the post or the scope, and the document.
    private static func authority(_ spell: Career.Spell) -> Value {
        let texts = [
            spell.entry.text("kind"), spell.entry.text("post"), spell.entry.text("scope"),
            spell.entry.text("docNo"),
        ]
        return .text(texts.compactMap(\.self).joined(separator: " "))
    }

    private static func warning(_ act: Act, _ found: PastCase) -> Value {
        if let note = note(act, found) { return .text(note) }
        return act.isDissent ? .words(en: "dissented", zh: "持不同意见") : .none
    }

    /// The note beside his name in that role, as corrected.
    private static func note(_ act: Act, _ found: PastCase) -> String? {
        let number = act.entry.sequence
        let by = found.prefix.fates[number]?.by ?? number
        let data = found.prefix.records.first { $0.sequence == by }?.event?["data"]
        let participants = (data?["corrected"] ?? data)?["participants"]?.array ?? []
        let own = participants.first {
            $0["person"]?.string == act.person && $0["role"]?.string == act.role
        }
        return own?["note"]?.string
    }
}

/// Which versions of the rules of the house applied.
enum VersionAnswers {
    static func versions(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let person = try arguments.neededPerson()
        let found = try await arguments.needed(past)
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .day, Answer.Column("list", en: "power list in force", zh: "施行的权责清单"),
            Answer.Column("version", en: "its version", zh: "清单版本"),
            Answer.Column("listNo", en: "its document number", zh: "清单文号"),
            Answer.Column("adjusted", en: "adjustments by then", zh: "此前动态调整"),
            Answer.Column("benchmarks", en: "benchmarks in force", zh: "施行的裁量基准"),
            Answer.Column("numbers", en: "their document numbers", zh: "基准文号"),
            Answer.Column("named", en: "benchmark named in the case", zh: "本案适用的基准"),
        ])
        let lists = try await past.cases(of: "power-list")
        let benchmarks = try await past.cases(of: "discretion")
        let acts = ActReader(past).acts(of: person, in: found)
        let days = Dictionary(grouping: acts) { $0.entry.day }
        for (day, acts) in days.sorted(by: { $0.key < $1.key }) {
            let list = newestList(lists, on: day)
            let inForce = benchmarks.filter { isInForce($0, on: day) }
            let named = found.entries.last { $0.day <= day && $0.text("benchmark") != nil }
            let adopted = inForce.map { $0.last("discretion.adopted") }
            answer.add(
                [
                    .day(day), Value(list?.found.stream),
                    reader.value(list?.found.last("power-list.drafted"), "version"),
                    reader.value(list?.found.last("power-list.approved"), "docNo"),
                    list.map { Value($0.adjusted.count) } ?? .none,
                    .streams(inForce.map(\.stream)),
                    .some(adopted.map { reader.value($0, "docNo") }),
                    reader.value(named, "benchmark"),
                ],
                records: found.records(acts.map(\.entry))
                    + (list.map { $0.found.records([$0.published] + $0.adjusted) } ?? [])
                    + inForce.flatMap { $0.records($0.last("discretion.published")) }
                    + found.records(named))
        }
        return answer
    }

    /// The list that was published last by then, and what was adjusted in it.
    private static func newestList(
        _ lists: [PastCase], on day: Int
    ) -> (found: PastCase, published: CaseEntry, adjusted: [CaseEntry])? {
        let published = lists.flatMap { found in
            found.all("power-list.published").filter { $0.day <= day }.map { (found, $0) }
        }
        guard
            let newest = published.max(by: {
                ($0.1.moment, $0.1.sequence) < ($1.1.moment, $1.1.sequence)
            })
        else { return nil }
        let adjusted = newest.0.all("power-list.adjusted").filter { $0.day <= day }
        return (newest.0, newest.1, adjusted)
    }

    private static func isInForce(_ found: PastCase, on day: Int) -> Bool {
        let effective = found.all("discretion.published").contains {
            ($0.day("effectiveOn") ?? $0.day) <= day
        }
        let repealed = found.all("discretion.repealed").contains {
            ($0.day("repealedOn") ?? $0.day) <= day
        }
        return effective && !repealed
    }
}
