import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Records
import Rules

extension Question {
    /// Figures of the plan, as computed and as reported.
    static let figures: [Question] = [
        Question(
            6, .audit, zh: "某时点的账本状态能否重建，并与当时公布的指标一致？",
            en: """
                Can the state at a date be rebuilt and do its figures equal those published then?
                """,
            parameters: [
                Parameter(
                    .day, .now,
                    en: "the date of the figures; ask --as-of it for what was known then",
                    zh: "指标截至日；与 --as-of 同日即为当时所知")
            ],
            answer: FigureAnswers.rebuilt),
        Question(
            7, .audit, zh: "年度报告所列数据与账本投影差在哪里？",
            en: "Where do the annual report figures differ from the projections?",
            parameters: [.year(.lastYear)], answer: FigureAnswers.reported),
        Question(
            16, .audit, zh: "2022年底具备学历/资格/经验人员比例（或/且两种口径）？",
            en: "Qualified share at end 2022 under the OR and AND readings?",
            parameters: [.year(.number(2022))], answer: FigureAnswers.qualified),
        Question(
            17, .audit, zh: "2025年底一线执法人员占比按名册计算是否≥85%？",
            en: "Front-line share at end 2025 from the roll: ≥85%?",
            parameters: [.year(.number(2025))], answer: FigureAnswers.frontLine),
    ]
}

enum FigureAnswers {
    /// What an annual report says of an indicator.
    private struct Published {
        let stream: String
        let year: Int64
        let figure: JSONValue
        let records: [UInt64]

        var indicator: String { figure["id"]?.string ?? "" }
        var asOf: String { figure["asOf"]?.string ?? "" }

        /// Whether the report says what was computed; nil if it says no number.
        func agrees(with computed: IndicatorFigure?) -> Bool? {
            guard let computed else { return nil }
            let over = figure["numerator"]?.integer.map { $0 == computed.numerator }
            let under = figure["denominator"]?.integer.map { $0 == computed.denominator }
            let share = percent.map { share in
                computed.percent.map { abs($0 - share) < 0.05 } ?? false
            }
            let said = [over, under, share].compactMap(\.self)
            return said.isEmpty ? nil : said.allSatisfy(\.self)
        }

        var percent: Double? {
            switch figure["value"] {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        }
    }

    /// What the newest draft of each annual report says.
    private static func published(
        _ past: any PastView
    ) async throws(ProjectionError) -> [Published] {
        var all: [Published] = []
        try await past.eachCase(of: "annual-report") { found in
            guard let draft = found.last("annual-report.drafted") else { return }
            for figure in draft.data["figures"]?.array ?? [] {
                all.append(
                    Published(
                        stream: found.stream, year: draft.number("year") ?? 0, figure: figure,
                        records: found.records(draft)))
            }
        }
        return all
    }

    private static let columns = [
        Answer.Column("indicator", en: "indicator", zh: "指标"),
        Answer.Column("title", en: "title", zh: "名称"),
        Answer.Column("numerator", en: "numerator", zh: "分子"),
        Answer.Column("denominator", en: "denominator", zh: "分母"),
        Answer.Column("percent", en: "per cent", zh: "百分比"),
        Answer.Column("report", en: "annual report", zh: "年度报告"),
        Answer.Column("asOf", en: "as of", zh: "截至"),
        Answer.Column("saidNumerator", en: "numerator said", zh: "所列分子"),
        Answer.Column("saidDenominator", en: "denominator said", zh: "所列分母"),
        Answer.Column("saidPercent", en: "per cent said", zh: "所列百分比"),
        Answer.Column("agrees", en: "agrees", zh: "一致"),
    ]

    private static func values(
        _ id: String, _ computed: IndicatorFigure?, _ said: Published?
    ) -> [Value] {
        func number(_ name: String) -> Value {
            said?.figure[name]?.integer.map { .integer($0) } ?? .none
        }
        return [
            .text(id), computed.map { .phrase($0.indicator.title) } ?? .none,
            computed.map { .integer($0.numerator) } ?? .none,
            computed?.denominator.map { .integer($0) } ?? .none, Value(computed?.percent),
            Value(said?.stream), Value(said?.asOf), number("numerator"), number("denominator"),
            Value(said?.percent),
            said?.agrees(with: computed).map { .truth($0) } ?? .none,
        ]
    }

