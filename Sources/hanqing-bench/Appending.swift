import CanonicalJSON
import LedgerHome
import LedgerStore
import Records
import Sequencing
import Synchronization

/// Appends the source's events to one ledger, by several callers as a service would.
final class Appending: Sendable {
    let ledger: Ledger
    private let source: EventSource
    private let next: Counter

    /// `first` is the number of the first event; no event may be appended twice.
    init(_ ledger: Ledger, _ source: EventSource, first: Int = 0) {
        (self.ledger, self.source) = (ledger, source)
        next = Counter(first)
    }

    /// Appends at least `count` events in atomic batches of `size`; gives events a second.
    ///
    /// Each caller reads its events from bytes with an intake of its own, waits until they are
    /// durable, and writes brief receipts.
    func batches(of size: Int, count: Int, callers: Int) async throws -> Double {
        let rounds = max(1, (count + size - 1) / size)
        let left = Counter(rounds)
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    let caller = Caller(self.ledger)
                    while left.add(-1) > 0 {
                        let first = self.next.add(size)
                        try await caller.append(self.source.events(from: first, count: size))
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(rounds * size) / (clock.now - start).inSeconds
    }

    /// Lets `callers` append single events for `duration`; gives events a second.
    func singles(callers: Int, for duration: Duration) async throws -> Double {
        let done = Counter(0)
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + duration
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    let caller = Caller(self.ledger)
                    while clock.now < end {
                        let first = self.next.add(1)
                        try await caller.append(self.source.events(from: first, count: 1))
                        done.add(1)
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(done.add(0)) / (clock.now - start).inSeconds
    }
}

/// One producer's connection.
private struct Caller {
    private let ledger: Ledger
    private let intake: Intake
    private var prover: ProofMaker

    init(_ ledger: Ledger) {
        self.ledger = ledger
        intake = ledger.intake()
        prover = ProofMaker(ledger.store)
    }

    /// Reads, checks, records, and writes the receipts as they would be sent.
    func append(_ events: Events) async throws {
        var valid: [ValidatedEvent] = []
        valid.reserveCapacity(events.count)
        try events.forEach { (raw) throws(EventRefused) in valid.append(try intake.read(raw)) }
        guard
            case .accepted(let acceptance)? = try await ledger.sequencer?.submit(
                Submission(valid, recorder: "cli:bench"))
        else { throw BenchError("a batch was not accepted") }
        var prover = prover
        let receipts = try await prover.receipts(for: acceptance, valid, full: false)
        var answer: [UInt8] = []
        answer.reserveCapacity(receipts.count * 256)
        for receipt in receipts {
            receipt.write(to: &answer)
            answer.append(UInt8(ascii: "\n"))
        }
    }
}

/// A number that several tasks count on.
private final class Counter: Sendable {
    private let number: Atomic<Int>

    init(_ start: Int) {
        number = Atomic(start)
    }

    /// Adds `amount`, and gives the number as it was before.
    @discardableResult
    func add(_ amount: Int) -> Int {
        number.add(amount, ordering: .relaxed).oldValue
    }
}
