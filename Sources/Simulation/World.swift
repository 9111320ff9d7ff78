import Catalogue
import Checkpoints
import Digests
import LedgerStore
import Logging
import Merkle
import Records
import Sequencing
import TestKit

/// One simulated ledger with everybody around it.
final class World {
    let options: Simulation.Options
    let place: any StorePlace
    let catalogue: EventCatalogue
    let clock: SteppedClock
    let intake: Intake
    let habits: Habits
    var maker: DraftMaker
    var trace = Trace()

    // The model's side.
    var model = Model()
    var clockGuard = ModelClockGuard()
    /// The code with which a store that stopped answers.
    var stopCode: String?
    /// What befalls the newest bytes when the process is gone.
    var loss = TailLoss.nothing
    var unsureBytes = 0
    /// What producers got no answer to and send again.
    var unanswered: [DraftMaker.Parcel] = []

    // The ledger's side.
    var session: Session?
    /// Every line that the store has shown.
    var lines: [[UInt8]] = []
    var receipts: [GivenReceipt] = []

    struct Session {
        let base: any EventStore
        let store: SteeredStore
        let sequencer: Sequencer
    }

    struct GivenReceipt {
        let sequence: Int
        let leaf: Digest
        let size: Int
        let root: Root
    }

    /// What differs from one world to the next.
    struct Habits {
        let eventsPerCommit: Int
        let waitingMax: Int
        /// In a thousand steps.
        let faults: Int
        let reopenings: Int
    }

    init(
        _ options: Simulation.Options, _ place: any StorePlace, _ catalogue: EventCatalogue,
        _ clock: SteppedClock
    ) {
        (self.options, self.place, self.catalogue) = (options, place, catalogue)
        self.clock = clock
        intake = Intake(catalogue, clock: clock.ledgerClock) { _ in false }
        maker = DraftMaker(Seeded(seed: options.seed))
        habits = Habits(
            eventsPerCommit: maker.pick([3, 9, 40]), waitingMax: maker.pick([6, 16, 200]),
            faults: maker.pick([0, 15, 30, 80]), reopenings: maker.pick([2, 8, 20]))
    }

    // MARK: Opening and closing

    func begin() async throws {
        try await open()
        try await learnOwnRecords()
    }

    func end() async throws {
        if stopCode != nil { try await reopen(closing: true) }
        try await compareAll()
        try await reopen(closing: true)
        if let session { await session.store.letGo() }
        session = nil
        try await place.close()
        try await place.inspect(size: model.records.count, isCovered: true, isLast: true)
    }

    func makeSequencer(_ store: any EventStore) -> Sequencer {
        var bounds = Sequencer.Options()
        bounds.eventsPerCommit = habits.eventsPerCommit
        bounds.waitingEventsMax = habits.waitingMax
        return Sequencer(
            store: store, signer: CheckpointSigner(place.key), origin: place.origin,
            catalogue: catalogue,
            clock: clock.ledgerClock, options: bounds,
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
    }

    private func open() async throws {
        let base = try await place.open()
        let store = SteeredStore(base)
        session = Session(base: base, store: store, sequencer: makeSequencer(store))
        clockGuard = ModelClockGuard()
        (stopCode, loss, unsureBytes) = (nil, .nothing, 0)
    }

    func live() throws -> Session {
        guard let session else { throw Simulation.Unexpected("the ledger is not open") }
        return session
    }

    /// The ledger's first records are not foretold but taken as they are.
    private func learnOwnRecords() async throws {
        let size = try await live().store.head().size.rawValue
        for number in 0..<Int(size) {
            let line = try await live().store.lines(
                from: SequenceNumber(UInt64(number)), limit: 1)
            let text = String(decoding: line.first ?? [], as: UTF8.self)
            guard let start = text.firstRange(of: "\"event\":")?.upperBound,
                let end = text.firstRange(of: ",\"intake\":")?.lowerBound
            else { throw Simulation.Unexpected("record \(number) of a new ledger: \(text)") }
            model.add(
                Model.Record(
                    draft: nil, type: "ledger.own", stream: "ledger/self", revision: number,
                    event: String(text[start..<end]), batch: nil, recorder: "ledger",
                    recorded: clock.wall))
        }
        model.published = Int(size)
        try await adoptLines()
    }

    /// Ends the process and starts it again; what start-up must find is known.
    func reopen(closing: Bool) async throws {
        if let session { await session.store.letGo() }
        session = nil
        if closing, stopCode == nil {
            try await place.close()
        } else if try await place.abandon(loss, unsureBytes: unsureBytes) {
            model.published = 0
        }
        try await open()
        let size = try await live().store.head().size.rawValue
        guard size == UInt64(model.records.count) else {
            throw Simulation.Unexpected(
                "opened with \(size) records, not \(model.records.count)")
        }
        try await adoptLines()
        // As start-up does. Another opening may have done it before.
        if model.published != model.records.count {
            try await live().sequencer.signWhatIsDurable()
            model.published = model.records.count
        }
        try await checkCheckpoint()
        trace.count(closing ? "closed and opened" : "killed and opened")
        trace.add("reopened \(closing) \(size)")
    }

    // MARK: Steps

    func step() async throws {
        trace.step()
        if trace.steps % options.compareEvery == 0, stopCode == nil { try await compareAll() }
        if stopCode != nil {
            if maker.chance(40) { return try await submitSome(nil) }
            return try await reopen(closing: maker.chance(30))
        }
        if clockGuard.secondsAhead(clock) > 300, maker.chance(35) {
            return try await setClockRight()
        }
        let dice = maker.number(0...999)
        if dice < habits.reopenings { return try await reopen(closing: maker.chance(50)) }
        if dice < habits.reopenings + habits.faults { return try await submitWithFault() }
        switch maker.number(0...99) {
        case ..<4: moveClock()
        case ..<18: try await read()
        case ..<21: try await overtake()
        default: try await submitSome(nil)
        }
    }

    private func moveClock() {
        let second: Int64 = 1_000_000
        switch maker.number(0...99) {
        case ..<60:
            let seconds = Int64(maker.number(0...900))
            clock.move(wall: seconds * second, steady: seconds)
        case ..<75: clock.move(wall: Int64(maker.number(0...999_999)))
        case ..<85: clock.move(wall: -Int64(maker.number(1...7_200)) * second)
        case ..<90: clock.move(wall: Int64(maker.number(290...300)) * second)
        default: clock.move(wall: Int64(maker.pick([301, 302, 3_600, 90_000])) * second)
        }
        trace.count("clock moved")
    }

    /// An administrator puts the clock back, or starts the program again.
    private func setClockRight() async throws {
        if maker.chance(30) { return try await reopen(closing: true) }
        clock.move(wall: -clockGuard.secondsAhead(clock) * 1_000_000)
        trace.count("clock set right")
    }
}
