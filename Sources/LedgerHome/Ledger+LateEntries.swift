package import CanonicalJSON
package import Digests
import LedgerStore
import Records

extension Ledger {
    /// A batch of late entries (补录批次): what is recorded before its first event.
    package struct LateEntries: Sendable {
        package var batch: String
        package var person: String
        package var unit: String
        package var approver: String
        package var reason: String
        package var file: JSONValue
        package var mapping: Digest

        package init(
            batch: String, person: String, unit: String, approver: String, reason: String,
            file: JSONValue, mapping: Digest
        ) {
            (self.batch, self.person, self.unit) = (batch, person, unit)
            (self.approver, self.reason) = (approver, reason)
            (self.file, self.mapping) = (file, mapping)
        }
    }

    /// Records the approval of a batch, once: an import that goes on later finds it.
    ///
    /// Returns whether it was recorded now.
    package func approve(_ entries: LateEntries) async throws(LedgerError) -> Bool {
        guard try await !isApproved(entries.batch) else { return false }
        let data: JSONValue = [
            "approver": .string(entries.approver), "batch": .string(entries.batch),
            "file": entries.file, "mapping": .string(entries.mapping.hex),
            "operator": ["person": .string(entries.person), "unit": .string(entries.unit)],
            "reason": .string(entries.reason),
        ]
        _ = try await recordOwn("ledger.late-entries-approved", .lateEntries, data)
        return true
    }

    private func isApproved(_ batch: String) async throws(LedgerError) -> Bool {
        do throws(StoreError) {
            let numbers = try await store.sequence(
                of: .lateEntries, from: Revision(0), limit: 1_000_000)
            for number in numbers.reversed() {
                let line = try await store.lines(from: number, limit: 1).first ?? []
                let data = (try? JSONValue(parsing: line))?["event"]?["data"]
                if data?["batch"]?.string == batch { return true }
            }
            return false
        } catch {
            throw LedgerError(error)
        }
    }
}
