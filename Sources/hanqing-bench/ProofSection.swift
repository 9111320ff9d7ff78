import Checkpoints
import Digests
import LedgerHome
import LedgerStore
import Merkle
import Sampling

/// Making and checking proofs at the ledger's full size.
struct ProofSection {
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
        let clock = ContinuousClock()
        var prover = ProofMaker(ledger.store)
        var proofs: [[Digest]] = []
        let start = clock.now
        for place in places { proofs.append(try await prover.inclusion(of: place, in: size)) }
        add("inclusion made, random places", places.count, clock.now - start, &report)
        try await row(size, &report)
        try await check(places, proofs, size, checkpoint.root, &report)
        try await consistency(size, &report)
        let verified = clock.now
        for _ in 0..<200 { _ = try await ledger.checkpoint() }
        add("checkpoint read and verified", 200, clock.now - verified, &report)
    }

    private func row(_ size: TreeSize, _ report: inout Report) async throws {
        let clock = ContinuousClock()
        var prover = ProofMaker(ledger.store)
        let count = min(5_000, size.rawValue)
        let start = clock.now
        for place in size.rawValue - count..<size.rawValue {
            _ = try await prover.inclusion(of: SequenceNumber(place), in: size)
        }
        add("inclusion made, in a row", Int(count), clock.now - start, &report)
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
        let clock = ContinuousClock()
        let start = clock.now
        for place in places.indices {
            try verifyInclusion(
                of: leaves[place], at: places[place], in: size, proof: proofs[place], root: root,
                hasher)
        }
        add("inclusion checked", places.count, clock.now - start, &report)
    }

    private func consistency(_ size: TreeSize, _ report: inout Report) async throws {
        let clock = ContinuousClock()
        var prover = ProofMaker(ledger.store)
        let start = clock.now
        for number in 0..<2_000 {
            let old = TreeSize(Mixing.mixed(UInt64(number)) % size.rawValue + 1)
            _ = try await prover.consistency(from: old, to: size)
        }
        add("consistency made", 2_000, clock.now - start, &report)
    }

    private func add(_ name: String, _ count: Int, _ time: Duration, _ report: inout Report) {
        let rate = Double(count) / time.inSeconds
        report.add(Figure("proofs", "at \(size): \(name)", rate, "proofs/s"))
    }
}
