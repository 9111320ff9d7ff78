import CanonicalJSON
import CaseTracing
import Digests
import Foundation
import LedgerHome
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

/// The accident's story, recorded at the times at which a bureau would have recorded it.
struct TracedStory: Sendable {
    let home: ScratchFolder
    let ledger: Ledger
    let story: AccidentStory
    /// Numbers of records by the ids of events.
    let numbers: [String: UInt64]

    static let shared = Task { try await TracedStory() }

    private init() async throws {
        home = try ScratchFolder()
        let hand = Hand()
        let clock = LedgerClock(wall: { hand.time }, steadySeconds: { hand.seconds })
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let folder = home.path + "/ledger"
        hand.move(to: try #require(Timestamp(fixed: "2019-04-30T00:00:00.000000Z")))
        let plan = Ledger.Plan(
            LedgerSettings(origin: "traced.example"), person: "P-1", unit: "虚构单位")
        _ = try await Ledger.create(folder, plan, clock: clock, logger: logger)
        ledger = try await Ledger.open(folder, .write, clock: clock, logger: logger)
        story = AccidentStory(ledger.catalogue, seed: 1)
        var places: [String: Acceptance.Place] = [:]
        let writer = try StoryRecorder(ledger)
        for event in story.events {
            hand.move(to: event.recorded)
            places[event.id] = try await writer.record(event.json)
        }
        for event in story.mends {
            hand.move(to: event.recorded)
            let json = AccidentStory.mend(event) { id in
                places[id].map { (Int64($0.sequence.rawValue), $0.leafHash.digest.hex) }
            }
            places[event.id] = try await writer.record(try #require(json))
        }
        numbers = places.mapValues { $0.sequence.rawValue }
    }

    func past(_ moment: Timestamp? = nil) async throws -> FoldedPast {
        try await FoldedPast(ledger, asOf: moment)
    }

    func trace(
        _ name: String, asOf moment: Timestamp? = nil, _ limits: TraceLimits = TraceLimits()
    ) async throws -> Trace {
        try await Tracer(try await past(moment), limits, lookUp: lookUp).trace(name)
    }

    var lookUp: CauseLookUp {
        { [ledger] source, id throws(ProjectionError) in
            try await ledger.sequence(source: source, id: id)
        }
    }
}

/// A clock that is set by hand.
private final class Hand: Sendable {
    private let now = Mutex(Timestamp(microseconds: 0))

    var time: Timestamp { now.withLock { $0 } }
    var seconds: Int64 { time.microseconds / 1_000_000 }
    func move(to moment: Timestamp) { now.withLock { $0 = moment } }
}

/// Records events one by one.
private struct StoryRecorder {
    let ledger: Ledger
    let sequencer: Sequencer

    init(_ ledger: Ledger) throws {
        self.ledger = ledger
        sequencer = try #require(ledger.sequencer)
    }

    func record(_ event: JSONValue) async throws -> Acceptance.Place {
        let intake = ledger.intake(.explained)
        let read = try event.canonicalBytes.withUnsafeBytes { try intake.read($0) }
        let answers = try await sequencer.submit(all: [Submission([read], recorder: "svc:test")])
        guard case .accepted(let acceptance)? = answers.first, let place = acceptance.places.first
        else {
            Issue.record("\(event["id"]?.string ?? "") was not recorded: \(answers)")
            throw NotRecorded()
        }
        return place
    }

    private struct NotRecorded: Error {}
}
