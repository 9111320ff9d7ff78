package import CanonicalJSON
import Catalogue
import Phrases
import Projections

extension EnterpriseFile {
    /// The file in words.
    package func account(_ words: Wording) -> [AccountBlock] {
        var writer = AccountWriter(words)
        writer.head(head)
        writer.line(
            en: "enterprise \(enterprise.code), \(years) years back",
            zh: "企业 \(enterprise.code)，回溯 \(years) 年")
        writer.table(
            enterprise.names.map {
                [
                    $0.name, words.text(en: "from", zh: "自") + " " + words.day($0.day),
                    "#\($0.record)",
                ]
            })
        writer.heading(en: "Cases", zh: "相关案件")
        writer.table(
            cases.map { one in
                [
                    one.stream, one.procedure[words.language], one.title,
                    one.stage?[words.language] ?? "",
                    one.isEnded ? words.text(en: "ended", zh: "已终结") : "",
                ]
            })
        writer.heading(en: "In the order in which it happened", zh: "按发生时间")
        for act in acts { writer.act(act) }
        writer.duties(duties)
        writer.findings(findings)
        return writer.blocks
    }

    package var json: JSONValue {
        .object([
            JSONMember("head", AnswerJSON.head(head)),
            JSONMember("enterprise", AnswerJSON.enterprise(enterprise)),
            JSONMember("years", .integer(Int64(years))),
            JSONMember("cases", .array(cases.map(\.json))),
            JSONMember("acts", .array(acts.map(AnswerJSON.act))),
            JSONMember("duties", .array(duties.map(AnswerJSON.duty))),
            JSONMember("findings", .array(findings.map(AnswerJSON.finding))),
        ])
    }
}
