import CanonicalJSON
import Catalogue
import Digests
import Foundation
import LedgerHome
import LedgerStore
import Logging
import Merkle
import Projections
import Records
import Rules
import Sampling
import Sequencing
import Synchronization
import TestKit
import Testing

/// A ledger with a small generated year, late entries, corrections and withdrawals in it.
struct ProjectedYear: Sendable {
    let home: ScratchFolder
    let ledger: Ledger
    let source: Projector.Source

    static let shared = Task { try await ProjectedYear() }

    /// One with these events, all of which must be accepted.
    init(_ events: (EventCatalogue) throws -> [[UInt8]]) async throws {
        home = try ScratchFolder()
        ledger = try await ProjectedYear.empty(home)
        source = try ledger.projectionSource()
        let events = try events(ledger.catalogue)
        #expect(try await append(events).count == events.count)
    }

    private static func empty(_ home: ScratchFolder) async throws -> Ledger {
        let folder = home.path + "/ledger"
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let plan = Ledger.Plan(
            LedgerSettings(origin: "projected.example"), person: "P-1", unit: "虚构单位")
        _ = try await Ledger.create(folder, plan, logger: logger)
        return try await Ledger.open(folder, .write, logger: logger)
    }

    private init() async throws {
        home = try ScratchFolder()
        ledger = try await ProjectedYear.empty(home)
        source = try ledger.projectionSource()
        let book = try Ledger.ruleBook(ledger.catalogue)
        var year = SampledYear(book, seed: 4, eventCount: 3_000, year: 2025, isMended: true)
        var events = SampledEvents()
        while year.append(asLine: false, to: &events) {}
        var lines: [[UInt8]] = []
        events.forEach { lines.append(Array($0)) }
        let places = try await append(lines)
        let mends = year.takeMends().compactMap { mend -> [UInt8]? in
            guard let place = places[mend.target] else { return nil }
            return mend.event(
                sequence: Int64(place.sequence.rawValue), leafHash: place.leafHash.digest.hex
            ).canonicalBytes
        }
        #expect(mends.count > 10)
        _ = try await append(mends)
        let joined = try ProjectedYear.joined(ledger.catalogue)
        #expect(try await append(joined).count == joined.count)
    }

    /// A report that goes over into one that is not in the ledger, and one that goes on with it.
    private static func joined(_ catalogue: EventCatalogue) throws -> [[UInt8]] {
        let absent: JSONValue = "report/RP-2025-899999"
        return try [
            ReportStep("received", "800001"), ReportStep("received", "800002"),
            ReportStep("merged", "800001", [JSONMember("mainReport", absent)]),
            ReportStep("accepted", "800001"),
            ReportStep("divided-off", "800002", [JSONMember("from", absent)]),
            ReportStep("accepted", "800002"),
        ].enumerated().map { number, step in try step.event(number, catalogue) }
    }

    private func append(_ events: [[UInt8]]) async throws -> [String: Acceptance.Place] {
        let intake = ledger.intake(.explained)
        var submissions: [Submission] = []
        var ids: [String] = []
        for bytes in events {
            let event = try bytes.withUnsafeBytes { try intake.read($0) }
            ids.append(event.event.text(event.event.id))
            submissions.append(Submission([event], recorder: "svc:test"))
        }
        let sequencer = try #require(ledger.sequencer)
        var places: [String: Acceptance.Place] = [:]
        for (id, answer) in zip(ids, try await sequencer.submit(all: submissions)) {
            if case .accepted(let acceptance) = answer { places[id] = acceptance.places.first }
        }
        return places
    }

    /// When a record was written.
    func recorded(_ sequence: UInt64) async throws -> Timestamp {
        let line = try await source.store.lines(from: SequenceNumber(sequence), limit: 1).first
        return try #require(line.flatMap { CaseRecord($0, clock: .beijing) }).recorded
    }

