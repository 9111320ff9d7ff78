import Catalogue
import Phrases
import Projections
import Records
import Rules

/// A part of an account in words, for a terminal or a page.
package enum AccountBlock: Hashable, Sendable {
    case heading(String)
    case line(String)
    /// What belongs to the line above.
    case detail(String)
    /// A detail that should be seen.
    case mark(String)
    case table([[String]])
}

/// A ledger in an account: what things are called in it, and what it is called itself.
package struct AccountPlace: Sendable {
    package let words: Wording
    /// Its name, as short as tells it from the others.
    package let name: String

    package init(_ words: Wording, name: String) {
        (self.words, self.name) = (words, name)
    }
}

/// Tells acts, duties, findings and heads in words.
struct AccountWriter {
    private let places: [AccountPlace]
    /// The ledger whose lines are written.
    private var place = 0
    private(set) var blocks: [AccountBlock] = []

    init(_ places: [AccountPlace]) {
        self.places = places
    }

    var words: Wording { places[place].words }

    /// Which ledger it is, in front of a line; nothing where there is only one.
    private var mark: [String] { places.count > 1 ? [places[place].name] : [] }

    mutating func add(_ block: AccountBlock) { blocks.append(block) }

    mutating func heading(en: String, zh: String) { add(.heading(words.text(en: en, zh: zh))) }
    mutating func line(en: String, zh: String) { add(.line(words.text(en: en, zh: zh))) }

    mutating func table(_ rows: [[String]]) {
        if !rows.isEmpty { add(.table(rows)) }
    }

    /// A row for each of a list, in the words of its ledger.
    mutating func table<Value>(
        _ list: [Joint<Value>], _ row: (Value, Wording) -> [String]
    ) {
        table(
            list.map { one in
                place = one.ledger
                return mark + row(one.value, words)
            })
        place = 0
    }

    mutating func heads(_ heads: [AnswerHead]) { for head in heads { self.head(head) } }

    private mutating func head(_ head: AnswerHead) {
        line(
            en: "\(head.origin), \(head.size) records, as of \(words.local(head.moment))",
            zh: "\(head.origin)，共 \(head.size) 条记录，截至 \(words.local(head.moment))")
        line(en: "root hash \(head.root)", zh: "根哈希 \(head.root)")
    }

    // MARK: - Acts

    mutating func act(_ one: Joint<Act>) {
        place = one.ledger
        defer { place = 0 }
        let act = one.value
        var parts = mark + ["#\(act.record)", words.time(of: act), act.stream]
        let title = act.title[words.language]
        parts.append(act.isWithdrawn ? struck(title) : title)
        if act.phase == .outcome {
            parts.append(words.text(en: "◀ OUTCOME", zh: "◀ 结果"))
        }
        add(.line(parts.joined(separator: "  ")))
        for person in act.persons { add(.detail(text(person))) }
        if act.protectedCount > 0 {
            add(
                .detail(
                    words.text(
                        en: "\(act.protectedCount) protected, not shown",
                        zh: "另有 \(act.protectedCount) 人受保护，不显示")))
        }
        facts(act)
        marks(act)
    }

    /// Struck through, and said in words for whoever cannot see that.
    private func struck(_ text: String) -> String {
        text.map { "\($0)\u{336}" }.joined() + words.text(en: " (withdrawn)", zh: "（已撤回）")
    }

    func text(_ person: ActPerson) -> String {
        var parts = ["\(words.role(person.role)) \(person.person)"]
        let place = [person.unit, person.post].compactMap { $0 }.joined(separator: " ")
        if !place.isEmpty { parts.append(place) }
        let held = person.held.map { held in
            let post = [held.unit, held.post].compactMap { $0 }.joined(separator: " ")
            let title = post.isEmpty ? held.title[words.language] : post
            return "\(title) #\(held.record)"
        }
        if !held.isEmpty {
            let list = held.joined(separator: words.listMark)
            parts.append(words.text(en: "by the register: \(list)", zh: "登记册：\(list)"))
        }
        if let order = person.order {
            parts.append(words.text(en: "spoke \(order).", zh: "第 \(order) 位发言"))
        }
        if let opinion = person.opinion { parts.append(words.opinion(opinion)) }
        if let evidence = person.evidence { parts.append(words.evidence(evidence)) }
        return parts.joined(separator: words.comma)
    }

