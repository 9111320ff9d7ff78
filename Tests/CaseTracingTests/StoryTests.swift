import CanonicalJSON
import CaseTracing
import Catalogue
import LedgerHome
import Phrases
import Projections
import Records
import Rules
import Sampling
import Testing

/// The trace of the accident against what is known of it, whole.
@Suite struct StoryTests {
    /// When the trace is asked for, and where it begins.
    enum Question: String, CaseIterable, CustomTestStringConvertible {
        case beforeTheAccident, beforeTheCorrection, atTheEnd
        var testDescription: String { rawValue }
    }

    private let story: TracedStory

    init() async throws {
        story = try await TracedStory.shared.value
    }

    private func moment(_ question: Question) throws -> Timestamp? {
        let accident = story.story.truths.first { $0.stream == story.story.accident }
        let correction = story.story.truths.compactMap(\.correction).first
        return switch question {
        case .beforeTheAccident: try #require(accident).recorded.advanced(bySeconds: -1)
        case .beforeTheCorrection: try #require(correction).recorded.advanced(bySeconds: -1)
        case .atTheEnd: nil
        }
    }

    private func trace(_ question: Question) async throws -> Trace {
        let start =
            question == .beforeTheAccident ? story.story.hazard : story.story.accident
        return try await story.trace(start, asOf: try moment(question))
    }

    private func truths(_ kind: StoryTruth.Kind, _ question: Question) throws -> [StoryTruth] {
        let end = try moment(question) ?? Timestamp(microseconds: .max)
        return story.story.truths.filter { $0.kind == kind && $0.recorded <= end }
    }

