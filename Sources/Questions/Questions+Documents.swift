import CanonicalJSON
import Catalogue
import Projections
import Rules

extension Question {
    /// Normative documents.
    static let documents: [Question] = [
        Question(
            34, .supervision, zh: "规范性文件两年清理是否完成，有无已失效仍被引用？",
            en: """
                Was the two-year clean-up done; is any expired document still cited in a decision?
                """,
            answer: DocumentAnswers.cleanUp),
        Question(
            51, .public, zh: "某行政规范性文件现在是否有效，依据、登记号、有效期？",
            en: "Is a normative document in force; number, validity?",
            parameters: [
                Parameter(
                    .case, .needed, en: "its case, document number or register number",
                    zh: "案件、文号或者登记号")
            ],
            answer: DocumentAnswers.inForce),
    ]
}

/// A normative document that was published, and until when it is valid.
private struct Document {
    let found: PastCase
    let published: CaseEntry
    /// The first day on which it is valid no more, and by which entry.
    let end: (day: Int, by: CaseEntry)?
    /// The last day of validity that it says itself, as extended.
    let validThrough: Int?

    /// Nil of a draft.
    init?(_ found: PastCase) {
        guard let published = found.last("normdoc.published") else { return nil }
        (self.found, self.published) = (found, published)
        let extended = found.last("normdoc.extended")
        let term = [extended.flatMap { $0.day("newExpiry") }, published.day("expiresOn")]
        validThrough = term.compactMap(\.self).first
        var ends: [(day: Int, by: CaseEntry)] = []
        if let repealed = found.first("normdoc.repealed") { ends.append((repealed.day, repealed)) }
        if let expired = found.first("normdoc.expired") {
            ends.append((expired.day("expiredOn") ?? expired.day, expired))
        }
        if let validThrough { ends.append((validThrough + 1, extended ?? published)) }
        end = ends.min { $0.day < $1.day }
    }

    func hasEnded(by day: Int) -> Bool { end.map { $0.day <= day } ?? false }

    /// What it may be cited by.
    var names: [String] {
        let numbers = [
            found.last("normdoc.signed")?.text("docNo"),
            found.last("normdoc.registered")?.text("registerNo"),
        ]
        return [found.stream] + numbers.compactMap(\.self).map(DocumentNumber.normalised)
    }
}

enum DocumentAnswers {
    // MARK: - 34

    private struct Citation {
        let found: PastCase
        let entry: CaseEntry
    }

