import CanonicalJSON
import Catalogue
import Digests
import LedgerData
import Merkle
import Projections
import Records
import Rules

/// A past of a few events written down in a test, with a class of fields in it that no ledger takes
/// in clear: what a question must leave out can be shown only so.
struct HandMadePast: PastView {
    let origin = "handmade.example"
    let moment: Timestamp
    let shelf: RuleShelf
    private var prefixes: [(stream: String, prefix: CasePrefix)] = []
    private var records: [CaseRecord] = []

    var size: UInt64 { UInt64(records.count) }

    /// Events by the case, type, day and data; recorded an hour after they happened.
    ///
    /// One without a type is a withheld line.
    init(_ events: [(stream: String, type: String, day: String, data: JSONValue)]) throws {
        shelf = RuleShelf(
            try RuleBook(
                EventCatalogue(files: LedgerData.catalogueFiles),
                calendar: WorkCalendar(json: LedgerData.calendar)))
        moment = Timestamp(fixed: "2026-01-31T00:00:00.000000Z") ?? Timestamp(microseconds: 0)
        for (place, event) in events.enumerated() {
            let stub: JSONValue = [
                "withheld": [
                    "seq": .integer(Int64(place)), "stream": .string(event.stream),
                    "recorded": .string(event.day + "T02:00:00.000000Z"),
                ]
            ]
            let whole: JSONValue = [
                "chain": [
                    "seq": .integer(Int64(place)),
                    "recorded": .string(event.day + "T02:00:00.000000Z"),
                ],
                "event": [
                    "subject": .string(event.stream), "type": .string(event.type),
                    "time": .string(event.day + "T09:00:00+08:00"), "data": event.data,
                ],
                "intake": ["recorder": "svc:test", "revision": 0],
            ]
            let line = event.type.isEmpty ? stub : whole
            guard let record = CaseRecord(line.canonicalBytes, clock: .beijing) else { continue }
            records.append(record)
            let found = prefixes.firstIndex { $0.stream == event.stream }
            if found == nil {
                let prefix = CasePrefix(stream: event.stream, rules: CaseRules(shelf))
                prefixes.append((event.stream, prefix))
            }
            prefixes[found ?? prefixes.count - 1].prefix.take(record, shelf.newest.catalogue)
        }
    }

    func root(of count: UInt64) -> Root { Root(.zero) }
    func leaf(_ sequence: UInt64) -> LeafHash { LeafHash(.zero) }

    func streams(of procedure: String) -> [String] {
        prefixes.map(\.stream).filter { $0.hasPrefix(procedure + "/") }
    }

    func streams(naming key: MentionKey) -> [String] {
        prefixes.filter { _, prefix in
            prefix.records.contains { record in
                prefix.mentions(of: record).contains { $0.key == key }
            }
        }.map(\.stream)
    }

    func prefix(of stream: String) -> CasePrefix? {
        prefixes.first { $0.stream == stream }?.prefix
    }

    func record(_ sequence: UInt64) -> CaseRecord? {
        records.first { $0.sequence == sequence }
    }

    private var judgements: [CaseJudgement] {
        prefixes.map {
            CaseJudgement($0.prefix.history, shelf, registers: RegisterFold(), now: moment)
        }
    }

    func duties(_ wanted: Wanted) -> [OwedDuty] {
        judgements.flatMap(\.standings).filter { wanted.has(stream: $0.stream, id: $0.duty.id) }
            .map { standing in
                let entry = prefix(of: standing.stream)?.history.entries.first {
                    $0.sequence == standing.start
                }
                let persons =
                    [entry?.operatorPerson ?? ""] + (entry?.participants.map(\.person) ?? [])
                return OwedDuty(standing: standing, persons: persons, unit: nil)
            }
    }

    func findings(_ wanted: Wanted) -> [Finding] {
        judgements.flatMap(\.findings).filter { wanted.has(stream: $0.stream, id: $0.rule) }
    }

    func figures(_ period: ClosedRange<Int>, of ids: Set<String>?) -> [IndicatorFigure] {
        var fold = IndicatorFold(shelf.newest, period: period, of: ids)
        for (one, judgement) in zip(prefixes, judgements) {
            fold.take(one.prefix.history, standings: judgement.standings)
        }
        return fold.figures()
    }
}