    @Test(arguments: Question.allCases)
    func `every record of the story is in the trace, and no other`(
        question: Question
    ) async throws {
        let trace = try await trace(question)
        let known = try truths(.trace, question).map { try #require(story.numbers[$0.event]) }
        #expect(Set(trace.acts.map(\.record)) == Set(known))
        #expect(trace.acts.count == known.count)
        let streams = Set(trace.cases.map(\.stream))
        #expect(streams == Set(try truths(.trace, question).map(\.stream)))
        #expect(streams.isDisjoint(with: try truths(.traceForeign, question).map(\.stream)))
        #expect(!trace.cuts.isCut)
        #expect(trace.cuts.missing == [])
        #expect(trace.acts.allSatisfy { $0.record < trace.head.size })
        #expect(trace.enterprises.map(\.code) == [story.story.enterprise])
    }

    @Test(arguments: Question.allCases)
    func `each record has its persons with role, post, opinion and order of speaking`(
        question: Question
    ) async throws {
        let acts = Dictionary(
            uniqueKeysWithValues: try await trace(question).acts.map { ($0.record, $0) })
        let end = try moment(question) ?? Timestamp(microseconds: .max)
        for truth in try truths(.trace, question) {
            let number = try #require(story.numbers[truth.event])
            let act = try #require(acts[number])
            let correction = truth.correction.flatMap { $0.recorded <= end ? $0 : nil }
            let known = correction?.persons ?? truth.persons
            let found = act.persons.map { person in
                StoryTruth.Person(
                    person: person.person, role: person.role, post: person.post,
                    opinion: person.opinion, order: person.order)
            }
            #expect(found == known, "\(truth.event)")
            #expect((act.fate == .corrected) == (correction != nil), "\(truth.event)")
        }
    }

    @Test(arguments: Question.allCases)
    func `the register says the same post as the act, where it says one`(
        question: Question
    ) async throws {
        var count = 0
        for act in try await trace(question).acts {
            for person in act.persons {
                let held = person.held.filter { $0.post != nil }
                #expect(held.count <= 1)
                guard let post = held.first else { continue }
                #expect(post.post == person.post, "\(act.record) \(person.person)")
                count += 1
            }
        }
        #expect(count > 20)
    }

    @Test(arguments: Question.allCases)
    func `missed duties are those of the story`(question: Question) async throws {
        let trace = try await trace(question)
        let missed = trace.duties.filter { $0.standing.isBreach }.map(\.standing.id)
        let known = try truths(.traceDuty, question).map { truth in
            "\(truth.duty ?? "")@\(try #require(story.numbers[truth.event]))"
        }
        #expect(Set(known).isSubset(of: missed), "\(missed)")
    }

    @Test func `what was entered after the accident is marked, and nothing else`() async throws {
        let known = try truths(.trace, .atTheEnd).filter(\.isEnteredAfter)
            .compactMap { story.numbers[$0.event] }
        let found = try await trace(.atTheEnd).acts.filter(\.isEnteredAfterOutcome)
        #expect(found.map(\.record) == known)
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.lateness != nil })
    }

    @Test func `a correction shows both values, and a withdrawn entry is struck through`()
        async throws
    {
        let trace = try await trace(.atTheEnd)
        let corrected = trace.acts.filter { $0.fate == .corrected }
        #expect(corrected.count == 1)
        let change = try #require(corrected.first?.changes.first)
        #expect(change.reason == "misrecorded")
        #expect(change.approver != nil)
        #expect(change.fields.map(\.field.en) == ["participants"])
        #expect(change.fields.first?.was?.en.contains("(attendee, agree)") == true)
        #expect(change.fields.first?.now?.en.contains("(attendee, reserve)") == true)
        #expect(trace.acts.filter(\.isWithdrawn).count == 1)
        let text = AccountBlock.plainText(
            trace.account(Wording(story.ledger.catalogue, .english)))
        #expect(text.unicodeScalars.contains("\u{336}"))
        #expect(text.contains("withdrawn by"))
    }

    @Test(arguments: [Language.chinese, .english])
    func `the account says all of it in words`(language: Language) async throws {
        for question in Question.allCases {
            let trace = try await trace(question)
            let words = Wording(story.ledger.catalogue, language)
            let text = AccountBlock.plainText(trace.account(words))
            #expect(text.contains("\(trace.head.root)"))
            for act in trace.acts {
                #expect(text.contains("#\(act.record)  "), "\(act.record)")
                for person in act.persons { #expect(text.contains(person.person)) }
            }
            for finding in trace.findings { #expect(text.contains(finding.id)) }
            for duty in trace.duties { #expect(text.contains(duty.standing.id)) }
        }
    }

    @Test func `each dissent is in the account`() async throws {
        let end = try await trace(.atTheEnd)
        let before = try await trace(.beforeTheCorrection)
        #expect(end.acts.flatMap(\.dissents).map(\.opinion) == ["reserve", "disagree"])
        #expect(before.acts.flatMap(\.dissents).map(\.opinion) == ["disagree"])
        #expect(end.acts.flatMap(\.words).count == 2)
    }

    @Test func `the penalty was decided by the benchmark as it was then`() async throws {
        let trace = try await trace(.atTheEnd)
        let version = try #require(
            trace.acts.flatMap(\.versions).first { $0.stream.contains("DB-") })
        let benchmark = trace.acts.filter { $0.stream == version.stream }
        let adjusted = try #require(benchmark.first { $0.type == "discretion.adjusted" })
        let record = try #require(version.record)
        #expect(record < adjusted.record)
        #expect(benchmark.first { $0.record == record }?.type == "discretion.published")
    }

    @Test func `who knew of the hazard, and since when`() async throws {
        let trace = try await trace(.atTheEnd)
        let knew = trace.knowledge.filter { $0.stream == story.story.hazard }
        #expect(knew.map(\.person) == ["P-7104", "P-7107", "P-7102"])
        #expect(knew.map(\.day) == knew.map(\.day).sorted())
    }

    @Test func `a reporter is in no answer`() async throws {
        let trace = try await trace(.atTheEnd)
        let file = try await EnterpriseFiles(
            of: story.story.enterprise, years: 5, in: [try await story.past()])
        for text in [trace.json.canonicalText, file.json.canonicalText] {
            #expect(!text.contains("R-660017"))
        }
        #expect(trace.acts.map(\.protectedCount).reduce(0, +) == 1)
    }
}
