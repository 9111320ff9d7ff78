import CanonicalJSON
import Phrases
import Projections
import Questions
import Testing

/// What no answer shows.
@Suite struct RedactionTests {
    /// A report with everything in it that must not leave.
    private func past() throws -> HandMadePast {
        let clerk: JSONValue = ["person": "P-clerk", "unit": "接报中心"]
        return try HandMadePast([
            (
                "report/RP-1", "report.received", "2025-03-03",
                [
                    "operator": clerk, "registerNo": "RP-1", "channel": "12350电话",
                    "reporterKind": "实名社会公众", "reportKind": "重大事故隐患",
                    "objectName": "虚构公司", "content": "SEALED-CONTENT",
                    "callerPhone": "SEALED-PHONE", "deathsInvolved": false,
                    "participants": [["person": "P-reporter", "role": "reporter", "unit": "-"]],
                ]
            ),
            (
                "report/RP-1", "report.accepted", "2025-03-04",
                [
                    "operator": clerk, "acceptedOn": "2025-03-04", "reporterTold": true,
                    "participants": [
                        ["person": "P-reporter", "role": "reporter", "unit": "-"],
                        ["person": "P-handler", "role": "handler", "unit": "-"],
                    ],
                ]
            ),
            (
                "report/RP-1", "report.review-requested", "2025-04-04",
                [
                    "operator": ["person": "P-reporter", "unit": "-"],
                    "requestedOn": "2025-04-04",
                ]
            ),
        ])
    }

    @Test func `a reporter and encrypted fields are in no answer`() async throws {
        let past = try past()
        for question in Question.all
        where !question.parameters.contains(where: {
            $0.fallback == .needed
        }) {
            let answered = try await question.ask([past])
            let text = answered.json.canonicalText
            #expect(!text.contains("P-reporter"), "\(question.number)")
            #expect(!text.contains("SEALED"), "\(question.number)")
        }
    }

    @Test func `a duty is not found by its reporter, but by its handler`() async throws {
        let question = try #require(Question.all.first { $0.number == 20 })
        var given = GivenArguments()
        given.person = "P-reporter"
        #expect(try await question.ask(try past(), given).answer.rows.isEmpty)
        given.person = "P-handler"
        #expect(try await !question.ask(try past(), given).answer.rows.isEmpty)
    }

    @Test func `a reporter of the year is in no answer`() async throws {
        let asking = try await Asking(.end)
        let reporters = Set(asking.raw.entries.flatMap { $0.persons("reporter") })
        for question in Question.all
        where !question.parameters.contains(where: {
            $0.fallback == .needed
        }) {
            let text = try await question.ask([asking.past]).json.canonicalText
            #expect(!reporters.contains { text.contains("\"\($0)\"") }, "\(question.number)")
        }
    }

    @Test func `a withheld line is told of, and nothing of it counts`() async throws {
        let withheld = try HandMadePast([
            (
                "penalty/P-1", "penalty.deliberated", "2025-03-03",
                [
                    "operator": ["person": "P-1", "unit": "综合处"], "meetingNo": "1",
                    "departsBenchmark": true,
                ]
            ),
            ("penalty/P-1", "", "2025-03-04", [:]),
        ])
        let question = try #require(Question.all.first { $0.number == 9 })
        let answer = try await question.ask(withheld).answer
        #expect(answer.rows.count == 1)
        #expect(answer.notes.contains { $0.en.contains("1 withheld") && $0.en.contains("#1") })
    }
}
