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
    private var others: [Other]
    private var judged: JudgedCase?
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
        judged = isJudged ? JudgedCase(rules.shelf) : nil
        var steps = file.records.map { Step(record: $0.sequence, own: $0) }
        if isJudged, let first = file.records.first?.sequence {
            let foreign =
                surroundings.others.flatMap { $0.records.map(\.sequence) }
                + surroundings.held.values.joined().flatMap {
                    [$0.from] + [$0.to].compactMap { $0 }
                }
            let after = Set(foreign.filter { $0 > first })
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
        var isMoved = !step.isOwn
        for index in others.indices where others[index].take(upTo: step.record) { isMoved = true }
        if isJoined || !others.isEmpty { surround() }
        let registers = RegisterFold(surroundings.held, size: step.record + 1)
        let isAppended = !isMoved && prefix.isAppended && others.isEmpty && !isJoined
        judged?.take(prefix, registers: registers, isAppended: isAppended)
        prefix.judged = judged
        return step
    }

    /// Gives the case what linked and joined cases have to do with it.
    private mutating func surround() {
        let cross = prefix.rules.cross
        let names = prefix.rules.newest.catalogue.formerNames
        let known = others.filter { $0.taken > 0 }.map(\.history)
        let byName = Dictionary(known.map { ($0.stream, $0) }, uniquingKeysWith: { one, _ in one })
        let all = (known + [prefix.history]).map { $0.renamed(names) }
        var (links, joins) = (cross.links, cross.joins)
        for history in all {
            if links.concern(String(history.procedure)) { links.take(history) }
            if joins.concern(String(history.procedure)) { joins.take(history) }
        }
        prefix.history.link(links.cases(of: prefix.stream).compactMap { byName[$0] })
        var related: [String: CaseHistory] = [:]
        for other in joins.related(to: prefix.stream) { related[other] = byName[other] }
        prefix.history.inherit([])
        prefix.history.goOn([])
        joins.join(&prefix.history, related)
    }
}
