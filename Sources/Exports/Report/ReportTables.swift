import Catalogue
import Phrases
import Records
import Rules

/// Tables of duties and findings as reports show them.
struct ReportTables {
    private let source: ExportSource
    private let words: ReportWords
    /// The page of a case, where the report has one.
    var link: (String) -> String? = { _ in nil }

    init(_ source: ExportSource) {
        (self.source, words) = (source, ReportWords(source))
    }

    func stream(_ name: String) -> Markup {
        guard let file = link(name) else { return "<span class=\"mono nowrap\">\(name)</span>" }
        return "<a class=\"mono nowrap\" href=\"\(file)\">\(name)</a>"
    }

    func duties(
        _ standings: [DutyStanding], isOfBureau: (Duty) -> Bool, showsCase: Bool
    ) -> Markup {
        var heads = [words("Due", "期限"), words("State", "状态"), words("Owed", "应办事项")]
        heads += [words("Duty", "职责"), words("Done", "办结"), words("Basis", "依据")]
        if showsCase { heads.insert(words("Case", "案件"), at: 2) }
        let rows = standings.map { standing -> [Markup] in
            let due = standing.dueMoment.map(words.time) ?? standing.dueDay.map(words.day) ?? "—"
            let owed = standing.duty.to.map(words.type).joined(separator: " / ")
            let done: Markup =
                standing.end.map {
                    "<span class=\"nowrap\">#\($0)</span> <span class=\"nowrap\">"
                        + "\(standing.endDay.map(words.day) ?? "")</span>"
                } ?? ""
            let ours = isOfBureau(standing.duty)
            var row: [Markup] = [
                "<span class=\"nowrap\">\(due)</span>", state(standing, ours), "\(owed)",
                "<span class=\"nowrap soft\">\(standing.duty.id)</span>", done,
                "<span class=\"soft\">\(words.basis(standing.duty.basis))</span>",
            ]
            if showsCase { row.insert(stream(standing.stream), at: 2) }
            return row
        }
        return .table(heads, rows)
    }

    private func state(_ standing: DutyStanding, _ isOurs: Bool) -> Markup {
        if standing.state == .overdue, !isOurs {
            return .badge(words("expired", "期满"), .plain)
        }
        let kind: Markup.Kind =
            switch standing.state {
            case .met: .good
            case .late, .overdue, .early: isOurs ? .bad : .plain
            case .running, .paused: .open
            case .deemed, .lapsed: .plain
            }
        return .badge(words(standing.state.title), kind)
    }

    func findings(_ findings: [Finding], showsCase: Bool) -> Markup {
        var heads = [
            words("Day", "日期"), words("Severity", "级别"), words("State", "状态"),
            words("What", "内容"), words("Finding", "编号"), words("Basis", "依据"),
        ]
        if showsCase { heads.insert(words("Case", "案件"), at: 3) }
        let rows = findings.map { finding -> [Markup] in
            let asserted: Markup =
                finding.isAsserted
                ? " " + .badge(words("on an asserted fact", "补录事实"), .plain) : ""
            var row: [Markup] = [
                "<span class=\"nowrap\">\(words.day(finding.day))</span>",
                .badge(words(finding.level.title), finding.level == .refuse ? .bad : .open),
                .badge(words(finding.state.title), finding.state == .open ? .open : .plain),
                "\(words(finding.what))\(asserted)",
                "<span class=\"nowrap soft\">\(finding.id)</span>",
                "<span class=\"soft\">\(words.basis(finding.basis))</span>",
            ]
            if showsCase { row.insert(stream(finding.stream), at: 3) }
            return row
        }
        return .table(heads, rows)
    }
}
