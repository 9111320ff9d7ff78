import Access
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
    private let strangers = QueryQueue(countMax: 1)

    init(models: ReadModels) {
        self.models = models
    }

    // MARK: - Cases

    func cases(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        try query.demandOnly(["after", "asOf", "occurred", "procedure", "stage", "limit"])
        var question = CaseQuestion()
        question.occurredDay = try query.day("occurred")
        (question.procedure, question.stage) = (query["procedure"], query["stage"])
        (question.limit, question.after) = (
            Int(try query.number("limit", in: 1...1_000) ?? 50), query["after"]
        )
        let levels = try models.levels(of: request, named: question.procedure)
        question.among = levels.ofAll ? nil : Set(levels.byProcedure.keys)
        let (wanted, moment) = (question, try query.moment("asOf"))
        return try await models.answer(request, at: .open, asOf: moment) { asked in
            let past = asked.past
            let rows = try wanted.rows(in: asked.file, of: past.origin, size: past.size)
            return .items(
                rows.map { CaseQuestion.json($0, levels.level(of: $0.stream)) },
                try await AnswerHead(past), next: next(wanted, rows, request))
        }
    }

    /// A full page may have one after it.
    private func next(
        _ asked: CaseQuestion, _ rows: [FoundRow], _ request: APIRequest
    ) -> JSONValue {
        guard rows.count == asked.limit, let last = rows.last else { return .null }
        let kept = ["asOf", "occurred", "procedure", "stage", "limit"].compactMap { name in
            request.query[name].map { "\(name)=\(percentEncoded($0))&" }
        }
        return .string(
            request.base + "/v1/cases?" + kept.joined() + "after=\(percentEncoded(last.stream))")
    }

    func oneCase(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly(["asOf"])
        let stream = try request.stream()
        let levels = try models.levels(of: request, named: String(stream.procedure))
        let moment = try request.query.moment("asOf")
        return try await models.answer(request, at: .open, asOf: moment) { asked in
            let file = try await asked.ledger.caseFile(stream.text, upTo: asked.past.size)
            guard let file else {
                throw Problem.noCase
            }
            return file.json(levels.level(of: stream.text))
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
        let (readable, asked) = (try models.judged(by: request), question)
        return try await judged(request) { judgement, head in
            let standings = asked.standings(of: judgement).filter { readable($0.stream) }
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
        let (readable, asked) = (try models.judged(by: request), question)
        return try await judged(request) { judgement, head in
            let findings = asked.findings(of: judgement).filter { readable($0.stream) }
            return .items(findings.map(\.json), head)
        }
    }

    func indicators(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        try query.demandOnly(["asOf", "id", "from", "to"])
        try request.demand(.read(.internal, procedure: "*"))
        let now = models.ledger.clock.wall()
        let thisYear = CivilDate(
            dayNumber: LocalTime(zone: models.ledger.catalogue.timeZone).day(of: now)
        ).year
        _ = (try query.day("from"), try query.day("to"))
        guard
            let period = indicatorPeriod(
                from: query["from"], to: query["to"], thisYear: thisYear)
        else {
            throw Problem(.unsuitable, en: "from is after to", zh: "from 晚于 to")
        }
        let id = query["id"]
        let moment = try query.moment("asOf")
        return try await models.answer(request, at: .internal, asOf: moment) { asked in
            let past = asked.past
            let definitions = past.shelf.newest.catalogue.definitions()
            let figures = JointFigure.all([
                (try await past.figures(period, of: id.map { [$0] }), definitions)
            ])
            guard !figures.isEmpty || id == nil else {
                throw Problem(.notFound, en: "there is no such indicator", zh: "没有该指标")
            }
            let head = try await AnswerHead(past)
            return .joint(figures.map { $0.json(over: period, of: [head.origin]) }, head)
        }
    }

    /// What anybody may be told; one at a time, so that strangers keep nobody waiting.
    func disclosures(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        // As of now alone: else what was taken down could be asked for again.
        try query.demandOnly(["limit", "procedure"])
        let limit = Int(try query.number("limit", in: 1...1_000) ?? 50)
        let procedure = query["procedure"]
        guard strangers.enter() else {
            throw Problem(
                .busy, retryAfterSeconds: 1, en: "another is asking", zh: "另一查询正在进行")
        }
        defer { strangers.leave() }
        let apart = models.apart
        let answer = try await models.ask(without: apart) { asked in
            let items = try await asked.past.disclosures(of: procedure, limit: limit)
            return JSONValue.items(items, try await AnswerHead(asked.past)).leavingOut(apart)
        }
        return APIResponse(json: answer)
    }

    private func judged(
        _ request: APIRequest,
        _ body: @Sendable (LedgerJudgement, AnswerHead) throws -> JSONValue
    ) async throws(Problem) -> APIResponse {
        let moment = try request.query.moment("asOf")
        return try await models.answer(request, at: .supervisory, asOf: moment) { asked in
            let past = asked.past
            return try body(try await past.judged(0...0), try await AnswerHead(past))
        }
    }
}

extension Problem {
    static let noCase = Problem(
        .notFound, en: "there was no such case then", zh: "该时点没有这个案件")
}

// MARK: - Reading and answering

extension JSONValue {
    /// A list of what is the ledger's, and what it rests on.
    ///
    /// `next` is a reference to the following page of what comes in pages.
    static func items(
        _ items: [JSONValue], _ head: AnswerHead, next: JSONValue? = nil
    ) -> JSONValue {
        let items = items.map { $0.of(ledger: head.origin) }
        guard let next else { return joint(items, head) }
        return ["items": .array(items), "heads": [head.json], "next": next]
    }

    /// A list whose items say themselves whose they are.
    static func joint(_ items: [JSONValue], _ head: AnswerHead) -> JSONValue {
        ["items": .array(items), "heads": [head.json]]
    }
}

extension APIRequest {
    /// The stream in the path.
    func stream() throws(Problem) -> StreamName {
        guard let stream = StreamName("\(place("procedure"))/\(place("id"))") else {
            throw Problem.noCase
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
