package import Catalogue
import Phrases
import Records

/// What one case comes to, record after record: what ``CaseJudgement`` says of each state of it,
/// apart from what only the passing of time changes.
///
/// An entry after all others changes nothing that was judged of them but duties that it ends,
/// stops or moves; only those are judged again. Anything else judges the whole case anew.
package struct RunningJudgement: Sendable {
    /// A duty of the case as it stands if nothing more happens.
    package struct Owed: Sendable {
        package let duty: Duty
        package let start: UInt64
        /// More than one where the case went over into several.
        package internal(set) var ways: [DutyStanding]
    }

    /// Rules broken and entries made too late, by the entry's place; without states.
    package private(set) var findings: [Finding] = []
    package private(set) var owed: [Owed] = []
    /// Places in ``owed`` that the newest record changed; nil if all may be other ones.
    package private(set) var changed: [Int]?
    private let shelf: RuleShelf
    /// The last moment at which one of the entries may have happened.
    private var latest = Timestamp(microseconds: .min)
    private var entryCount = 0
    /// Whether somebody answered a finding in the case.
    package private(set) var isAnswered = false

    /// So late that everything has fallen due.
    private static let never = Timestamp(microseconds: 253_370_736_000_000_000)

    package init(_ shelf: RuleShelf) { self.shelf = shelf }

    /// Judges the case as it is now; `isAppended` if nothing but one more entry is new.
    package mutating func take(
        _ history: CaseHistory, registers: RegisterFold, isAppended: Bool
    ) {
        if isAppended, isAfterAll(history), let book = shelf.only {
            append(history, book, registers)
            guard let entry = history.entries.last else { return }
            latest = max(latest, entry.latest)
            if FindingLife.states[entry.type] != nil { isAnswered = true }
        } else {
            renew(history, registers)
            latest = history.entries.reduce(Timestamp(microseconds: .min)) { max($0, $1.latest) }
            isAnswered = history.entries.contains { FindingLife.states[$0.type] != nil }
        }
        entryCount = history.entries.count
    }

    private func isAfterAll(_ history: CaseHistory) -> Bool {
        guard history.entries.count == entryCount + 1, history.continuations.isEmpty,
            let last = history.entries.last
        else { return false }
        return last.moment > latest
    }

    // MARK: - One more entry

    private mutating func append(
        _ history: CaseHistory, _ book: RuleBook, _ registers: RegisterFold
    ) {
        let place = history.entries.count - 1
        let entry = history.entries[place]
        findings += RunningJudgement.findings(at: place, history, book, registers)
        let clock = DutyClock(book: book, history: history, now: RunningJudgement.never)
        var changed: [Int] = []
        for index in owed.indices where owed[index].duty.isMoved(by: entry.type) {
            let start = owed[index].start
            guard let from = history.entries.firstIndex(where: { $0.sequence == start }) else {
                continue
            }
            let ways = clock.ways(owed[index].duty, startedBy: from)
            guard ways != owed[index].ways else { continue }
            owed[index].ways = ways
            changed.append(index)
        }
        for duty in book.duties(from: entry.type) {
            guard let new = RunningJudgement.owed(duty, at: place, clock) else { continue }
            changed.append(owed.count)
            owed.append(new)
        }
        self.changed = changed
    }

    // MARK: - Everything

    private mutating func renew(_ history: CaseHistory, _ registers: RegisterFold) {
        (findings, owed, changed) = ([], [], nil)
        for (book, span) in shelf.spans {
            guard history.entries.contains(where: { span.contains($0.sequence) }) else { continue }
            let history = history.renamed(book.catalogue.formerNames)
            let clock = DutyClock(book: book, history: history, now: RunningJudgement.never)
            for place in history.entries.indices
            where span.contains(history.entries[place].sequence) {
                findings += RunningJudgement.findings(at: place, history, book, registers)
                owed += book.duties(from: history.entries[place].type).compactMap {
                    RunningJudgement.owed($0, at: place, clock)
                }
            }
        }
    }

    private static func owed(_ duty: Duty, at place: Int, _ clock: DutyClock) -> Owed? {
        // A duty that does not stand now may later, when its paused or unknown day is known.
        guard clock.history.entries.indices.contains(place) else { return nil }
        let ways = clock.ways(duty, startedBy: place)
        return Owed(duty: duty, start: clock.history.entries[place].sequence, ways: ways)
    }

    private static func findings(
        at place: Int, _ history: CaseHistory, _ book: RuleBook, _ registers: RegisterFold
    ) -> [Finding] {
        let entry = history.entries[place]
        let breaches = RuleJudge(book, history, registers: registers).breaches(at: place, .finding)
        // In words when asked: rows keep what is needed to say it.
        var found = breaches.map { Finding($0, history.stream, Phrase(en: "", zh: "")) }
        if entry.lateBatch == nil, let day = book.lastDay(passedBy: entry) {
            found.append(Finding(wordless: entry, history.stream, lastDay: day))
        }
        return found
    }

    // MARK: - What people answered

    /// Findings with the states that events of the case gave them; of duties too, by the id.
    package func settled(_ history: CaseHistory) -> (findings: [Finding], duties: [String: Finding])
    {
        guard isAnswered else { return (findings, [:]) }
        var all = findings
        for owed in owed {
            guard let standing = owed.ways.worst, standing.isBreach else { continue }
            all.append(Finding(standing, Phrase(en: "", zh: "")))
        }
        FindingLife.settle(&all, history)
        let duties = all.dropFirst(findings.count).map { ($0.id, $0) }
        return (
            Array(all.prefix(findings.count)),
            Dictionary(duties, uniquingKeysWith: { first, _ in first })
        )
    }
}

extension RuleShelf {
    /// The book, if there has been no other and no type has another name in it.
    var only: RuleBook? {
        spans.count == 1 && newest.catalogue.formerNames.isEmpty ? newest : nil
    }
}
