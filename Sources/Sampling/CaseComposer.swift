package import Catalogue
package import Rules

/// Composes plausible cases from an order of events: fields, persons and days that keep the rules.
///
/// The same seed gives the same draft. What the order itself breaks stays broken, and is told.
package struct CaseComposer: Sendable {
    package let book: RuleBook
    let judge: DraftJudge
    let maker: DraftMaker
    let repair: DraftRepair
    let schedule: DraftSchedule
    let needs: EventNeeds

    /// With so many persons for each role.
    package init(_ book: RuleBook, personsAList: Int = 20) {
        self.book = book
        judge = DraftJudge(book, personsAList: personsAList)
        maker = DraftMaker(book)
        repair = DraftRepair(judge, maker)
        schedule = DraftSchedule(judge)
        needs = EventNeeds(book)
    }

    package var shared: DraftWriter.Shared { judge.shared }

    /// Everybody but those whom exercises put outside.
    package var registers: RegisterFold { judge.registers }

    /// A case with these events in this order, from the first working day from `day` on.
    ///
    /// Where a rule needs an event of another procedure's case, such a case stands before it.
    package func compose(
        _ procedure: String, _ types: [EventType], from day: Int, seed: UInt64
    ) -> (draft: CaseDraft, flaws: [DraftFlaw]) {
        var chance = Chance(seed)
        var draft = self.draft(procedure, types, &chance)
        schedule.lay(&draft, from: day, &chance)
        let rest = repair.mend(&draft, &chance)
        return (draft, rest.unwanted)
    }

    /// The events without their days, after those of cases that they need and before those of cases
    /// to which they lead.
    func draft(
        _ procedure: String, _ types: [EventType], companions: [EventType]? = nil,
        followers: [EventType] = [], _ chance: inout Chance
    ) -> CaseDraft {
        var draft = CaseDraft(procedures: [procedure])
        for type in companions ?? needs.companions(of: types) {
            add(type, to: &draft, &chance)
        }
        for type in types { draft.events.append(maker.event(type, stream: 0, &chance)) }
        for type in followers { add(type, to: &draft, &chance) }
        return draft
    }

    private func add(_ type: EventType, to draft: inout CaseDraft, _ chance: inout Chance) {
        guard let procedure = type.procedure else { return }
        if !draft.procedures.contains(procedure) { draft.procedures.append(procedure) }
        let stream = draft.procedures.firstIndex(of: procedure) ?? 0
        draft.events.append(maker.event(type, stream: stream, &chance))
    }
}
