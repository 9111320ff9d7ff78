import CanonicalJSON
import CaseTracing
import LedgerHome
import Phrases
import Projections
import Records
import Rules
import Sampling
import TestKit
import Testing

/// What holds of every trace, whatever its start and moment.
@Suite struct PropertyTests {
    private let story: TracedStory

    init() async throws {
        story = try await TracedStory.shared.value
    }

    /// A trace as of a moment does not see what came later, however it is asked for: it is what a
    /// ledger says that ends there.
    @Test(arguments: [3, 7, 11] as [UInt64])
    func `as of any moment the trace is that of a ledger cut there`(seed: UInt64) async throws {
        var random = Seeded(seed: seed)
        let whole = try await story.past()
        for _ in 0..<4 {
            let size = UInt64.random(in: 60..<whole.size, using: &random)
            let record = try #require(whole.record(size - 1))
            let view = try await story.past(record.recorded)
            let cut = CutPast(base: whole, judged: view)
            for name in [record.stream, "\(size - 1)"] where !name.hasPrefix("ledger/") {
                let one = try await Tracer(view, lookUp: story.lookUp).trace(name)
                let other = try await Tracer(cut, lookUp: story.lookUp).trace(name)
                #expect(one.json == other.json, "seed \(seed), \(size) records, \(name)")
                #expect(one.acts.allSatisfy { $0.record < view.size })
                #expect(one.knowledge.allSatisfy { $0.record < view.size })
                #expect(one.links.allSatisfy { $0.record < view.size })
            }
        }
    }

    @Test func `the read models give the same trace, dossier and file as the fold`() async throws {
        let path = story.home.path + "/traced.sqlite"
        let file = try ProjectionFile(path)
        try await Projector(file, try story.ledger.projectionSource()).catchUp()
        let accident = try #require(story.story.truths.first { $0.stream == story.story.accident })
        for moment in [nil, accident.recorded, accident.recorded.advanced(bySeconds: 86_400 * 40)] {
            let folded = try await story.past(moment)
            // As of now is a moment that passes: the same for both.
            let projected = try await ProjectedPast(story.ledger, file, asOf: folded.moment)
            let one = try await Tracer(folded, lookUp: story.lookUp).trace(accident.stream)
            let other = try await Tracer(projected, lookUp: story.lookUp).trace(accident.stream)
            #expect(one.json == other.json)
            for person in ["P-7102", "P-7104"] {
                let one = try await Dossiers(of: person, in: [folded])
                let other = try await Dossiers(of: person, in: [projected])
                #expect(one.json == other.json)
            }
            let code = story.story.enterprise
            let file = try await EnterpriseFiles(of: code, years: 9, in: [folded])
            let otherFile = try await EnterpriseFiles(of: code, years: 9, in: [projected])
            #expect(file.json == otherFile.json)
        }
    }

    @Test func `every record number of an answer exists`() async throws {
        let past = try await story.past()
        let trace = try await story.trace(story.story.accident)
        let named =
            trace.acts.map(\.record) + trace.acts.flatMap { $0.changes.map(\.by) }
            + trace.acts.flatMap { $0.words.map(\.record) }
            + trace.acts.flatMap { $0.versions.compactMap(\.record) }
            + trace.acts.flatMap { $0.persons.flatMap { $0.held.map(\.record) } }
            + trace.links.map(\.record) + trace.links.compactMap(\.target)
            + trace.knowledge.map(\.record)
        for number in named {
            #expect(number < past.size)
            #expect(past.record(number) != nil)
        }
        let known = Set(trace.acts.map(\.record))
        #expect(known.isSuperset(of: trace.links.compactMap(\.target)))
        #expect(known.isSuperset(of: trace.knowledge.map(\.record)))
    }

    @Test(arguments: 0...3)
    func `a trace of some depth has no case beyond it, and says where it is cut`(
        depth: Int
    ) async throws {
        let trace = try await story.trace(
            story.story.accident, TraceLimits(depth: depth))
        #expect(trace.cases.allSatisfy { $0.depth <= depth })
        let whole = try await story.trace(story.story.accident)
        let left = Set(whole.cases.map(\.stream)).subtracting(trace.cases.map(\.stream))
        #expect(left.isSuperset(of: trace.cuts.deeper))
        #expect(trace.cuts.isCut == !left.isEmpty)
        let text = AccountBlock.plainText(
            trace.account(Wording(story.ledger.catalogue, .english)))
        #expect(text.contains("CUT at depth") == trace.cuts.isCut)
    }

    @Test func `a trace of few cases has no more, and names those left out`() async throws {
        let trace = try await story.trace(
            story.story.accident, TraceLimits(caseCountMax: 4))
        #expect(trace.cases.count == 4)
        #expect(!trace.cuts.more.isEmpty)
        #expect(Set(trace.cuts.more).isDisjoint(with: trace.cases.map(\.stream)))
    }

    @Test func `an enterprise is followed only so many years back`() async throws {
        let five = try await story.trace(story.story.accident)
        let ten = try await story.trace(story.story.accident, TraceLimits(years: 10))
        let more = Set(ten.cases.map(\.stream)).subtracting(five.cases.map(\.stream))
        #expect(more.count == 1)
        #expect(more.first?.hasPrefix("inspection/IN-2016-") == true)
        let one = try await story.trace(story.story.accident, TraceLimits(years: 1))
        #expect(!one.cases.contains { $0.stream.hasPrefix("permit/") })
    }

    @Test func `who asks for what is not there is told so`() async throws {
        let past = try await story.past()
        for name in ["penalty/none", "999999", "虚构罚〔2025〕1号"] {
            await #expect(throws: ProjectionError.self) {
                try await Tracer(past, lookUp: story.lookUp).trace(name)
            }
        }
        await #expect(throws: ProjectionError.self) {
            try await Dossiers(of: "P-nobody", in: [past])
        }
        await #expect(throws: ProjectionError.self) {
            try await EnterpriseFiles(of: "913301096767676767", years: 5, in: [past])
        }
    }

    @Test func `a document number leads to the record that carries it`() async throws {
        let past = try await story.past()
        let decided = try #require(
            try await story.trace(story.story.accident).acts.first { $0.type == "penalty.decided" })
        let record = try #require(past.record(decided.record))
        let docNo = try #require(record.event?["data"]?["docNo"]?.string)
        let trace = try await Tracer(past, lookUp: story.lookUp).trace(docNo)
        #expect(trace.outcome == decided.record)
        #expect(trace.acts.first { $0.phase == .outcome }?.record == decided.record)
        #expect(trace.acts.contains { $0.phase == .after })
    }
}
