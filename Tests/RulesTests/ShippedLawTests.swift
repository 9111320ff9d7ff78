import CanonicalJSON
import Catalogue
import LedgerData
import Records
import Rules
import Testing

/// What the shipped catalogue makes of acts under the old law and the new.
@Suite struct ShippedLawTests {
    private let book: RuleBook

    init() throws {
        book = try RuleBook(
            EventCatalogue(files: LedgerData.catalogueFiles),
            calendar: WorkCalendar(json: LedgerData.calendar))
    }

    private func judged(
        _ acts: [Act], _ stream: String = "penalty/PN-1", now: String
    ) throws -> [String] {
        let judgement = CaseJudgement(
            history(acts, stream: stream), book, registers: RegisterFold(), now: try moment(now))
        return judgement.findings.map(\.rule).filter { $0 != "late-entry" }
    }

    private func date(_ name: String, _ day: String) -> JSONMember {
        JSONMember(name, .string(day))
    }

    /// A fine of 2,000 yuan on the spot: more than the old law lets be, less than the new.
    @Test(arguments: [("2021-07-14", ["R368"]), ("2021-07-15", [])])
    func `a fine on the spot is judged by the law of its day`(
        day: String, expected: [String]
    ) throws {
        let found = try judged(
            [
                Act(
                    "penalty.clue-registered", "\(day) 09:00",
                    [JSONMember("partyKind", "法人"), date("violationOn", day)]),
                Act(
                    "penalty.summary-decided", "\(day) 10:00",
                    [JSONMember("kind", "罚款"), JSONMember("amount", 200_000)]),
                Act("penalty.summary-reported", "\(day) 11:00"),
            ], now: day)
        #expect(found == expected)
    }

    /// Four natural days, three working days after the notice.
    @Test(arguments: [("2021-07-09", "2021-07-13", true), ("2021-07-16", "2021-07-20", false)])
    func `a hearing is asked for within three days, or within five working days`(
        told: String, asked: String, isLate: Bool
    ) throws {
        let history = history(
            [
                Act(
                    "penalty.notified", "\(told) 10:00",
                    [JSONMember("hearingRight", true), date("servedOn", told)]),
                Act("penalty.hearing-requested", "\(asked) 10:00"),
            ], stream: "penalty/PN-1")
        let standings = CaseJudgement(
            history, book, registers: RegisterFold(), now: try moment("2021-08-31")
        ).standings
        let hearing = standings.filter { $0.duty.id.hasPrefix("D.pn.hearing.req") }
        #expect(hearing.map(\.state) == [isLate ? .late : .met])
    }

    /// The old law has every penalty reviewed before it is decided, the new one the major ones.
    @Test(arguments: [("2021-07-14", true), ("2021-07-15", false)])
    func `which penalties are reviewed for legality`(day: String, isAll: Bool) throws {
        let found = try judged(
            [
                Act("penalty.investigation-ended", "\(day) 09:00"),
                Act("penalty.decided", "\(day) 10:00"),
            ], now: day)
        #expect(found.contains("R361") == isAll)
        #expect(!found.contains("R179"))
    }

    @Test(arguments: [("2021-07-14", false), ("2021-07-15", true)])
    func `ninety days to decide are the new law's`(day: String, isLimited: Bool) throws {
        let found = try judged(
            [Act("penalty.filed", "\(day) 09:00", [date("filedOn", day)])], now: "2021-12-31")
        #expect(found.contains("D.pn.decide") == isLimited)
    }

    @Test(arguments: [("2025-03-12", true), ("2025-03-13", false)])
    func `what was published is taken down within three working days`(
        day: String, isInTime: Bool
    ) throws {
        let acts = [
            Act("penalty.decided", "2025-03-03 09:00"),
            Act("penalty.published", "2025-03-04 09:00"),
            Act("penalty.changed-or-revoked", "2025-03-07 09:00"),
            Act("penalty.withdrawn-from-public", "\(day) 09:00"),
        ]
        #expect(
            try judged(acts, now: "2025-03-31").contains("P.pn.removal") == !isInTime)
        #expect(
            try !judged([acts[0], acts[2]], now: "2025-03-31").contains("P.pn.removal"),
            "nothing was published")
    }

    @Test(arguments: [("2023-12-29", "D.rc.answer.17"), ("2024-01-02", "D.rc.answer")])
    func `a reconsideration is answered by the law of its day`(day: String, duty: String) throws {
        let found = try judged(
            [
                Act(
                    "reconsideration.notice-received", "\(day) 09:00",
                    [JSONMember("procedureKind", "普通"), date("receivedOn", day)])
            ], "reconsideration/RC-1", now: "2024-03-01")
        #expect(found == [duty])
    }
}
