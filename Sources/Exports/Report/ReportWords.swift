import CanonicalJSON
import Catalogue
import Phrases
import Records
import Rules

/// Words and values as the readers of a report know them.
struct ReportWords {
    let source: ExportSource

    init(_ source: ExportSource) { self.source = source }

    private var language: Language { source.language }

    func callAsFunction(_ en: String, _ zh: String) -> String {
        language == .chinese ? zh : en
    }

    func callAsFunction(_ phrase: Phrase) -> String { phrase[language] }

    var notEvidence: String {
        self(
            "A copy for reading. Evidence is the record in the ledger with its proof: "
                + "hanqing prove makes it.",
            "本页为阅读副本；账本中的记录及其证明才是证据，可用 hanqing prove 出具。")
    }

    // MARK: - Times

    func time(_ moment: Timestamp) -> String {
        let minutes = Int64(source.clock.minutes(at: moment))
        return String(moment.advanced(bySeconds: minutes * 60).text.prefix(16))
            .replacing("T", with: " ")
    }

    func time(_ entry: ExportedEntry) -> String {
        String(time(entry.moment).prefix(entry.isDayOnly ? 10 : 16))
    }

    func day(_ number: Int) -> String { CivilDate(dayNumber: number).text }

    // MARK: - Titles

    func role(_ id: String) -> String {
        source.catalogue.role(id)?.title[language] ?? id
    }

    func type(_ name: String) -> String {
        source.catalogue.title(ofType: name)?[language] ?? name
    }

    func basis(_ clauses: [Clause]) -> String {
        clauses.map { $0.words(source.catalogue, language) }
            .joined(separator: self("; ", "；"))
    }

    private static let words: [String: Phrase] = [
        "agree": Phrase(en: "agrees", zh: "同意"),
        "disagree": Phrase(en: "disagrees", zh: "不同意"),
        "reserve": Phrase(en: "reserves", zh: "保留意见"),
        "abstain": Phrase(en: "abstains", zh: "弃权"),
        "recused": Phrase(en: "recused", zh: "回避"),
        "not-stated": Phrase(en: "states none", zh: "未表态"),
        "not-recorded": Phrase(en: "not recorded", zh: "未记录"),
        "signed": Phrase(en: "signed", zh: "本人签名"),
        "confirmed": Phrase(en: "confirmed in own account", zh: "本人账户确认"),
        "documented": Phrase(en: "per document", zh: "有文件为证"),
        "asserted": Phrase(en: "said by the operator", zh: "经办人陈述"),
        "misrecorded": Phrase(en: "misrecorded", zh: "错录"),
        "duplicate": Phrase(en: "recorded twice", zh: "重录"),
        "wrong-case": Phrase(en: "belongs to another case", zh: "错案"),
        "did-not-happen": Phrase(en: "did not happen", zh: "未实际发生"),
        "participants": Phrase(en: "Participants", zh: "参与人"),
        "attachments": Phrase(en: "Attachments", zh: "附件"),
        "legalBasis": Phrase(en: "Legal basis", zh: "法律依据"),
        "causes": Phrase(en: "Causes", zh: "起因"),
        "assertion": Phrase(en: "Assertion", zh: "补录说明"),
    ]

    /// An opinion, a grade of evidence, a reason or a uniform member.
    func word(_ code: String) -> String { ReportWords.words[code]?[language] ?? code }

    func field(_ name: String, of type: EventType?) -> String {
        type?.field(name)?.title[language] ?? word(name)
    }

    // MARK: - Values

    func value(_ value: JSONValue?, _ field: Field?) -> String {
        guard let value else { return "—" }
        switch value {
        case .null: return "—"
        case .bool(let flag): return flag ? self("yes", "是") : self("no", "否")
        case .integer(let number):
            guard field?.type == .fen else { return String(number) }
            let cents = String(number % 100)
            return self("", "人民币 ") + grouped(number / 100) + "."
                + (cents.count == 1 ? "0" : "") + cents + self(" yuan", " 元")
        case .number(let number): return "\(number)"
        case .string(let text): return text
        case .array(let elements):
            return elements.map { self.value($0, field) }.joined(separator: self(", ", "、"))
        case .object(let members): return object(members, field)
        }
    }

    private func object(_ members: [JSONMember], _ field: Field?) -> String {
        let json = JSONValue.object(members)
        if let name = json["name"]?.string {
            let code = json["uscc"]?.string ?? json["sha256"]?.string.map { "sha256:" + $0 }
            return code.map { name + self(" (\($0))", "（\($0)）") } ?? name
        }
        if let person = json["person"]?.string {
            let parts = [
                json["role"]?.string.map(role), json["unit"]?.string, json["post"]?.string,
                json["opinion"]?.string.map(word),
            ].compactMap { $0 }
            return parts.isEmpty
                ? person
                : person + self(" (", "（")
                    + parts.joined(separator: self(", ", "，")) + self(")", "）")
        }
        return members.map { member in
            let own = field?.members.first { $0.name == member.name }
            return (own?.title[language] ?? member.name) + self(": ", "：")
                + value(member.value, own)
        }.joined(separator: self("; ", "；"))
    }
}
