import CanonicalJSON
import Catalogue
import Records
package import Rules

/// A case judged, as rows need it.
package struct JudgedCase: Sendable {
    /// Of duties, in the order of their starts, one for each way in which the case went on.
    package private(set) var dutyRows: [ModelRow] = []
    /// So many of the findings, and of the duties' rows, are as they were before the newest record.
    private(set) var keptFindings = 0
    private(set) var keptDuties = 0
    /// The rows of each duty.
    private var duties: [[ModelRow]] = []
    private var running: RunningJudgement
    /// Findings with what was answered to them; nil if nothing was.
    private var answered: [Finding]?

    init(_ shelf: RuleShelf) { running = RunningJudgement(shelf) }

    package var findings: [Finding] { answered ?? running.findings }

    mutating func take(
        _ history: CaseHistory, registers: RegisterFold, isAppended: Bool
    ) {
        (keptFindings, keptDuties) = (0, 0)
        // The ledger's own streams are no cases, but a batch of late entries is one finding.
        guard history.procedure != "ledger" else {
            answered = history.entries.compactMap { Finding(approving: $0, history.stream) }
            return
        }
        let known = running.findings.count
        let wasAnswered = answered != nil
        running.take(history, registers: registers, isAppended: isAppended)
        var lives: [String: Finding] = [:]
        answered = nil
        if running.isAnswered {
            let settled = running.settled(history)
            (answered, lives) = (settled.findings, settled.duties)
        } else if running.changed != nil, !wasAnswered {
            keptFindings = known
        }
        if let changed = running.changed, lives.isEmpty, !wasAnswered {
            renew(changed, history)
        } else {
            renew(history, lives)
        }
    }

    private mutating func renew(_ changed: [Int], _ history: CaseHistory) {
        guard let first = changed.min() else {
            keptDuties = dutyRows.count
            return
        }
        for place in changed {
            let start = running.owed[place].start
            let entry = history.entries.last { $0.sequence == start }
            let rows = DutiesModel.rows(running.owed[place], entry, nil)
            if place < duties.count { duties[place] = rows } else { duties.append(rows) }
        }
        keptDuties = duties[..<first].reduce(0) { $0 + $1.count }
        dutyRows.replaceSubrange(keptDuties..., with: duties[first...].joined())
    }

    private mutating func renew(_ history: CaseHistory, _ lives: [String: Finding]) {
        let entries = Dictionary(
            history.entries.map { ($0.sequence, $0) }, uniquingKeysWith: { first, _ in first })
        duties = running.owed.map { owed in
            let life = owed.ways.worst.flatMap { lives[$0.id] }
            return DutiesModel.rows(owed, entries[owed.start], life)
        }
        dutyRows = duties.flatMap { $0 }
    }
}

