import ArgumentParser
import Catalogue
import Digests
import LedgerHome
import Phrases
import Rules

struct CatalogueDocsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract: "Print a readable reference, as Markdown. 打印可读的目录说明（Markdown）。",
        discussion: "In the language of --lang. 语言由 --lang 决定。")

    @Argument(help: "Only this procedure. 只看该程序。")
    var procedure: String?

    @OptionGroup var source: CatalogueCommand.Source
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? source.ledger.folder)
        try await answering(printer) {
            let catalogue = try await source.load(common)
            let chosen = catalogue.procedures.filter { procedure == nil || $0.id == procedure }
            guard !chosen.isEmpty else {
                throw LedgerError(
                    en: "there is no procedure \(procedure ?? "")",
                    zh: "没有程序 \(procedure ?? "")")
            }
            let reference = CatalogueReference(catalogue, printer.language)
            printer.print(reference.head)
            for procedure in chosen { printer.print(reference.text(of: procedure)) }
            if procedure == nil { printer.print(reference.tail) }
        }
    }
}

/// A catalogue as pages for people.
struct CatalogueReference {
    private let catalogue: EventCatalogue
    private let language: Language

    init(_ catalogue: EventCatalogue, _ language: Language) {
        (self.catalogue, self.language) = (catalogue, language)
    }

    private func words(_ en: String, _ zh: String) -> String { language == .chinese ? zh : en }

    var head: String {
        "# \(catalogue.title[language])\n\n"
            + words("Version", "版本") + " \(catalogue.version), SHA-256 `\(catalogue.digest.hex)`\n"
    }