    /// All indicators from the first day of the year to the day, beside what was reported as of it.
    static func rebuilt(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let date = CivilDate(dayNumber: arguments.day)
        let first = CivilDate(year: date.year, month: 1, day: 1)?.dayNumber ?? arguments.day
        let computed = try await past.figures(first...arguments.day)
        let said = try await published(past).filter { $0.asOf == date.text }
        var answer = Answer(columns)
        for figure in computed {
            let matching = said.filter { $0.indicator == figure.indicator.id }
            for one in matching.isEmpty ? [nil] : matching.map(Optional.some) {
                answer.add(
                    values(figure.indicator.id, figure, one),
                    records: figure.all + (one?.records ?? []))
            }
        }
        answer.figure(
            "published", en: "figures published as of it", zh: "截至该日的公布数", Value(said.count))
        answer.figure(
            "differing", en: "of these differing", zh: "其中不一致",
            Value(answer.rows.count { answer.value($0, "agrees") == .truth(false) }))
        answer.note(
            en: """
                The state was rebuilt from the records up to the head named below; anybody who \
                holds them can do so again and compare the root hash with a checkpoint signed \
                then. What was entered later about earlier days counts unless --as-of is that day.
                """,
            zh: """
                状态由下列账本头以前的记录重建；持有这些记录的人都可以重做，并以当时签署的检查点核对根哈希。\
                未以 --as-of 指定同日的，此后补录的以前事项也计入。
                """)
        return answer
    }

    /// Every figure of the year's reports beside the same of the whole year.
    static func reported(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let said = try await published(past).filter { $0.year == Int64(arguments.year) }
        let computed = try await past.figures(
            arguments.period, of: Set(said.map(\.indicator)))
        var answer = Answer(columns)
        for one in said {
            let figure = computed.first { $0.indicator.id == one.indicator }
            answer.add(
                values(one.indicator, figure, one), records: one.records + (figure?.all ?? []))
        }
        answer.figure("said", en: "figures in reports", zh: "报告所列数据", Value(said.count))
        answer.figure(
            "differing", en: "of these differing", zh: "其中不一致",
            Value(answer.rows.count { answer.value($0, "agrees") == .truth(false) }))
        answer.note(
            en: """
                Computed over the whole year the report is about, with what was entered since; a \
                report as of an earlier day differs by that, too (question 6 asks as of a day).
                """,
            zh: "按报告年度全年计算，含此后补录；截至日较早的，差异也可能由此产生（截至某日见第 6 问）。")
        return answer
    }

    /// The share of officers with a degree, a licence or experience, and with all three.
    static func qualified(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        try await shares(
            ["I.qualified", "I.qualified.all", "I.qualified.reported"], past, arguments)
    }

    /// The share of officers on the front line, from the roll and as reported.
    static func frontLine(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        try await shares(["I.frontline", "I.frontline.reported"], past, arguments)
    }

    private static func shares(
        _ ids: [String], _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        var answer = Answer([
            Answer.Column("indicator", en: "indicator", zh: "指标"),
            Answer.Column("title", en: "reading", zh: "口径"),
            Answer.Column("numerator", en: "numerator", zh: "分子"),
            Answer.Column("denominator", en: "denominator", zh: "分母"),
            Answer.Column("percent", en: "share", zh: "占比"),
            Answer.Column("reached", en: "target reached", zh: "达标"),
        ])
        for figure in try await past.figures(arguments.period, of: Set(ids)) {
            answer.add(
                [
                    .text(figure.indicator.id), .phrase(figure.indicator.title),
                    .integer(figure.numerator), Value(figure.denominator ?? 0),
                    Value(figure.percent), figure.isReached.map { .truth($0) } ?? .none,
                ], records: figure.all)
        }
        answer.note(
            en: """
                From the roll: officers as they stood at the end of the year, on the active roll \
                and not gone. Reported: the sums of the year's snapshots.
                """,
            zh: "名册口径为年末在职在岗、未离开的执法人员；上报口径为当年各次统计之和的比。")
        return answer
    }
}