/// Duties with how they stand if nothing more happens.
package struct DutiesModel: ReadModel {
    package let name = "duties"
    package let version = 3
    package let isJudged = true
    package let columns = [
        ModelColumn("duty", .text, isKey: true, with: "dueDay, state, ways"),
        ModelColumn("state", .text),
        ModelColumn("start", .integer), ModelColumn("startDay", .integer),
        ModelColumn("dueDay", .integer), ModelColumn("dueMoment", .integer),
        ModelColumn("provisional", .integer), ModelColumn("end", .integer),
        ModelColumn("endDay", .integer), ModelColumn("life", .text),
        ModelColumn("lifeBy", .integer), ModelColumn("persons", .text),
        ModelColumn("unit", .text), ModelColumn("from", .text), ModelColumn("ways", .integer),
        // Of several ways, the one that counts after the day on which time settles that.
        ModelColumn("counts", .integer), ModelColumn("settled", .integer),
    ]

    package init() {}

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        prefix.judged?.dutyRows ?? []
    }

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        guard let judged = prefix.judged else { return .none(standing) }
        return RowChange(
            kept: judged.keptDuties, new: Array(judged.dutyRows[judged.keptDuties...]))
    }

    static func rows(
        _ owed: RunningJudgement.Owed, _ start: CaseEntry?, _ life: Finding?
    ) -> [ModelRow] {
        guard !owed.ways.isEmpty, let start else { return [] }
        let persons = [start.operatorPerson] + start.participants.map(\.person)
        let unit = start.operatorUnit.isEmpty ? nil : start.operatorUnit
        // Taking down what was published is owed from several events by one id.
        let from = owed.duty.id.hasSuffix(".removal") ? owed.duty.from : nil
        let (worst, settled) = (owed.ways.worstPlace, owed.ways.settlingDay)
        return owed.ways.enumerated().map { place, standing in
            ModelRow(
                begins: start.moment.microseconds,
                [
                    .text(owed.duty.id), .text(standing.state.rawValue),
                    .integer(Int64(owed.start)), .integer(Int64(standing.startDay)),
                    ModelValue(standing.dueDay.map { Int64($0) }),
                    ModelValue(standing.dueMoment?.microseconds),
                    ModelValue(standing.isProvisional), ModelValue(standing.end.map { Int64($0) }),
                    ModelValue(standing.endDay.map { Int64($0) }),
                    ModelValue(life?.state.rawValue),
                    ModelValue(life?.stateBy.map { Int64($0) }),
                    .text(persons.joined(separator: "\n")), ModelValue(unit), ModelValue(from),
                    .integer(Int64(owed.ways.count)), ModelValue(place == worst),
                    ModelValue(settled.map { Int64($0) }),
                ])
        }
    }
}

/// Rules that were broken and entries made too late, with what was answered.
package struct FindingsModel: ReadModel {
    package let name = "findings"
    package let version = 1
    package let isJudged = true
    package let columns = [
        ModelColumn("rule", .text, isKey: true), ModelColumn("kind", .text),
        ModelColumn("entry", .integer), ModelColumn("day", .integer),
        ModelColumn("asserted", .integer), ModelColumn("names", .text),
        ModelColumn("state", .text), ModelColumn("stateBy", .integer),
    ]

    package init() {}

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        (prefix.judged?.findings ?? []).map { FindingsModel.row($0) }
    }

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        guard let judged = prefix.judged else { return .none(standing) }
        return RowChange(
            kept: judged.keptFindings,
            new: judged.findings[judged.keptFindings...].map { FindingsModel.row($0) })
    }

    private static func row(_ finding: Finding) -> ModelRow {
        ModelRow(
            begins: Int64(finding.day) * 86_400_000_000,
            [
                .text(finding.rule), .text(finding.kind.rawValue),
                ModelValue(finding.entry.map { Int64($0) }), .integer(Int64(finding.day)),
                ModelValue(finding.isAsserted), .text(finding.names.joined(separator: "\n")),
                .text(finding.state.rawValue), ModelValue(finding.stateBy.map { Int64($0) }),
            ])
    }
}

/// Who stands in a register on which days.
package struct PostsModel: ReadModel {
    package let name = "posts"
    package let version = 1
    package let columns = [
        ModelColumn("register", .text), ModelColumn("person", .text, isKey: true),
        ModelColumn("fromDay", .integer), ModelColumn("toDay", .integer),
    ]

    package init() {}

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        let book = prefix.rules.newest
        guard prefix.rules.cross.registerProcedures.contains(prefix.history.procedure)
        else { return [] }
        let history = prefix.history.renamed(book.catalogue.formerNames)
        return RegisterFold.spans(of: history, book).map { register, person, days in
            ModelRow(
                begins: Int64(clamping: days.lowerBound) * 86_400_000_000,
                [
                    .text(register), .text(person), .integer(Int64(days.lowerBound)),
                    days.upperBound == .max ? .null : .integer(Int64(days.upperBound)),
                ])
        }
    }
}

