import CanonicalJSON
import Catalogue
import Checkpoints
import Digests
import LedgerData
import LedgerStore
import Logging
import Merkle
import Records
import Sequencing
import Synchronization
import TestKit

/// A sequencer over a memory store, with a small catalogue and clocks in the hand.
struct Bench: Sendable {
    let store = MemoryStore()
    let faulty: FaultyStore
    let key: SignerKey
    let origin: Origin
    let catalogue: EventCatalogue
    let clock = HeldClock()
    let sequencer: Sequencer

    struct Broken: Error {}

    init() async throws {
        guard let origin = Origin("bench.example"), let name = KeyName("bench.example") else {
            throw Broken()
        }
        (self.origin, key) = (origin, SignerKey.generate(name: name))
        catalogue = try EventCatalogue(files: Bench.files)
        faulty = FaultyStore(store)
        sequencer = Sequencer(
            store: faulty, signer: CheckpointSigner(key), origin: origin, catalogue: catalogue,
            clock: clock.ledgerClock,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }

    func event(
        _ id: String, stream: String, more: [JSONMember] = []
    ) throws -> ValidatedEvent {
        try read(
            EventMaker.json(
                id: id, stream: stream, type: "note.taken",
                data: ["operator": ["person": "P-1", "unit": "虚构单位"], "text": "虚构"], more: more))
    }

    func correction(
        _ id: String, stream: String, of target: SequenceNumber, _ leaf: LeafHash
    ) throws -> ValidatedEvent {
        try read(
            EventMaker.json(
                id: id, stream: stream, type: "entry.corrected",
                data: [
                    "operator": ["person": "P-1", "unit": "虚构单位"], "approver": "P-2",
                    "corrects": [
                        "seq": .integer(Int64(target.rawValue)),
                        "leafHash": .string(leaf.digest.hex), "reason": "misrecorded",
                    ],
                    "corrected": ["text": "更正后"],
                ]))
    }

    func read(_ json: JSONValue) throws -> ValidatedEvent {
        let intake = Intake(catalogue, clock: clock.ledgerClock) { _ in false }
        return try json.canonicalBytes.withUnsafeBytes { try intake.read($0) }
    }

    func submit(_ events: [ValidatedEvent]) async throws -> Answer {
        try await sequencer.submit(Submission(events, recorder: "svc:bench"))
    }

    func accepted(_ events: [ValidatedEvent]) async throws -> Acceptance {
        guard case .accepted(let acceptance) = try await submit(events) else { throw Broken() }
        return acceptance
    }

    func refused(_ events: [ValidatedEvent]) async throws -> [RefusedEvent] {
        guard case .refused(let refused) = try await submit(events) else { throw Broken() }
        return refused
    }

    /// The shipped catalogue with one small procedure instead of its own.
    private static var files: [String: [UInt8]] {
        LedgerData.catalogueFiles.filter {
            !$0.key.hasPrefix("procedures/") && $0.key != "registers.yaml"
                && $0.key != "indicators.yaml"
        }.merging(procedures) { $1 }
    }

    private static let procedures: [String: [UInt8]] = [
        "plan.yaml": "measures: []\n",
        "procedures/note.yaml": """
        procedure: note
        zh: 便笺
        en: Note
        plan: []
        caseId: "N-{n}"
        owner: office
        stages:
          - {id: taken, zh: 已记, en: Taken}
        events:
          - event: taken
            zh: 记录
            en: Taken
            by: [office]
            stage: taken
            fields:
              - {name: text, type: text, required: true, zh: 内容, en: Text}
        """,
    ].mapValues { Array($0.utf8) }
}

/// Clocks that stand still until told.
final class HeldClock: Sendable {
    private let state = Mutex((wall: Int64(1_774_000_000), steady: Int64(1000)))

    func advance(wall: Int64, steady: Int64) {
        state.withLock { $0 = ($0.wall + wall, $0.steady + steady) }
    }

    var ledgerClock: LedgerClock {
        LedgerClock(
            wall: { self.state.withLock { Timestamp(microseconds: $0.wall * 1_000_000) } },
            steadySeconds: { self.state.withLock(\.steady) })
    }
}
