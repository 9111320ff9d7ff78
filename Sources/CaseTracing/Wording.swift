package import Catalogue
package import Phrases
import Records
import Rules

/// What things are called in an account.
package struct Wording: Sendable {
    package let catalogue: EventCatalogue
    package let language: Language

    package init(_ catalogue: EventCatalogue, _ language: Language) {
        (self.catalogue, self.language) = (catalogue, language)
    }

    func text(en: String, zh: String) -> String { language == .chinese ? zh : en }
    var comma: String { text(en: ", ", zh: "，") }
    var listMark: String { text(en: ", ", zh: "、") }

    func day(_ number: Int) -> String { CivilDate(dayNumber: number).text }

    func time(of act: Act) -> String {
        if act.isDayOnly || act.fate == .withheld { return day(act.day) }
        return local(act.moment, length: 16)
    }

    /// A moment on the clocks of the ledger's zone.
    func local(_ moment: Timestamp, length: Int = 19) -> String {
        let minutes = LocalTime.beijing.minutes(at: moment)
        let text = moment.advanced(bySeconds: Int64(minutes) * 60).text
        return String(text.prefix(length)).replacing("T", with: " ")
    }

    func role(_ id: String) -> String {
        if id == ActPerson.operatorRole { return text(en: "entered by", zh: "登记") }
        return catalogue.role(id)?.title[language] ?? id
    }

    func opinion(_ id: String) -> String { Wording.opinions[id]?[language] ?? id }
    func evidence(_ id: String) -> String { Wording.grades[id]?[language] ?? id }
    func reason(_ id: String) -> String { Wording.reasons[id]?[language] ?? id }

    func link(_ kind: LinkKind) -> String { kind.title[language] }

    func basis(_ clauses: [Clause]) -> String {
        clauses.map { clause in
            let law = catalogue.law(clause.law)?.title[language] ?? clause.law
            guard let article = clause.article else { return law }
            let paragraph = clause.paragraph.map { "(\($0))" } ?? ""
            return "\(law) \(article)\(paragraph)" + (clause.item.map { "(\($0))" } ?? "")
        }.joined(separator: text(en: "; ", zh: "；"))
    }

    private static let opinions: [String: Phrase] = [
        "agree": Phrase(en: "agrees", zh: "同意"),
        "disagree": Phrase(en: "DISAGREES", zh: "不同意"),
        "reserve": Phrase(en: "RESERVES", zh: "保留意见"),
        "abstain": Phrase(en: "abstains", zh: "弃权"),
        "recused": Phrase(en: "recused", zh: "回避"),
        "not-stated": Phrase(en: "states no opinion", zh: "未表态"),
        "not-recorded": Phrase(en: "opinion not recorded", zh: "意见未记录"),
    ]
    private static let grades: [String: Phrase] = [
        "signed": Phrase(en: "signed", zh: "本人签名"),
        "confirmed": Phrase(en: "confirmed", zh: "本人确认"),
        "documented": Phrase(en: "documented", zh: "文书载明"),
        "asserted": Phrase(en: "operator's word", zh: "登记人陈述"),
    ]
    private static let reasons: [String: Phrase] = [
        "misrecorded": Phrase(en: "misrecorded", zh: "错录"),
        "duplicate": Phrase(en: "duplicate", zh: "重录"),
        "wrong-case": Phrase(en: "wrong case", zh: "错案"),
        "did-not-happen": Phrase(en: "did not happen", zh: "未实际发生"),
    ]
}

extension LinkKind {
    package var title: Phrase {
        switch self {
        case .joined: Phrase(en: "goes on in", zh: "并入、承接")
        case .cause: Phrase(en: "caused by", zh: "起因")
        case .reference: Phrase(en: "refers to", zh: "引用")
        case .referring: Phrase(en: "referred to by", zh: "被引用")
        case .enterprise: Phrase(en: "same enterprise", zh: "同一企业")
        }
    }
}

extension Act.Phase {
    package var title: Phrase {
        switch self {
        case .before: Phrase(en: "before", zh: "事前")
        case .outcome: Phrase(en: "OUTCOME", zh: "结果")
        case .after: Phrase(en: "after", zh: "事后")
        }
    }
}