    private mutating func facts(_ act: Act) {
        let language = words.language
        if !act.named.isEmpty {
            let names = act.named.map { "\($0.field[language]) \($0.person)" }
            add(.detail(names.joined(separator: words.comma)))
        }
        if !act.values.isEmpty {
            let values = act.values.map { "\($0.field[language])=\($0.text[language])" }
            add(.detail(values.joined(separator: words.comma)))
        }
        if !act.authority.isEmpty {
            let laws = act.authority.map { law in
                let edition = law.edition.map { words.text(en: " (\($0))", zh: "（\($0)）") } ?? ""
                return "\(law.law)\(edition) \(law.article)"
            }
            let list = laws.joined(separator: words.text(en: "; ", zh: "；"))
            add(.detail(words.text(en: "under \(list)", zh: "依据 \(list)")))
        }
        for version in act.versions {
            let newest = version.record.map { words.text(en: ", as of #\($0)", zh: "，当时至 #\($0)") }
            add(.detail("\(version.field[language]) \(version.stream)" + (newest ?? "")))
        }
        for file in act.attachments {
            add(.detail("\(file.name)  sha256 \(file.digest)"))
        }
    }

    private mutating func marks(_ act: Act) {
        if act.fate == .withheld {
            add(.mark(words.text(en: "the record is withheld", zh: "该记录已依法遮蔽")))
        }
        if act.isAsserted {
            add(.mark(words.text(en: "asserted: it had taken place already", zh: "补录事实")))
        }
        if act.isEnteredAfterOutcome {
            let when = words.local(act.recorded)
            add(.mark(words.text(en: "entered after the outcome, \(when)", zh: "案发后补录，\(when)")))
        }
        for change in act.changes { self.change(change) }
        for word in act.words {
            let said =
                word.isDispute
                ? words.text(en: "disputed by", zh: "本人异议：")
                : words.text(en: "confirmed by", zh: "本人确认：")
            add(.mark("\(said) \(word.person) #\(word.record)"))
        }
        for finding in act.findings {
            let what = "\(finding.what[words.language]) [\(finding.state.title[words.language])]"
            add(.mark("\(finding.id)  \(what)"))
        }
    }

    private mutating func change(_ change: Change) {
        let second = change.approver.map { words.text(en: " with \($0)", zh: "、\($0)") } ?? ""
        let who = "\(change.person)\(second) #\(change.by)"
        let why = words.reason(change.reason)
        guard !change.fields.isEmpty else {
            add(.mark(words.text(en: "withdrawn by \(who): \(why)", zh: "撤回：\(who)，\(why)")))
            return
        }
        for field in change.fields {
            let none = words.text(en: "nothing", zh: "无")
            let was = field.was?[words.language] ?? none
            let now = field.now?[words.language] ?? none
            let title = field.field[words.language]
            add(
                .mark(
                    words.text(
                        en: "corrected by \(who), \(why): \(title) was \(was), is \(now)",
                        zh: "更正：\(who)，\(why)：\(title)原为 \(was)，现为 \(now)")))
        }
    }

    // MARK: - Duties and findings

    mutating func duties(_ duties: [Joint<OwedDuty>]) {
        heading(en: "Duties", zh: "职责履行")
        table(duties) { owed, words in
            let one = owed.standing
            let end = one.end.map { "#\($0) \(one.endDay.map(words.day) ?? "")" } ?? ""
            return [
                one.state.title[words.language], one.id, one.stream,
                one.dueDay.map {
                    words.text(en: "due \(words.day($0))", zh: "限 \(words.day($0))")
                } ?? "", end, owed.persons.joined(separator: words.listMark),
            ]
        }
    }

    mutating func findings(_ findings: [Joint<Finding>]) {
        heading(en: "Findings", zh: "审计发现")
        table(findings) { finding, words in
            [
                finding.id, finding.state.title[words.language], finding.stream,
                words.day(finding.day), finding.what[words.language],
                words.basis(finding.basis),
            ]
        }
    }

    mutating func posts(_ posts: [Joint<HeldPost>]) {
        table(posts) { held, words in
            let to = held.to.map(words.day) ?? ""
            let end = held.end.map { " #\($0)" } ?? ""
            return [
                "\(words.day(held.from)) – \(to)", held.title[words.language],
                held.unit ?? "", held.post ?? "", "#\(held.record)\(end)",
            ]
        }
    }
}

extension AccountBlock {
    /// The blocks as lines of a file.
    package static func plainText(_ blocks: [AccountBlock]) -> String {
        blocks.map { block in
            switch block {
            case .heading(let text): "\n" + text
            case .line(let text): text
            case .detail(let text): "      " + text
            case .mark(let text): "    ! " + text
            case .table(let rows): rows.map { $0.joined(separator: "  ") }.joined(separator: "\n")
            }
        }.joined(separator: "\n")
    }
}
