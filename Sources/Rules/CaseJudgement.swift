import CanonicalJSON
package import Catalogue
package import Phrases
package import Records

/// What one case comes to: its findings and how its duties stand.
package struct CaseJudgement: Sendable {
    package let findings: [Finding]
    package let standings: [DutyStanding]

    package init(
        _ history: CaseHistory, _ book: RuleBook, registers: RegisterFold, now: Timestamp
    ) {
        self.init(history, RuleShelf(book), registers: registers, now: now)
    }

    package init(
        _ history: CaseHistory, _ shelf: RuleShelf, registers: RegisterFold, now: Timestamp
    ) {
        var findings: [Finding] = []
        var standings: [DutyStanding] = []
        for (book, span) in shelf.spans {
            guard history.entries.contains(where: { span.contains($0.sequence) }) else { continue }
            let history = history.renamed(book.catalogue.formerNames)
            let part = CaseJudgement(history, book, span, registers: registers, now: now)
            findings += part.findings
            standings += part.standings
        }
        FindingLife.settle(&findings, history)
        (self.findings, self.standings) = (findings, standings)
    }

    /// What the entries within `span` come to by one catalogue.
    private init(
        _ history: CaseHistory, _ book: RuleBook, _ span: Range<UInt64>, registers: RegisterFold,
        now: Timestamp
    ) {
        let words = FindingWords(catalogue: book.catalogue)
        let breaches = RuleJudge(book, history, registers: registers).breaches()
            .filter { span.contains($0.entry) }
        var findings = breaches.map { Finding($0, history.stream, words.words($0)) }
        standings = DutyClock(book: book, history: history, now: now).standings().filter {
            $0.start.map { span.contains($0) } ?? false
        }
        findings += standings.filter { $0.isBreach && book.isOfBureau($0.duty) }.map {
            Finding($0, words.words($0))
        }
        // Members of an approved batch of late entries are one finding together, at its approval.
        for entry in history.entries where entry.lateBatch == nil && span.contains(entry.sequence) {
            guard let day = book.lastDay(passedBy: entry) else { continue }
            findings.append(Finding(late: entry, history.stream, lastDay: day))
        }
        self.findings = findings.map { book.citing($0) }
    }
}

extension RuleBook {
    /// The finding with those of its sources alone that were in force on its day.
    package func citing(_ finding: Finding) -> Finding {
        var finding = finding
        let inForce = finding.basis.filter { isInForce([$0], on: finding.day) }
        if !inForce.isEmpty { finding.basis = inForce }
        return finding
    }

    /// Whether a duty is the bureau's own, so that missing it is a finding.
    package func isOfBureau(_ duty: Duty) -> Bool {
        guard let role = duty.dutyOf else { return true }
        return catalogue.role(role)?.kind != .outside
    }

    /// The last day on which the entry could be made in time; nil where there is no limit.
    func lastDay(ofEntering entry: CaseEntry) -> Int? {
        guard let term = catalogue.lateEntry else { return nil }
        if term.unit == .hour {
            return day(of: entry.latest.advanced(bySeconds: Int64(term.amount) * 3600))
        }
        guard case .day(let last, _)? = calendar.end(of: term, after: entry.day) else { return nil }
        return last
    }

    /// The last day on which the entry could be made in time, if it was made too late.
    func lastDay(passedBy entry: CaseEntry) -> Int? {
        guard let term = catalogue.lateEntry, let last = lastDay(ofEntering: entry) else {
            return nil
        }
        let isLate =
            term.unit == .hour
            ? entry.recorded > entry.latest.advanced(bySeconds: Int64(term.amount) * 3600)
            : day(of: entry.recorded) > last
        return isLate ? last : nil
    }

    /// Whether an entry was made too late, in a batch or not.
    package func isLate(_ entry: CaseEntry) -> Bool { lastDay(passedBy: entry) != nil }
}

extension Finding {
    package init(_ breach: Breach, _ stream: String, _ what: Phrase) {
        self.init(
            id: "\(breach.rule.id)@\(breach.entry)", kind: .rule, rule: breach.rule.id,
            level: breach.rule.level, stream: stream, entry: breach.entry, day: breach.day,
            isAsserted: breach.isAsserted, isProvisional: false, basis: breach.rule.basis,
            what: what, names: breach.names)
    }

    package init(_ standing: DutyStanding, _ what: Phrase) {
        self.init(
            id: standing.id, kind: .duty, rule: standing.duty.id, level: .flag,
            stream: standing.stream, entry: standing.end, day: standing.dueDay ?? standing.startDay,
            isAsserted: false, isProvisional: standing.isProvisional, basis: standing.duty.basis,
            what: what, names: [])
    }

    init(late entry: CaseEntry, _ stream: String, lastDay: Int) {
        self.init(
            lateEntry: entry.sequence, stream, day: lastDay, isAsserted: entry.isAsserted,
            batch: nil)
    }

    /// The same without words.
    init(wordless entry: CaseEntry, _ stream: String, lastDay: Int) {
        self.init(
            id: "late-entry@\(entry.sequence)", kind: .lateEntry, rule: "late-entry", level: .flag,
            stream: stream, entry: entry.sequence, day: lastDay, isAsserted: entry.isAsserted,
            isProvisional: false, basis: [], what: Phrase(en: "", zh: ""), names: [])
    }

    /// Of an entry that approves a batch of late entries; nil of any other.
    package init?(approving entry: CaseEntry, _ stream: String) {
        guard entry.type == "ledger.late-entries-approved",
            let batch = entry.data["batch"]?.string
        else { return nil }
        self.init(lateBatch: batch, entry, stream)
    }

    /// An approved batch of late entries, whatever its size.
    private init(lateBatch batch: String, _ approval: CaseEntry, _ stream: String) {
        self.init(
            lateEntry: approval.sequence, stream, day: approval.day, isAsserted: false,
            batch: batch)
    }

    /// What was entered after its last day, or the approval of a batch of such entries.
    package init(
        lateEntry entry: UInt64, _ stream: String, day: Int, isAsserted: Bool, batch: String?
    ) {
        let text = CivilDate(dayNumber: day).text
        self.init(
            id: "late-entry@\(entry)", kind: .lateEntry, rule: "late-entry", level: .flag,
            stream: stream, entry: entry, day: day, isAsserted: isAsserted,
            isProvisional: false, basis: [],
            what: batch.map {
                Phrase(en: "approved batch of late entries \($0)", zh: "经批准的补录批次 \($0)")
            } ?? Phrase(en: "entered after \(text)", zh: "登记晚于 \(text)"),
            names: batch.map { [$0] } ?? [])
    }
}
