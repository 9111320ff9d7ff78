package import Catalogue
import Digests
import Foundation
import GRDB
package import LedgerStore
import Merkle
import Phrases
import Records
package import Rules

/// Follows a ledger's records into a projection: Specs/projections.md section 2.
package struct Projector: Sendable {
    /// What is followed.
    package struct Source: Sendable {
        package let origin: String
        package let store: any EventStore
        package let clock: LocalTime
        /// The catalogue that was in force at a record.
        package let effect: @Sendable (UInt64) -> EventCatalogue

        package init(
            origin: String, store: any EventStore, clock: LocalTime,
            effect: @escaping @Sendable (UInt64) -> EventCatalogue
        ) {
            (self.origin, self.store, self.clock, self.effect) = (origin, store, clock, effect)
        }
    }

    private let file: ProjectionFile
    private let source: Source
    private let batchSize: Int
    /// Cases whose rows are made and written together, at the most.
    private static let casesAtOnceMax = 256

    package init(_ file: ProjectionFile, _ source: Source, batchSize: Int = 4_096) {
        (self.file, self.source, self.batchSize) = (file, source, batchSize)
    }

    /// Applies all records that are there now; gives how many.
    ///
    /// An empty projection is made case by case, one with a position follows in batches. Cancelled
    /// or killed, it goes on where it was.
    @discardableResult
    package func catchUp(
        progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) async throws -> UInt64 {
        var position = try file.position(of: source.origin)
        let head = try await source.store.head()
        let size = head.size.rawValue
        try await demandSameHistory(position, size)
        try await retryStopped(position)
        if position.next == 0, size > 0 {
            try await build(position, size, progress)
            position = try file.position(of: source.origin)
        }
        let first = position.next
        while position.next < size {
            try Task.checkCancellation()
            position = try await follow(position, size)
            progress(position.next, size)
        }
        return position.next - first
    }

    /// The record before the position must be the one that was applied.
    private func demandSameHistory(_ position: ProjectionPosition, _ size: UInt64) async throws {
        guard position.next > 0 else { return }
        let isThere = position.next <= size
        let found = isThere ? try await leaf(before: position.next) : nil
        guard found != position.leaf else { return }
        throw ProjectionError(
            en: "\(file.path) followed another history of \(position.origin) up to record "
                + "\(position.next - 1); rebuild it: hanqing projection rebuild",
            zh: "\(file.path) 所依据的 \(position.origin) 历史与现账本不同（至记录 \(position.next - 1)）；"
                + "请重建：hanqing projection rebuild")
    }

    private func leaf(before next: UInt64) async throws -> [UInt8] {
        let hashes = try await source.store.hashes(level: 0, next - 1..<next)
        return hashes.first.map { Array($0.bytes) } ?? []
    }

    // MARK: - Case by case

    /// Makes the rows of all cases up to `size`.
    private func build(
        _ position: ProjectionPosition, _ size: UInt64,
        _ progress: @Sendable (UInt64, UInt64) -> Void
    ) async throws {
        let (target, done) = try file.write { db -> (UInt64, Int) in
            let row = try Row.fetchOne(
                db, sql: "SELECT size, done FROM building WHERE ledger = ?",
                arguments: [position.id])
            if let row { return (UInt64(row["size"] as Int64), row["done"]) }
            try db.execute(
                sql: "INSERT INTO building VALUES (?, ?, 0)",
                arguments: [position.id, Int64(size)])
            return (size, 0)
        }
        let streams = try await CaseList(source.store, upTo: target)
        var finished = done
        var records = streams.counts[..<done].reduce(0) { $0 + UInt64($1) }
        while finished < streams.names.count {
            try Task.checkCancellation()
            let end = min(
                finished + min(Projector.casesAtOnceMax, batchSize), streams.names.count)
            let names = Array(streams.names[finished..<end])
            let counts = Array(streams.counts[finished..<end])
            let cases = await versions(of: try await read(names, counts))
            try file.write { db in
                let writer = ProjectionWriter(db, file.models)
                for made in cases { try write(made, writer, position, from: 0) }
                try db.execute(
                    sql: "UPDATE building SET done = ? WHERE ledger = ? AND done = ?",
                    arguments: [end, position.id, finished])
                guard db.changesCount == 1 else { throw Projector.overtaken }
            }
            records += counts.reduce(0) { $0 + UInt64($1) }
            finished = end
            progress(records, target)
        }
        let leaf = try await leaf(before: target)
        let recorded = try await recorded(at: target - 1)
        try file.write { db in
            try advance(db, position, to: target, leaf, recorded)
            try db.execute(
                sql: "DELETE FROM building WHERE ledger = ?", arguments: [position.id])
        }
    }

    // MARK: - In batches

    private func follow(
        _ position: ProjectionPosition, _ size: UInt64
    ) async throws -> ProjectionPosition {
        let lines = try await source.store.lines(
            from: SequenceNumber(position.next),
            limit: Int(min(UInt64(batchSize), size - position.next)))
        guard !lines.isEmpty else {
            throw ProjectionError(
                en: "record \(position.next) cannot be read; run hanqing verify",
                zh: "无法读取记录 \(position.next)；请运行 hanqing verify")
        }
        let high = position.next + UInt64(lines.count)
        var touched = CaseList()
        for line in lines { touched.take(line) }
        let leaf = try await leaf(before: high)
        let recorded = try await recorded(at: high - 1)
        // Records after the batch are left out: the same batches give the same rows.
        let cases = await versions(
            of: try await read(touched.names, nil).map { $0.before(high) })
        try file.write { db in
            let writer = ProjectionWriter(db, file.models)
            for made in cases { try write(made, writer, position, from: position.next) }
            try advance(db, position, to: high, leaf, recorded)
        }
        return try file.position(of: source.origin)
    }

    /// Cases that stopped are tried again: the program may have been mended since.
    private func retryStopped(_ position: ProjectionPosition) async throws {
        let names = try file.read { db in
            try String.fetchAll(
                db, sql: "SELECT name FROM stream WHERE ledger = ? AND stopped IS NOT NULL",
                arguments: [position.id])
        }
        guard !names.isEmpty else { return }
        let cases = await versions(
            of: try await read(names, nil).map { $0.before(position.next) })
        try file.write { db in
            let writer = ProjectionWriter(db, file.models)
            for made in cases {
                try writer.deleteRows(of: try writer.stream(made.stream, of: position.id))
                try write(made, writer, position, from: 0)
            }
        }
    }

    // MARK: - Both

    private static let overtaken = ProjectionError(
        en: "somebody else writes this projection", zh: "另有程序正在写入该投影")

    private func read(_ names: [String], _ counts: [Int]?) async throws -> [CaseRecords] {
        let streams = names.compactMap { StreamName($0) }
        let lines = try await source.store.lines(of: streams)
        return zip(streams, lines).enumerated().map { place, found in
            let count = counts.map { $0[place] } ?? found.1.count
            return CaseRecords(
                stream: found.0.text, lines: found.1.prefix(count), clock: source.clock)
        }
    }

    private func recorded(at sequence: UInt64) async throws -> String? {
        let line = try await source.store.lines(from: SequenceNumber(sequence), limit: 1).first
        return line.flatMap { CaseRecord($0, clock: source.clock) }?.recorded.text
    }

    /// The rows of one case in every model.
    private struct MadeCase: Sendable {
        let stream: String
        let versions: [CaseVersions]
    }

    /// Cases have nothing to do with each other: their rows are made side by side.
    private func versions(of cases: [CaseRecords]) async -> [MadeCase] {
        let (models, effect) = (file.models, source.effect)
        let share = max(1, (cases.count + Projector.taskCount - 1) / Projector.taskCount)
        return await withTaskGroup(of: (Int, [MadeCase]).self) { group in
            for start in stride(from: 0, to: cases.count, by: share) {
                let part = cases[start..<min(start + share, cases.count)]
                group.addTask {
                    let made = part.map { records in
                        MadeCase(
                            stream: records.stream,
                            versions: CaseVersions.of(records, in: models, effect: effect))
                    }
                    return (start, made)
                }
            }
            var parts: [Int: [MadeCase]] = [:]
            for await (start, made) in group { parts[start] = made }
            return parts.sorted { $0.key < $1.key }.flatMap(\.value)
        }
    }

    private static let taskCount = 4

    /// Writes one case; a case that stopped stays as it is.
    private func write(
        _ made: MadeCase, _ writer: ProjectionWriter, _ position: ProjectionPosition,
        from low: UInt64
    ) throws {
        let stream = try writer.stream(made.stream, of: position.id)
        if low > 0, try writer.isStopped(stream) { return }
        var stops: [(record: UInt64, reason: (en: String, zh: String))] = []
        for versions in made.versions {
            try writer.write(versions, stream: stream, from: low)
            let name = versions.model.name
            if let (record, reason) = versions.stopped {
                stops.append((record, ("\(name): \(reason.en)", "\(name)：\(reason.zh)")))
            }
        }
        let first = stops.min { $0.record < $1.record }
        if first != nil || low == 0 { try writer.stop(first, stream: stream) }
    }

    private func advance(
        _ db: Database, _ position: ProjectionPosition, to high: UInt64, _ leaf: [UInt8],
        _ recorded: String?
    ) throws {
        try db.execute(
            sql: """
                UPDATE ledger SET next = ?, leaf = ?, recorded = ?
                WHERE id = ? AND next = ? AND leaf IS ?
                """,
            arguments: [
                Int64(high), Data(leaf), recorded, position.id, Int64(position.next),
                position.leaf.map { Data($0) },
            ])
        guard db.changesCount == 1 else { throw Projector.overtaken }
    }
}
