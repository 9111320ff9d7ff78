import Catalogue
import Records
import Rules

/// A case of the year as it happens, apart from names and numbers: any number of cases can follow
/// it from the same day on.
final class YearPattern: Sendable {
    struct Submission: Sendable {
        /// Of the event in the draft.
        let place: Int
        let moment: Timestamp
    }

    let draft: CaseDraft
    /// In the order in which they are submitted.
    let submissions: [Submission]
    /// What must be found, as soon as everything owed has fallen due.
    let flaws: [DraftFlaw]
    /// Rules by which events are refused, by place.
    let attempts: [Int: [String]]
    /// Of the persons that stand in it by name.
    let fixed: [String: String]
    /// The finding that is answered afterwards, and how.
    let answer: Answer?

    struct Answer: Sendable {
        let aim: DraftAim
        let state: Finding.State
    }

    init(
        _ draft: CaseDraft, _ submissions: [Submission], flaws: [DraftFlaw],
        attempts: [Int: [String]], fixed: [String: String], answer: Answer? = nil
    ) {
        (self.draft, self.submissions, self.flaws) = (draft, submissions, flaws)
        (self.attempts, self.fixed, self.answer) = (attempts, fixed, answer)
    }

    /// The same with other flaws.
    func with(
        _ flaws: [DraftFlaw], answered: (aim: DraftAim, state: Finding.State)? = nil
    ) -> YearPattern {
        YearPattern(
            draft, submissions, flaws: flaws, attempts: attempts, fixed: fixed,
            answer: answered.map { Answer(aim: $0.aim, state: $0.state) })
    }

    /// The same, broken off after so many submissions.
    func prefix(_ count: Int, _ judge: DraftJudge) -> YearPattern {
        let kept = Array(submissions.prefix(count))
        let places = Set(kept.map(\.place))
        let rest = YearPattern(
            draft, kept, flaws: [], attempts: attempts.filter { places.contains($0.key) },
            fixed: fixed)
        let flaws = judge.flaws(of: draft, asOf: CasePlanner.never, without: rest.unrecorded)
        return YearPattern(draft, kept, flaws: flaws, attempts: rest.attempts, fixed: fixed)
    }

    /// Places of events that are not submitted, or refused.
    var unrecorded: Set<Int> {
        Set(draft.events.indices).subtracting(submissions.map(\.place)).union(attempts.keys)
    }
}

/// Makes patterns from drafts: what of a draft falls into the year, and in which order it is
/// submitted.
struct YearPatternMaker {
    let judge: DraftJudge
    /// The last day of the last year.
    let lastDay: Int

    /// Nil if something is wrong that is not wanted, or nothing is left of it.
    ///
    /// Before `today` nothing is submitted: what happened earlier is entered late. With `lateness`
    /// one event is entered after one that came later.
    func pattern(
        _ draft: CaseDraft, today: Int, wanting aims: [DraftAim] = [],
        lateness: UInt64? = nil, fixed: [String: String] = [:]
    ) -> YearPattern? {
        let places = draft.events.indices.filter { draft.events[$0].day <= lastDay }
        guard !places.isEmpty else { return nil }
        var submissions = self.submissions(draft, places, today)
        if let lateness, let late = late(submissions, lateness, draft) { submissions = late }
        let refusals = judge.refusals(of: draft, in: submissions.map(\.place))
        let attempts = refusals.mapValues { Array(Set($0.map(\.rule.id))).sorted() }
        let absent = Set(draft.events.indices).subtracting(places).union(attempts.keys)
        let flaws = judge.flaws(of: draft, asOf: CasePlanner.never, without: absent)
        let isWanted = flaws.allSatisfy { $0.isOmission || aims.contains($0.aim) }
        let isRefused = attempts.keys.allSatisfy { place in aims.contains { $0.event == place } }
        guard isWanted, isRefused else { return nil }
        return YearPattern(draft, submissions, flaws: flaws, attempts: attempts, fixed: fixed)
    }

    private func submissions(
        _ draft: CaseDraft, _ places: [Int], _ today: Int
    ) -> [YearPattern.Submission] {
        let start = judge.book.clock.start(of: today)
        return places.enumerated().map { number, place in
            let event = draft.events[place]
            let moment = judge.book.clock.start(of: event.day)
                .advanced(bySeconds: Int64(event.second))
            let earliest = start.advanced(bySeconds: Int64(8 * 3600 + number))
            return YearPattern.Submission(place: place, moment: max(moment, earliest))
        }
    }

    /// One event after one or two that came later; nil if a rule would refuse something then.
    private func late(
        _ submissions: [YearPattern.Submission], _ bits: UInt64, _ draft: CaseDraft
    ) -> [YearPattern.Submission]? {
        guard submissions.count > 3 else { return nil }
        let from = 1 + Mixing.below(submissions.count - 2, Mixing.mixed(bits))
        let to = min(submissions.count - 1, from + 1 + Int(bits & 1))
        var order = submissions
        let event = order.remove(at: from)
        let moment = submissions[to].moment.advanced(bySeconds: 30)
        order.insert(YearPattern.Submission(place: event.place, moment: moment), at: to)
        let isOrdered = zip(order, order.dropFirst()).allSatisfy { $0.moment <= $1.moment }
        return isOrdered && judge.refusals(of: draft, in: order.map(\.place)).isEmpty
            ? order : nil
    }
}
