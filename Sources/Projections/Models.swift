import CanonicalJSON
import Catalogue
import Records
import Rules

/// All read models, in the order in which they are made.
package let allReadModels: [any ReadModel] = [
    CasesModel(), StagesModel(), TimelineModel(), ParticipantsModel(), MentionsModel(),
    PostsModel(),
    DutiesModel(), FindingsModel(), YearlyModel(), MeasuresModel(),
]

/// Spans in which a case had one state.
package struct CasesModel: ReadModel {
    package let name = "cases"
    package let version = 2
    package let columns = [
        ModelColumn("procedure", .text), ModelColumn("stage", .text),
        ModelColumn("ended", .integer), ModelColumn("title", .text), ModelColumn("aliases", .text),
        ModelColumn("entries", .integer), ModelColumn("newest", .integer),
    ]

    package init() {}

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        let history = prefix.history
        var state = State()
        var rows: [ModelRow] = []
        for (place, index) in history.line.enumerated() {
            let entry = history.entries[index]
            state.take(entry, prefix)
            let next = place + 1 < history.line.count ? history.line[place + 1] : nil
            let ends = next.map { history.entries[$0].moment.microseconds }
            // Entries of one moment make one state together.
            guard ends != entry.moment.microseconds else { continue }
            rows.append(
                ModelRow(
                    begins: entry.moment.microseconds, ends: ends,
                    state.values(procedure: history.procedure)))
        }
        return rows
    }

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        guard let entry = prefix.history.entries.last, let last = standing.last, last.ends == nil
        else { return RowChange(kept: 0, new: try rows(of: prefix)) }
        var state = State(last.values)
        state.take(entry, prefix)
        let begins = entry.moment.microseconds
        let new = ModelRow(begins: begins, state.values(procedure: prefix.history.procedure))
        let closed =
            last.begins == begins
            ? [] : [ModelRow(begins: last.begins, ends: begins, last.values)]
        return RowChange(kept: standing.count - 1, new: closed + [new])
    }

    private struct State {
        init() {}

        init(_ values: [ModelValue]) {
            stage = values[1].text
            hasEnded = values[2].integer == 1
            title = values[3].text ?? ""
            aliases = values[4].text ?? ""
            entryCount = values[5].integer ?? 0
            newest = UInt64(values[6].integer ?? 0)
        }

        var stage: String?
        var hasEnded = false
        var title = ""
        /// One a line.
        var aliases = ""
        var entryCount: Int64 = 0
        var newest: UInt64 = 0

        mutating func take(_ entry: CaseEntry, _ prefix: CasePrefix) {
            entryCount += 1
            newest = max(newest, entry.sequence)
            guard let type = prefix.types[entry.sequence] else { return }
            if let id = type.stage { stage = id }
            if type.ends { hasEnded = true }
            let words = type.caseTitle.compactMap { entry.data[$0].flatMap(\.titleText) }
            if !words.isEmpty { title = words.joined(separator: " ") }
            for field in type.aliasFields {
                if let alias = entry.data[field]?.string { add(alias) }
            }
        }

        private mutating func add(_ alias: String) {
            let known = aliases.utf8.split(separator: UInt8(ascii: "\n"))
            guard !known.contains(where: { $0.elementsEqual(alias.utf8) }) else { return }
            aliases += aliases.isEmpty ? alias : "\n" + alias
        }

        func values(procedure: String) -> [ModelValue] {
            [
                .text(procedure), ModelValue(stage), ModelValue(hasEnded), .text(title),
                .text(aliases), .integer(entryCount),
                .integer(Int64(newest)),
            ]
        }
    }
}

/// Entries as recorded, with what became of them.
package struct TimelineModel: ReadModel {
    package let name = "timeline"
    package let version = 2
    package let columns = [
        ModelColumn("seq", .integer), ModelColumn("revision", .integer),
        ModelColumn("type", .text), ModelColumn("time", .text), ModelColumn("dayOnly", .integer),
        ModelColumn("asserted", .integer), ModelColumn("operator", .text, isKey: true, with: "seq"),
        ModelColumn("unit", .text), ModelColumn("recorded", .text), ModelColumn("fate", .text),
        ModelColumn("fateBy", .integer), ModelColumn("mends", .integer),
        ModelColumn("day", .integer, isKey: true), ModelColumn("late", .integer),
    ]

    package init() {}

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        prefix.records.map { row($0, prefix) }
    }

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        RowChange(kept: standing.count, new: prefix.records.last.map { [row($0, prefix)] } ?? [])
    }

    private func row(_ record: CaseRecord, _ prefix: CasePrefix) -> ModelRow {
        let fate = prefix.fates[record.sequence]
        guard let event = record.event, let entry = record.entry else {
            let begins = record.recorded.microseconds
            return ModelRow(
                begins: begins,
                [
                    .integer(Int64(record.sequence)), .integer(record.revision),
                    .text("withheld"), .null, .integer(0), .integer(0), .null, .null,
                    .text(record.recordedText), .null, .null, .null, .null, .null,
                ])
        }
        return ModelRow(
            begins: entry.moment.microseconds,
            [
                .integer(Int64(record.sequence)), .integer(record.revision),
                .text(entry.type), ModelValue(event["time"]?.string),
                ModelValue(entry.isDayOnly), ModelValue(entry.isAsserted),
                .text(entry.operatorPerson),
                ModelValue(event["data"]?["operator"]?["unit"]?.string),
                .text(record.recordedText), ModelValue(fate?.fate.rawValue),
                ModelValue(fate.map { Int64($0.by) }),
                ModelValue(record.mends.map { Int64($0) }), .integer(Int64(entry.day)),
                ModelValue(prefix.rules.newest.isLate(entry)),
            ])
    }
}

/// Persons in acts, as corrected.
package struct ParticipantsModel: ReadModel {
    package let name = "participants"
    package let version = 2
    package let columns = [
        ModelColumn("seq", .integer), ModelColumn("type", .text),
        ModelColumn("person", .text, isKey: true, with: "seq"), ModelColumn("role", .text),
        ModelColumn("unit", .text), ModelColumn("post", .text), ModelColumn("opinion", .text),
        ModelColumn("speaks", .integer), ModelColumn("evidence", .text),
        ModelColumn("attachment", .text), ModelColumn("day", .integer),
    ]

    package init() {}

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        prefix.history.entries.flatMap { rows($0) }
    }

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        RowChange(kept: standing.count, new: prefix.history.entries.last.map(rows) ?? [])
    }

    private func rows(_ entry: CaseEntry) -> [ModelRow] {
        entry.participants.map { participant in
            ModelRow(
                begins: entry.moment.microseconds,
                [
                    .integer(Int64(entry.sequence)), .text(entry.type),
                    .text(participant.person), .text(participant.role),
                    ModelValue(participant.unit), ModelValue(participant.post),
                    ModelValue(participant.opinion), ModelValue(participant.order),
                    ModelValue(participant.evidence), ModelValue(participant.attachment),
                    .integer(Int64(entry.day)),
                ])
        }
    }
}

extension JSONValue {
    /// What a value adds to a case's title.
    fileprivate var titleText: String? {
        switch self {
        case .string(let text): text
        case .object: self["name"]?.string
        case .array(let elements): elements.compactMap(\.titleText).joined(separator: "、")
        default: canonicalText
        }
    }
}
