import CanonicalJSON
package import Catalogue
import Digests
import Foundation
import GRDB
package import LedgerStore
import Merkle
import Phrases
import Records
package import Rules
import SideBySide

/// Follows a ledger's records into a projection: Specs/projections.md section 2.
package struct Projector: Sendable {
    /// What is followed.
    package struct Source: Sendable {
        package let origin: String
        package let store: any EventStore
        package let clock: LocalTime
        /// The catalogue that was in force at a record.
        package let effect: @Sendable (UInt64) -> EventCatalogue
        package let rules: CaseRules

        package init(
            origin: String, store: any EventStore, clock: LocalTime, rules: CaseRules,
            effect: @escaping @Sendable (UInt64) -> EventCatalogue
        ) {
            (self.origin, self.store, self.clock) = (origin, store, clock)
            (self.rules, self.effect) = (rules, effect)
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

    /// Applies all records that are there now, or some batches of them; gives how many.
    ///
    /// An empty projection is made case by case, one with a position follows in batches. Cancelled
    /// or killed, it goes on where it was. Where another program follows at the same time, what
    /// that one has applied is taken as it is.
    @discardableResult
    package func catchUp(
        batches: Int = .max,
        progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) async throws -> UInt64 {
        while true {
            do {
                return try await apply(batches, progress)
            } catch let error as ProjectionError where error.kind == .overtaken {
                continue
            }
        }
    }

    private func apply(
        _ batches: Int, _ progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void
    ) async throws -> UInt64 {
        try file.demand(
            catalogue: source.rules.newest.catalogue.digest.hex, of: source.origin)
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
        let last =
            Int(clamping: size - first) / batchSize < batches
            ? size : first + UInt64(batches * batchSize)
        var next = try await batch(from: first, last)
        while let batch = next {
            try Task.checkCancellation()
            // Meanwhile the next one is read, and the one before goes from the write-ahead log
            // into the file.
            async let more = self.batch(from: batch.high, last)
            async let flushed: Void = file.flushWhenDue()
            position = try await follow(position, batch)
            progress(position.next, size)
            next = try await more
            try await flushed
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
            let next = try Int64.fetchOne(
                db, sql: "SELECT next FROM ledger WHERE id = ?", arguments: [position.id])
            guard next == 0 else { throw Projector.overtaken }
            try db.execute(
                sql: "INSERT INTO building VALUES (?, ?, 0)",
                arguments: [position.id, Int64(size)])
            return (size, 0)
        }
        let streams = try await CaseList(source.store, upTo: target, cross).graph()
        let held = try await held(in: streams)
        let groups = stride(
            from: done, to: streams.count, by: min(Projector.casesAtOnceMax, batchSize)
        ).map { $0..<min($0 + min(Projector.casesAtOnceMax, batchSize), streams.count) }
        let make = { @Sendable (cases: Range<Int>) async throws -> [MadeCase] in
            let files = try await read(streams, Array(cases))
            return try await surround(
                files, before: target, held, neighbours: streams.neighbours(of:),
                read: { names in try await read(streams, names.compactMap(streams.place(of:))) }
            ).map(made(of:))
        }
        try await Pipeline.run(groups, atOnce: Projector.groupsAtOnce, make) { cases, made in
            try file.write { db in
                try db.execute(
                    sql: "UPDATE building SET done = ? WHERE ledger = ? AND done = ? AND size = ?",
                    arguments: [
                        cases.upperBound, position.id, cases.lowerBound, Int64(target),
                    ])
                guard db.changesCount == 1 else { throw Projector.overtaken }
                try ProjectionWriter(db, file.models, ledger: position.id).make(made)
            }
            progress(streams.records.count(0..<cases.upperBound), target)
        }
        let leaf = try await leaf(before: target)
        let recorded = try await recorded(at: target - 1)
        try file.write { db in
            try advance(db, position, to: target, leaf, recorded)
            try ProjectionSchema.index(db, file.models, file.daySums)
            try db.execute(
                sql: "DELETE FROM building WHERE ledger = ?", arguments: [position.id])
        }
        // All indexes are one transaction, gigabytes of the write-ahead log, and each page that a
        // question reads would be looked for there first.
        try await file.flush(.truncate)
    }

    // MARK: - In batches

    /// Records that are applied together, as far as the log alone tells of them.
    private struct Batch: Sendable {
        /// The number after the last.
        let high: UInt64
        let leaf: [UInt8]
        let recorded: String?
        /// The cases that got them, without records after the batch: the same batches give the
        /// same rows.
        let files: [CaseRecords]
    }

    /// Those from `next` on; nil at the end.
    private func batch(from next: UInt64, _ size: UInt64) async throws -> Batch? {
        guard next < size else { return nil }
        let lines = try await source.store.lines(
            from: SequenceNumber(next), limit: Int(min(UInt64(batchSize), size - next)))
        guard let last = lines.last else { throw ProjectionError(unreadable: next) }
        let high = next + UInt64(lines.count)
        var touched = CaseList(cross)
        for line in lines { touched.take(line) }
        return Batch(
            high: high, leaf: try await leaf(before: high),
            recorded: CaseRecord(last, clock: source.clock)?.recorded.text,
            files: try await read(Array(touched.names)).map { $0.before(high) })
    }

    private func follow(
        _ position: ProjectionPosition, _ batch: Batch
    ) async throws -> ProjectionPosition {
        let made = await versions(
            of: try await affected(batch.files, position, before: batch.high))
        try file.write { db in
            try advance(db, position, to: batch.high, batch.leaf, batch.recorded)
            try ProjectionWriter(db, file.models, ledger: position.id)
                .change(made, from: position.next)
            try file.daySums.close(db, position.id, from: position.next, to: batch.high)
        }
        file.applied(Int(batch.high - position.next))
        return try file.position(of: source.origin)
    }

    /// The cases that got records, and those that they change, each with what surrounds it.
    private func affected(
        _ files: [CaseRecords], _ position: ProjectionPosition, before high: UInt64
    ) async throws -> [Surrounded] {
        let reach = ProjectionReach(file, position.id, cross)
        var named: [String: CaseNeighbours] = [:]
        for records in files {
            for target in cross.targets(records) {
                named[records.stream, default: CaseNeighbours()]
                    .insert(target.stream, target.relation)
                named[target.stream, default: CaseNeighbours()]
                    .insert(records.stream, target.relation.inverse)
            }
        }
        var around = Neighbourhood(reach, named: named)
        let touched = Set(files.map(\.stream))
        try around.look(around: touched)
        var others: Set<String> = []
        for name in touched {
            others.formUnion(cross.surrounding(name, neighbours: around.neighbours(of:)))
        }
        let posts = files.filter { cross.registerProcedures.contains($0.procedure) }
        let new = held(in: posts)
        others.formUnion(try reach.consulting(new, from: position.next))
        others.subtract(touched)
        try around.look(around: others)
        let far = try await read(others.sorted()).map { $0.before(high) }
            .filter { !$0.records.isEmpty }
        let all = files + far
        let persons = Set(all.flatMap { cross.consulted($0).map(\.person) })
        var held = try reach.held(persons, without: Set(posts.map(\.stream)))
        for (person, spans) in new where persons.contains(person) {
            held[person, default: []] += spans
        }
        return try await surround(
            all, before: high, held, neighbours: around.neighbours(of:), read: read)
    }

    /// Cases that stopped are tried again: the program may have been mended since.
    private func retryStopped(_ position: ProjectionPosition) async throws {
        let names = try file.read { db in
            try String.fetchAll(
                db, sql: "SELECT name FROM stream WHERE ledger = ? AND stopped IS NOT NULL",
                arguments: [position.id])
        }
        guard !names.isEmpty else { return }
        let files = try await read(names).map { $0.before(position.next) }
        let made = await versions(of: try await affected(files, position, before: position.next))
            .filter { names.contains($0.stream) }
        try file.write { db in
            try ProjectionWriter(db, file.models, ledger: position.id).renew(made)
            try file.daySums.closeAgain(db, position.id, upTo: position.next)
        }
    }

    // MARK: - Both

    private static let overtaken = ProjectionError(
        en: "somebody else writes this projection", zh: "另有程序正在写入该投影", kind: .overtaken)

    private func read(_ names: [String]) async throws -> [CaseRecords] {
        guard !names.isEmpty else { return [] }
        let streams = names.compactMap { StreamName($0) }
        let lines = try await source.store.lines(of: streams)
        return zip(streams, lines).map { stream, lines in
            CaseRecords(stream: stream.text, lines: lines, clock: source.clock)
        }
    }

    /// Cases of a list, by their records' numbers.
    private func read(_ list: CaseGraph, _ places: [Int]) async throws -> [CaseRecords] {
        let numbers = places.flatMap { list.records[$0] }.map { SequenceNumber($0) }
        var lines = try await source.store.lines(at: numbers)[...]
        let reader = JSONReader()
        return places.map { place in
            let own = lines.prefix(list.records[place].count)
            lines.removeFirst(own.count)
            return CaseRecords(stream: list.name(place), lines: own, source.clock, reader)
        }
    }

    private func recorded(at sequence: UInt64) async throws -> String? {
        let line = try await source.store.lines(from: SequenceNumber(sequence), limit: 1).first
        return line.flatMap { CaseRecord($0, clock: source.clock) }?.recorded.text
    }

    private var cross: CrossRules { source.rules.cross }

    /// A case and what others have to do with it.
    private struct Surrounded: Sendable {
        let records: CaseRecords
        let surroundings: Surroundings
    }

    private func surround(
        _ files: [CaseRecords], before high: UInt64, _ held: [String: [RegisterFold.Held]],
        neighbours: (String) throws -> CaseNeighbours,
        read: ([String]) async throws -> [CaseRecords]
    ) async throws -> [Surrounded] {
        let names = try files.map { try cross.surrounding($0.stream, neighbours: neighbours) }
        var known = Dictionary(
            files.map { ($0.stream, $0) }, uniquingKeysWith: { first, _ in first })
        let missing = Set(names.joined()).subtracting(known.keys).sorted()
        for records in try await read(missing) {
            known[records.stream] = records.before(high)
        }
        return zip(files, names).map { records, others in
            Surrounded(
                records: records,
                surroundings: Surroundings(
                    others: others.compactMap { known[$0] }.filter { !$0.records.isEmpty },
                    held: cross.relevant(held, to: records)))
        }
    }

    /// What the cases of registers say, by person.
    private func held(in list: CaseGraph) async throws -> [String: [RegisterFold.Held]] {
        var all: [String: [RegisterFold.Held]] = [:]
        let places = (0..<list.count).filter {
            cross.registerProcedures.contains(String(list.name($0).prefix { $0 != "/" }))
        }
        for start in stride(from: 0, to: places.count, by: Projector.casesAtOnceMax) {
            let part = places[start..<min(start + Projector.casesAtOnceMax, places.count)]
            all.merge(held(in: try await read(list, Array(part)))) { $0 + $1 }
        }
        return all
    }

    private func held(in files: [CaseRecords]) -> [String: [RegisterFold.Held]] {
        var all: [String: [RegisterFold.Held]] = [:]
        for records in files {
            let versions = CaseVersions.of(
                records, in: [PostsModel()], source.rules, effect: source.effect)
            for version in versions[0].rows {
                guard let (person, held) = PostsModel.held(version) else { continue }
                all[person, default: []].append(held)
            }
        }
        return all
    }

    private func made(of one: Surrounded) -> MadeCase {
        MadeCase(
            stream: one.records.stream, first: one.records.records.first?.sequence ?? 0,
            versions: CaseVersions.of(
                one.records, in: file.models, source.rules, among: one.surroundings,
                effect: source.effect))
    }

    /// Cases have nothing more to do with each other: their rows are made side by side.
    private func versions(of cases: [Surrounded]) async -> [MadeCase] {
        // Many small shares: what a case costs differs much, and alike ones stand together.
        await sideBySide(cases, share: Projector.casesInShare) { made(of: $0) }
    }

    private static let casesInShare = 16
    /// Groups of cases that are made or written at a time: more would only fill memory.
    private static let groupsAtOnce = 3

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