    static func cleanUp(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, .docNo, Answer.Column("registerNo", en: "register number", zh: "登记号"),
            Answer.Column("ended", en: "valid no more from", zh: "失效日"),
            Answer.Column("due", en: "clean-up due", zh: "应清理期限"),
            Answer.Column("state", en: "clean-up", zh: "清理状态"),
            Answer.Column("cited", en: "cited afterwards in", zh: "失效后仍引用的案件"),
        ])
        let owed = try await past.duties(Wanted(ids: ["D.nd.clean", "D.nc.cycle"]))
        let documents = try await past.cases(of: "normdoc").compactMap { Document($0) }
        let scanned = try await basisCases(past, documents)
        var citedCount = 0
        for document in documents {
            let found = document.found
            let standing = owed.map(\.standing).last {
                $0.stream == found.stream && $0.duty.id == "D.nd.clean"
            }
            let citations = try await citations(of: document, past, scanned)
            if !citations.isEmpty { citedCount += 1 }
            answer.add(
                [
                    .text(found.stream), reader.value(found.last("normdoc.signed"), "docNo"),
                    reader.value(found.last("normdoc.registered"), "registerNo"),
                    Value(day: document.end?.day), Value(day: standing?.dueDay),
                    standing.map { Value($0.state) } ?? .none,
                    .streams(citations.map(\.found.stream)),
                ],
                records: found.records(document.published, document.end?.by)
                    + [standing?.end].compactMap(\.self) + citations.map(\.entry.sequence))
        }
        let cycles = owed.map(\.standing).filter { $0.duty.id == "D.nc.cycle" }
        answer.figure(
            "done", en: "full clean-ups in time", zh: "按期的全面清理",
            Value(cycles.count { $0.state == .met }))
        answer.figure(
            "missed", en: "full clean-ups late or missed", zh: "逾期的全面清理",
            Value(cycles.count(where: \.isBreach)))
        answer.figure(
            "overdue", en: "documents not cleaned up in time", zh: "未按期清理的文件",
            Value(owed.count { $0.standing.duty.id == "D.nd.clean" && $0.standing.isBreach }))
        answer.figure(
            "cited", en: "documents cited after their end", zh: "失效后仍被引用的文件", Value(citedCount))
        return answer
    }

    /// The cases whose entries state a legal basis, if any document has ended.
    private static func basisCases(
        _ past: any PastView, _ documents: [Document]
    ) async throws(ProjectionError) -> [PastCase] {
        guard documents.contains(where: { $0.hasEnded(by: past.today) }) else { return [] }
        let types = past.shelf.newest.catalogue.eventTypes
        let procedures = types.filter { $0.needs.contains(.legalBasis) }.compactMap(\.procedure)
        var cases: [PastCase] = []
        for procedure in Set(procedures).sorted() {
            cases += try await past.cases(of: procedure)
        }
        return cases
    }

    /// Decisions dated after its end that name it: in a field, or as their legal basis.
    private static func citations(
        of document: Document, _ past: any PastView, _ scanned: [PastCase]
    ) async throws(ProjectionError) -> [Citation] {
        guard let end = document.end, end.day <= past.today else { return [] }
        let acting = ActReader(past)
        let catalogue = past.shelf.newest.catalogue
        var cases = Dictionary(scanned.map { ($0.stream, $0) }) { first, _ in first }
        for name in document.names {
            let key =
                name == document.found.stream
                ? MentionKey.reference(name) : .alias(name)
            for found in try await past.cases(naming: key) { cases[found.stream] = found }
        }
        var citations: [Citation] = []
        for found in cases.values where !found.stream.hasPrefix("normdoc") {
            let entry = found.entries.first { entry in
                let needs = catalogue.eventType(entry.type)?.needs.contains(.legalBasis) ?? false
                return entry.day >= end.day && (needs || acting.isDecision(entry.type))
                    && document.names.contains { isNamed($0, in: entry.data) }
            }
            if let entry { citations.append(Citation(found: found, entry: entry)) }
        }
        return citations.sorted { $0.found.stream < $1.found.stream }
    }

    private static func isNamed(_ name: String, in json: JSONValue) -> Bool {
        switch json {
        case .string(let text): DocumentNumber.normalised(text).contains(name)
        case .array(let elements): elements.contains { isNamed(name, in: $0) }
        case .object(let members): members.contains { isNamed(name, in: $0.value) }
        default: false
        }
    }

    // MARK: - 51

    static func inForce(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let found = try await arguments.needed(past)
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .docNo, Answer.Column("registerNo", en: "register number", zh: "登记号"),
            Answer.Column("title", en: "title", zh: "名称"), .state,
            Answer.Column("effective", en: "in force from", zh: "施行日"),
            Answer.Column("through", en: "valid through", zh: "有效期至"),
            Answer.Column("basis", en: "legal basis", zh: "依据"),
            Answer.Column("amended", en: "amended by", zh: "修改文件"),
            Answer.Column("url", en: "published at", zh: "公布网址"),
        ])
        // What is not published the public is not told of.
        guard found.stream.hasPrefix("normdoc/"), let document = Document(found) else {
            throw ProjectionError(
                en: "no published normative document", zh: "没有已公布的该规范性文件",
                kind: .unknownName)
        }
        let signed = found.last("normdoc.signed")
        let registered = found.last("normdoc.registered")
        let amended = found.all("normdoc.amended")
        // Number and title stand on the published text, whatever the class of the fields.
        answer.add(
            [
                Value(signed?.text("docNo")), Value(registered?.text("registerNo")),
                Value(found.last("normdoc.proposed")?.text("title")),
                state(document, past.today), reader.value(document.published, "effectiveOn"),
                Value(day: document.validThrough),
                .some(found.entries.flatMap(legalBasis)),
                .streams(amended.compactMap { $0.text("amendedBy") }),
                reader.value(document.published, "url"),
            ],
            records: found.records(signed, registered, document.published, document.end?.by)
                + found.records(amended))
        return answer
    }

    private static func state(_ document: Document, _ today: Int) -> Value {
        if let end = document.end, end.day <= today {
            return end.by.type == "normdoc.repealed"
                ? .words(en: "repealed", zh: "已废止") : .words(en: "expired", zh: "已失效")
        }
        let effective = document.published.day("effectiveOn") ?? document.published.day
        return effective <= today
            ? .words(en: "in force", zh: "有效") : .words(en: "not yet in force", zh: "尚未施行")
    }

    /// The clauses that an entry rests on: Specs/record.md section 3.
    static func legalBasis(_ entry: CaseEntry) -> [Value] {
        (entry.data["legalBasis"]?.array ?? []).compactMap { clause in
            guard let law = clause["law"]?.string else { return nil }
            let parts = ["article", "paragraph", "item"].compactMap { clause[$0]?.string }
            return .text(([law] + parts).joined(separator: " "))
        }
    }
}
