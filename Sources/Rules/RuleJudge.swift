package import Catalogue

/// A rule that is broken, or that only a person can judge.
package struct Breach: Hashable, Sendable {
    package let rule: Rule
    /// The sequence number of the entry that breaks it.
    package let entry: UInt64
    package let day: Int
    package let isAsserted: Bool
    /// What is missing or in the way: full names of event types, or persons.
    package let names: [String]

    package init(rule: Rule, entry: UInt64, day: Int, isAsserted: Bool, names: [String]) {
        (self.rule, self.entry, self.day) = (rule, entry, day)
        (self.isAsserted, self.names) = (isAsserted, names)
    }
}

/// Judges the entries of one case: Specs/judging.md section 3.
package struct RuleJudge {
    private let book: RuleBook
    private let history: CaseHistory
    private let registers: RegisterFold

    /// What is judged by.
    package enum Way: Sendable {
        /// By what is recorded before it.
        case gate
        /// By what happened before it.
        case finding
    }

    package init(_ book: RuleBook, _ history: CaseHistory, registers: RegisterFold) {
        (self.book, self.history, self.registers) = (book, history, registers)
    }

    /// All breaches of the case, in the order of record.
    package func breaches() -> [Breach] {
        history.entries.indices.flatMap { breaches(at: $0, .finding) }
    }

    /// Why the newest entry, which is about to be recorded, must be refused.
    package func refusals() -> [Breach] {
        guard let last = history.entries.indices.last else { return [] }
        let entry = history.entries[last]
        guard !entry.isAsserted, book.catalogue.eventType(entry.type)?.isReceived == false else {
            return []
        }
        return breaches(at: last, .gate)
    }

    func breaches(at place: Int, _ way: Way) -> [Breach] {
        let entry = history.entries[place]
        guard let type = book.catalogue.eventType(entry.type) else { return [] }
        var found: [Breach] = []
        for prepared in book.rules(on: entry.type) {
            // Asked of every appended event: what only flags is not judged at a gate.
            guard way == .finding || prepared.rule.level == .refuse, applies(prepared, at: place)
            else { continue }
            if let names = broken(prepared, at: place, way) {
                found.append(breach(prepared.rule, entry, names))
            }
        }
        guard !type.isCommon else { return found }
        for prepared in book.terminals(of: history.procedure) {
            guard way == .finding || prepared.rule.level == .refuse,
                prepared.isInForce(on: entry.day),
                let names = afterEnd(prepared.rule, at: place, way)
            else { continue }
            found.append(breach(prepared.rule, entry, names))
        }
        return found
    }

    private func breach(_ rule: Rule, _ entry: CaseEntry, _ names: [String]) -> Breach {
        Breach(
            rule: rule, entry: entry.sequence, day: entry.day, isAsserted: entry.isAsserted,
            names: names)
    }

    /// Whether the rule or the duty with this id is judged on the entry with that number.
    package func applies(_ id: String, to sequence: UInt64) -> Bool {
        guard let place = history.entries.firstIndex(where: { $0.sequence == sequence }) else {
            return false
        }
        let entry = history.entries[place]
        if let prepared = book.rules(on: entry.type).first(where: { $0.rule.id == id }) {
            return applies(prepared, at: place)
        }
        if book.terminals(of: history.procedure).contains(where: {
            $0.rule.id == id && $0.rule.event == entry.type && $0.isInForce(on: entry.day)
        }) {
            return true
        }
        return book.duties(from: entry.type).contains { duty in
            duty.id == id && book.isInForce(duty.basis, on: entry.day)
                && book.truth(duty.when, at: place, in: history) == .true
        }
    }

    private func applies(_ prepared: PreparedRule, at place: Int) -> Bool {
        prepared.isInForce(on: history.entries[place].day)
            && prepared.when.truth(at: place, in: history, book.calendar) == .true
    }

    // MARK: - Demands

    /// What is missing or in the way; nil if the rule is kept.
    private func broken(_ prepared: PreparedRule, at place: Int, _ way: Way) -> [String]? {
        switch prepared.rule.demand {
        case .requires(let types):
            let missing = types.filter { !isBefore($0, place, way) }
            return missing.isEmpty ? nil : missing
        case .requiresAny(let types):
            return types.contains { isBefore($0, place, way) } ? nil : types
        case .forbids(let types):
            let present = types.filter { isSurelyBefore($0, place, way) }
            return present.isEmpty ? nil : present
        case .atMostOnce: return isRepeated(place, way) ? [prepared.rule.event] : nil
        case .terminal: return nil
        case .check:
            return prepared.check.truth(at: place, in: history, book.calendar) == .false ? [] : nil
        case .participants(let role, let demand): return persons(role, demand, at: place, way)
        }
    }

    private func isBefore(_ type: String, _ place: Int, _ way: Way) -> Bool {
        let entry = history.entries[place]
        for others in [history.linked, history.inherited]
        where others.contains(where: { $0.type == type && $0.mayPrecede(entry) }) {
            return true
        }
        return history.entries.indices.contains { other in
            other != place && history.entries[other].type == type
                && (way == .gate || history.entries[other].mayPrecede(entry))
        }
    }

    private func isSurelyBefore(_ type: String, _ place: Int, _ way: Way) -> Bool {
        let entry = history.entries[place]
        if history.linked.contains(where: { $0.type == type && $0.surelyPrecedes(entry) }) {
            return true
        }
        return history.entries.indices.contains { other in
            other != place && history.entries[other].type == type
                && (way == .gate || history.entries[other].surelyPrecedes(entry))
        }
    }

    private func isRepeated(_ place: Int, _ way: Way) -> Bool {
        let type = history.entries[place].type
        if way == .gate { return history.entries[..<place].contains { $0.type == type } }
        let first = history.line.first { history.entries[$0].type == type }
        return first != place
    }

    private func afterEnd(_ rule: Rule, at place: Int, _ way: Way) -> [String]? {
        guard case .terminal(let exceptions) = rule.demand else { return nil }
        let entry = history.entries[place]
        guard entry.type != rule.event, !exceptions.contains(entry.type),
            isSurelyBefore(rule.event, place, way)
        else { return nil }
        return [rule.event]
    }

    private func persons(
        _ role: String, _ demand: Rule.Persons, at place: Int, _ way: Way
    ) -> [String]? {
        let entry = history.entries[place]
        let persons = Set(entry.participants.filter { $0.role == role }.map(\.person))
        switch demand {
        case .minimum(let count): return persons.count < count ? [role] : nil
        case .apartFrom(let other):
            let others = history.entries.indices.filter {
                $0 != place && history.entries[$0].type == other.event
                    && (way == .gate || history.entries[$0].mayPrecede(entry))
            }
            let linked = (history.linked + history.inherited).filter {
                $0.type == other.event && $0.mayPrecede(entry)
            }
            let taken = (others.map { history.entries[$0] } + linked).flatMap(\.participants)
                .filter { $0.role == other.role }.map(\.person)
            let both = persons.intersection(taken).sorted()
            return both.isEmpty ? nil : both
        case .holds(let register):
            let without = persons.filter {
                !registers.holds($0, register, on: entry.day)
            }
            return without.isEmpty ? nil : without.sorted()
        }
    }
}
