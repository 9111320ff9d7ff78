import CanonicalJSON
import Catalogue
import Projections
import Rules

/// A whole case, folded once.
struct CaseFold {
    private(set) var history: CaseHistory
    /// Of each record, the type as the catalogue in force at it has it.
    private(set) var types: [UInt64: EventType] = [:]
    /// What a later record did to an earlier one.
    private(set) var fates: [UInt64: (fate: CasePrefix.Fate, by: UInt64)] = [:]

    init(_ file: CaseRecords, effect: (UInt64) -> EventCatalogue) {
        history = CaseHistory(stream: file.stream)
        for record in file.records {
            guard let entry = record.entry else { continue }
            types[record.sequence] = effect(record.sequence).eventType(entry.type)
            if let target = record.mends {
                let fate: CasePrefix.Fate =
                    entry.data["corrected"] == nil ? .withdrawn : .corrected
                fates[target] = (fate, record.sequence)
            }
            history.take(entry)
        }
        history.settle()
    }
}
