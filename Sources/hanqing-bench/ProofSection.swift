import Checkpoints
import Digests
import LedgerHome
import LedgerStore
import Merkle
import Sampling

/// Making and checking proofs at the ledger's full size.
struct ProofSection {
    static let name = "proofs"

    private let ledger: Ledger
    private let size: String

    /// `size` is the number of records that figures are named by.
    init(_ ledger: Ledger, size: Int) {
        (self.ledger, self.size) = (ledger, Report.number(Double(size)))
    }

    func run(_ report: inout Report) async throws {
        let checkpoint = try await ledger.checkpoint().checkpoint
        let size = checkpoint.size
        let places = (0..<5_000).map {
            SequenceNumber(Mixing.mixed(UInt64($0)) % size.rawValue)
        }
        var prover = ProofMaker(ledger.store)
        var proofs: [[Digest]] = []
        var watch = Stopwatch()
        for place in places {
            proofs.append(try await prover.inclusion(of: place, in: size))
            watch.lap()
        }
        add("inclusion made, random places", watch, &report)
        try await row(size, &report)
        try await check(places, proofs, size, checkpoint.root, &report)
        try await consistency(size, &report)
        var verified = Stopwatch()
        for _ in 0..<200 {
            _ = try await ledger.checkpoint()
            verified.lap()
        }
        add("checkpoint read and verified", verified, &report)
    }

    private func row(_ size: TreeSize, _ report: inout Report) async throws {
        var prover = ProofMaker(ledger.store)
        let count = min(5_000, size.rawValue)
        var watch = Stopwatch()
        for place in size.rawValue - count..<size.rawValue {
            _ = try await prover.inclusion(of: SequenceNumber(place), in: size)
            watch.lap()
        }
        add("inclusion made, in a row", watch, &report)
    }

    private func check(
        _ places: [SequenceNumber], _ proofs: [[Digest]], _ size: TreeSize, _ root: Root,
        _ report: inout Report
    ) async throws {
        var leaves: [LeafHash] = []
        for place in places {
            let range = place.rawValue..<place.rawValue + 1
            leaves.append(LeafHash(try await ledger.store.hashes(level: 0, range)[0]))
        }
        let hasher = MerkleHasher()
        var watch = Stopwatch()
        for place in places.indices {
            try verifyInclusion(
                of: leaves[place], at: places[place], in: size, proof: proofs[place], root: root,
                hasher)
            watch.lap()
        }
        add("inclusion checked", watch, &report)
    }

    private func consistency(_ size: TreeSize, _ report: inout Report) async throws {
        var prover = ProofMaker(ledger.store)
        var watch = Stopwatch()
        for number in 0..<2_000 {
            let old = TreeSize(Mixing.mixed(UInt64(number)) % size.rawValue + 1)
            _ = try await prover.consistency(from: old, to: size)
            watch.lap()
        }
        add("consistency made", watch, &report)
    }

    private func add(_ what: String, _ watch: Stopwatch, _ report: inout Report) {
        let name = "at \(size): \(what)"
        report.add(Figure(ProofSection.name, name, watch.rate, "proofs/s"))
        report.add(Figure(ProofSection.name, "\(name), p99", watch.milliseconds(0.99), "ms"))
    }
}

/// Times one thing after another.
struct Stopwatch {
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var last: ContinuousClock.Instant
    private var times: [Double] = []

    init() {
        start = clock.now
        last = start
    }

    /// One more is done.
    mutating func lap() {
        let now = clock.now
        times.append((now - last).inSeconds * 1_000)
        last = now
    }

    /// How many were done a second.
    var rate: Double { Double(times.count) / (last - start).inSeconds }

    /// A quantile of what each took, from 0 to 1.
    func milliseconds(_ quantile: Double) -> Double { times.sorted().quantile(quantile) }
}

extension [Double] {
    /// Of values in ascending order, from 0 to 1; 0 if there are none.
    func quantile(_ quantile: Double) -> Double {
        isEmpty ? 0 : self[Swift.min(count - 1, Int(Double(count) * quantile))]
    }
}
