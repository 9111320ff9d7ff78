import CanonicalJSON
import Rules
import Sampling
import Testing

/// A second opinion of figures: counted from the printed events by hand, without expressions,
/// histories or folds.
@Suite struct YearFiguresTests {
    private let year: PrintedYear
    /// Events that were not refused, by stream.
    private let cases: [String: [JSONValue]]
    private let events: [JSONValue]

    init() throws {
        year = try PrintedYear.large.get()
        let refused = Set(year.truths.filter { $0.kind == .attempt }.map(\.event))
        events = try year.parsed().filter { !refused.contains($0["id"]?.string ?? "") }
        cases = Dictionary(grouping: events) { $0["subject"]?.string ?? "" }
    }

    private func of(_ type: String) -> [JSONValue] {
        events.filter {
            $0["type"]?.string == type && $0["time"]?.string?.hasPrefix("2025") == true
        }
    }

    /// Events of a type in the case of another, the earliest first.
    private func others(_ type: String, beside event: JSONValue) -> [JSONValue] {
        (cases[event["subject"]?.string ?? ""] ?? []).filter { $0["type"]?.string == type }
            .sorted { ($0["time"]?.string ?? "") < ($1["time"]?.string ?? "") }
    }

    private func expect(_ id: String, _ numerator: Int, _ denominator: Int?) throws {
        let figure = try #require(year.figures[id], "\(id)")
        #expect(figure.numerator == Int64(numerator), "\(id)")
        #expect(figure.denominator == denominator.map { Int64($0) }, "\(id)")
        #expect(numerator > 0 && denominator != 0, "\(id)")
    }

    @Test func `counts`() throws {
        try expect("I.normdoc.count", of("normdoc.published").count, nil)
        try expect("I.contract.count", of("contract.signed").count, nil)
        try expect("I.identity", of("vault.breach-found").count, nil)
        let sent = of("clue-transfer.sent").filter { $0["data"]?["direction"]?.string == "移出" }
        try expect("I.transfer", sent.count, nil)
        try expect(
            "I.transfer.rate",
            sent.count { !others("clue-transfer.case-filed", beside: $0).isEmpty }, sent.count)
    }

    @Test func `shares of events by their own fields`() throws {
        let inspections = of("inspection.started")
        try expect(
            "I.mobile", inspections.count { $0["data"]?["channel"]?.string == "掌上执法" },
            inspections.count)
        let reports = of("report.concluded")
        try expect(
            "I.report.verified",
            reports.count {
                ["属实", "部分属实"].contains($0["data"]?["result"]?.string ?? "")
            }, reports.count)
    }

    @Test func `shares of events by what else is in their case`() throws {
        let rewards = of("reward.notified")
        try expect(
            "I.reward", rewards.count { !others("reward.claimed", beside: $0).isEmpty },
            rewards.count)
        let documents = of("normdoc.published").filter {
            others("normdoc.proposed", beside: $0).last?["data"]?["important"]?.bool == true
        }
        try expect(
            "I.legality.normdoc",
            documents.count { document in
                let reviews = others("normdoc.legality-reviewed", beside: document)
                let debates = others("normdoc.deliberated", beside: document)
                guard let first = reviews.first?["time"]?.string?.prefix(10),
                    let last = debates.last?["time"]?.string?.prefix(10)
                else { return false }
                return reviews.last?["data"]?["result"]?.string != "不合法" && first <= last
            }, documents.count)
    }

    @Test func `different values, cases and sums`() throws {
        let applied = of("permit.applied").filter {
            !others("permit.granted", beside: $0).isEmpty
                || !others("permit.refused", beside: $0).isEmpty
        }
        let queried = applied.filter { !others("permit.credit-queried", beside: $0).isEmpty }
        try expect(
            "I.credit.items", Set(queried.compactMap { $0["data"]?["itemCode"]?.string }).count,
            Set(applied.compactMap { $0["data"]?["itemCode"]?.string }).count)

        let staff = of("staffing.snapshot-taken").compactMap { $0["data"] }
        try expect(
            "I.frontline.reported",
            staff.reduce(0) { $0 + Int($1["frontLine"]?.integer ?? 0) },
            staff.reduce(0) { $0 + Int($1["enforcementTotal"]?.integer ?? 0) })

        let officers = events.filter { officer in
            officer["type"]?.string == "officer.registered"
                && officer["data"]?["onActiveRoll"]?.bool == true
                && others("officer.left", beside: officer).isEmpty
        }
        let front = officers.filter { officer in
            let moved = others("officer.post-moved", beside: officer).last ?? officer
            return moved["data"]?["frontLine"]?.bool == true
        }
        try expect("I.frontline", front.count, officers.count)
    }
}
