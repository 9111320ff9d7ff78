import Catalogue
import LedgerStore
import Merkle
package import Projections
package import Records
import Rules

extension Ledger {
    /// Where this ledger's projection is, unless it is put elsewhere.
    package var projectionPath: String { folder + "/projections.sqlite" }

    /// What a projection follows.
    package func projectionSource() throws(LedgerError) -> Projector.Source {
        Projector.Source(
            origin: settings.origin, store: store, clock: LocalTime(zone: catalogue.timeZone),
            rules: CaseRules(try ruleShelf()), effect: try cataloguesByRecord())
    }

    /// How many records were recorded up to a moment.
    package func size(asOf moment: Timestamp) async throws(LedgerError) -> UInt64 {
        do throws(StoreError) {
            var (low, high) = (UInt64(0), try await store.head().size.rawValue)
            while low < high {
                let middle = (low + high) / 2
                let line = try await store.lines(from: SequenceNumber(middle), limit: 1).first
                let recorded = line.flatMap { CaseRecord($0, clock: .beijing) }?.recorded
                if let recorded, recorded <= moment { low = middle + 1 } else { high = middle }
            }
            return low
        } catch {
            throw LedgerError(error)
        }
    }
}
