import Catalogue
import Rules

// Rules about who takes part.
extension ExerciseMaker {
    func participants(
        _ rule: Rule, _ type: EventType, _ role: String, _ demand: Rule.Persons
    ) throws(NoExercise) -> [Exercise.Trial] {
        var kept = try sound(rule, type, demand)
        let last = kept.draft.events.count - 1
        let places = kept.draft.events[last].participants.indices.filter {
            kept.draft.events[last].participants[$0].role == role
        }
        guard let first = places.first else {
            throw NoExercise(en: "nobody has the role", zh: "没有该角色的人员")
        }
        let aim = DraftAim(rule: rule.id, event: last)
        var trials = [kept]
        switch demand {
        case .minimum(let count):
            guard (form(type, role)?.minimum ?? 0) < count else {
                throw NoExercise(
                    en: "the form of the event already demands so many", zh: "事件格式本身已要求该人数")
            }
            trials.append(
                try broken(aim, .tooFew, kept.draft) { draft in
                    for place in places.reversed().prefix(places.count - count + 1) {
                        draft.events[last].participants.remove(at: place)
                    }
                })
            if count > 1, form(type, role)?.isDistinct != true || form(type, role)?.minimum == 1 {
                trials.append(
                    try broken(aim, .samePerson, kept.draft) { draft in
                        let person = draft.events[last].participants[first].person
                        for place in places {
                            draft.events[last].participants[place].person = person
                        }
                    })
            }
        case .apartFrom(let other):
            guard let person = person(other, kept.draft) else {
                throw NoExercise(en: "nobody has the other role", zh: "另一事件没有该角色的人员")
            }
            trials.append(
                try broken(aim, .sharedPerson, kept.draft) { draft in
                    draft.events[last].participants[first].person = person
                })
        case .holds:
            trials.append(
                try broken(aim, .outsider, kept.draft) { draft in
                    draft.events[last].participants[first].person.place = DraftWriter.outsider
                })
        }
        kept = trials[0]
        return trials
    }

    /// A case in which the rule applies to the last event, and the other event is there.
    private func sound(
        _ rule: Rule, _ type: EventType, _ demand: Rule.Persons
    ) throws(NoExercise) -> Exercise.Trial {
        var before: [String] = []
        if case .apartFrom(let other) = demand { before = [other.event] }
        return try kept(rule, type, with: before)
    }

    private func broken(
        _ aim: DraftAim, _ way: Exercise.Way, _ kept: CaseDraft,
        _ change: (inout CaseDraft) -> Void
    ) throws(NoExercise) -> Exercise.Trial {
        var draft = kept
        change(&draft)
        let rest = DraftRest(composer.judge.flaws(of: draft), [aim], idle: [])
        guard rest.missing.isEmpty else {
            throw NoExercise(en: "the change breaks nothing", zh: "改动后未违反")
        }
        return trial(way, draft, aim, company: rest.unwanted.map(\.aim))
    }

    private func form(_ type: EventType, _ role: String) -> RequiredParticipants? {
        type.participants.first { $0.role == role }
    }

    private func person(_ other: Rule.ApartFrom, _ draft: CaseDraft) -> PersonReference? {
        let event = draft.events.last { $0.type.name == other.event }
        return event?.participants.first { $0.role == other.role }?.person
    }
}
