import LedgerHome
import Projections
import Questions
import Rules
import Testing

/// A ledger and a moment as of which it is asked.
struct Scene: Hashable, Sendable, CustomTestStringConvertible {
    enum Book: String, CaseIterable {
        case year, story
    }

    let book: Book
    let cut: AskedYear.Cut

    var testDescription: String { "\(book.rawValue), \(cut.rawValue)" }

    static let all = Book.allCases.flatMap { book in
        AskedYear.Cut.allCases.map { Scene(book: book, cut: $0) }
    }

    var isStoryEnd: Bool { book == .story && cut == .end }
    var isYearEnd: Bool { book == .year && cut == .end }
}

/// Asks questions of a scene.
struct SceneAsking: Sendable {
    let raw: RawLedger
    /// What judging the whole ledger anew says.
    let judgement: LedgerJudgement
    private let pasts: [any PastView]
    /// The year is asked as the other suites ask it.
    private let year: Asking?

    var past: any PastView { year?.past ?? pasts[0] }

    /// Folding and judging take a while: once for all tests.
    private static let shared: [Scene: Task<SceneAsking, any Error>] = Dictionary(
        uniqueKeysWithValues: Scene.all.map { scene in
            (scene, Task { try await SceneAsking(folding: scene) })
        })

    init(_ scene: Scene) async throws {
        self = try await #require(SceneAsking.shared[scene]).value
    }

    private init(folding scene: Scene) async throws {
        guard scene.book == .story else {
            let asking = try await Asking(scene.cut)
            (raw, judgement, year, pasts) = (asking.raw, asking.judgement, asking, [])
            return
        }
        let story = try await AskedStory.shared.value
        (raw, year) = (try story.raw(scene.cut), nil)
        pasts = try await story.pasts(scene.cut)
        judgement = try await story.ledger.judge(asOf: raw.moment, period: 0...0)
        let size = UInt64(raw.lines.count)
        #expect(pasts.allSatisfy { $0.size == size })
    }

    /// The answer of the first view, which all others must give as well.
    func answer(
        _ number: Int, _ change: (inout GivenArguments) -> Void = { _ in }
    ) async throws -> Answer {
        if let year { return try await year.answer(number, change) }
        let question = try #require(Question.all.first { $0.number == number })
        var given = GivenArguments()
        change(&given)
        #expect(question.refusal(of: given) == nil)
        let first = try await question.ask(past, given)
        for other in pasts.dropFirst() {
            let answered = try await question.ask(other, given)
            #expect(answered.answer == first.answer)
            #expect(answered.root == first.root)
        }
        return first.answer
    }
}
