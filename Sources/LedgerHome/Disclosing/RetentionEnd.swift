package import CanonicalJSON
import Catalogue
import Merkle
package import Projections
import Records
import Rules
import Sealing

/// A case whose sealed values have been kept as long as its procedure says: they are to be
/// destroyed (个人信息保护法 47(1)(2): 保存期限已届满).
package struct RetentionEnd: Sendable {
    package let stream: String
    /// The last day on which they were to be kept, `YYYY-MM-DD`.
    package let until: String
    package let daysOver: Int
    /// Names of fields that are sealed, each once.
    package let fields: [String]

    package var json: JSONValue {
        [
            "stream": .string(stream), "keptUntil": .string(until),
            "daysOver": .integer(Int64(daysOver)),
            "fields": .array(fields.map { .string($0) }),
        ]
    }
}

extension PastView {
    /// Those whose keys were not destroyed, the longest over first; `destroyed` is what the ledger
    /// says was.
    package func retentionEnds(
        but destroyed: [KeysDestroyed]
    ) async throws(ProjectionError) -> [RetentionEnd] {
        let catalogue = shelf.newest.catalogue
        let clock = LocalTime(zone: catalogue.timeZone)
        let today = clock.day(of: moment)
        let newest = Dictionary(
            destroyed.map { ($0.subject, $0.sequence.rawValue) }, uniquingKeysWith: max)
        var found: [(day: Int, end: RetentionEnd)] = []
        for procedure in catalogue.procedures {
            guard let years = procedure.keepYears else { continue }
            for stream in try await streams(of: procedure.id) {
                guard let records = try await prefix(of: stream)?.records, let first = records.first
                else { continue }
                let end = { (record: CaseRecord) in
                    CivilDate(dayNumber: clock.day(of: record.recorded)).adding(months: years * 12)
                }
                // Cases come in the order of their first records: all that follow are younger.
                guard end(first).dayNumber < today else { break }
                guard let until = records.map(end).max(by: { $0.dayNumber < $1.dayNumber }),
                    until.dayNumber < today
                else { continue }
                let fields = records.filter { $0.sequence > newest[stream] ?? 0 }
                    .flatMap(\.sealedFields)
                guard !fields.isEmpty else { continue }
                found.append(
                    (
                        until.dayNumber,
                        RetentionEnd(
                            stream: stream, until: until.text, daysOver: today - until.dayNumber,
                            fields: Set(fields).sorted())
                    ))
            }
        }
        return found.sorted { ($0.day, $0.end.stream) < ($1.day, $1.end.stream) }.map(\.end)
    }
}

extension CaseRecord {
    fileprivate var sealedFields: [String] {
        let data = event?["data"]
        return [data, data?["corrected"]].flatMap { $0?.members ?? [] }
            .filter { (try? SealedBox($0.value)) != nil }.map(\.name)
    }
}
