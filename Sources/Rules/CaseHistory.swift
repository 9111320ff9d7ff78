package import CanonicalJSON
import Merkle
package import Records

/// One standing entry of a case: what happened, as corrected.
///
/// An object, since folds hand it on again and again.
package final class CaseEntry: Hashable, Sendable {
    /// What conditions look at; of a corrected entry, the newest correction's data.
    package let facts: EventFacts
    package let recorded: Timestamp
    package let isDayOnly: Bool
    package let isAsserted: Bool
    /// The id of the approved batch of late entries that it came with.
    package let lateBatch: String?
    package let operatorPerson: String
    /// Empty if none is named.
    package let operatorUnit: String

    package var sequence: UInt64 { facts.sequence.rawValue }
    /// The full name of the type.
    package var type: String { facts.type }
    /// When it happened; with ``isDayOnly`` the first moment of that day.
    package var moment: Timestamp { facts.instant }
    /// The day on which it happened, in the catalogue's time zone: days since 1970-01-01.
    package var day: Int { facts.day }
    package var data: JSONValue { facts.data }
    package var participants: [Participant] { facts.participants }

    /// The last moment at which it may have happened.
    var latest: Timestamp {
        isDayOnly ? Timestamp(microseconds: moment.microseconds + 86_400_000_000 - 1) : moment
    }

    /// Whether it is not known to have happened after `other`.
    package func mayPrecede(_ other: CaseEntry) -> Bool { moment <= other.latest }

    /// Whether it is known to have happened before `other`.
    package func surelyPrecedes(_ other: CaseEntry) -> Bool { latest < other.moment }

    /// Whether `person` entered it or took part in it.
    package func concerns(_ person: String) -> Bool {
        operatorPerson == person || participants.contains { $0.person == person }
    }

    package static func == (left: CaseEntry, right: CaseEntry) -> Bool {
        left === right
            || left.facts == right.facts && left.recorded == right.recorded
                && left.isDayOnly == right.isDayOnly && left.isAsserted == right.isAsserted
                && left.lateBatch == right.lateBatch
                && left.operatorPerson == right.operatorPerson
                && left.operatorUnit == right.operatorUnit
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(facts) }

    /// Nil if `event` is no event.
    package init?(
        event: JSONValue, sequence: UInt64, recorded: Timestamp, recorder: String,
        clock: LocalTime
    ) {
        guard let data = event["data"], let type = event["type"]?.string,
            let time = event["time"]?.string,
            let zoned = ZonedTime(text: time)
        else { return nil }
        isDayOnly = event["precision"] != nil
        let day = isDayOnly ? zoned.date.dayNumber : clock.day(of: zoned.moment)
        let moment = isDayOnly ? clock.start(of: day) : zoned.moment
        facts = EventFacts(
            type: type, day: day, instant: moment, sequence: SequenceNumber(sequence), data: data)
        self.recorded = recorded
        isAsserted = event["asserted"]?.bool ?? false
        let correlation = event["correlationid"]?.string
        lateBatch = recorder.hasPrefix("import:") ? correlation : nil
        let entered = data["operator"]
        operatorPerson = entered?["person"]?.string ?? ""
        operatorUnit = entered?["unit"]?.string ?? ""
    }

    /// An entry that was recorded at once.
    package init(_ facts: EventFacts, isAsserted: Bool = false, isDayOnly: Bool = false) {
        (self.facts, self.isAsserted, self.isDayOnly) = (facts, isAsserted, isDayOnly)
        (recorded, lateBatch) = (facts.instant, nil)
        let entered = facts.data["operator"]
        operatorPerson = entered?["person"]?.string ?? ""
        operatorUnit = entered?["unit"]?.string ?? ""
    }

    private init(_ facts: EventFacts, like other: CaseEntry) {
        self.facts = facts
        (recorded, isDayOnly) = (other.recorded, other.isDayOnly)
        (isAsserted, lateBatch) = (other.isAsserted, other.lateBatch)
        (operatorPerson, operatorUnit) = (other.operatorPerson, other.operatorUnit)
    }
}