    func text(of procedure: Procedure) -> String {
        var lines = [
            "## \(procedure.title[language]) `\(procedure.id)`", "",
            words("Plan", "规划") + "：" + procedure.plan.joined(separator: ", ") + "；"
                + words("case id", "案件编号") + " `\(procedure.caseIDPattern)`；"
                + words("owner", "主管") + " \(role(procedure.owner))", "",
        ]
        lines += table(
            [
                words("event", "事件"), words("title", "名称"), words("by", "主体"), words("stage", "阶段"),
                words("fields", "字段"),
            ],
            procedure.events.compactMap { catalogue.eventType($0) }.map(row))
        if !procedure.rules.isEmpty {
            lines += ["", "### " + words("Rules", "规则"), ""]
            lines += table(
                [
                    words("id", "编号"), words("event", "事件"), words("demand", "要求"),
                    words("level", "级别"), words("basis", "依据"), words("checked", "核对"),
                ],
                procedure.rules.map(row))
        }
        if !procedure.duties.isEmpty {
            lines += ["", "### " + words("Time limits", "期限"), ""]
            lines += table(
                [
                    words("id", "编号"), words("from → to", "起 → 止"), words("term", "期限"),
                    words("basis", "依据"), words("checked", "核对"),
                ],
                procedure.duties.map(row))
        }
        if !procedure.disclosures.isEmpty {
            lines += ["", "### " + words("Disclosures", "公开事项"), ""]
            lines += table(
                [
                    words("id", "编号"), words("event", "事件"), words("term", "期限"),
                    words("channel", "渠道"), words("content", "内容"), words("basis", "依据"),
                ],
                procedure.disclosures.map(row))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    var tail: String {
        guard !catalogue.indicators.isEmpty else { return "" }
        let lines =
            ["## " + words("Indicators", "指标"), ""]
            + table(
                [
                    words("id", "编号"), words("title", "名称"), words("plan", "规划"),
                    words("basis", "依据"),
                ],
                catalogue.indicators.map {
                    [$0.id, $0.title[language], $0.plan.joined(separator: ", "), basis($0.basis)]
                })
        return lines.joined(separator: "\n")
    }

    // MARK: - Rows

    private func row(_ type: EventType) -> [String] {
        let fields = type.fields.map { field in
            let list = field.isList ? "[]" : ""
            let mark = field.isRequired ? "*" : ""
            let shown =
                field.readingClass == .internal ? "" : "（\(field.readingClass.rawValue)）"
            return
                "\(field.title[language])\(mark) `\(field.name): \(field.type.rawValue)\(list)`\(shown)"
        }
        return [
            "`\(type.name)`", ([type.title[language]] + marks(type)).joined(separator: "<br>"),
            type.by.map(role).joined(separator: "、"), type.stage ?? "",
            fields.joined(separator: "；"),
        ]
    }

    /// What an event does beside leading to a stage.
    private func marks(_ type: EventType) -> [String] {
        var marks: [String] = []
        if type.isReceived { marks.append(words("received", "他方行为")) }
        if type.ends { marks.append(words("the case ends", "案件终结")) }
        if let field = type.continuedIn {
            marks.append(words("the case goes on in `\(field)`", "案件转入 `\(field)`"))
        }
        if let field = type.continues {
            marks.append(words("goes on with `\(field)`", "承接 `\(field)`"))
        }
        if !type.formerly.isEmpty { marks.append(words("formerly ", "原名 ") + names(type.formerly)) }
        if let note = type.note { marks.append(note) }
        return marks
    }

    private func row(_ rule: Rule) -> [String] {
        let condition = rule.when.map { words(" when ", "，当 ") + text($0) } ?? ""
        let quote = rule.quote.map { "<br>“\($0)”" } ?? ""
        return [
            rule.id, "`\(rule.event)`", demand(rule) + condition + quote,
            rule.level == .refuse ? words("refuse", "拒绝") : words("flag", "提示"), basis(rule.basis),
            rule.verified.rawValue,
        ]
    }

    private func demand(_ rule: Rule) -> String {
        switch rule.demand {
        case .requires(let types): words("requires ", "须先有 ") + names(types)
        case .requiresAny(let types): words("requires one of ", "须先有其一 ") + names(types)
        case .forbids(let types): words("not after ", "不得在其后 ") + names(types)
        case .atMostOnce: words("at most once", "至多一次")
        case .terminal(let except):
            words("nothing afterwards, except ", "此后不再办理，但 ") + names(except)
        case .check(let condition): text(condition)
        case .participants(let id, .minimum(let count)):
            words("at least \(count) \(role(id))", "\(role(id))至少 \(count) 人")
        case .participants(let id, .apartFrom(let other)):
            words(
                "\(role(id)) none of \(role(other.role)) of ", "\(role(id))未任\(role(other.role))于 ")
                + "`\(other.event)`"
        case .participants(let id, .holds(let register)):
            words("\(role(id)) in register \(register)", "\(role(id))在名册 \(register) 中")
        }
    }

    private func row(_ duty: Duty) -> [String] {
        [
            duty.id, (duty.from.map { "`\($0)` → " } ?? "") + names(duty.to),
            ([clock(duty.clock)] + terms(duty)).joined(separator: "<br>"),
            basis(duty.basis), duty.verified.rawValue,
        ]
    }

    /// What changes a duty's clock, and whose it is.
    private func terms(_ duty: Duty) -> [String] {
        var terms: [String] = []
        if let when = duty.when { terms.append(words("if ", "适用于 ") + text(when)) }
        if let match = duty.matches {
            terms.append(words("for the same ", "对应同一 ") + "`\(match.from)`")
        }
        if !duty.pauses.isEmpty {
            terms.append(words("stands still: ", "中止计算：") + names(duty.pauses.map(\.event)))
        }
        if !duty.restarts.isEmpty {
            terms.append(words("starts anew: ", "重新起算：") + names(duty.restarts))
        }
        if !duty.lapses.isEmpty {
            terms.append(words("falls away: ", "不再适用：") + names(duty.lapses))
        }
        if let extend = duty.extend {
            let most = extend.term.map { "，" + text($0) } ?? ""
            terms.append(words("longer by ", "可延长：") + names(extend.by) + most)
        }
        if let deemed = duty.deemed {
            terms.append(words("otherwise: ", "逾期视为：") + deemed[language])
        }
        if let owner = duty.dutyOf { terms.append(words("owed by ", "义务人：") + role(owner)) }
        if let note = duty.note { terms.append(note) }
        return terms
    }

    private func clock(_ clock: Duty.Clock) -> String {
        switch clock {
        case .term(let term, _, _): text(term)
        case .dueField(let field, _, let offset):
            "`\(field)`" + (offset.map { " " + text($0) } ?? "")
        case .annual(let annual):
            words("every year by ", "每年不晚于 ") + annual.by
                + (annual.isOfNextYear ? words(" of the next", "（次年）") : "")
        case .once(let by): by
        case .words(let words): words
        }
    }

    private func row(_ disclosure: Disclosure) -> [String] {
        [
            disclosure.id, "`\(disclosure.event)`",
            disclosure.term.map(text) ?? disclosure.annual?.by ?? "", disclosure.channel,
            disclosure.publish, basis(disclosure.basis),
        ]
    }

    // MARK: - Words

    private func text(_ term: Term) -> String {
        let unit =
            switch term.unit {
            case .hour: words("hours", "小时")
            case .workday: words("working days", "个工作日")
            case .natural: words("days", "日")
            case .month: words("months", "个月")
            case .year: words("years", "年")
            }
        return term.bound == .atMost
            ? words("at most \(term.amount) \(unit)", "\(term.amount) \(unit)内")
            : words("at least \(term.amount) \(unit)", "不少于 \(term.amount) \(unit)")
    }

    private func text(_ condition: Condition) -> String {
        switch condition {
        case .expression(let text): "`\(text)`"
        case .words(let text): text
        }
    }

    private func names(_ types: [String]) -> String {
        types.map { "`\($0)`" }.joined(separator: ", ")
    }

    private func role(_ id: String) -> String { catalogue.role(id)?.title[language] ?? id }

    private func basis(_ clauses: [Clause]) -> String { basisText(clauses, catalogue, language) }

    private func table(_ head: [String], _ rows: [[String]]) -> [String] {
        func line(_ cells: [String]) -> String {
            "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        return [line(head), line(head.map { _ in "---" })] + rows.map(line)
    }
}
