import CanonicalJSON
import Merkle
import Phrases
import Projections
import Questions
import Testing

/// What all questions have in common.
@Suite struct QuestionTests {
    @Test func `numbers are unique and texts are in both languages`() {
        let numbers = Question.all.map(\.number)
        #expect(Set(numbers).count == numbers.count)
        #expect(numbers.allSatisfy { (1...51).contains($0) })
        for question in Question.all {
            #expect(!question.text.zh.isEmpty && !question.text.en.isEmpty)
        }
    }

    @Test func `a parameter that it does not take is refused, and one that it needs is missed`() {
        for question in Question.all {
            var given = GivenArguments()
            for parameter in question.parameters where parameter.fallback == .needed {
                #expect(question.refusal(of: given) != nil)
                given.year = parameter.kind == .year ? 2025 : given.year
                given.case = parameter.kind == .case ? "a/b" : given.case
                given.person = parameter.kind == .person ? "P-1" : given.person
                given.enterprise = parameter.kind == .enterprise ? "X" : given.enterprise
                given.record = parameter.kind == .record ? 1 : given.record
                given.code = parameter.kind == .code ? "X" : given.code
                given.day = parameter.kind == .day ? 1 : given.day
            }
            #expect(question.refusal(of: given) == nil)
            if !question.parameters.contains(where: { $0.kind == .code }) {
                given.code = "X"
                #expect(question.refusal(of: given) != nil)
            }
        }
    }

    @Test func `the public is told no count under five`() async throws {
        let asking = try await Asking(.end)
        let counts: [Int64] = [0, 1, 4, 5, 60]
        func told(_ asker: Question.Asker) async throws -> [Value] {
            let question = Question(1, asker, zh: "虚构", en: "made up") { _, _ in
                var answer = Answer([])
                for count in counts { answer.figure("n", en: "n", zh: "n", .integer(count)) }
                return answer
            }
            return try await question.ask(asking.past).answer.figures.map(\.value)
        }
        let few = Value.phrase(Phrase(en: "fewer than 5", zh: "不足 5"))
        #expect(try await told(.public) == [.integer(0), few, few, .integer(5), .integer(60)])
        #expect(try await told(.audit) == counts.map { .integer($0) })
    }

    @Test func `a case that is not there is an error and no answer`() async throws {
        let asking = try await Asking(.end)
        await #expect(throws: ProjectionError.self) {
            _ = try await asking.answer(15) { $0.case = "penalty/none" }
        }
    }

    @Test func `an answer names the moment, the head and the records`() async throws {
        let asking = try await Asking(.end)
        let question = try #require(Question.all.first { $0.number == 15 })
        let answered = try await question.ask(asking.past)
        #expect(answered.size == asking.past.size)
        #expect(answered.root == (try await asking.past.root()))
        #expect(answered.moment == asking.raw.moment)
        #expect(Set(answered.records) == Set(answered.answer.rows.flatMap(\.records)))
        let json = try await question.ask([asking.past]).json
        let head = json["heads"]?.array?.first
        #expect(head?["root"]?.string == answered.root.base64)
        #expect(json["rows"]?.array?.count == answered.answer.rows.count)
        #expect(json["redaction"]?["classesLeftOut"]?.array == ["sensitive", "sealed"])
    }
}
