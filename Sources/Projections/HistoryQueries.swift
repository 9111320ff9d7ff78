import CanonicalJSON
import GRDB
import Merkle
import Records
package import Rules

extension ProjectionFile {
    /// Gives each case to `body` as it stood by the first `size` records, with its standing entries
    /// but without their data: from the timeline alone.
    ///
    /// In the order of the cases' numbers; the ledger's own streams are left out.
    package func forEachLine(
        in origin: String, size: UInt64, _ body: (CaseHistory) -> Void
    ) throws(ProjectionError) {
        let columns = "stream, seq, type, begins, day, dayOnly"
        let standing = """
            fate IS NOT 'withdrawn'
            AND type NOT IN ('entry.corrected', 'entry.withdrawn', 'withheld')
            """
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT s.name, r.* FROM (
                        SELECT \(columns) FROM timeline_now
                        WHERE fromRecord < ?2 AND \(standing)
                        UNION ALL SELECT \(columns) FROM timeline_then
                        WHERE fromRecord < ?2 AND toRecord >= ?2 AND \(standing)
                        ORDER BY stream
                    ) r JOIN stream s ON s.id = r.stream
                    WHERE s.ledger = (SELECT id FROM ledger WHERE origin = ?1)
                        AND s.procedure <> 'ledger'
                    """, arguments: [origin, Int64(clamping: size)])
            var current: (stream: Int64, name: String)?
            var entries: [CaseEntry] = []
            while let row = try rows.next() {
                let stream: Int64 = row[1]
                if let current, current.stream != stream {
                    body(history(current.name, entries))
                    entries.removeAll(keepingCapacity: true)
                }
                if current?.stream != stream { current = (stream, row[0]) }
                let facts = EventFacts(
                    type: row[3], day: row[5], instant: Timestamp(microseconds: row[4]),
                    sequence: SequenceNumber(UInt64(row[2] as Int64)), data: .object([]))
                entries.append(CaseEntry(facts, isDayOnly: row[6] as Int == 1))
            }
            if let current { body(history(current.name, entries)) }
        }
    }

    /// Rows stand in the order of the records that made them: a corrected entry's is a later one.
    private func history(_ name: String, _ entries: [CaseEntry]) -> CaseHistory {
        var history = CaseHistory(stream: name)
        for entry in entries.sorted(by: { $0.sequence < $1.sequence }) { history.take(entry) }
        history.settle()
        return history
    }
}
