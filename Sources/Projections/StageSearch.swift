import GRDB

/// Who was in a stage of a procedure as of a record: Specs/projections.md section 3.
struct StageSearch {
    let model: StagesModel
    let stage: String
    let procedure: String
    /// The ledger's number in the file.
    let ledger: Int64
    /// So many records are looked at.
    let size: Int64
    let limit: Int

    /// The first cases, of those whose numbers follow one of `range`, that are there to this day.
    func standing(_ db: Database, _ range: Range<Int64>) throws -> [Int64] {
        try Int64.fetchAll(
            db, sql: select("now", ""),
            arguments: [
                ledger, stage, procedure, size, range.lowerBound, range.upperBound, limit,
            ])
    }

    /// The first ones that have left since.
    ///
    /// Groups of which the last had left by then are passed over; most have, of a stage that is
    /// soon left.
    func left(_ db: Database, _ range: Range<Int64>) throws -> [Int64] {
        let groups = try Int64.fetchCursor(
            db,
            sql: """
                WITH RECURSIVE part(number) AS (
                    SELECT ?1 UNION ALL SELECT number + 1 FROM part WHERE number < ?2)
                SELECT number FROM part WHERE EXISTS (
                    SELECT 1 FROM stages_then WHERE stage = ?3 AND procedure = ?4
                        AND \(model.group) = number AND toRecord >= ?5)
                """,
            arguments: [
                range.lowerBound >> model.groupBits, range.upperBound >> model.groupBits, stage,
                procedure, size,
            ])
        let statement = try db.cachedStatement(
            sql: select("then", "AND \(model.group) = ?8 AND toRecord >= ?4"))
        var found: [Int64] = []
        while found.count < limit, let group = try groups.next() {
            found += try Int64.fetchAll(
                statement,
                arguments: [
                    ledger, stage, procedure, size, range.lowerBound, range.upperBound,
                    limit - found.count, group,
                ])
        }
        return found
    }

    private func select(_ table: String, _ condition: String) -> String {
        """
        SELECT stream FROM stages_\(table) r
        WHERE stage = ?2 AND procedure = ?3 AND stream > ?5 AND stream <= ?6
            AND fromRecord < ?4 \(condition)
            AND (SELECT ledger FROM stream WHERE id = r.stream) = ?1
        ORDER BY stream LIMIT ?7
        """
    }
}
