import CanonicalJSON
import Projections
import Records
import Rules

extension Question {
    /// Back from an accident.
    static let enterprises: [Question] = [
        Question(
            37, .discipline,
            zh: "某事故企业过去五年内全部检查、许可、举报、处罚，及每一步的经办人、审核人、签发人当时职务？",
            en: """
                For an accident unit: all inspections, licences, reports and penalties of five \
                years, with who handled, reviewed and signed each, in the post held then
                """,
            parameters: [
                Parameter(
                    .enterprise, .needed, en: "its unified social credit code", zh: "统一社会信用代码"),
                Parameter(.years, .number(5), en: "so many years back", zh: "倒查年数"),
            ],
            answer: EnterpriseAnswers.everyStep),
        Question(
            38, .discipline, zh: "某重大隐患从首次发现到事故，谁在哪一天知道？",
            en: "From first finding to the accident: who knew of the hazard on which day?",
            parameters: [
                Parameter(.case, .needed, en: "the hazard's case", zh: "隐患督办案件")
            ],
            answer: EnterpriseAnswers.knowledge),
    ]
}

enum EnterpriseAnswers {
    // MARK: - 37

    static func everyStep(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        guard let code = arguments.enterprise else {
            throw ProjectionError(en: "no enterprise", zh: "没有企业")
        }
        let reader = FieldReader(past, arguments)
        let acting = ActReader(past)
        var answer = Answer([
            .stream, Answer.Column("procedure", en: "procedure", zh: "程序"), .type, .day,
            .person, .role, .unit, .post,
        ])
        let accidents = try await accidents(of: code, past)
        let last = accidents.map(\.day).max() ?? past.today
        let window = WorkCalendar.day(last, months: -12 * arguments.years)...last
        var careers: [String: Career] = [:]
        var steps: [(found: PastCase, entry: CaseEntry)] = []
        for found in try await past.cases(
            naming: .organisation(code), of: ["inspection", "permit", "report", "penalty"])
        {
            steps += found.entries.filter { window.contains($0.day) }.map { (found, $0) }
        }
        let cases = Set(steps.map(\.found.stream))
        for (found, entry) in steps.sorted(by: { $0.entry.moment < $1.entry.moment }) {
            let head: [Value] = [
                .text(found.stream), acting.procedure(found.stream),
                reader.title(ofType: entry.type), .day(entry.day),
            ]
            let acts = acting.acts(entry, in: found)
            if acts.isEmpty {
                answer.add(
                    head + [.none, .none, .none, .none], records: found.records(entry))
            }
            for act in acts {
                if careers[act.person] == nil {
                    careers[act.person] = try await Career.of(act.person, past)
                }
                answer.add(
                    head + [
                        reader.person(act.person), acting.role(act), Value(act.unit),
                        careers[act.person]?.post(act) ?? .none,
                    ],
                    records: found.records(entry))
            }
        }
        answer.figure("accidents", en: "accidents of the unit", zh: "该单位事故", Value(accidents.count))
        answer.figure("from", en: "from", zh: "自", .day(window.lowerBound))
        answer.figure("through", en: "through", zh: "至", .day(window.upperBound))
        answer.figure("cases", en: "cases", zh: "案件", Value(cases.count))
        if accidents.isEmpty {
            answer.note(
                en: "No accident of this unit is recorded; the years end with the moment asked.",
                zh: "账本中没有该单位的事故，年限截至所问时点。")
        }
        return answer
    }

    /// Accidents of the enterprise, each with its day.
    private static func accidents(
        of code: String, _ past: any PastView
    ) async throws(ProjectionError) -> [(day: Int, found: PastCase, entry: CaseEntry)] {
        let cases = try await past.cases(naming: .organisation(code), of: ["accident"])
        return cases.compactMap { found in
            guard let reported = found.first("accident.reported"),
                reported.text("unitUscc") == code
            else { return nil }
            return (reported.day("occurredAt") ?? reported.day, found, reported)
        }
    }

