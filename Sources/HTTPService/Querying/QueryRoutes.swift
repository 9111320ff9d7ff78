import CanonicalJSON
import Catalogue
import HTTPTypes
import LedgerHome
import Phrases
import Projections
import Records
import Rules
import Sequencing

/// Cases, duties, findings and figures: Specs/http.md section 6.
struct QueryRoutes: Sendable {
    let models: ReadModels

    // MARK: - Cases

    func cases(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        try query.demandOnly(["asOf", "occurred", "procedure", "stage", "limit"])
        var question = CaseQuestion()
        question.occurredDay = try query.day("occurred")
        (question.procedure, question.stage) = (query["procedure"], query["stage"])
        if let limit = try query.number("limit", in: 1...1_000) { question.limit = Int(limit) }
        let (caller, asked, moment) = (request.caller, question, try query.moment("asOf"))
        return try await models.ask { ledger, file in
            let past = try await ProjectedPast(ledger, file, asOf: moment)
            let rows = try asked.rows(in: file, of: past.origin, size: past.size)
                .filter { caller.mayRead($0.stream) }
            return .items(rows.map(CaseQuestion.json), try await AnswerHead(past))
        }
    }

    func oneCase(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly(["asOf"])
        let stream = try request.stream()
        let moment = try request.query.moment("asOf")
        return try await models.ask { ledger, _ in
            let size = try await ledger.size(asOf: moment ?? ledger.clock.wall())
            guard let file = try await ledger.caseFile(stream.text, upTo: size) else {
                throw Problem.noCase
            }
            return APIResponse(json: file.json)
        }
    }

    // MARK: - Judgements

    func duties(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        try query.demandOnly(["asOf", "overdue", "all", "person", "unit", "duty"])
        var question = DutyQuestion()
        (question.isOverdueOnly, question.isAll) = (
            try query.flag("overdue"), try query.flag("all")
        )
        (question.person, question.unit) = (query["person"], query["unit"])
        question.duty = query["duty"]
        let (caller, asked) = (request.caller, question)
        return try await judged(query) { judgement, head in
            let standings = asked.standings(of: judgement).filter { caller.mayRead($0.stream) }
            return .items(standings.map { judgement.json($0) }, head)
        }
    }

    func findings(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        try query.demandOnly(["asOf", "rule", "severity", "state", "stream"])
        var question = FindingQuestion()
        (question.rule, question.stream) = (query["rule"], query["stream"])
        question.level = try query.choice("severity", Rule.Level.self)
        question.state = try query.choice("state", Finding.State.self)
        let (caller, asked) = (request.caller, question)
        return try await judged(query) { judgement, head in
            let findings = asked.findings(of: judgement).filter { caller.mayRead($0.stream) }
            return .items(findings.map(\.json), head)
        }
    }

    func indicators(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        try query.demandOnly(["asOf", "id", "from", "to"])
        try models.demandAll(request.caller)
        let now = models.ledger.clock.wall()
        let thisYear = CivilDate(
            dayNumber: LocalTime(zone: models.ledger.catalogue.timeZone).day(of: now)
        ).year
        guard
            let period = indicatorPeriod(
                from: query["from"], to: query["to"], thisYear: thisYear)
        else {
            throw Problem(
                .malformedRequest, en: "from and to are days, such as 2025-01-01, in this order",
                zh: "from 和 to 应为日期，如 2025-01-01，且先后有序")
        }
        let id = query["id"]
        let moment = try query.moment("asOf")
        return try await models.ask { ledger, file in
            let past = try await ProjectedPast(ledger, file, asOf: moment)
            let definitions = past.shelf.newest.catalogue.definitions()
            let figures = JointFigure.all([(try await past.figures(period), definitions)])
                .filter { id == nil || $0.indicator.id == id }
            guard !figures.isEmpty || id == nil else {
                throw Problem(.notFound, en: "there is no such indicator", zh: "没有该指标")
            }
            let head = try await AnswerHead(past)
            return .joint(figures.map { $0.json(over: period, of: [head.origin]) }, head)
        }
    }

    private func judged(
        _ query: QueryParameters,
        _ body: @Sendable (LedgerJudgement, AnswerHead) throws -> APIResponse
    ) async throws(Problem) -> APIResponse {
        let moment = try query.moment("asOf")
        return try await models.ask { ledger, file in
            let past = try await ProjectedPast(ledger, file, asOf: moment)
            return try body(try await past.judgement(0...0), try await AnswerHead(past))
        }
    }
}

extension Problem {
    static let noCase = Problem(
        .notFound, en: "there was no such case then", zh: "该时点没有这个案件")
}

// MARK: - Reading and answering

extension APIResponse {
    /// A list of what is the ledger's, and what it rests on.
    static func items(_ items: [JSONValue], _ head: AnswerHead) -> APIResponse {
        joint(items.map { $0.of(ledger: head.origin) }, head)
    }

    /// A list whose items say themselves whose they are.
    static func joint(_ items: [JSONValue], _ head: AnswerHead) -> APIResponse {
        APIResponse(json: ["items": .array(items), "heads": [head.json]])
    }
}

extension Caller {
    func mayRead(_ stream: String) -> Bool { may(read: String(stream.prefix { $0 != "/" })) }
}

extension ReadModels {
    /// Who asks across procedures must be allowed to read them all.
    func demandAll(_ caller: any Caller) throws(Problem) {
        let hidden = ledger.catalogue.procedures.first { !caller.may(read: $0.id) }
        guard let hidden else { return }
        throw Problem(
            .forbidden, en: "this spans all procedures, and you may not read \(hidden.id)",
            zh: "该查询涉及所有程序，而您无权查看 \(hidden.id)")
    }
}

extension APIRequest {
    /// The stream in the path, which the caller must be allowed to read.
    func stream() throws(Problem) -> StreamName {
        guard let stream = StreamName("\(place("procedure"))/\(place("id"))") else {
            throw Problem.noCase
        }
        guard caller.mayRead(stream.text) else {
            throw Problem(
                .forbidden, en: "you may not read that procedure", zh: "无权查看该程序的记录")
        }
        return stream
    }
}

extension QueryParameters {
    /// A day, whose end in Beijing is meant, or an RFC 3339 time.
    func moment(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = self[name] else { return nil }
        if let moment = Timestamp(asOf: text) { return moment }
        throw Problem(
            .malformedRequest,
            en: "\(name) is a day such as 2025-06-30, or an RFC 3339 time; a plus sign is %2B "
                + "or stands as it is",
            zh: "\(name) 应为日期（如 2025-06-30）或 RFC 3339 时间")
    }

    /// Days since 1970-01-01.
    func day(_ name: String) throws(Problem) -> Int? {
        guard let text = self[name] else { return nil }
        if let day = civilDay(text) { return day }
        throw Problem(
            .malformedRequest, en: "\(name) is a day such as 2025-06-30",
            zh: "\(name) 应为日期，如 2025-06-30")
    }

    /// One of a few words.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type
    ) throws(Problem) -> Choice? where Choice.RawValue == String {
        guard let text = self[name] else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(
            .malformedRequest, en: "\(name) is one of \(words)", zh: "\(name) 应为 \(words) 之一")
    }
}
