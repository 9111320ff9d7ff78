import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about legality review, against loops over the lines.
@Suite struct LegalityQuestionsTests {
    @Test(arguments: AskedYear.Cut.allCases)
    func `1: decisions put up for deliberation without an opinion`(
        _ cut: AskedYear.Cut
    ) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        var issuedCount = 0
        for (stream, entries) in asking.raw.cases("decision") {
            let issued = entries.filter {
                $0.type == "decision.issued" && $0.day.hasPrefix("2025")
            }
            guard !issued.isEmpty else { continue }
            issuedCount += 1
            let submitted =
                entries.first { $0.type == "decision.submitted-for-deliberation" }
                ?? entries.first { $0.type == "decision.deliberated" }
            guard let submitted else { continue }
            let hasOpinion = entries.contains {
                $0.type == "decision.legality-reviewed" && $0.mayPrecede(submitted)
            }
            if !hasOpinion { expected.append(stream) }
        }
        let answer = try await asking.answer(1) { $0.year = 2025 }
        #expect(answer.table("stream") == expected.sorted())
        #expect(answer.figure("issued") == .integer(Int64(issuedCount)))
        #expect(cut != .end || issuedCount > 0)
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `2: coverage of the four kinds`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let answer = try await asking.answer(2) { $0.year = 2025 }
        func expect(_ id: String, _ counts: (met: Int, all: Int)) {
            let row = answer.rows.first { answer.value($0, "indicator") == .text(id) }
            #expect(row.flatMap { answer.value($0, "reviewed") } == .integer(Int64(counts.met)))
            #expect(row.flatMap { answer.value($0, "all") } == .integer(Int64(counts.all)))
            #expect(row?.records.count == counts.all)
            #expect(cut != .end || counts.all > 0)
        }
        let counts = Counts(asking.raw)
        expect("I.legality.decision", counts.plan("decision", "issued", "deliberated", nil))
        let normdoc = counts.plan("normdoc", "published", "deliberated", "proposed")
        expect("I.legality.normdoc", normdoc)
        expect("I.legality.contract", counts.plan("contract", "signed", "approved", "initiated"))
        let penalty = counts.enforcement("penalty", "decided") { entries in
            let ended = entries.last { $0.type == "penalty.investigation-ended" }
            return !(ended?.texts("legalityReviewGrounds") ?? []).isEmpty
                || entries.contains { $0.type == "penalty.hearing-held" }
        }
        let coercion = counts.enforcement("coercion", "approved") { entries in
            entries.last { $0.type == "coercion.proposed" }?.flag("majorDecision") == true
        }
        let permit = counts.enforcement("permit", "granted") { entries in
            entries.last { $0.type == "permit.reviewed" }?.flag("majorDecision") == true
                || entries.contains { $0.type == "permit.hearing-held" }
        }
        expect("I.legality.penalty", penalty)
        expect("I.legality.coercion", coercion)
        expect("I.legality.permit", permit)
        expect(
            "I.legality.enforcement",
            (penalty.met + coercion.met + permit.met, penalty.all + coercion.all + permit.all))
    }

    /// Counts what was reviewed in time, by hand.
    private struct Counts {
        let raw: RawLedger

        init(_ raw: RawLedger) { self.raw = raw }

        /// `important` is the event that says whether it is.
        func plan(
            _ procedure: String, _ counted: String, _ before: String, _ important: String?
        ) -> (met: Int, all: Int) {
            var (met, all) = (0, 0)
            for (_, entries) in raw.cases(procedure) {
                if let important {
                    let said = entries.last { $0.type == "\(procedure).\(important)" }
                    guard said?.flag("important") == true else { continue }
                }
                let reviews = entries.filter { $0.type == "\(procedure).legality-reviewed" }
                let debate = entries.last { $0.type == "\(procedure).\(before)" }
                var isMet = false
                if let first = reviews.first, let last = reviews.last, let debate {
                    isMet = last.text("result") != "不合法" && first.day <= debate.day
                }
                let count = entries.count {
                    $0.type == "\(procedure).\(counted)" && $0.day.hasPrefix("2025")
                }
                all += count
                met += isMet ? count : 0
            }
            return (met, all)
        }

        func enforcement(
            _ procedure: String, _ counted: String, _ isMajor: ([RawLedger.Entry]) -> Bool
        ) -> (met: Int, all: Int) {
            var (met, all) = (0, 0)
            for (_, entries) in raw.cases(procedure) where isMajor(entries) {
                let review = entries.last { $0.type == "\(procedure).legality-reviewed" }
                for entry in entries
                where entry.type == "\(procedure).\(counted)" && entry.day.hasPrefix("2025") {
                    all += 1
                    if let review, review.text("result") == "同意", review.day <= entry.day {
                        met += 1
                    }
                }
            }
            return (met, all)
        }
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `3: contracts signed with another text`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        for (stream, entries) in asking.raw.cases("contract") {
            for signed in entries where signed.type == "contract.signed" {
                let review = entries.last {
                    $0.type == "contract.legality-reviewed" && $0.mayPrecede(signed)
                }
                guard let review, review.text("reviewedFile") != signed.text("signedFile")
                else { continue }
                expected.append(
                    "\(stream)|\(review.text("reviewedFile"))|\(signed.text("signedFile"))")
            }
        }
        let answer = try await asking.answer(3)
        #expect(answer.table("stream", "reviewedFile", "signedFile") == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
        // The rule says it of important contracts.
        let broken = asking.judgement.findings.filter { $0.rule == "R090" }
        let important = answer.rows.filter { answer.value($0, "important") == .truth(true) }
        #expect(Set(broken.map(\.stream)).isSubset(of: Set(answer.column("stream"))))
        #expect(important.allSatisfy { answer.value($0, "finding") != Value.none })
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `4: reviews of less than seven workdays`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let calendar = asking.past.shelf.newest.calendar
        var expected: [String] = []
        for procedure in ["decision", "normdoc", "contract"] {
            for (stream, entries) in asking.raw.cases(procedure) {
                for review in entries where review.type == "\(procedure).legality-reviewed" {
                    let request = entries.last {
                        $0.type == "\(procedure).legality-requested" && $0.mayPrecede(review)
                            && ($0.text("version") == review.text("version")
                                || $0.text("version").isEmpty || review.text("version").isEmpty)
                    }
                    guard let request else { continue }
                    let received = request.text("receivedOn")
                    let days = RawLedger.workdays(
                        received.isEmpty ? request.day : received, review.day, calendar)
                    if days < 7 { expected.append("\(stream)|\(review.day)|\(max(days, 0))") }
                }
            }
        }
        let answer = try await asking.answer(4)
        #expect(answer.table("stream", "reviewed", "workdays") == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
        let early = asking.judgement.standings.filter {
            $0.duty.id == "D.dec.legality" && $0.state == .early
        }
        #expect(Set(early.map(\.stream)).isSubset(of: Set(answer.column("stream"))))
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `5: public comment of less than thirty days`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        for procedure in ["decision", "normdoc", "legislation"] {
            for (stream, entries) in asking.raw.cases(procedure) {
                for opened in entries where opened.type == "\(procedure).comment-opened" {
                    let from = RawLedger.number(opened.text("opensOn"))
                    let to = RawLedger.number(opened.text("closesOn"))
                    let closed = entries.first {
                        $0.type == "\(procedure).comment-closed" && opened.mayPrecede($0)
                    }
                    let after = closed.map { RawLedger.number($0.day) - from }
                    guard to - from < 30 || (after ?? 30) < 30 else { continue }
                    let reason = opened.text("shortenedReason")
                    expected.append("\(stream)|\(to - from)|\(reason.isEmpty ? "no" : "yes")")
                }
            }
        }
        let answer = try await asking.answer(5)
        #expect(answer.table("stream", "days", "published") == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
    }
}
