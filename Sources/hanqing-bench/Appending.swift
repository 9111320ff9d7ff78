import CanonicalJSON
import LedgerHome
import LedgerStore
import Records
import Sampling
import Sequencing
import Synchronization

/// Appends the source's events to one ledger, by several callers as a service would.
final class Appending: Sendable {
    let ledger: Ledger
    private let sampler: Sampler
    private let next: Counter

    /// `first` is the number of the first event; no event may be appended twice.
    init(_ ledger: Ledger, _ sampler: Sampler, first: Int = 0) {
        (self.ledger, self.sampler) = (ledger, sampler)
        next = Counter(first)
    }

    /// Bytes of an event in canonical form, in the middle of ten thousand.
    var meanEventBytes: Double {
        Double(sampler.events(from: 0, count: 10_000).bytes.count) / 10_000
    }

    /// What appending batches took.
    struct Pace {
        /// Events a second.
        let rate: Double
        /// Milliseconds from a batch's bytes to its receipts, in ascending order.
        let times: [Double]
    }

    /// Appends at least `count` events in atomic batches of `size`.
    ///
    /// Each caller reads its events from bytes with an intake of its own, waits until they are
    /// durable, and writes brief receipts.
    func batches(of size: Int, count: Int, callers: Int) async throws -> Pace {
        let rounds = max(1, (count + size - 1) / size)
        let left = Counter(rounds)
        let clock = ContinuousClock()
        let start = clock.now
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<callers {
                group.addTask {
                    let caller = Caller(self.ledger)
                    var times: [Double] = []
                    while left.add(-1) > 0 {
                        let first = self.next.add(size)
                        let events = self.sampler.events(from: first, count: size)
                        let begun = clock.now
                        try await caller.append(events)
                        times.append((clock.now - begun).inSeconds * 1_000)
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let rate = Double(rounds * size) / (clock.now - start).inSeconds
        return Pace(rate: rate, times: times.sorted())
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
                        try await caller.append(self.sampler.events(from: first, count: 1))
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
    func append(_ events: SampledEvents) async throws {
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
