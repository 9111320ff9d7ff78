import CanonicalJSON
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

/// A ledger in which a generated year was entered as it went on.
///
/// Each event soon after it happened or, if it is a late entry, when its turn came; corrections and
/// withdrawals at the end.
struct AskedYear: Sendable {
    static let seed: UInt64 = 11
    static let eventCount = 10_000

    let home: ScratchFolder
    let ledger: Ledger
    /// Read models that have followed it all.
    let file: ProjectionFile
    /// Every line, read.
    let lines: [JSONValue]

    static let shared = Task { try await AskedYear() }

    private init() async throws {
        print("QuestionsTests: seed \(AskedYear.seed), \(AskedYear.eventCount) events")
        home = try ScratchFolder()
        let folder = home.path + "/ledger"
        let clock = EntryClock("2025-01-01T00:00:00+08:00")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let plan = Ledger.Plan(
            LedgerSettings(origin: "asked.example"), person: "P-1", unit: "虚构单位")
        _ = try await Ledger.create(folder, plan, clock: clock.ledgerClock, logger: logger)
        ledger = try await Ledger.open(folder, .write, clock: clock.ledgerClock, logger: logger)
        let book = try Ledger.ruleBook(ledger.catalogue)
        var year = SampledYear(
            book, seed: AskedYear.seed, eventCount: AskedYear.eventCount, year: 2025,
            isMended: true)
        var events = SampledEvents()
        while year.append(asLine: false, to: &events) {}
        var written: [[UInt8]] = []
        events.forEach { written.append(Array($0)) }
        let places = try await ledger.enter(written, clock, byDay: true)
        let mends = year.takeMends().compactMap { mend -> [UInt8]? in
            guard let place = places[mend.target] else { return nil }
            return mend.event(
                sequence: Int64(place.sequence.rawValue), leafHash: place.leafHash.digest.hex
            ).canonicalBytes
        }
        #expect(mends.count > 10)
        _ = try await ledger.enter(mends, clock, byDay: false)
        clock.advance(to: "2026-03-01T00:00:00+08:00")
        lines = try await ledger.allLines()
        file = try ProjectionFile(home.path + "/asked.sqlite")
        try await Projector(file, try ledger.projectionSource()).catchUp()
    }

    /// The moments as of which each question is asked.
    enum Cut: String, CaseIterable, Sendable {
        case middle, end, beforeCorrection
    }

    func moment(_ cut: Cut) throws -> Timestamp {
        switch cut {
        case .middle: return try #require(lines[lines.count / 2].recorded)
        case .end: return try #require(Timestamp(fixed: "2026-02-28T16:00:00.000000Z"))
        case .beforeCorrection:
            let types = ["entry.corrected", "entry.withdrawn"]
            // One from among them, so that some corrections are known then and some are not.
            let mended = lines.filter { types.contains($0["event"]?["type"]?.string ?? "") }
            return try #require(mended[mended.count / 2].recorded).advanced(bySeconds: -1)
        }
    }

    /// The views that are tested: all must give the same answers.
    ///
    /// The first is compared with the lines.
    func pasts(_ cut: Cut) async throws -> [any PastView] {
        let moment = try moment(cut)
        return [
            try await FoldedPast(ledger, asOf: moment),
            try await ProjectedPast(ledger, file, asOf: moment),
        ]
    }

    /// The records that were there.
    func raw(_ cut: Cut) throws -> RawLedger {
        let moment = try moment(cut)
        return RawLedger(lines.prefix { ($0.recorded ?? moment) <= moment }, moment)
    }
}

extension JSONValue {
    var recorded: Timestamp? { self["chain"]?["recorded"]?.string.flatMap { Timestamp(fixed: $0) } }
}

/// The clock of somebody who enters a year in passing.
final class EntryClock: Sendable {
    private let now: Mutex<Timestamp>

    init(_ text: String) {
        now = Mutex(EntryClock.moment(text) ?? Timestamp(microseconds: 0))
    }

    static func moment(_ text: String) -> Timestamp? {
        Array(text.utf8).withUnsafeBytes { ZonedTime($0)?.moment }
    }

    /// Never back.
    func advance(to text: String, seconds: Int64 = 0) {
        guard let moment = EntryClock.moment(text)?.advanced(bySeconds: seconds) else { return }
        now.withLock { $0 = max($0, moment) }
    }

    func advance(seconds: Int64) { now.withLock { $0 = $0.advanced(bySeconds: seconds) } }

    var ledgerClock: LedgerClock {
        LedgerClock(
            wall: { self.now.withLock { $0 } },
            steadySeconds: { self.now.withLock { $0.microseconds / 1_000_000 } })
    }
}

extension Ledger {
    /// Enters events soon after they happened or after the ones before, a day's together if so
    /// asked.
    func enter(
        _ events: [[UInt8]], _ clock: EntryClock, byDay: Bool
    ) async throws -> [String: Acceptance.Place] {
        let sequencer = try #require(sequencer)
        let intake = intake(.explained)
        var places: [String: Acceptance.Place] = [:]
        var day = ""
        var batch: [(id: String, submission: Submission)] = []
        func submit() async throws {
            if batch.isEmpty { return }
            clock.advance(seconds: 1)
            let answers = try await sequencer.submit(all: batch.map(\.submission))
            for (id, answer) in zip(batch.map(\.id), answers) {
                if case .accepted(let acceptance) = answer { places[id] = acceptance.places.first }
            }
            batch = []
        }
        for bytes in events {
            let json = try JSONValue(parsing: bytes)
            let time = json["time"]?.string ?? ""
            if !byDay || time.prefix(10) != day { try await submit() }
            day = String(time.prefix(10))
            // What is known by day alone is entered when the day is over.
            clock.advance(to: time, seconds: json["precision"] == nil ? 60 : 86_400)
            let event = try bytes.withUnsafeBytes { try intake.read($0) }
            let id = event.event.text(event.event.id)
            batch.append((id, Submission([event], recorder: "svc:test")))
        }
        try await submit()
        return places
    }

    func allLines() async throws -> [JSONValue] {
        var lines: [JSONValue] = []
        while true {
            let next = try await store.lines(
                from: SequenceNumber(UInt64(lines.count)), limit: 4_096)
            if next.isEmpty { return lines }
            lines += try next.map { try JSONValue(parsing: $0) }
        }
    }
}
