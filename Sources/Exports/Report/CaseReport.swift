import CanonicalJSON
package import Catalogue
import Phrases
import Projections
import Records
package import Rules

/// The report of one case: Specs/exports.md section 9.
package struct CaseReport {
    private let source: ExportSource
    private let file: ExportedCase
    private let findings: [Finding]
    private let standings: [DutyStanding]
    private let isOfBureau: (Duty) -> Bool
    private let words: ReportWords

    package init(
        _ file: ExportedCase, _ source: ExportSource, findings: [Finding],
        standings: [DutyStanding], isOfBureau: @escaping (Duty) -> Bool
    ) {
        (self.file, self.source, self.findings) = (file, source, findings)
        (self.standings, self.isOfBureau) = (standings, isOfBureau)
        words = ReportWords(source)
    }

    package var bytes: [UInt8] { bytes(pages: []) }

    /// With links to the pages of the report that it is part of.
    func bytes(pages: [(title: String, file: String)]) -> [UInt8] {
        let title = file.title.isEmpty ? file.stream : file.title
        return ReportPage(
            sources: [source], title: title,
            subtitle: "\(words(file.procedureTitle)) · <span class=\"mono\">\(file.stream)</span>",
            pages: pages, body: summary + people + duties + problems + timeline
        ).bytes
    }

    private func section(_ en: String, _ zh: String, _ body: Markup) -> Markup {
        "<section><h2>\(words(en, zh))</h2>\n\(body)</section>\n"
    }

    private var summary: Markup {
        let stage = file.stage.map { words($0.title) } ?? "—"
        let state: Markup =
            file.hasEnded
            ? "\(stage) \(Markup.badge(words("ended", "已终结"), .plain))"
            : "\(stage) \(Markup.badge(words("open", "办理中"), .open))"
        var facts: [(String, Markup)] = [(words("State", "状态"), state)]
        if !file.aliases.isEmpty {
            facts.append((words("Known as", "文号"), "\(list(file.aliases))"))
        }
        for party in file.parties {
            let code: Markup = party.code.map { " <span class=\"mono soft\">\($0)</span>" } ?? ""
            facts.append((words("Party", "当事人"), "\(party.name)\(code)"))
        }
        let standing = file.standing
        if let first = standing.first, let last = standing.last {
            let span = words.time(first) + " — " + words.time(last)
            facts.append((words("Period", "起止"), "\(span)"))
        }
        let fates = file.entries.compactMap(\.fate)
        var count = words("\(file.entries.count)", "\(file.entries.count) 条")
        let (corrected, gone) = (
            fates.count { $0 == .corrected }, fates.count { $0 == .withdrawn }
        )
        if corrected + gone > 0 {
            count += words(
                "; \(corrected) corrected, \(gone) withdrawn", "；更正 \(corrected) 条，撤回 \(gone) 条")
        }
        facts.append((words("Records", "记录"), "\(count)"))
        let rows = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>\n" as Markup }.joined()
        return "<dl>\n\(rows)</dl>\n"
    }

    private func list(_ texts: [String]) -> String { texts.joined(separator: words(", ", "、")) }

    // MARK: - People

    private struct Person {
        let id: String
        var roles: [String] = []
        var units: [String] = []
        var posts: [String] = []
        var records: [UInt64] = []
    }

    private var people: Markup {
        var persons: [Person] = []
        for entry in file.standing {
            var acts: [(String, String, String?, String?)] = entry.participants.map {
                ($0.person, words.role($0.role), $0.unit, $0.post)
            }
            if let person = entry.operatorPerson {
                let role = words("Operator", "登记人")
                acts.append((person, role, entry.operatorUnit, entry.operatorPost))
            }
            for (id, role, unit, post) in acts {
                let place = persons.firstIndex { $0.id == id } ?? persons.endIndex
                if place == persons.endIndex { persons.append(Person(id: id)) }
                persons[place].roles.addOnce(role)
                persons[place].units.addOnce(unit)
                persons[place].posts.addOnce(post)
                persons[place].records.addOnce(entry.sequence)
            }
        }
        let rows = persons.map { person -> [Markup] in
            [
                "<span class=\"nowrap\">\(person.id)</span>", "\(list(person.roles))",
                "\(list(person.units))", "\(list(person.posts))",
                "<span class=\"soft\">\(person.records.map { "#\($0)" }.joined(separator: " "))</span>",
            ]
        }
        let heads = [
            words("Person", "人员"), words("Roles", "角色"), words("Unit", "单位"),
            words("Post", "职务"), words("Records", "记录"),
        ]
        return section("People", "人员", .table(heads, rows))
    }

    // MARK: - Duties and findings

    private var duties: Markup {
        guard !standings.isEmpty else { return "" }
        return section(
            "Duties", "职责与期限",
            ReportTables(source).duties(standings, isOfBureau: isOfBureau, showsCase: false))
    }

    /// Late entries are one line: the timeline says of each how late it was.
    private var problems: Markup {
        let late = findings.filter { $0.kind == .lateEntry }
        let shown = findings.filter { $0.kind != .lateEntry }
        var body: Markup =
            findings.isEmpty
            ? "<p>\(words("None.", "无。"))</p>\n" : Markup()
        if !shown.isEmpty { body += ReportTables(source).findings(shown, showsCase: false) }
        if !late.isEmpty {
            let numbers = late.compactMap(\.entry).map { "#\($0)" }.joined(separator: " ")
            let text = words("Entered late: \(late.count)", "迟录：\(late.count) 条")
            body += "<p>\(text) <span class=\"soft\">\(numbers)</span></p>\n"
        }
        return section("Findings", "发现的问题", body)
    }

    // MARK: - Timeline

    private var timeline: Markup {
        let entries = CaseTimeline(file, source)
        return section("Timeline", "经过", entries.markup)
    }
}

extension Array where Element: Equatable {
    fileprivate mutating func addOnce(_ element: Element?) {
        if let element, !contains(element) { append(element) }
    }
}
