import Access
import CanonicalJSON
import CaseTracing
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records

/// Persons, traces and the questions: Specs/http.md section 6.
struct AccountRoutes: Sendable {
    let models: ReadModels

    func person(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly(["asOf"])
        if request.caller.grant?.owner != .person(request.place("id")) {
            try request.demand(.read(.supervisory, procedure: "*"))
        }
        let (id, moment) = (request.place("id"), try request.query.moment("asOf"))
        return try await models.answer(request, at: .supervisory, asOf: moment) { asked in
            try await Dossiers(of: id, in: [asked.past]).json
        }
    }

    func trace(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        try query.demandOnly(["asOf", "years", "depth"])
        try request.demand(.read(.supervisory, procedure: "*"))
        let (stream, moment) = (try request.stream(), try query.moment("asOf"))
        let limits = TraceLimits(
            years: Int(try query.number("years", in: 1...100) ?? 5),
            depth: Int(try query.number("depth", in: 0...50) ?? 5))
        return try await models.answer(request, at: .supervisory, asOf: moment) { asked in
            let past = asked.past
            guard try await past.prefix(of: stream.text) != nil else { throw Problem.noCase }
            let tracer = Tracer(past, limits) { source, id throws(ProjectionError) in
                try await asked.ledger.sequence(source: source, id: id)
            }
            return try await tracer.trace(stream.text).json
        }
    }

    // MARK: - Questions

    func questions(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        return APIResponse(json: ["items": .array(Question.all.map(\.json))])
    }

    func question(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let kinds = Set(Parameter.Kind.allCases.map(\.rawValue))
        try request.query.demandOnly(kinds.union(["asOf"]))
        let number = naturalNumber(request.place("number"))
        guard let question = Question.all.first(where: { UInt64($0.number) == number }) else {
            throw Problem(.notFound, en: "there is no such question", zh: "没有该编号的问题")
        }
        try request.demand(.read(question.redaction, procedure: "*"))
        let (given, moment) = (try given(request.query), try request.query.moment("asOf"))
        if let refusal = question.refusal(of: given) {
            throw Problem(.unsuitable, refusal)
        }
        return try await models.answer(request, at: question.redaction, asOf: moment) { asked in
            try await question.ask([asked.past], given).json
        }
    }

    private func given(_ query: QueryParameters) throws(Problem) -> GivenArguments {
        var given = GivenArguments()
        given.year = try query.number("year", in: 1900...9999).map { Int($0) }
        given.years = try query.number("years", in: 1...100).map { Int($0) }
        given.day = try query.day("day")
        (given.case, given.person) = (query["case"], query["person"])
        (given.enterprise, given.code) = (query["enterprise"], query["code"])
        given.record = try query.number("record", in: 0...1 << 53)
        return given
    }
}
