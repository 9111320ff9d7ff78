import Catalogue
import Records
import Rules

/// Goes through the records of a case, and through those of others that change what it comes to.
struct CaseWalk {
    private(set) var prefix: CasePrefix
    private let surroundings: Surroundings
    private let isJudged: Bool
    private let effect: (UInt64) -> EventCatalogue
    /// Records of the case, and of others after its first, in order.
    private var steps: [Step] = []
    private var place = 0
    /// Whether what surrounds the case is another than before the newest record.
    private(set) var isMoved = false
    /// Records that changed what a register says.
    private let registerRecords: Set<UInt64>
    private var others: [Other]
    /// Whether the case said that it goes on in another, which may not be there.
    private var isJoined = false

    struct Step {
        let record: UInt64
        /// The case's own record; nil of another's.
        let own: CaseRecord?

        var isOwn: Bool { own != nil }
    }

    /// A case that has to do with this one, as far as it is known.
    private struct Other {
        let records: [CaseRecord]
        var history: CaseHistory
        var taken = 0

        init(_ records: CaseRecords) {
            self.records = records.records
            history = CaseHistory(stream: records.stream)
        }

        /// Takes records up to `last`; whether there were new ones.
        mutating func take(upTo last: UInt64) -> Bool {
            let first = taken
            while taken < records.count, records[taken].sequence <= last {
                if let entry = records[taken].entry { history.take(entry) }
                taken += 1
            }
            if taken > first { history.settle() }
            return taken > first
        }
    }

    init(
        _ file: CaseRecords, _ rules: CaseRules, _ surroundings: Surroundings, isJudged: Bool,
        effect: @escaping (UInt64) -> EventCatalogue
    ) {
        prefix = CasePrefix(stream: file.stream, rules: rules)
        (self.surroundings, self.isJudged, self.effect) = (surroundings, isJudged, effect)
        others = surroundings.others.map { Other($0) }
        prefix.judged = isJudged ? JudgedCase(rules.shelf) : nil
        registerRecords = Set(
            surroundings.held.values.joined().flatMap { [$0.from] + [$0.to].compactMap { $0 } })
        var steps = file.records.map { Step(record: $0.sequence, own: $0) }
        if isJudged, let first = file.records.first?.sequence {
            let foreign =
                surroundings.others.flatMap { $0.records.map(\.sequence) } + registerRecords
            let after = Set(foreign.filter { $0 > first }).subtracting(steps.map(\.record))
            if !after.isEmpty {
                steps += after.map { Step(record: $0, own: nil) }
                steps.sort { $0.record < $1.record }
            }
        }
        self.steps = steps
    }

    /// The next record, with ``prefix`` as it stands after it; nil at the end.
    mutating func next() -> Step? {
        guard place < steps.count else { return nil }
        let step = steps[place]
        place += 1
        if let own = step.own {
            prefix.take(own, effect(own.sequence))
            if let type = own.entry?.type, prefix.rules.cross.joinTypes.contains(type) {
                isJoined = true
            }
        } else {
            prefix.newest = step.record
            prefix.isAppended = false
        }
        guard isJudged else { return step }
        isMoved = registerRecords.contains(step.record) || hides(step)
        var isMet = false
        for index in others.indices where others[index].take(upTo: step.record) { isMet = true }
        if isMet || isJoined || (step.isOwn && !others.isEmpty && mayLink(step)) {
            if surround() { isMoved = true }
        }
        guard step.isOwn || isMoved else { return step }
        let registers = RegisterFold(surroundings.held, size: step.record + 1)
        // Taken out, so that it is changed in place.
        guard var judged = prefix.judged.take() else { return step }
        judged.take(
            prefix.history, registers: registers, isAppended: prefix.isAppended && !isMoved)
        prefix.judged = judged
        return step
    }

    /// Whether the case's own record may link it with others than before.
    private func mayLink(_ step: Step) -> Bool {
        guard prefix.isAppended, let type = step.own?.entry?.type else { return true }
        return prefix.rules.cross.types.contains(type) || !prefix.history.inherited.isEmpty
            || !prefix.history.continuations.isEmpty
    }

    /// Whether a condition sees the case's own record instead of those of linked cases.
    private func hides(_ step: Step) -> Bool {
        step.own?.entry.map { entry in
            prefix.history.linked.contains { $0.type == entry.type }
        } ?? false
    }

    /// Gives the case what linked and joined cases have to do with it; whether that is something
    /// else than before.
    private mutating func surround() -> Bool {
        let before = prefix.history.linked + prefix.history.inherited
        let wasJoined = !prefix.history.continuations.isEmpty
        let cross = prefix.rules.cross
        let names = prefix.rules.newest.catalogue.formerNames
        let known = others.filter { $0.taken > 0 }.map(\.history)
        let byName = Dictionary(known.map { ($0.stream, $0) }, uniquingKeysWith: { one, _ in one })
        let all = (known + [prefix.history]).map { $0.renamed(names) }
        var (links, joins) = (cross.links, cross.joins)
        for history in all {
            if links.concern(history.procedure) { links.take(history) }
            if joins.concern(history.procedure) { joins.take(history) }
        }
        prefix.history.link(links.cases(of: prefix.stream).compactMap { byName[$0] })
        var related: [String: CaseHistory] = [:]
        for other in joins.related(to: prefix.stream) { related[other] = byName[other] }
        prefix.history.inherit([])
        prefix.history.goOn([])
        joins.join(&prefix.history, related)
        // How a case goes on is told with its own entries, which are others after each record.
        guard !wasJoined, prefix.history.continuations.isEmpty else { return true }
        return !before.elementsEqual(prefix.history.linked + prefix.history.inherited, by: ===)
    }
}
