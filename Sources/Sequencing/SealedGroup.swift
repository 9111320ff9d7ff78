import CanonicalJSON
import Catalogue
import Records
import Sealing

/// Submissions whose values have been sealed, or cannot be.
package struct SealedGroup: Sendable {
    let submissions: [Submission]
    /// Of the events that have values to seal.
    var drafts: [Draft] = []
    private var refused: [Int: [RefusedEvent]] = [:]

    struct Draft: Sendable {
        /// Where it is: in which submission, and the how manieth event of it.
        let submission: Int
        let event: Int
        let validated: ValidatedEvent
        var clear: ClearEvent?
        /// What is submitted in its place.
        var outcome: ValidatedEvent?
        /// The boxes were made for this group.
        var isNewlySealed = false

        var needs: [KeyNeed] {
            clear.map { EventSealer.needs(of: $0.data, $0.members) } ?? []
        }
    }

    init(_ submissions: [Submission]) {
        self.submissions = submissions
        for (place, submission) in submissions.enumerated() {
            for (number, event) in submission.events.enumerated() where event.needsSealing {
                drafts.append(
                    Draft(
                        submission: place, event: number, validated: event,
                        clear: ClearEvent(event)))
            }
        }
    }

    /// What is to be submitted: those submissions of which nothing was refused.
    package var ready: [Submission] {
        var ready = submissions
        for draft in drafts {
            guard let outcome = draft.outcome else { continue }
            ready[draft.submission].events[draft.event] = outcome
        }
        return ready.indices.filter { refused[$0] == nil }.map { ready[$0] }
    }

    /// The answers to all, given those to ``ready``.
    package func answers(_ ready: [Answer]) -> [Answer] {
        var rest = ready[...]
        return submissions.indices.compactMap { place in
            refused[place].map { .refused($0) } ?? rest.popFirst()
        }
    }

    /// Why nothing is ready, of a single submission.
    package var refusedEvents: [RefusedEvent] { refused[0] ?? [] }

    /// The names of all that have values to seal, as often as they come.
    var names: [Retries.EventName] { drafts.compactMap { $0.clear?.name } }

    func recorder(of place: Int) -> String {
        submissions[drafts[place].submission].recorder
    }

    /// Drafts that are to be sealed.
    var open: [Int] {
        drafts.indices.filter { drafts[$0].outcome == nil && refused[drafts[$0].submission] == nil }
    }

    /// The corrected data are judged in clear, before nobody can any more.
    mutating func readCorrection(_ place: Int, _ type: String?, _ catalogue: EventCatalogue) {
        guard let type = type.flatMap({ catalogue.eventType($0) }),
            let clear = ClearEvent(correcting: drafts[place].validated, type)
        else { return }
        let refusals = drafts[place].validated.withCorrected {
            EventValidator(catalogue).refusals(ofCorrected: $0, type: type, encrypted: .clear)
        }
        drafts[place].clear = clear
        for refusal in refusals ?? [] { refuse(place, refusal) }
    }

    /// Corrections that state no such value go on as they are.
    mutating func dropPlain() { drafts.removeAll { $0.clear == nil } }

    /// What became of an event's values.
    enum Outcome: Sendable {
        case sealed(ValidatedEvent)
        case refused(Refusal)
    }

    mutating func take(_ place: Int, _ outcome: Outcome) {
        switch outcome {
        case .refused(let refusal): refuse(place, refusal)
        case .sealed(let event):
            let count = event.event.bytes.count
            guard count <= Intake.eventByteCountMax else {
                return refuse(place, .tooLarge(count, Intake.eventByteCountMax))
            }
            drafts[place].outcome = event
            drafts[place].isNewlySealed = true
        }
    }

    mutating func refuse(_ place: Int, _ group: HolderGroup) {
        guard let clear = drafts[place].clear,
            let member = clear.members.first(where: { $0.need.group == group })
        else { return }
        refuse(place, .noHolder(group.name, "\(clear.place.pointer)/\(member.name)"))
    }

    mutating func refuse(_ place: Int, _ refusal: Refusal) {
        let draft = drafts[place]
        var events = refused[draft.submission] ?? []
        if let last = events.last, last.place == draft.event {
            events[events.count - 1] = RefusedEvent(
                place: draft.event, refusals: last.refusals + [refusal])
        } else {
            events.append(RefusedEvent(place: draft.event, refusals: [refusal]))
        }
        refused[draft.submission] = events
    }
}
