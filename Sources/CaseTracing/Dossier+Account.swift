package import CanonicalJSON
import Catalogue
import Phrases
import Projections

extension Dossiers {
    /// The dossier in words; `places` gives each ledger's words and its name.
    package func account(_ places: [AccountPlace]) -> [AccountBlock] {
        var writer = AccountWriter(places)
        let words = writer.words
        writer.heads(heads)
        let names = identities.joined(separator: words.listMark)
        writer.line(en: "person \(names)", zh: "人员 \(names)")
        for (part, place) in zip(parts, places) where part.extent.isCut {
            let mark = places.count > 1 ? "\(place.name): " : ""
            writer.add(.mark(mark + part.extent.text(words)))
        }
        writer.heading(en: "Posts and certificates", zh: "任职与证照")
        writer.posts(posts)
        writer.heading(en: "Acts", zh: "参与的记录")
        for act in acts {
            writer.act(act)
            for change in act.value.changes where change.takesOut(Set(identities)) {
                writer.add(
                    .mark(
                        words.text(
                            en: "taken out of this entry by #\(change.by)",
                            zh: "已由 #\(change.by) 更正移出本条")))
            }
        }
        writer.heading(en: "Named by others", zh: "被他人载明")
        for act in named { writer.act(act) }
        for (isFor, title) in [
            (true, words.text(en: "What speaks for", zh: "有利情形")),
            (false, words.text(en: "What speaks against", zh: "不利情形")),
        ] {
            writer.add(.heading(title))
            writer.table(points.filter { $0.value.isFor == isFor }, row)
        }
        writer.duties(duties)
        writer.findings(findings)
        writer.heading(en: "Who looked at data about this person", zh: "谁查询过此人信息")
        for look in looks { writer.act(Joint(look.value.act, of: look.ledger)) }
        if looks.isEmpty { writer.line(en: "nobody on record", zh: "无记录") }
        return writer.blocks
    }

    private func row(_ point: Dossier.Point, _ words: Wording) -> [String] {
        let what = point.kind == .dissent ? words.opinion(point.what) : point.what
        return [point.kind.title[words.language], what, point.stream, "#\(point.record)"]
    }

    package var json: JSONValue {
        let lines = JointJSON(heads)
        return .object([
            JSONMember("heads", lines.heads),
            JSONMember("identities", AnswerJSON.strings(identities)),
            JSONMember(
                "entries", lines.array(joined(parts.map { [$0.extent] }), \.json)),
            JSONMember("posts", lines.array(posts, AnswerJSON.held)),
            JSONMember("acts", lines.array(acts, AnswerJSON.act)),
            JSONMember("named", lines.array(named, AnswerJSON.act)),
            JSONMember("duties", lines.array(duties, AnswerJSON.duty)),
            JSONMember("findings", lines.array(findings, AnswerJSON.finding)),
            JSONMember("for", lines.array(points.filter { $0.value.isFor }, \.json)),
            JSONMember("against", lines.array(points.filter { !$0.value.isFor }, \.json)),
            JSONMember(
                "looks",
                lines.array(looks) {
                    ["request": AnswerJSON.number($0.request), "act": AnswerJSON.act($0.act)]
                }),
        ])
    }
}

extension Dossier.Extent {
    fileprivate func text(_ words: Wording) -> String {
        let count = words.text(
            en: isCounted ? "\(known)" : "more than \(known - 1)",
            zh: isCounted ? "共 \(known) 条" : "逾 \(known - 1) 条")
        return words.text(
            en: """
                CUT: the newest \(shown) of \(count) entries; duties, findings and what speaks for \
                and against are of these alone (--all tells all)
                """,
            zh: "已截断：\(count)中最近记载的 \(shown) 条；职责、发现及有利、不利情形仅涉及这些（--all 列出全部）")
    }

    fileprivate var json: JSONValue {
        [
            "shown": .integer(Int64(shown)), "known": .integer(Int64(known)),
            "counted": .bool(isCounted),
        ]
    }
}

extension Dossier.Point {
    fileprivate var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "what": .string(what), "stream": .string(stream),
            "record": AnswerJSON.number(record),
        ]
    }
}

extension Dossier.Point.Kind {
    fileprivate var title: Phrase {
        switch self {
        case .dissent: Phrase(en: "dissent on record", zh: "不同意见在案")
        case .confirmed: Phrase(en: "act confirmed", zh: "本人确认")
        case .dutyMet: Phrase(en: "duty met", zh: "按期履职")
        case .findingAnswered: Phrase(en: "finding dismissed or rectified", zh: "发现已排除或整改")
        case .dutyMissed: Phrase(en: "duty missed", zh: "职责未按期履行")
        case .finding: Phrase(en: "finding", zh: "审计发现")
        case .lateEntry: Phrase(en: "entered late", zh: "迟录")
        case .disputed: Phrase(en: "disputed by another", zh: "他人异议")
        }
    }
}
