import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Records
import Rules

/// What a person did in an entry.
struct Act {
    let entry: CaseEntry
    let person: String
    /// Nil of whoever entered it.
    let role: String?
    let unit: String?
    /// The post that the record names.
    let post: String?
    let opinion: String?
    let order: Int64?
    let evidence: String?
    let attachment: String?
}

/// Tells who did what, and never who reported.
struct ActReader {
    private let catalogue: EventCatalogue

    /// The role of those whose identity no answer shows.
    private static let reporter = "reporter"
    /// Where a reporter may submit an event, these sources say that it was somebody else.
    private static let otherSources: Set = ["检查发现", "企业报告", "单位报告"]

    init(_ past: any PastView) {
        catalogue = past.shelf.newest.catalogue
    }

    /// Who entered it first, then the participants as they are recorded.
    func acts(_ entry: CaseEntry, in found: PastCase) -> [Act] {
        var acts: [Act] = []
        if !entry.operatorPerson.isEmpty, !mayBeByReporter(entry) {
            let enterer = found.enterer(of: entry)
            acts.append(
                Act(
                    entry: entry, person: entry.operatorPerson, role: nil,
                    unit: enterer?["unit"]?.string, post: enterer?["post"]?.string,
                    opinion: nil, order: nil, evidence: nil, attachment: nil))
        }
        for one in entry.participants where one.role != ActReader.reporter {
            acts.append(
                Act(
                    entry: entry, person: one.person, role: one.role, unit: one.unit,
                    post: one.post, opinion: one.opinion, order: one.order,
                    evidence: one.evidence, attachment: one.attachment))
        }
        return acts
    }

    /// What one person did in the case, in the order in which it happened.
    func acts(of person: String, in found: PastCase) -> [Act] {
        found.entries.flatMap { acts($0, in: found).filter { $0.person == person } }
    }

    private func mayBeByReporter(_ entry: CaseEntry) -> Bool {
        guard catalogue.eventType(entry.type)?.by.contains(ActReader.reporter) ?? false else {
            return false
        }
        return !(entry.text("source").map(ActReader.otherSources.contains) ?? false)
    }

    func role(_ act: Act) -> Value {
        guard let role = act.role else { return .words(en: "entered it", zh: "录入") }
        return catalogue.role(role).map { .phrase($0.title) } ?? .text(role)
    }

    /// Specs/record.md section 3.
    func opinion(_ word: String?) -> Value {
        switch word {
        case "agree": .words(en: "agrees", zh: "同意")
        case "disagree": .words(en: "disagrees", zh: "不同意")
        case "reserve": .words(en: "reserves", zh: "保留意见")
        case "abstain": .words(en: "abstains", zh: "弃权")
        case "recused": .words(en: "recused", zh: "回避")
        case "not-stated": .words(en: "said nothing", zh: "未表态")
        case "not-recorded": .words(en: "not recorded", zh: "未记录")
        default: Value(word)
        }
    }

    /// Specs/record.md section 3.
    func evidence(_ grade: String?) -> Value {
        switch grade {
        case "signed": .words(en: "own signature", zh: "本人签字")
        case "confirmed": .words(en: "confirmed by himself", zh: "本人确认")
        case "documented": .words(en: "by a document", zh: "有文件")
        case "asserted": .words(en: "told by whoever entered it", zh: "录入人陈述")
        default: Value(grade)
        }
    }

    /// The procedure of a case, in words.
    func procedure(_ stream: String) -> Value {
        let id = stream.prefix { $0 != "/" }
        return catalogue.procedure(id).map { .phrase($0.title) } ?? .text(String(id))
    }

    /// Whether a type decides: somebody signs, approves, chairs or deliberates.
    func isDecision(_ type: String) -> Bool {
        let deciding: Set = ["signatory", "approver", "chair", "attendee"]
        return catalogue.eventType(type)?.participants.contains {
            deciding.contains($0.role)
        } ?? false
    }

    /// Whether the type asks for an opinion of each of its participants in that role.
    func isDeliberation(_ type: String) -> Bool {
        catalogue.eventType(type)?.participants.contains(where: \.needsOpinion) ?? false
    }
}

extension PastCase {
    /// Whoever entered it, as the record has it; a correction's data say nothing of that.
    func enterer(of entry: CaseEntry) -> JSONValue? {
        let record = prefix.records.first { $0.sequence == entry.sequence }
        return record?.event?["data"]?["operator"]
    }
}

extension Act {
    var isDissent: Bool { opinion == "disagree" || opinion == "reserve" }
}

extension Value {
    static func words(en: String, zh: String) -> Value { .phrase(Phrase(en: en, zh: zh)) }

    /// A list, or nothing if it is empty.
    static func some(_ values: [Value]) -> Value { values.isEmpty ? .none : .list(values) }

    static func streams(_ streams: [String]) -> Value { some(streams.map { .text($0) }) }

    init(_ state: DutyStanding.State) { self = .phrase(state.title) }

    /// What was broken, with the rule's id in front.
    static func broken(_ finding: Finding) -> Value {
        .words(
            en: "\(finding.rule): \(finding.what.en)", zh: "\(finding.rule)：\(finding.what.zh)")
    }
}

extension Answer.Column {
    static let type = Answer.Column("type", en: "entry", zh: "事件")
    static let day = Answer.Column("day", en: "day", zh: "日期")
    static let person = Answer.Column("person", en: "person", zh: "人员")
    static let role = Answer.Column("role", en: "role", zh: "角色")
    static let unit = Answer.Column("unit", en: "unit", zh: "单位")
    static let post = Answer.Column("post", en: "post at the time", zh: "当时职务")
}

extension Arguments {
    /// The case that was given; the question needs one.
    func needed(_ past: any PastView) async throws(ProjectionError) -> PastCase {
        guard let stream, let found = try await past.pastCase(stream) else {
            throw ProjectionError(en: "no such case", zh: "没有该案件", kind: .unknownName)
        }
        return found
    }

    /// The person that was given; the question needs one.
    func neededPerson() throws(ProjectionError) -> String {
        guard let person else { throw ProjectionError(en: "no person", zh: "没有人员") }
        return person
    }
}

extension PastView {
    /// The day of the moment as of which it is asked.
    var today: Int { shelf.newest.day(of: moment) }

    /// The cases of these procedures in which something is named.
    func cases(
        naming key: MentionKey, of procedures: Set<String>? = nil
    ) async throws(ProjectionError) -> [PastCase] {
        var found: [PastCase] = []
        for stream in try await streams(naming: key) {
            guard procedures?.contains(String(stream.prefix { $0 != "/" })) ?? true else {
                continue
            }
            if let one = try await pastCase(stream) { found.append(one) }
        }
        return found
    }

    /// All cases of a procedure.
    func cases(of procedure: String) async throws(ProjectionError) -> [PastCase] {
        var found: [PastCase] = []
        try await eachCase(of: procedure) { found.append($0) }
        return found
    }
}