extension PostsModel {
    /// What a version of a row says about a register.
    static func held(_ version: VersionedRow) -> (person: String, held: RegisterFold.Held)? {
        held(version.row.values, from: version.from, to: version.to)
    }

    static func held(
        _ values: [ModelValue], from: UInt64, to: UInt64?
    ) -> (person: String, held: RegisterFold.Held)? {
        guard let register = values[0].text, let person = values[1].text,
            let first = values[2].integer
        else { return nil }
        let last = values[3].integer.map { Int($0) } ?? .max
        guard Int(first) <= last else { return nil }
        return (
            person,
            RegisterFold.Held(register: register, days: Int(first)...last, from: from, to: to)
        )
    }
}

/// What records name: organisations, documents, attachments, other cases, and persons who neither
/// entered them nor took part.
package struct MentionsModel: ReadModel {
    package let name = "mentions"
    package let version = 2
    package let columns = [
        ModelColumn("key", .text, isKey: true, with: "seq"), ModelColumn("kind", .text),
        ModelColumn("seq", .integer), ModelColumn("field", .text), ModelColumn("label", .text),
    ]

    package init() {}

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        prefix.mentionRows
    }

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        RowChange(kept: standing.count, new: Array(prefix.mentionRows[standing.count...]))
    }

    static func rows(_ record: CaseRecord, in prefix: CasePrefix) -> [ModelRow] {
        // Operators are found in the timeline, participants of standing entries among participants.
        let isMend = record.mends != nil
        let begins = record.entry?.moment.microseconds ?? record.recorded.microseconds
        let data = record.event?["data"]
        let participants =
            isMend ? data.map { CasePrefix.participants($0, "participants") } ?? [] : []
        return (participants + prefix.named(by: record)).map { mention in
            ModelRow(
                begins: begins,
                [
                    .text(mention.key.text), .text(mention.key.kind),
                    .integer(Int64(record.sequence)), .text(mention.field),
                    ModelValue(mention.label),
                ])
        }
    }
}

extension MentionKey {
    /// What it is called in rows.
    package var kind: String {
        switch self {
        case .person: "person"
        case .organisation: "organisation"
        case .alias: "alias"
        case .reference: "case"
        case .attachment: "attachment"
        case .kept: "kept"
        }
    }

    package var text: String {
        switch self {
        case .person(let text), .organisation(let text), .alias(let text), .reference(let text),
            .attachment(let text), .kept(let text):
            text
        }
    }
}

/// What yearly duties count: acts that fulfil them, and the year from which they are owed.
package struct YearlyModel: ReadModel {
    package let name = "yearly"
    package let version = 2
    package let isJudged = true
    package let columns = [
        ModelColumn("duty", .text, isKey: true), ModelColumn("seq", .integer),
        ModelColumn("day", .integer), ModelColumn("firstYear", .integer),
    ]

    package init() {}

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        // What fulfils a duty is judged by what happened before it alone.
        let names = prefix.rules.newest.catalogue.formerNames
        let type = prefix.history.entries.last.map { names[$0.type] ?? $0.type }
        guard let type, prefix.rules.yearly.concern(type) else { return .none(standing) }
        return RowChange(kept: 0, new: try rows(of: prefix))
    }

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        let yearly = prefix.rules.yearly
        let history = prefix.history.renamed(prefix.rules.newest.catalogue.formerNames)
        guard history.entries.contains(where: { yearly.concern($0.type) }) else { return [] }
        return yearly.facts(of: history).map { fact in
            switch fact {
            case .firstYear(let year, let sequence):
                ModelRow(
                    begins: 0, [.null, .integer(Int64(sequence)), .null, .integer(Int64(year))])
            case .act(let duty, let day, let sequence):
                ModelRow(
                    begins: Int64(day) * 86_400_000_000,
                    [.text(duty), .integer(Int64(sequence)), .integer(Int64(day)), .null])
            }
        }
    }
}