    func file(
        _ name: String, models: [any ReadModel] = allReadModels
    ) throws -> ProjectionFile {
        // Many spans in few records.
        try ProjectionFile(home.path + "/" + name + ".sqlite", models: models, span: 16)
    }
}

/// A step of a report.
struct ReportStep {
    private let type: String
    private let number: String
    private let members: [JSONMember]

    init(_ type: String, _ number: String, _ members: [JSONMember] = []) {
        (self.type, self.number, self.members) = ("report." + type, number, members)
    }

    /// The catalogue's example of it, in a minute of its own.
    func event(_ place: Int, _ catalogue: EventCatalogue) throws -> [UInt8] {
        let type = try #require(catalogue.eventType(type))
        var event = catalogue.example(of: type)
        let (hour, minute) = (String(place / 60 + 100), String(place % 60 + 100))
        event = event.with("id", .string("joined-\(place)"))
            .with("subject", .string("report/RP-2025-\(number)"))
            .with("time", .string("2025-03-04T\(hour.suffix(2)):\(minute.suffix(2)):00+08:00"))
        var data = try #require(event["data"])
        for member in members { data = data.with(member.name, member.value) }
        return event.with("data", data).canonicalBytes
    }
}

/// A store that is gone after so many answers, or that has only its first records.
struct PartialStore: EventStore {
    private let base: any EventStore
    private let size: UInt64?
    private let left: Counter
    /// How many lines it gave.
    let given = Tally()

    final class Tally: Sendable {
        private let sum = Mutex(0)
        var count: Int { sum.withLock { $0 } }
        func add(_ count: Int) { sum.withLock { $0 += count } }
    }

    actor Counter {
        private var count: Int

        init(_ count: Int) { self.count = count }

        func take() throws(StoreError) {
            guard count > 0 else { throw StoreError(.unavailable, en: "gone", zh: "已断开") }
            count -= 1
        }
    }

    init(_ base: any EventStore, answers: Int = .max, size: UInt64? = nil) {
        (self.base, self.size) = (base, size)
        left = Counter(answers)
    }

    func head() async throws(StoreError) -> Head {
        var head = try await base.head()
        if let size { head.size = TreeSize(size) }
        return head
    }

    func lead() async throws(StoreError) -> Head { try await base.lead() }
    func yield() async { await base.yield() }

    func look(up queries: [LookUp]) async throws(StoreError) -> [Known] {
        try await base.look(up: queries)
    }

    func commit(_ batch: CommitBatch, at head: Head) async throws(StoreError) {
        try await base.commit(batch, at: head)
    }

    func publish(_ checkpoint: [UInt8], size: TreeSize) async throws(StoreError) {
        try await base.publish(checkpoint, size: size)
    }

    func checkpoint() async throws(StoreError) -> [UInt8]? { try await base.checkpoint() }

    func lines(from first: SequenceNumber, limit: Int) async throws(StoreError) -> [[UInt8]] {
        try await left.take()
        let lines = try await base.lines(from: first, limit: limit)
        given.add(lines.count)
        return lines
    }

    func lines(of streams: [StreamName]) async throws(StoreError) -> [[[UInt8]]] {
        try await left.take()
        let lines = try await base.lines(of: streams)
        given.add(lines.reduce(0) { $0 + $1.count })
        return lines
    }

    func lines(at numbers: [SequenceNumber]) async throws(StoreError) -> [[UInt8]] {
        try await left.take()
        let lines = try await base.lines(at: numbers)
        given.add(lines.count)
        return lines
    }

    func sequence(
        of stream: StreamName, from revision: Revision, limit: Int
    ) async throws(StoreError) -> [SequenceNumber] {
        try await base.sequence(of: stream, from: revision, limit: limit)
    }

    func hashes(level: Int, _ range: Range<UInt64>) async throws(StoreError) -> [Digest] {
        try await base.hashes(level: level, range)
    }
}

extension JSONValue {
    /// The object with one member put in the place of that name, or added.
    fileprivate func with(_ name: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.name != name } + [JSONMember(name, value)])
    }
}
