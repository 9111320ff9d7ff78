import CanonicalJSON
import Catalogue
import Records
import Rules
import Testing

@Suite struct IndicatorFoldTests {
    private static let indicators = """
        indicators:
          - {id: share, zh: 率, en: Share, plan: [], period: year, target: {atLeast: 100}, \
        basis: [law], verified: design, share: {of: [case.decided], where: amount > 0, \
        met: exists(heard)}}
          - {id: count, zh: 数, en: Count, plan: [], period: year, target: {atMost: 1}, \
        basis: [law], verified: design, count: {of: [case.filed]}}
          - {id: quotient, zh: 比, en: Quotient, plan: [], period: year, basis: [law], \
        verified: design, quotient: {of: [case.decided], over: amount - 1, under: amount}}
          - {id: distinct, zh: 类, en: Distinct, plan: [], period: year, basis: [law], \
        verified: design, distinct: {of: [case.decided], by: kind, met: exists(heard)}}
          - {id: streams, zh: 案, en: Streams, plan: [], period: year, basis: [law], \
        verified: design, streams: {of: case, where: exists(filed), met: exists(closed)}}
          - {id: duties, zh: 期, en: Duties, plan: [], period: year, basis: [law], \
        verified: design, duties: [D]}
          - {id: late, zh: 迟, en: Late, plan: [], period: year, basis: [law], \
        verified: design, lateEntries: true}
          - {id: total, zh: 合, en: Total, plan: [], period: year, basis: [law], \
        verified: design, total: [share, distinct]}
        """

    private static let cases: [[Act]] = [
        [
            Act("filed", "2025-03-03 09:00"),
            Act(
                "decided", "2025-03-04 09:00",
                [JSONMember("amount", 10), JSONMember("kind", ["a", "c"])]),
            Act("heard", "2025-03-05 09:00"), Act("closed", "2025-03-06 09:00"),
        ],
        [
            Act("filed", "2025-04-03 09:00"),
            Act("decided", "2025-05-04 09:00", [JSONMember("amount", 5), JSONMember("kind", "a")]),
        ],
        [
            Act("filed", "2025-04-03 09:00"),
            Act("decided", "2025-04-04 09:00", [JSONMember("kind", "b")]),
        ],
        [Act("filed", "2024-12-31 23:59")],
    ]

    private func figures(
        from: String = "2025-01-01", to: String = "2025-12-31"
    ) throws -> [String: IndicatorFigure] {
        let book = try Bureau.book(
            duties: "id: D, from: filed, to: [decided], atMost: 7, unit: workday",
            lateEntry: "  lateEntry: {atMost: 400, unit: natural}\n",
            indicators: IndicatorFoldTests.indicators)
        var fold = IndicatorFold(book, period: try day(from)...day(to))
        for (place, acts) in IndicatorFoldTests.cases.enumerated() {
            let history = history(acts, stream: "case/K-\(place)", from: place * 10)
            let judged = CaseJudgement(
                history, book, registers: RegisterFold(), now: try moment("2026-06-30"))
            fold.take(history, standings: judged.standings)
        }
        return Dictionary(uniqueKeysWithValues: fold.figures().map { ($0.indicator.id, $0) })
    }

    @Test(
        arguments: [
            ("share", 1, 2), ("count", 3, nil), ("quotient", 13, 15), ("distinct", 2, 3),
            ("duties", 2, 4), ("late", 0, 8), ("total", 3, 5),
        ] as [(String, Int64, Int64?)])
    func `a figure has numerator and denominator`(
        id: String, numerator: Int64, denominator: Int64?
    ) throws {
        let figure = try #require(try figures()[id])
        #expect(figure.numerator == numerator)
        #expect(figure.denominator == denominator)
    }

    @Test func `a figure names the records behind it`() throws {
        let share = try #require(try figures()["share"])
        #expect(share.all == [1, 11])
        #expect(share.met == [1])
        #expect(share.unknown == [21], "the amount is not recorded")
        #expect(share.isReached == false)
        #expect(share.percent == 50)
        #expect(try figures()["count"]?.isReached == false)
    }

    @Test func `cases are counted as they stand at the end of the period`() throws {
        #expect(try figures(to: "2025-03-05")["streams"]?.numerator == 0)
        #expect(try figures(to: "2025-03-06")["streams"]?.numerator == 1)
        #expect(try figures(to: "2025-03-06")["streams"]?.denominator == 2)
    }
}
