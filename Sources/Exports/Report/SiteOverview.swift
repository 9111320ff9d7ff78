import Catalogue
import Phrases
import Rules

/// The overview of a report, and its tables of procedures and indicators.
struct SiteOverview {
    private let source: ExportSource
    private let judgement: SiteJudgement
    private let counted: SiteFigures
    private let words: ReportWords

    init(_ source: ExportSource, _ judgement: SiteJudgement, _ counted: SiteFigures) {
        (self.source, self.judgement, self.counted) = (source, judgement, counted)
        words = ReportWords(source)
    }

    var title: String { words("Supervision report", "监督报告") }

    var subtitle: Markup {
        let period = judgement.period
        return
            "\(source.origin) · \(words.day(period.lowerBound)) — \(words.day(period.upperBound))"
    }

    var body: Markup { cards + months + cases + duties + findings + reached }

    private func section(_ en: String, _ zh: String, _ body: Markup) -> Markup {
        "<section><h2>\(words(en, zh))</h2>\n\(body)</section>\n"
    }

    private var cards: Markup {
        let overdue = ours(.overdue)
        let open = judgement.findings.count { $0.state == .open && $0.kind != .lateEntry }
        let cards = [
            (counted.caseCount, words("cases", "案件")),
            (counted.procedures.values.reduce(0) { $0 + $1.open }, words("open", "办理中")),
            (counted.entryCount, words("records", "记录")),
            (overdue, words("duties overdue", "逾期未办")),
            (open, words("findings open", "未处理问题")),
            (counted.correctedCount, words("corrected", "已更正")),
            (counted.withdrawnCount, words("withdrawn", "已撤回")),
        ].map { number, word -> Markup in
            "<div class=\"card\"><b>\(grouped(number))</b><span>\(word)</span></div>"
        }
        return "<div class=\"cards\">\(cards.joined())</div>\n"
    }

    private func ours(_ state: DutyStanding.State) -> Int {
        judgement.standings.count { $0.state == state && judgement.isOfBureau($0.duty) }
    }

    private var months: Markup {
        let values = counted.months.enumerated().map { place, value in
            (label: words("\(place + 1)", "\(place + 1)月"), value: value)
        }
        return section("Events by month", "各月事项", Chart.columns(values))
    }

    private var cases: Markup {
        let rows = counted.procedures.sorted { left, right in
            let (one, two) = (
                left.value.open + left.value.ended, right.value.open + right.value.ended
            )
            return (two, left.key) < (one, right.key)
        }.prefix(15).map { _, own in
            (
                label: words(own.title),
                parts: [(value: own.ended, colour: Chart.Colour.pale), (own.open, .blue)]
            )
        }
        let key = Chart.key([(words("ended", "已终结"), .pale), (words("open", "办理中"), .blue)])
        return section("Cases by procedure", "各程序案件", key + Chart.bars(Array(rows)))
    }

    private var duties: Markup {
        let states: [(DutyStanding.State, Chart.Colour)] = [
            (.met, .green), (.late, .amber), (.early, .amber), (.overdue, .red),
            (.running, .blue), (.paused, .pale), (.deemed, .grey), (.lapsed, .grey),
        ]
        let rows = states.map { state, colour in
            (label: words(state.title), parts: [(value: ours(state), colour: colour)])
        }.filter { $0.parts[0].value > 0 }
        return section("Duties of the bureau", "本机关职责", Chart.bars(rows))
    }

    private var findings: Markup {
        let shown = judgement.findings.filter { $0.kind != .lateEntry }
        let byRule = Dictionary(grouping: shown, by: \.rule)
        let most = byRule.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(12)
        let rows = most.compactMap { rule, found in
            found.first.map { first in
                (
                    label: "\(rule) \(words(first.whatOfAnybody))",
                    parts: [
                        (value: found.count { $0.state != .open }, colour: Chart.Colour.grey),
                        (found.count { $0.state == .open }, .red),
                    ]
                )
            }
        }
        guard !rows.isEmpty else {
            return section("Findings by rule", "各规则发现的问题", "<p>\(words("None.", "无。"))</p>")
        }
        let key = Chart.key([(words("answered", "已处理"), .grey), (words("open", "未处理"), .red)])
        return section("Findings by rule", "各规则发现的问题", key + Chart.bars(rows, labelWidth: 400))
    }

    private var reached: Markup {
        let measured = judgement.figures.filter { $0.isReached != nil }
        let count = measured.count { $0.isReached == true }
        let text = words(
            "\(count) of \(measured.count) indicators with a target reach it.",
            "有目标值的 \(measured.count) 项指标中，\(count) 项达标。")
        return section(
            "Indicators", "指标",
            "<p>\(text) <a href=\"indicators.html\">\(words("All", "全部"))</a></p>")
    }

    // MARK: - Other pages

    var procedures: Markup {
        let rows = counted.procedures.sorted { $0.key < $1.key }.map { id, own -> [Markup] in
            [
                "<a href=\"\(CaseListPages.file(id, 1))\">\(words(own.title))</a>",
                "<span class=\"mono soft\">\(id)</span>", "\(own.open)", "\(own.ended)",
                "\(own.open + own.ended)",
            ]
        }
        let heads = [
            words("Procedure", "程序"), "", words("Open", "办理中"), words("Ended", "已终结"),
            words("Cases", "案件"),
        ]
        return .table(heads, rows, numbers: [2, 3, 4])
    }

    var figures: Markup {
        FigureTable(words).table(
            judgement.figures.map { figure in
                (id: figure.indicator.id, title: words(figure.indicator.title), figure: figure)
            })
    }
}

/// A table of indicators.
struct FigureTable {
    private let words: ReportWords

    init(_ words: ReportWords) { self.words = words }

    /// Where there is no figure, the catalogues of several ledgers mean something else by it.
    func table(_ figures: [(id: String, title: String, figure: IndicatorFigure?)]) -> Markup {
        let heads = [
            words("Indicator", "编号"), words("Title", "指标"), words("Numerator", "分子"),
            words("Denominator", "分母"), words("Share", "比例"), words("Target", "目标"), "",
        ]
        let rows = figures.map { row -> [Markup] in
            ["<span class=\"nowrap soft\">\(row.id)</span>", "\(row.title)"]
                + (row.figure.map(cells) ?? [
                    "", "", "", "", "\(words("defined differently", "定义不同，不予合计"))",
                ])
        }
        return .table(heads, rows, numbers: [2, 3, 4, 5])
    }

    private func cells(_ figure: IndicatorFigure) -> [Markup] {
        let share = figure.percent.map { "\(tenths($0)) %" } ?? "—"
        let reached: Markup
        switch figure.isReached {
        case true?: reached = .badge(words("reached", "达标"), .good)
        case false?: reached = .badge(words("not reached", "未达标"), .bad)
        case nil: reached = ""
        }
        return [
            "\(grouped(figure.numerator))", "\(figure.denominator.map { grouped($0) } ?? "")",
            figure.denominator == nil ? "" : "\(share)", "\(target(figure))", reached,
        ]
    }

    private func tenths(_ percent: Double) -> String {
        let whole = Int((percent * 10).rounded())
        return "\(whole / 10).\(whole % 10)"
    }

    private func target(_ figure: IndicatorFigure) -> String {
        let unit = figure.denominator == nil ? "" : " %"
        return switch figure.indicator.target {
        case .atLeast(let least)?: "≥ \(least)\(unit)"
        case .atMost(let most)?: "≤ \(most)\(unit)"
        case nil: ""
        }
    }
}
