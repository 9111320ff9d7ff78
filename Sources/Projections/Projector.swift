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
    private static let casesAtOnceMax = 512

    package init(_ file: ProjectionFile, _ source: Source, batchSize: Int = 4_096) {
        (self.file, self.source, self.batchSize) = (file, source, batchSize)
    }

    /// Applies all records that are there now; gives how many.
    ///
    /// An empty projection is made case by case, one with a position follows in batches. Cancelled
    /// or killed, it goes on where it was. Where another program follows at the same time, what
    /// that one has applied is taken as it is.
    @discardableResult
    package func catchUp(
        progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) async throws -> UInt64 {
        while true {
            do {
                return try await applyAll(progress)
            } catch let error as ProjectionError where error.kind == .overtaken {
                continue
            }
        }
    }

    private func applyAll(
        _ progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void
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
            let next = try Int64.fetchOne(
                db, sql: "SELECT next FROM ledger WHERE id = ?", arguments: [position.id])
            guard next == 0 else { throw Projector.overtaken }
            try db.execute(
                sql: "INSERT INTO building VALUES (?, ?, 0)",
                arguments: [position.id, Int64(size)])
            return (size, 0)
        }
        let streams = try await CaseList(source.store, upTo: target, cross).graph()
        let held = try await held(streams.names, streams.counts)
        let step = min(Projector.casesAtOnceMax, batchSize)
        let make = { @Sendable (start: Int) async throws -> [MadeCase] in
            let range = start..<min(start + step, streams.names.count)
            let files = try await read(
                Array(streams.names[range]), Array(streams.counts[range]))
            return await versions(
                of: try await surround(
                    files, before: target, held, neighbours: streams.neighbours(of:)))
        }
        var records = streams.counts[..<done].reduce(0) { $0 + UInt64($1) }
        var made = try await make(done)
        var start = done
        while start < streams.names.count {
            try Task.checkCancellation()
            let (first, end) = (start, min(start + step, streams.names.count))
            // The next rows are made while these are written.
            async let next = make(end)
            let (rows, size) = (made, records)
            try file.write { db in
                try db.execute(
                    sql: "UPDATE building SET done = ? WHERE ledger = ? AND done = ? AND size = ?",
                    arguments: [end, position.id, first, Int64(target)])
                guard db.changesCount == 1 else { throw Projector.overtaken }
                let writer = ProjectionWriter(db, file.models)
                for one in rows { try write(one, writer, position, from: 0) }
            }
            records = streams.counts[first..<end].reduce(size) { $0 + UInt64($1) }
            progress(records, target)
            made = try await next
            start = end
        }
        let leaf = try await leaf(before: target)
        let recorded = try await recorded(at: target - 1)
        try file.write { db in
            try advance(db, position, to: target, leaf, recorded)
            try ProjectionSchema.index(db, file.models, file.daySums)
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
        guard !lines.isEmpty else { throw ProjectionError(unreadable: position.next) }
        let high = position.next + UInt64(lines.count)
        var touched = CaseList(cross)
        for line in lines { touched.take(line) }
        let leaf = try await leaf(before: high)
        let recorded = try await recorded(at: high - 1)
        // Records after the batch are left out: the same batches give the same rows.
        let files = try await read(touched.names, nil).map { $0.before(high) }
        let made = await versions(of: try await affected(files, position, before: high))
        try file.write { db in
            try advance(db, position, to: high, leaf, recorded)
            let writer = ProjectionWriter(db, file.models)
            for one in made { try write(one, writer, position, from: position.next) }
        }
        return try file.position(of: source.origin)
    }

    /// The cases that got records, and those that they change, each with what surrounds it.
    private func affected(
        _ files: [CaseRecords], _ position: ProjectionPosition, before high: UInt64
    ) async throws -> [Surrounded] {
        let reach = ProjectionReach(file, position.id, cross)
        var named: [String: Set<String>] = [:]
        for records in files {
            for target in cross.targets(records) {
                named[records.stream, default: []].insert(target)
                named[target, default: []].insert(records.stream)
            }
        }
        let fresh = named
        let neighbours = { (name: String) throws -> Set<String> in
            try reach.neighbours(of: name).union(fresh[name] ?? [])
        }
        let touched = Set(files.map(\.stream))
        var others: Set<String> = []
        for name in touched {
            others.formUnion(try cross.surrounding(name, neighbours: neighbours))
        }
        let posts = files.filter { cross.registerProcedures.contains($0.procedure) }
        let new = held(in: posts)
        others.formUnion(try reach.consulting(new, from: position.next))
        others.subtract(touched)
        let far = try await read(others.sorted(), nil).map { $0.before(high) }
            .filter { !$0.records.isEmpty }
        let all = files + far
        let persons = Set(all.flatMap { cross.consulted($0).map(\.person) })
        var held = try reach.held(persons, without: Set(posts.map(\.stream)))
        for (person, spans) in new where persons.contains(person) {
            held[person, default: []] += spans
        }
        return try await surround(all, before: high, held, neighbours: neighbours)
    }

    /// Cases that stopped are tried again: the program may have been mended since.
    private func retryStopped(_ position: ProjectionPosition) async throws {
        let names = try file.read { db in
            try String.fetchAll(
                db, sql: "SELECT name FROM stream WHERE ledger = ? AND stopped IS NOT NULL",
                arguments: [position.id])
        }
        guard !names.isEmpty else { return }
        let files = try await read(names, nil).map { $0.before(position.next) }
        let made = await versions(of: try await affected(files, position, before: position.next))
            .filter { names.contains($0.stream) }
        try file.write { db in
            let writer = ProjectionWriter(db, file.models)
            for one in made {
                try writer.deleteRows(
                    of: try writer.stream(one.stream, of: position.id, first: one.first))
                try write(one, writer, position, from: 0)
            }
        }
    }

    // MARK: - Both

    private static let overtaken = ProjectionError(
        en: "somebody else writes this projection", zh: "另有程序正在写入该投影", kind: .overtaken)

    private func read(_ names: [String], _ counts: [Int]?) async throws -> [CaseRecords] {
        guard !names.isEmpty else { return [] }
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

    private var cross: CrossRules { source.rules.cross }

    /// A case and what others have to do with it.
    private struct Surrounded: Sendable {
        let records: CaseRecords
        let surroundings: Surroundings
    }

    private func surround(
        _ files: [CaseRecords], before high: UInt64, _ held: [String: [RegisterFold.Held]],
        neighbours: (String) throws -> Set<String>
    ) async throws -> [Surrounded] {
        let names = try files.map { try cross.surrounding($0.stream, neighbours: neighbours) }
        var known = Dictionary(
            files.map { ($0.stream, $0) }, uniquingKeysWith: { first, _ in first })
        let missing = Set(names.joined()).subtracting(known.keys).sorted()
        for records in try await read(missing, nil) {
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
    private func held(
        _ names: [String], _ counts: [Int]
    ) async throws
        -> [String: [RegisterFold.Held]]
    {
        var all: [String: [RegisterFold.Held]] = [:]
        let places = names.indices.filter {
            cross.registerProcedures.contains(String(names[$0].prefix { $0 != "/" }))
        }
        for start in stride(from: 0, to: places.count, by: Projector.casesAtOnceMax) {
            let part = places[start..<min(start + Projector.casesAtOnceMax, places.count)]
            let files = try await read(part.map { names[$0] }, part.map { counts[$0] })
            all.merge(held(in: files)) { $0 + $1 }
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

    /// The rows of one case in every model.
    private struct MadeCase: Sendable {
        let stream: String
        /// Its first record.
        let first: UInt64
        let versions: [CaseVersions]
    }

    /// Cases have nothing more to do with each other: their rows are made side by side.
    private func versions(of cases: [Surrounded]) async -> [MadeCase] {
        let (models, source) = (file.models, source)
        let share = max(1, (cases.count + Projector.taskCount - 1) / Projector.taskCount)
        return await withTaskGroup(of: (Int, [MadeCase]).self) { group in
            for start in stride(from: 0, to: cases.count, by: share) {
                let part = cases[start..<min(start + share, cases.count)]
                group.addTask {
                    let made = part.map { one in
                        MadeCase(
                            stream: one.records.stream,
                            first: one.records.records.first?.sequence ?? 0,
                            versions: CaseVersions.of(
                                one.records, in: models, source.rules, among: one.surroundings,
                                effect: source.effect))
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
        let stream = try writer.stream(made.stream, of: position.id, first: made.first)
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