    // MARK: - 38

    /// An entry by which those who took part in it knew.
    private struct Sign {
        let found: PastCase
        let entry: CaseEntry
    }

    static func knowledge(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let hazard = try await arguments.needed(past)
        guard let reported = hazard.first("hazard.reported") else {
            throw ProjectionError(
                en: "no case of a hazard", zh: "不是重大隐患案件", kind: .unknownName)
        }
        let reader = FieldReader(past, arguments)
        let acting = ActReader(past)
        var answer = Answer([
            .day, .person, .role, .unit, .post, .stream, .type,
        ])
        var signs = hazard.entries.map { Sign(found: hazard, entry: $0) }
        signs += try await linked(past, hazard)
        var accident: (day: Int, found: PastCase, entry: CaseEntry)?
        if let code = reported.text("enterpriseUscc") {
            signs += try await others(past, code, but: Set(signs.map(\.found.stream)))
            accident = try await accidents(of: code, past).filter { $0.day >= reported.day }
                .min { $0.day < $1.day }
        }
        signs.sort {
            ($0.entry.moment, $0.entry.sequence) < ($1.entry.moment, $1.entry.sequence)
        }
        let last = accident?.day ?? past.today
        var known: Set<String> = []
        for sign in signs where sign.entry.day <= last {
            for act in acting.acts(sign.entry, in: sign.found)
            where known.insert(act.person).inserted {
                let career = try await Career.of(act.person, past)
                answer.add(
                    [
                        .day(sign.entry.day), reader.person(act.person), acting.role(act),
                        Value(act.unit), career.post(act), .text(sign.found.stream),
                        reader.title(ofType: sign.entry.type),
                    ],
                    records: sign.found.records(sign.entry))
            }
        }
        answer.figure(
            "found", en: "first found", zh: "首次发现", Value(day: signs.first?.entry.day))
        answer.figure("accident", en: "accident", zh: "事故日", Value(day: accident?.day))
        answer.figure("persons", en: "persons who knew", zh: "知情人数", Value(known.count))
        answer.note(
            en: """
                Somebody knew at the latest on the day of the first entry that he entered or took \
                part in: of the hazard's case, of cases that name it or that it names, and of \
                inspections that found, and reports that told of, a major hazard of the same \
                enterprise. Whether it was this very hazard is for a person to see.
                """,
            zh: "以本人录入或者参与的第一条记录之日为最迟知情日：包括本案、与本案互相引用的案件，以及同一企业发现重大隐患的检查、反映重大隐患的举报。是否同一隐患，由人核对。")
        return answer
    }

    /// Cases that name the hazard's case or that it names.
    private static func linked(
        _ past: any PastView, _ hazard: PastCase
    ) async throws(ProjectionError) -> [Sign] {
        let signs = try await past.cases(naming: .reference(hazard.stream)).flatMap { found in
            // From the entry on that names it.
            found.entries.drop { entry in
                !(entry.data.members ?? []).contains { $0.value.string == hazard.stream }
            }.map { Sign(found: found, entry: $0) }
        }
        return signs.filter { $0.found.stream != hazard.stream }
    }

    private static func others(
        _ past: any PastView, _ code: String, but known: Set<String>
    ) async throws(ProjectionError) -> [Sign] {
        var signs: [Sign] = []
        for found in try await past.cases(
            naming: .organisation(code), of: ["inspection", "report"])
        where !known.contains(found.stream) {
            let first = found.entries.firstIndex(where: isMajor)
            guard let first else { continue }
            signs += found.entries[first...].map { Sign(found: found, entry: $0) }
        }
        return signs
    }

    /// Whether it tells of a major hazard.
    private static func isMajor(_ entry: CaseEntry) -> Bool {
        switch entry.type {
        case "inspection.record-made":
            (entry.data["hazards"]?.array ?? []).contains { $0["level"]?.string == "重大" }
        case "report.received": entry.text("reportKind") == "重大事故隐患"
        default: false
        }
    }
}
