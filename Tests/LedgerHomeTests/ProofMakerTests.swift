import Digests
import LedgerHome
import LedgerStore
import Merkle
import Records
import TestKit
import Testing

struct ProofMakerTests {
    /// A ledger that grows by batches of up to 400 records, and its heads.
    private struct Growing {
        let store = MemoryStore()
        var heads: [Head] = []

        mutating func grow(_ seeded: inout Seeded) async throws {
            let head = await store.lead()
            let first = head.size.rawValue
            let events = try (first..<first + .random(in: 1...400, using: &seeded)).map {
                try EventMaker.event(EventMaker.json(id: "\($0)", stream: "test/\($0)"))
            }
            let batch = EventMaker.batch(
                events, at: head, revisions: events.map { _ in 0 })
            try await store.commit(batch, at: head)
            heads.append(batch.newHead)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `one maker's proofs hold while the ledger grows`(seed: UInt64) async throws {
        var seeded = Seeded(seed: seed)
        var ledger = Growing()
        var prover = ProofMaker(ledger.store)
        let hasher = MerkleHasher()
        for _ in 0..<9 {
            try await ledger.grow(&seeded)
            let head = try #require(ledger.heads.last)
            let root = head.tree.root(hasher)
            for _ in 0..<20 {
                let place = SequenceNumber(.random(in: 0..<head.size.rawValue, using: &seeded))
                let leaf = try await ledger.store.hashes(
                    level: 0, place.rawValue..<place.rawValue + 1)[0]
                let proof = try await prover.inclusion(of: place, in: head.size)
                try verifyInclusion(
                    of: LeafHash(leaf), at: place, in: head.size, proof: proof, root: root, hasher)
            }
            for old in ledger.heads {
                let proof = try await prover.consistency(from: old.size, to: head.size)
                try verifyConsistency(
                    from: old.size, to: head.size, oldRoot: old.tree.root(hasher), newRoot: root,
                    proof: proof, hasher)
            }
        }
    }

    @Test func `a maker that knows the newest blocks still proves in an older tree`() async throws {
        var seeded = Seeded(seed: 4)
        var ledger = Growing()
        while ledger.heads.last?.size.rawValue ?? 0 < 700 { try await ledger.grow(&seeded) }
        var prover = ProofMaker(ledger.store)
        let hasher = MerkleHasher()
        for head in ledger.heads.reversed() {
            let last = SequenceNumber(head.size.rawValue - 1)
            let proof = try await prover.inclusion(of: last, in: head.size)
            try verifyInclusion(
                of: head.lastLeaf, at: last, in: head.size, proof: proof,
                root: head.tree.root(hasher), hasher)
        }
    }
}