/// The corrected history of one stream: Specs/judging.md section 1.
package struct CaseHistory: Sendable {
    package let stream: String
    /// The identifier of the procedure: what stands before the slash.
    package let procedure: String
    /// Standing entries in the order of record; withheld and withdrawn ones are left out.
    package private(set) var entries: [CaseEntry] = []
    /// Places of ``entries`` in the order in which they happened.
    package private(set) var line: [Int] = []
    /// Where each of ``entries`` stands on ``line``.
    private(set) var linePlaces: [Int] = []
    package private(set) var withheldCount = 0
    /// Of each type, the places on ``line``, ascending.
    private var places: [String: [Int]] = [:]
    /// Everything taken so far, in order of record; nil for what was withdrawn.
    private var taken: [CaseEntry?] = []
    private var bySequence: [UInt64: Int] = [:]
    /// Whether ``entries`` are all that was taken, and where the last on ``line`` stands.
    private var isSettled = true
    private var lastMoment = Timestamp(microseconds: .min)

    package init(stream: String) {
        self.stream = stream
        procedure = String(stream.prefix { $0 != "/" })
    }

    /// Entries of linked cases of other procedures, in the order in which they happened.
    package private(set) var linked: [CaseEntry] = []

    /// Takes the entries of cases that this one is linked with.
    package mutating func link(_ others: [CaseHistory]) {
        linked = others.flatMap { history in history.line.map { history.entries[$0] } }
            .sorted { ($0.moment, $0.sequence) < ($1.moment, $1.sequence) }
    }

    /// Entries of cases with which this one goes on, from before they did, in the order in which
    /// they happened.
    package private(set) var inherited: [CaseEntry] = []
    /// The ways in which the case goes on in others.
    package private(set) var continuations: [Continuation] = []

    /// One way in which a case goes on in another, and perhaps from there in a third.
    package struct Continuation: Sendable {
        /// The entry with which it does.
        let join: CaseEntry
        /// The case's entries, and those of the others from then on.
        let whole: CaseHistory
    }

    package mutating func inherit(_ entries: [CaseEntry]) {
        inherited = entries.sorted { ($0.moment, $0.sequence) < ($1.moment, $1.sequence) }
    }

    package mutating func goOn(_ ways: [Continuation]) { continuations = ways }

    /// The same case with other entries, in the order of record.
    func with(_ others: [CaseEntry]) -> CaseHistory {
        var history = self
        history.taken = others
        history.isSettled = false
        history.continuations = []
        history.bySequence = Dictionary(
            others.enumerated().map { ($1.sequence, $0) }, uniquingKeysWith: { first, _ in first })
        history.settle()
        return history
    }

    /// The same with the names that types have in a later catalogue.
    package func renamed(_ names: [String: String]) -> CaseHistory {
        guard !names.isEmpty, entries.contains(where: { names[$0.type] != nil }) else {
            return self
        }
        var history = with(entries.map { $0.renamed(names) })
        history.linked = linked.map { $0.renamed(names) }
        history.inherited = inherited.map { $0.renamed(names) }
        history.continuations = continuations.map {
            Continuation(join: $0.join.renamed(names), whole: $0.whole.renamed(names))
        }
        return history
    }

    package var isEmpty: Bool { entries.isEmpty }
}

/// What a condition sees of a case.
struct CaseContext: StreamContext {
    fileprivate let history: CaseHistory
    let judged: EventFacts
    fileprivate let end: Int
    fileprivate let but: Int?

    func earlier(_ type: String) -> [EventFacts] {
        history.facts(type, before: end, but: but)
    }
}

// MARK: - Folding

extension CaseHistory {
    /// Folds the lines of a stream, in order, in the catalogue's time zone.
    package init(stream: String, lines: [[UInt8]], clock: LocalTime) {
        self.init(stream: stream)
        for line in lines {
            guard let root = try? JSONValue(parsing: line) else { continue }
            guard root["withheld"] == nil else {
                withheldCount += 1
                continue
            }
            if let entry = CaseEntry(root, clock: clock) { take(entry) }
        }
        settle()
    }

