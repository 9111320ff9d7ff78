import AuditSources
import Auditing
import Checkpoints
import Merkle
import TestKit
import Testing

/// What is said of a receipt's record by whoever shows a log, and what stays of a denial.
@Suite struct ReceiptChallengeTests {
    private let key: SignerKey
    private var keys: [VerifierKey] { [key.verifierKey] }

    init() throws { key = try MemorySource.key() }

    /// What a challenge must come to, from where the histories part.
    private enum Expected: Equatable {
        case present, forkedRoots, forkedRecords, shorter

        init(record: Int, signed: Int, shown: Int, forkedAt fork: Int) {
            if shown >= signed {
                self = fork < signed ? .forkedRoots : .present
            } else {
                self = record >= fork && record < shown ? .forkedRecords : .shorter
            }
        }

        init?(_ verdict: ReceiptChallenge.Verdict, _ keys: [VerifierKey]) {
            switch verdict {
            case .present(.hash): self = .present
            case .denied(let evidence):
                switch (evidence.contradiction, evidence.judge(by: keys)) {
                case (.roots, .forked): self = .forkedRoots
                case (.records, .forked): self = .forkedRecords
                case (.shorter, .open): self = .shorter
                default: return nil
                }
            default: return nil
            }
        }
    }

    private func ask(
        _ place: Publication, _ source: MemorySource, _ record: Int, signed: Int
    ) async throws -> ReceiptChallenge.Verdict {
        await ReceiptChallenge(keys: keys).ask(
            TileFolder(place.path), for: try source.receipt(of: record, at: signed),
            record: source.lines[record])
    }

    @Test func `of any two histories it is said where they part, and the evidence stands alone`()
        async throws
    {
        let seed = UInt64.random(in: 0..<1_000_000)
        var random = Seeded(seed: seed)
        let source = try MemorySource.numbered(700, key: key)
        for _ in 0..<12 {
            let fork = Int.random(in: 0..<700, using: &random)
            let other = try MemorySource.numbered(700, key: key, forkedAt: fork)
            let shown = Int.random(in: 1...700, using: &random)
            let place = try Publication()
            try await place.publish(other, at: shown)
            for _ in 0..<8 {
                let signed = Int.random(in: 1...700, using: &random)
                let record = Int.random(in: 0..<signed, using: &random)
                let verdict = try await ask(place, source, record, signed: signed)
                let expected = Expected(
                    record: record, signed: signed, shown: shown, forkedAt: fork)
                #expect(
                    Expected(verdict, keys) == expected,
                    "↳ seed \(seed): record \(record) of \(signed), \(shown) shown, fork \(fork)")
            }
        }
    }

    @Test func `one size with two roots is a fork`() async throws {
        let source = try MemorySource.numbered(300, key: key)
        let place = try Publication()
        try await place.publish(try MemorySource.numbered(300, key: key, forkedAt: 299))
        let verdict = try await ask(place, source, 0, signed: 300)
        #expect(Expected(verdict, keys) == .forkedRoots)
        guard case .denied(let evidence) = verdict else { return }
        #expect(ForkEvidence(evidence.json) == evidence)
        // Nobody else's key, and no other order of the two, proves it.
        let stranger = try MemorySource.key().verifierKey
        guard case .refused = evidence.judge(by: [stranger]) else {
            Issue.record("a stranger's key proves nothing")
            return
        }
        let same = ForkEvidence(
            origin: evidence.origin, first: evidence.first, second: evidence.first,
            evidence.contradiction)
        guard case .refused = same.judge(by: keys) else {
            Issue.record("one checkpoint twice is no fork")
            return
        }
    }

    @Test func `a text that is shown beside another's hash is told`() async throws {
        let source = try MemorySource.numbered(20, key: key)
        let place = try Publication()
        try await place.publish(source, entries: true)
        guard case .present(.record) = try await ask(place, source, 7, signed: 9) else {
            Issue.record("the record is there")
            return
        }
        var bundle = try #require(try place.files()["tile/entries/000.p/20"])
        let text = try #require(bundle.firstRange(of: Array("entry-7".utf8)))
        bundle[text.lowerBound] ^= 1
        try place.write("tile/entries/000.p/20", bundle)
        guard case .altered = try await ask(place, source, 7, signed: 9) else {
            Issue.record("the text is another")
            return
        }
    }

    @Test func `what cannot be had accuses nobody`() async throws {
        let source = try MemorySource.numbered(600, key: key)
        let place = try Publication()
        guard case .unavailable = try await ask(place, source, 7, signed: 9) else {
            Issue.record("there is no checkpoint")
            return
        }
        try await place.publish(source)
        // Tiles that do not lead to the signed root are no evidence of a fork.
        var tile = try #require(try place.files()["tile/0/000"])
        tile[7 * 32] ^= 1
        try place.write("tile/0/000", tile)
        guard case .unavailable = try await ask(place, source, 7, signed: 300) else {
            Issue.record("the tile is damaged")
            return
        }
        let other = try Publication()
        try await other.publish(try MemorySource.numbered(600, key: MemorySource.key()))
        guard case .notTheLog = try await ask(other, source, 7, signed: 300) else {
            Issue.record("another key signed it")
            return
        }
    }
}
