import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Records
import Rules

/// What happened in a case, entry by entry, with what became of each entry.
struct CaseTimeline {
    private let file: ExportedCase
    private let words: ReportWords

    init(_ file: ExportedCase, _ source: ExportSource) {
        (self.file, words) = (file, ReportWords(source))
    }

    var markup: Markup { entries.map(entry).joined() }

    /// The line of occurrence, and in it, where they would stand, what was withdrawn or withheld.
    private var entries: [ExportedEntry] {
        var line = file.standing
        let standing = Set(line.map(\.sequence))
        for entry in file.entries where !standing.contains(entry.sequence) && entry.mends == nil {
            let place = line.firstIndex { $0.moment > entry.moment } ?? line.endIndex
            line.insert(entry, at: place)
        }
        return line
    }

    private func entry(_ entry: ExportedEntry) -> Markup {
        let kind: Markup = entry.fate == .withdrawn ? "entry withdrawn" : "entry"
        return """
            <article class="\(kind)"><header><span class="when">\(words.time(entry))</span> \
            <h3>\(words(entry.title))</h3>\(badges(entry)) \
            <span class="no">#\(entry.sequence)</span></header>
            <div class="body">\(facts(entry))</div>
            \(mends(of: entry))</article>

            """
    }

    private func badges(_ entry: ExportedEntry) -> Markup {
        var badges = Markup()
        switch entry.fate {
        case .corrected: badges += " " + .badge(words("corrected", "已更正"), .open)
        case .withdrawn: badges += " " + .badge(words("withdrawn", "已撤回"), .bad)
        case nil: break
        }
        if entry.isAsserted { badges += " " + .badge(words("asserted", "补录事实"), .plain) }
        let delay = (entry.recorded.microseconds - entry.moment.microseconds) / 86_400_000_000
        if delay >= 1, !entry.isWithheld {
            badges += " " + .badge(words("entered \(delay) d after", "\(delay) 天后入账"), .plain)
        }
        return badges
    }

    private func facts(_ entry: ExportedEntry) -> Markup {
        if entry.isWithheld {
            return "<p class=\"soft\">\(words("The text was withheld.", "内容已依法遮蔽。"))</p>"
        }
        var rows: [(String, String)] = []
        for member in entry.data.members ?? [] where !CaseTimeline.apart.contains(member.name) {
            let field = entry.definition?.field(member.name)
            rows.append(
                (
                    words.field(member.name, of: entry.definition),
                    words.value(member.value, field)
                ))
        }
        for person in entry.participants {
            let parts = [
                person.unit, person.post, person.opinion.map(words.word),
                person.evidence.map(words.word),
            ].compactMap { $0 }
            rows.append(
                (words.role(person.role), bracketed(person.person, parts)))
        }
        if let person = entry.operatorPerson {
            let parts = [entry.operatorUnit, entry.operatorPost].compactMap { $0 }
            let when = words("recorded ", "入账 ") + words.time(entry.recorded)
            rows.append((words("Entered by", "登记人"), bracketed(person, parts + [when])))
        }
        let items = rows.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>\n" as Markup }.joined()
        return "<dl>\n\(items)</dl>"
    }

    private static let apart: Set<String> = ["operator", "participants", "target"]

    private func bracketed(_ text: String, _ parts: [String]) -> String {
        parts.isEmpty
            ? text
            : text + words(" (", "（") + parts.joined(separator: words(", ", "，"))
                + words(")", "）")
    }

    // MARK: - Corrections and withdrawals

    private func mends(of entry: ExportedEntry) -> Markup {
        var before = entry.recordedData
        var result = Markup()
        for mend in file.entries where mend.mends == entry.sequence {
            let target = mend.data["corrects"] ?? mend.data["withdraws"]
            let reason = target?["reason"]?.string.map(words.word) ?? "—"
            let who = bracketed(
                mend.operatorPerson ?? "", [mend.operatorUnit].compactMap { $0 })
            let second = mend.data["approver"]?.string ?? "—"
            var block: Markup = """
                <b>\(words(mend.title))</b> #\(mend.sequence) · \(words.time(mend.recorded)) · \
                \(words("by", "由")) \(who) · \(words("second person", "复核")) \(second) · \
                \(words("reason", "原因"))\(words(": ", "："))\(reason)
                """
            if let corrected = mend.data["corrected"] {
                block += changes(from: before, to: corrected, entry.definition)
                before = corrected
            }
            result += "<div class=\"mend\">\(block)</div>\n"
        }
        return result
    }

    private func changes(
        from old: JSONValue, to new: JSONValue, _ type: EventType?
    ) -> Markup {
        var names = (old.members ?? []).map(\.name)
        names += (new.members ?? []).map(\.name).filter { !names.contains($0) }
        let rows = names.filter { $0 != "operator" && old[$0] != new[$0] }.map {
            name -> [Markup] in
            let field = type?.field(name)
            return [
                "\(words.field(name, of: type))",
                "<del>\(words.value(old[name], field))</del>",
                "<ins>\(words.value(new[name], field))</ins>",
            ]
        }
        let heads = [words("Field", "字段"), words("Original", "原值"), words("Corrected", "更正后")]
        return .table(heads, rows)
    }
}
