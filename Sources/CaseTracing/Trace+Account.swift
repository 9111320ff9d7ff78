package import Catalogue
import Phrases
import Projections
import Rules

extension Trace {
    /// The account in words: Specs/tracing.md section 3.
    package func account(_ words: Wording) -> [AccountBlock] {
        var writer = AccountWriter([AccountPlace(words, name: head.origin)])
        writer.heads([head])
        introduce(&writer)
        writer.heading(en: "Cases", zh: "相关案件")
        writer.table(cases.map { row($0, words) })
        tellCuts(&writer)
        for phase in [Act.Phase.before, .outcome, .after] {
            let part = acts.filter { $0.phase == phase }
            guard !part.isEmpty else { continue }
            switch phase {
            case .before: writer.heading(en: "Before the outcome", zh: "结果之前")
            case .outcome: writer.heading(en: "The outcome", zh: "结果")
            case .after: writer.heading(en: "After the outcome", zh: "结果之后")
            }
            for act in part { writer.act(Joint(act)) }
        }
        knew(&writer)
        did(&writer)
        writer.duties(joined([duties]))
        writer.findings(joined([findings]))
        writer.heading(en: "Links", zh: "关联")
        writer.table(links.map { row($0, words) })
        return writer.blocks
    }

    private func introduce(_ writer: inout AccountWriter) {
        for enterprise in enterprises {
            let names = enterprise.names.map(\.name).joined(separator: writer.words.listMark)
            writer.line(
                en: "enterprise \(enterprise.code) \(names), \(limits.years) years back",
                zh: "企业 \(enterprise.code) \(names)，回溯 \(limits.years) 年")
        }
        guard !acts.contains(where: { $0.record == outcome }) else { return }
        writer.line(en: "the outcome is record \(outcome)", zh: "结果为记录 \(outcome)")
    }

    private func row(_ one: TracedCase, _ words: Wording) -> [String] {
        let way = one.way.map { kind in
            let from = one.from ?? ""
            return "\(words.link(kind)) \(from)"
        }
        return [
            "\(one.depth)", one.stream, one.procedure[words.language], one.title,
            one.stage?[words.language] ?? "", way ?? words.text(en: "traced from", zh: "倒查起点"),
        ]
    }

    private func row(_ link: TraceLink, _ words: Wording) -> [String] {
        let target = link.target.map { " #\($0)" } ?? ""
        return [
            "#\(link.record)", link.from, words.link(link.kind), link.to + target,
            link.field?[words.language] ?? "",
        ]
    }

    private func tellCuts(_ writer: inout AccountWriter) {
        let mark = writer.words.listMark
        func list(_ names: [String]) -> String { names.joined(separator: mark) }
        if !cuts.deeper.isEmpty {
            writer.add(
                .mark(
                    writer.words.text(
                        en: "CUT at depth \(limits.depth); not followed: \(list(cuts.deeper))",
                        zh: "已在第 \(limits.depth) 层截断，未继续：\(list(cuts.deeper))")))
        }
        if !cuts.more.isEmpty {
            writer.add(
                .mark(
                    writer.words.text(
                        en: "CUT at \(limits.caseCountMax) cases; left out: \(list(cuts.more))",
                        zh: "已在 \(limits.caseCountMax) 个案件处截断，未列入：\(list(cuts.more))")))
        }
        if !cuts.missing.isEmpty {
            writer.add(
                .mark(
                    writer.words.text(
                        en: "named, but not in the ledger then: \(list(cuts.missing))",
                        zh: "被引用但账本当时没有：\(list(cuts.missing))")))
        }
    }

    private func knew(_ writer: inout AccountWriter) {
        writer.heading(en: "Who knew since which day", zh: "谁在哪一天知道")
        writer.table(
            knowledge.map { one in
                let how =
                    one.how == .acted
                    ? writer.words.text(en: "acted", zh: "参与")
                    : writer.words.text(en: "was named", zh: "被载明")
                return [
                    one.stream, writer.words.day(one.day), one.person, how, "#\(one.record)",
                ]
            })
    }

    private func did(_ writer: inout AccountWriter) {
        writer.heading(en: "Who did what", zh: "谁做了什么")
        writer.table(
            deeds(in: writer.words.catalogue).map { deed in
                let records = deed.records.map { "#\($0)" }.joined(separator: " ")
                return [writer.words.role(deed.role), deed.person, records]
            })
    }

    /// Of each role in the order of the catalogue, each person and the records in which he had it.
    package func deeds(
        in catalogue: EventCatalogue
    ) -> [(role: String, person: String, records: [UInt64])] {
        var found: [(role: String, person: String, records: [UInt64])] = []
        for act in acts where !act.isWithdrawn {
            for person in act.persons {
                let place = found.firstIndex {
                    $0.role == person.role && $0.person == person.person
                }
                if let place {
                    found[place].records.append(act.record)
                } else {
                    found.append((person.role, person.person, [act.record]))
                }
            }
        }
        let order = catalogue.roles.map(\.id)
        let places = Dictionary(
            order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return found.sorted { left, right in
            let (first, second) = (places[left.role] ?? .max, places[right.role] ?? .max)
            return (first, left.records[0]) < (second, right.records[0])
        }
    }
}
