import Foundation
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Asks questions of the year at a cut.
struct Asking: Sendable {
    let year: AskedYear
    let raw: RawLedger
    /// What judging the whole ledger anew says.
    let judgement: LedgerJudgement
    private let pasts: [any PastView]

    var past: any PastView { pasts[0] }

    /// Folding and judging take a while: once for all tests.
    private static let shared: [AskedYear.Cut: Task<Asking, any Error>] = Dictionary(
        uniqueKeysWithValues: AskedYear.Cut.allCases.map { cut in
            (cut, Task { try await Asking(folding: cut) })
        })

    init(_ cut: AskedYear.Cut) async throws {
        self = try await #require(Asking.shared[cut]).value
    }

    private init(folding cut: AskedYear.Cut) async throws {
        year = try await AskedYear.shared.value
        raw = try year.raw(cut)
        pasts = try await year.pasts(cut)
        judgement = try await year.ledger.judge(asOf: raw.moment, period: 0...0)
        #expect(pasts.allSatisfy { $0.size == UInt64(raw.lines.count) })
    }

    /// The answer of the first view, which all others must give as well.
    func answer(
        _ number: Int, _ change: (inout GivenArguments) -> Void = { _ in }
    ) async throws -> Answer {
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

extension Answer {
    /// The texts of one column.
    func column(_ id: String) -> [String] {
        rows.map { value($0, id)?.text(.english) ?? "no column \(id)" }
    }

    /// The texts of some columns, row by row, sorted.
    func table(_ ids: String...) -> [String] {
        rows.map { row in
            ids.map { value(row, $0)?.text(.english) ?? "no column \($0)" }.joined(separator: "|")
        }.sorted()
    }

    func figure(_ id: String) -> Value? { figures.first { $0.id == id }?.value }
}