    /// Takes the next entry, or what it does to an earlier one; ``settle()`` makes it count.
    package mutating func take(_ entry: CaseEntry) {
        guard entry.type == "entry.corrected" || entry.type == "entry.withdrawn" else {
            bySequence[entry.sequence] = taken.count
            taken.append(entry)
            if !append(entry) { isSettled = false }
            return
        }
        isSettled = false
        let target = entry.data["corrects"] ?? entry.data["withdraws"]
        guard let number = target?["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let place = bySequence[number]
        else { return }
        if let data = entry.data["corrected"] {
            taken[place] = taken[place]?.corrected(data)
        } else {
            taken[place] = nil
        }
    }

    /// What mostly comes: an entry that happened after all others.
    ///
    /// It changes nothing before it.
    private mutating func append(_ entry: CaseEntry) -> Bool {
        guard isSettled, !entry.isDayOnly, entry.moment >= lastMoment else { return false }
        lastMoment = entry.moment
        places[entry.type, default: []].append(line.count)
        linePlaces.append(line.count)
        line.append(entries.count)
        entries.append(entry)
        return true
    }

    /// Puts what was taken in order.
    package mutating func settle() {
        guard !isSettled else { return }
        isSettled = true
        entries = taken.compactMap { $0 }
        (line, lastMoment) = CaseHistory.occurrence(of: entries)
        linePlaces = Array(repeating: 0, count: line.count)
        for (place, entry) in line.enumerated() { linePlaces[entry] = place }
        places = Dictionary(grouping: line.indices) { entries[line[$0]].type }
    }

    /// What a condition sees that judges the entry at `place`: what stands before it on the line.
    func context(at place: Int) -> CaseContext {
        let end = linePlaces[place]
        return CaseContext(history: self, judged: entries[place].facts, end: end, but: nil)
    }

    /// The same, but with the whole case, whatever happened after the entry too.
    func wholeContext(at place: Int) -> CaseContext {
        CaseContext(
            history: self, judged: entries[place].facts, end: line.endIndex,
            but: linePlaces[place])
    }

    /// The case as it stood at the end of a day, as seen from one of its entries.
    func context(at place: Int, through day: Int) -> CaseContext {
        let end = line.firstIndex { entries[$0].day > day } ?? line.endIndex
        return CaseContext(history: self, judged: entries[place].facts, end: end, but: nil)
    }

    fileprivate func facts(_ type: String, before end: Int, but place: Int?) -> [EventFacts] {
        guard let own = places[type] else {
            let before = facts(type, of: inherited, before: end)
            return before.isEmpty ? facts(type, of: linked, before: end) : before
        }
        let facts = own.lazy.prefix { $0 < end }.filter { $0 != place }
            .map { entries[line[$0]].facts }
        return inherited.isEmpty || !facts.isEmpty
            ? Array(facts) : self.facts(type, of: inherited, before: end)
    }

    /// Of other cases, what had happened by the moment of the entry that is judged.
    private func facts(
        _ type: String, of others: [CaseEntry], before end: Int
    ) -> [EventFacts] {
        guard !others.isEmpty else { return [] }
        let now = end < line.count ? entries[line[end]].latest : nil
        return others.filter { entry in
            entry.type == type && (now.map { entry.moment <= $0 } ?? true)
        }.map(\.facts)
    }

    /// What is known by day alone stands as late on its day as what was recorded before it.
    private static func occurrence(of entries: [CaseEntry]) -> ([Int], last: Timestamp) {
        var latestOfDay: [Int: Timestamp] = [:]
        var moments: [Timestamp] = []
        moments.reserveCapacity(entries.count)
        for entry in entries {
            let known = latestOfDay[entry.day]
            let moment = entry.isDayOnly ? max(entry.moment, known ?? entry.moment) : entry.moment
            latestOfDay[entry.day] = max(moment, known ?? moment)
            moments.append(moment)
        }
        let line = entries.indices.sorted { (moments[$0], $0) < (moments[$1], $1) }
        return (line, moments.max() ?? Timestamp(microseconds: .min))
    }
}

extension CaseEntry {
    /// Nil if `root` is no record.
    convenience init?(_ root: JSONValue, clock: LocalTime) {
        guard let chain = root["chain"], let event = root["event"],
            let sequence = chain["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let recorded = chain["recorded"]?.string.flatMap({ Timestamp(fixed: $0) })
        else { return nil }
        let recorder = root["intake"]?["recorder"]?.string ?? ""
        self.init(
            event: event, sequence: sequence, recorded: recorded, recorder: recorder,
            clock: clock)
    }

    /// The same entry with other data, which lacks the operator.
    fileprivate func corrected(_ data: JSONValue) -> CaseEntry {
        CaseEntry(
            EventFacts(
                type: type, day: day, instant: moment, sequence: facts.sequence, data: data),
            like: self)
    }

    fileprivate func renamed(_ names: [String: String]) -> CaseEntry {
        guard let name = names[type] else { return self }
        return CaseEntry(
            EventFacts(
                type: name, day: day, instant: moment, sequence: facts.sequence, data: data),
            like: self)
    }
}
