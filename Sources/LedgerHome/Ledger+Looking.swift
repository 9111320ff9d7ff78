import CanonicalJSON
import LedgerStore
import Merkle
package import Projections
import Records

extension Ledger {
    /// Whether a case of that stream has a record.
    package func holds(stream name: String) async throws(LedgerError) -> Bool {
        guard let stream = StreamName(name) else { return false }
        do throws(StoreError) {
            return try await !store.sequence(of: stream, from: Revision(0), limit: 1).isEmpty
        } catch {
            throw LedgerError(error)
        }
    }

    /// The number of the record with that source and id; nil if there is none.
    package func sequence(
        source: String, id: String
    ) async throws(ProjectionError) -> UInt64? {
        // The store looks up events: this one has the names that are asked for.
        let event: JSONValue = [
            "data": ["operator": ["person": "P-0", "unit": "-"]], "id": .string(id),
            "source": .string(source), "specversion": "1.0", "subject": "ledger/none",
            "time": "2000-01-01T00:00:00Z", "type": "ledger.none",
        ]
        let asked = event.canonicalBytes.withUnsafeBytes { bytes in
            try? JSONReader().read(bytes) { try? CloudEvent($0) }
        }
        guard let asked = asked ?? nil else { return nil }
        do throws(StoreError) {
            return try await store.look(up: [LookUp(asked)]).first?.event?.rawValue
        } catch {
            throw ProjectionError(LedgerError(error))
        }
    }
}
