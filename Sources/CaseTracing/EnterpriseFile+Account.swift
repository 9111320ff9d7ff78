package import CanonicalJSON
import Catalogue
import Phrases
import Projections

extension EnterpriseFiles {
    /// The file in words; `places` gives each ledger's words and its name.
    package func account(_ places: [AccountPlace]) -> [AccountBlock] {
        var writer = AccountWriter(places)
        writer.heads(heads)
        writer.line(
            en: "enterprise \(code), \(years) years back", zh: "企业 \(code)，回溯 \(years) 年")
        for (part, place) in zip(parts, places) where part.isCut {
            let mark = places.count > 1 ? "\(place.name): " : ""
            let (shown, count) = (part.cases.count, part.caseCount)
            let text = place.words.text(
                en: "CUT: \(shown) cases of the newest; \(count) name it (--all tells all)",
                zh: "已截断：仅最近的案件（\(shown) 个），共有 \(count) 个案件载明（--all 列出全部）")
            writer.add(.mark(mark + text))
        }
        writer.table(names) { one, words in
            [
                one.name, words.text(en: "from", zh: "自") + " " + words.day(one.day),
                "#\(one.record)",
            ]
        }
        writer.heading(en: "Cases", zh: "相关案件")
        writer.table(cases) { one, words in
            [
                one.stream, one.procedure[words.language], one.title,
                one.stage?[words.language] ?? "",
                one.isEnded ? words.text(en: "ended", zh: "已终结") : "",
            ]
        }
        writer.heading(en: "In the order in which it happened", zh: "按发生时间")
        for act in acts { writer.act(act) }
        writer.duties(duties)
        writer.findings(findings)
        return writer.blocks
    }

    package var json: JSONValue {
        let lines = JointJSON(heads)
        return .object([
            JSONMember("heads", lines.heads),
            JSONMember(
                "enterprise",
                ["code": .string(code), "names": lines.array(names, AnswerJSON.name)]),
            JSONMember("years", .integer(Int64(years))),
            JSONMember(
                "naming",
                lines.array(joined(parts.map { [$0] })) {
                    ["cases": .integer(Int64($0.caseCount)), "cut": .bool($0.isCut)]
                }),
            JSONMember("cases", lines.array(cases, \.json)),
            JSONMember("acts", lines.array(acts, AnswerJSON.act)),
            JSONMember("duties", lines.array(duties, AnswerJSON.duty)),
            JSONMember("findings", lines.array(findings, AnswerJSON.finding)),
        ])
    }
}
