import CanonicalJSON
import Catalogue
import Merkle
import Records
package import Rules

/// Something that is wrong with a draft.
package struct DraftFlaw: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case breach(Breach)
        case duty(DutyStanding)
    }

    /// The rule's or the duty's id.
    package let rule: String
    /// The event that breaks the rule, or with which the duty's clock started.
    package let event: Int
    package let kind: Kind

    var aim: DraftAim { DraftAim(rule: rule, event: event) }

    /// Owed, and not done: in a case that goes on, that may still come.
    package var isOmission: Bool {
        if case .duty(let standing) = kind { standing.state == .overdue } else { false }
    }
}

/// A flaw that is wanted: which rule, at which event of the draft.
package struct DraftAim: Hashable, Sendable {
    package let rule: String
    package let event: Int
}

/// Judges drafts by the engine; everybody but outsiders stands in every register.
struct DraftJudge: Sendable {
    let book: RuleBook
    let shared: DraftWriter.Shared
    let registers: RegisterFold

    init(_ book: RuleBook, personsAList: Int) {
        self.book = book
        shared = DraftWriter.Shared(book, personsAList: personsAList)
        registers = .everybody(but: DraftWriter.outsiders(book.catalogue))
    }

    /// What is wrong as of the last event's moment, or as of `moment`; in a fixed order.
    ///
    /// Events at the places `absent` are not there.
    func flaws(
        of draft: CaseDraft, asOf moment: Timestamp? = nil, without absent: Set<Int> = []
    ) -> [DraftFlaw] {
        let histories = self.histories(of: draft, without: absent)
        let last = draft.events.indices.last.map { entry($0, draft).moment }
        let now = moment ?? last ?? Timestamp(microseconds: 0)
        var flaws: [DraftFlaw] = []
        for history in histories {
            for breach in RuleJudge(book, history, registers: registers).breaches() {
                flaws.append(
                    DraftFlaw(
                        rule: breach.rule.id, event: Int(breach.entry), kind: .breach(breach)))
            }
            for standing in history.standings(book, now: now)
            where standing.isBreach && book.isOfBureau(standing.duty) {
                flaws.append(
                    DraftFlaw(
                        rule: standing.duty.id, event: Int(standing.start ?? 0),
                        kind: .duty(standing)))
            }
        }
        return flaws
    }

    /// Each stream's history; linked, if there are several.
    func histories(of draft: CaseDraft, without absent: Set<Int> = []) -> [CaseHistory] {
        let writer = DraftWriter(shared, draft, numbers: [], seed: 0)
        return linked(writer, without: absent) { entry($0, writer) }
    }

    /// The same with the names, numbers and words that are written.
    func histories(as writer: DraftWriter, without absent: Set<Int>) -> [CaseHistory] {
        linked(writer, without: absent) { place in
            CaseEntry(
                event: writer.event(place), sequence: UInt64(place),
                recorded: writer.moment(writer.draft.events[place]), recorder: "",
                clock: book.clock)
        }
    }

    private func linked(
        _ writer: DraftWriter, without absent: Set<Int>, entry: (Int) -> CaseEntry?
    ) -> [CaseHistory] {
        let draft = writer.draft
        var histories = draft.procedures.indices.map { stream in
            var history = CaseHistory(stream: writer.streams[stream])
            for place in draft.places(of: stream) where !absent.contains(place) {
                if let entry = entry(place) { history.take(entry) }
            }
            history.settle()
            return history
        }
        guard histories.count > 1 else { return histories }
        let apart = histories
        var joins = CaseJoins(book)
        for history in apart { joins.take(history) }
        let byStream = Dictionary(
            apart.map { ($0.stream, $0) }, uniquingKeysWith: { first, _ in first })
        for place in histories.indices {
            histories[place].link(apart.indices.filter { $0 != place }.map { apart[$0] })
            joins.join(&histories[place], byStream)
        }
        return histories
    }

    /// How the duties of the draft stand as of its last moment, or as of `moment`.
    func standings(of draft: CaseDraft, asOf moment: Timestamp? = nil) -> [DutyStanding] {
        let last = draft.events.indices.last.map { entry($0, draft).moment }
        let now = moment ?? last ?? Timestamp(microseconds: 0)
        return histories(of: draft).flatMap { $0.standings(book, now: now) }
    }

    /// Which of these rules and duties do not apply to their event.
    func idle(_ aims: [DraftAim], in draft: CaseDraft) -> [DraftAim] {
        let histories = self.histories(of: draft)
        return aims.filter { aim in
            guard draft.events.indices.contains(aim.event) else { return true }
            let history = histories[draft.events[aim.event].stream]
            return !RuleJudge(book, history, registers: registers).applies(
                aim.rule, to: UInt64(aim.event))
        }
    }

    /// What is refused at which place if the events are submitted in the order of `places`; what is
    /// refused is not recorded, unless `records` all the same.
    func refusals(
        of draft: CaseDraft, in places: [Int], records: Bool = false
    ) -> [Int: [Breach]] {
        let writer = DraftWriter(shared, draft, numbers: [], seed: 0)
        var histories = writer.streams.map { CaseHistory(stream: $0) }
        var refusals: [Int: [Breach]] = [:]
        for place in places {
            let entry = entry(place, writer)
            var history = histories[draft.events[place].stream]
            history.take(entry)
            history.settle()
            let found =
                book.hasGate(entry.type)
                ? RuleJudge(book, history, registers: registers).refusals() : []
            if !found.isEmpty { refusals[place] = found }
            if found.isEmpty || records { histories[draft.events[place].stream] = history }
        }
        return refusals
    }

    func entry(_ place: Int, _ writer: DraftWriter) -> CaseEntry {
        let event = writer.draft.events[place]
        return CaseEntry(
            EventFacts(
                type: event.type.name, day: event.day, instant: writer.moment(event),
                sequence: SequenceNumber(UInt64(place)), data: writer.judgedData(event)),
            isAsserted: event.isAsserted)
    }

    private func entry(_ place: Int, _ draft: CaseDraft) -> (moment: Timestamp, day: Int) {
        let event = draft.events[place]
        return (
            book.clock.start(of: event.day).advanced(bySeconds: Int64(event.second)), event.day
        )
    }
}
