package import CanonicalJSON
import Phrases
package import Records

/// Says whether an event's data are what the catalogue demands of its type.
///
/// Every appended event passes here, so a sound one costs no String and no lookup by hash.
package struct EventValidator: Sendable {
    package let catalogue: EventCatalogue

    package init(_ catalogue: EventCatalogue) {
        self.catalogue = catalogue
    }

    /// Everything that is wrong with `data`, the member of that name of an event of type `type`.
    ///
    /// `day` is the date on which it happened, which decides whether a region's code stands.
    package func refusals(
        of data: JSONView, type: EventType, on day: CivilDate? = nil,
        encrypted: EncryptedFields = .refused
    ) -> [Refusal] {
        var judge = EventJudge(
            catalogue, type, day: day, base: "/data", demandsOperator: true,
            encrypted: encrypted)
        judge.judge(data)
        return judge.refusals
    }

    /// Everything that is wrong with `corrected`, the whole new data of an event of type `type`
    /// that an `entry.corrected` gives: Specs/record.md section 6.
    package func refusals(
        ofCorrected corrected: JSONView, type: EventType, on day: CivilDate? = nil,
        encrypted: EncryptedFields = .refused
    ) -> [Refusal] {
        var judge = EventJudge(
            catalogue, type, day: day, base: "/data/corrected", demandsOperator: false,
            encrypted: encrypted)
        judge.judge(corrected)
        return judge.refusals
    }
}
