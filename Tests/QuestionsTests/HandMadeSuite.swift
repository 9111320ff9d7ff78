import CanonicalJSON
import Questions
import Testing

/// Suites that ask small histories made by hand.
protocol HandMadeSuite {
    typealias Event = (stream: String, type: String, day: String, data: JSONValue)
}

extension HandMadeSuite {
    /// Entered by P-1.
    func event(
        _ stream: String, _ type: String, _ day: String, _ fields: [(String, JSONValue)] = []
    ) -> Event {
        let who: JSONValue = ["person": "P-1", "unit": "综合处"]
        let members = [JSONMember("operator", who)] + fields.map { JSONMember($0, $1) }
        return (stream, type, day, .object(members))
    }

    func ask(
        _ number: Int, _ events: [Event], _ change: (inout GivenArguments) -> Void = { _ in }
    ) async throws -> Answer {
        let question = try #require(Question.all.first { $0.number == number })
        var given = GivenArguments()
        change(&given)
        return try await question.ask(try HandMadePast(events), given).answer
    }
}
