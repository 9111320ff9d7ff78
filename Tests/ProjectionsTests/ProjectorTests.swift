import CanonicalJSON
import Foundation
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Projections
import Records
import Rules
import TestKit
import Testing

/// What is in a projection is what a fold of the log gives, however it came there.
@Suite struct ProjectorTests {
    private func year() async throws -> ProjectedYear { try await ProjectedYear.shared.value }

    private func made(
        _ name: String, _ year: ProjectedYear, models: [any ReadModel] = allReadModels
    ) async throws -> ProjectionFile {
        let file = try year.file(name, models: models)
        try await Projector(file, year.source).catchUp()
        return file
    }

    @Test func `once all rows are made, the write-ahead log is in the file`() async throws {
        let file = try await made("flushed", try await year())
        let log = try FileManager.default.attributesOfItem(atPath: file.path + "-wal")
        #expect(log[.size] as? Int == 0)
        let rows = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect((rows[.size] as? Int ?? 0) > 1_000_000)
    }

    // MARK: - Two clocks

    /// How many pairs of moments: `./dev pairs 1000` asks for more.
    private static let pairCount =
        ProcessInfo.processInfo.environment["HANQING_PAIRS"].flatMap { Int($0) } ?? 12

    @Test func `rows at any two moments are those made from a log that was cut there`()
        async throws
    {
        let year = try await year()
        let file = try await made("clocks", year)
        let size = try await year.source.store.head().size.rawValue
        let seed = UInt64.random(in: 0...999_999)
        var random = Seeded(seed: seed)
        let first = try #require(Timestamp(fixed: "2024-12-01T00:00:00.000000Z"))
        var counts: [String: Int] = [:]
        for round in 0..<ProjectorTests.pairCount {
            let cut = UInt64.random(in: 1...size, using: &random)
            let day = Int64.random(in: 0...420, using: &random)
            let occurred =
                round % 5 == 0 ? Int64.max : first.advanced(bySeconds: day * 86_400).microseconds
            let whole = try year.file("cut-\(round)")
            let source = Projector.Source(
                origin: year.source.origin, store: PartialStore(year.source.store, size: cut),
                clock: year.source.clock, rules: year.source.rules, effect: year.source.effect)
            try await Projector(whole, source).catchUp()
            for model in allReadModels {
                let then = ProjectionQuestion(asOf: cut, occurred: occurred)
                let all = ProjectionQuestion(asOf: .max, occurred: occurred)
                let found = try rows(file, model, then, year)
                #expect(
                    try found == rows(whole, model, all, year),
                    "seed \(seed), round \(round): \(model.name) as of \(cut), \(occurred)")
                counts[model.name, default: 0] += found.count
            }
            whole.close()
            for ending in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: whole.path + ending)
            }
        }
        print("seed \(seed): \(ProjectorTests.pairCount) pairs, \(counts.sorted { $0 < $1 })")
        #expect(counts.values.allSatisfy { $0 > 0 }, "\(counts)")
    }

    private func rows(
        _ file: ProjectionFile, _ model: any ReadModel, _ question: ProjectionQuestion,
        _ year: ProjectedYear
    ) throws -> [String] {
        try file.rows(of: model, in: year.source.origin, question)
            .map { "\($0.stream) \($0.row)" }.sorted()
    }

    @Test func `several that follow at once make the same as one, and none fails`() async throws {
        let year = try await year()
        let alone = try await made("alone", year)
        let expected = try alone.status(of: year.source.origin, digests: true)
        // Of a part first: some are made case by case, the rest in batches.
        for size in [UInt64(1_500), .max] {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let file = try year.file("together")
                        defer { file.close() }
                        let part = Projector.Source(
                            origin: year.source.origin,
                            store: PartialStore(
                                year.source.store,
                                size: min(size, try await year.source.store.head().size.rawValue)),
                            clock: year.source.clock, rules: year.source.rules,
                            effect: year.source.effect)
                        try await Projector(file, part).catchUp()
                    }
                }
                try await group.waitForAll()
            }
        }
        let file = try year.file("together")
        let found = try file.status(of: year.source.origin, digests: true)
        #expect(found.models.map(\.digest) == expected.models.map(\.digest))
        #expect(found.position.next == expected.position.next)
        #expect(try file.differences(from: alone, in: year.source.origin).isEmpty)
    }

    @Test func `the newest state is that of the case file`() async throws {
        let year = try await year()
        let file = try await made("newest", year)
        let model = CasesModel()
        let question = ProjectionQuestion(asOf: .max)
        let rows = try file.rows(of: model, in: year.source.origin, question)
        #expect(rows.count > 100)
        for found in rows where !found.stream.hasPrefix("ledger/") {
            let case_ = try #require(try await year.ledger.caseFile(found.stream))
            #expect(found.row.values[2] == ModelValue(case_.hasEnded), "\(found.stream)")
        }
        let timeline = try file.rows(of: TimelineModel(), in: year.source.origin, question)
        #expect(timeline.count == Int(try await year.source.store.head().size.rawValue))
        #expect(timeline.contains { $0.row.values[9] == .text("corrected") })
        #expect(timeline.contains { $0.row.values[9] == .text("withdrawn") })
    }

    // MARK: - However it came there

    @Test(arguments: [1, 7, 500])
    func `followed in batches it is what was made at once`(batch: Int) async throws {
        let year = try await year()
        let whole = try await made("whole-\(batch)", year)
        let file = try year.file("followed-\(batch)")
        // A first record is applied as if the ledger had no more then; the rest is followed.
        let start = Projector.Source(
            origin: year.source.origin, store: PartialStore(year.source.store, size: 5),
            clock: year.source.clock, rules: year.source.rules, effect: year.source.effect)
        try await Projector(file, start).catchUp()
        #expect(try file.position(of: year.source.origin).next == 5)
        try await Projector(file, year.source, batchSize: batch).catchUp()
        #expect(try file.differences(from: whole, in: year.source.origin) == [])
        #expect(try file.sumsAgree())
        let digests = try [file, whole].map {
            try $0.status(of: year.source.origin, digests: true).models.map(\.digest)
        }
        #expect(digests[0] == digests[1])
    }

    @Test func `broken off anywhere, it goes on and nothing is lost or doubled`() async throws {
        let year = try await year()
        let whole = try await made("unbroken", year)
        let seed = UInt64.random(in: 0...999_999)
        var random = Seeded(seed: seed)
        let file = try year.file("broken")
        var breaks = 0
        let size = try await year.source.store.head().size.rawValue
        while try file.position(of: year.source.origin).next < size {
            let answers = Int.random(in: 3...12, using: &random)
            let source = Projector.Source(
                origin: year.source.origin,
                store: PartialStore(year.source.store, answers: answers),
                clock: year.source.clock, rules: year.source.rules, effect: year.source.effect)
            do {
                try await Projector(file, source, batchSize: 40).catchUp()
            } catch is StoreError {
                breaks += 1
            }
            try #require(breaks < 500, "seed \(seed)")
        }
        #expect(breaks > 2, "seed \(seed)")
        #expect(try file.differences(from: whole, in: year.source.origin) == [], "seed \(seed)")
    }

    @Test func `another history than the one that was followed is refused`() async throws {
        let year = try await year()
        let file = try await made("other", year)
        let other = Projector.Source(
            origin: year.source.origin, store: PartialStore(year.source.store, size: 9),
            clock: year.source.clock, rules: year.source.rules, effect: year.source.effect)
        let error = await #expect(throws: ProjectionError.self) {
            try await Projector(file, other).catchUp()
        }
        #expect(error?.phrase.en.contains("another history") == true)
    }

    // MARK: - A bug

    @Test func `a record that a model cannot take stops its case alone, until it is mended`()
        async throws
    {
        let year = try await year()
        let whole = try await made("sound", year)
        let sick = try await made(
            "sick", year,
            models: allReadModels.map { $0 is TimelineModel ? Sick() : $0 })
        let status = try sick.status(of: year.source.origin)
        #expect(status.stopped.count == 1)
        #expect(status.stopped.first?.record == Sick.record)
        #expect(status.stopped.first?.reason.en.contains("timeline") == true)
        #expect(status.position.next == (try await year.source.store.head().size.rawValue))
        sick.close()

        let mended = try year.file("sick")
        try await Projector(mended, year.source).catchUp()
        #expect(try mended.status(of: year.source.origin).stopped.isEmpty)
        #expect(try mended.differences(from: whole, in: year.source.origin) == [])
        #expect(try mended.sumsAgree())
    }
}

/// The timeline with a bug that one record shows.
private struct Sick: ReadModel {
    static let record: UInt64 = 1_000
    private let sound = TimelineModel()

    var name: String { sound.name }
    var version: Int { sound.version }
    var columns: [ModelColumn] { sound.columns }

    func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        if prefix.records.last?.sequence == Sick.record {
            throw ModelError(en: "a bug", zh: "缺陷")
        }
        return try sound.rows(of: prefix)
    }
}
