import Foundation
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Asks a question of the year at a cut.
struct Asking {
    let year: AskedYear
    let raw: RawLedger
    let past: any PastView

    init(_ cut: AskedYear.Cut) async throws {
        year = try await AskedYear.shared.value
        raw = try year.raw(cut)
        past = try await year.past(cut)
        #expect(past.size == UInt64(raw.lines.count))
    }

    func answer(
        _ number: Int, _ change: (inout GivenArguments) -> Void = { _ in }
    ) async throws
        -> Answer
    {
        let question = try #require(Question.all.first { $0.number == number })
        var given = GivenArguments()
        change(&given)
        #expect(question.refusal(of: given) == nil)
        return try await question.ask(past, given).answer
    }

    /// What judging the whole ledger anew says.
    func judgement() async throws -> LedgerJudgement {
        try await year.ledger.judge(asOf: raw.moment, period: 0...0)
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
