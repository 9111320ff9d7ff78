import Checkpoints
import Digests
import LedgerStore
import Logging
import Merkle
import Phrases
import Records
import Sequencing
import Synchronization
import Testing

/// Checkpoints that several keys sign, and signers that fail.
@Suite struct SigningTests {
    /// A key that signs only while it may.
    private final class MoodySigner: NoteSigner {
        let key: SignerKey
        private let isWilling = Mutex(true)
        var verifierKey: VerifierKey { key.verifierKey }

        init(_ key: SignerKey) { self.key = key }

        func set(willing: Bool) { isWilling.withLock { $0 = willing } }

        func signature(of text: [UInt8]) async throws(SigningError) -> NoteSignature {
            guard isWilling.withLock({ $0 }) else {
                throw SigningError(en: "the token is out", zh: "令牌未插入")
            }
            return key.sign(text)
        }
    }

    private func sequencer(_ bench: Bench, _ signer: CheckpointSigner) -> Sequencer {
        Sequencer(
            store: bench.store, signer: signer, origin: bench.origin, catalogue: bench.catalogue,
            clock: bench.clock.ledgerClock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func signers(_ bench: Bench, _ keys: [VerifierKey]) async throws -> [VerifierKey] {
        let note = try #require(await bench.store.checkpoint())
        return try SignedNote(note).verifiedKeys(among: keys)
    }

    @Test func `while keys overlap both sign, and then the new one alone`() async throws {
        let bench = try await Bench()
        let (new, old) = (SignerKey.generate(name: bench.key.name), bench.key)
        let until = bench.clock.ledgerClock.wall().advanced(bySeconds: 3600)
        let sequencer = sequencer(
            bench, CheckpointSigner(new, overlap: .init(key: old, until: until)))
        let keys = [old.verifierKey, new.verifierKey]
        _ = try await sequencer.submit(
            Submission([bench.event("a", stream: "note/A")], recorder: "svc:test"))
        #expect(try await signers(bench, keys) == [new.verifierKey, old.verifierKey])
        bench.clock.advance(wall: 3600, steady: 3600)
        _ = try await sequencer.submit(
            Submission([bench.event("b", stream: "note/A")], recorder: "svc:test"))
        #expect(try await signers(bench, keys) == [new.verifierKey])
    }

    @Test func `the old key's line is never a condition`() async throws {
        let bench = try await Bench()
        let (new, old) = (SignerKey.generate(name: bench.key.name), MoodySigner(bench.key))
        old.set(willing: false)
        let until = bench.clock.ledgerClock.wall().advanced(bySeconds: 3600)
        let sequencer = sequencer(
            bench, CheckpointSigner(new, overlap: .init(key: old, until: until)))
        _ = try await sequencer.submit(
            Submission([bench.event("a", stream: "note/A")], recorder: "svc:test"))
        #expect(
            try await signers(bench, [old.verifierKey, new.verifierKey]) == [new.verifierKey])
    }

    @Test func `while nobody signs events are recorded, and sent again they get receipts`()
        async throws
    {
        let bench = try await Bench()
        let signer = MoodySigner(bench.key)
        let sequencer = sequencer(bench, CheckpointSigner(signer))
        signer.set(willing: false)
        let event = Submission([try bench.event("a", stream: "note/A")], recorder: "svc:test")
        for _ in 0..<2 {
            let failure = await #expect(throws: StoreError.self) {
                _ = try await sequencer.submit(event)
            }
            #expect(failure?.code == .unknown)
            #expect(failure?.reason.en.contains("the token is out") == true)
            #expect(failure?.reason.en.contains("recorded") == true)
        }
        #expect(await bench.store.head().size == TreeSize(1), "once")
        #expect(await bench.store.checkpoint() == nil, "and nothing vouches for it")
        signer.set(willing: true)
        guard case .accepted(let acceptance) = try await sequencer.submit(event) else {
            Issue.record("refused")
            return
        }
        #expect(acceptance.places[0].isRepeat && acceptance.size == TreeSize(1))
        #expect(
            try VerifiedCheckpoint(
                verifying: acceptance.checkpoint, of: bench.origin, by: [bench.key.verifierKey]
            ).size == TreeSize(1))
    }
}
