import AuditSources
import Auditing
import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import Merkle
import Testing

/// Overlapping, lost and stolen keys: Specs/keys.md.
@Suite struct KeyChangeTests {
    private let place: TestFolder
    private var memory: MemoryFolder { MemoryFolder(place.path + "/memory") }
    private let old = LedgerMaker.key(1)
    private let new = LedgerMaker.key(9)

    init() throws {
        place = try TestFolder()
    }

    private func revoked(_ cause: String) -> [String: JSONValue] {
        ["revoked": ["cause": .string(cause), "key": .string(old.verifierKey.description)]]
    }

    /// The maker's folder with a newest checkpoint by these keys.
    private func folder(
        _ maker: LedgerMaker, by keys: [SignerKey], vouching: (Int, [UInt8])? = nil
    ) throws -> TestFolder {
        let folder = try TestFolder(maker.contents())
        var note = try SignedNote(maker.checkpoint(by: keys[0]))
        for key in keys.dropFirst() { note.add(key.sign(note.text)) }
        try folder.write("checkpoints/latest", note.bytes)
        if let (number, note) = vouching {
            try folder.write(String(format: "checkpoints/keys/%012d", number), note)
        }
        return folder
    }

    private func overlapping() -> (LedgerMaker, (Int, [UInt8])) {
        var maker = LedgerMaker.varied(60)
        let number = maker.lines.count
        maker.announce(
            "ledger.key-rotated", new, ["overlap": ["until": "2026-12-01T00:00:00.000000Z"]])
        let vouching = maker.checkpoint()
        maker.add("a/b")
        return (maker, (number, vouching))
    }

    @Test func `while keys overlap whoever knows one of them finds it sound`() async throws {
        let (maker, vouching) = overlapping()
        _ = try await audit(TestFolder(LedgerMaker.varied(60).contents()), memory: memory)
        let both = try folder(maker, by: [new, old], vouching: vouching)
        #expect(try await audit(both).findings == [])
        #expect(try await audit(both, memory: memory).findings == [])
        #expect(try await audit(both, key: old.verifierKey).findings == [])
        #expect(try await audit(both, key: new.verifierKey).findings == [])
        // After the overlap the memory of the old key is led to the new one.
        let after = try folder(maker, by: [new], vouching: vouching)
        let report = try await audit(after, memory: memory)
        #expect(report.findings == [] && report.notes.map(\.code) == ["key-rotated"])
        #expect(report.key == new.verifierKey)
    }

    @Test func `the old key alone signs no more, overlap or not`() async throws {
        let (maker, vouching) = overlapping()
        let alone = try folder(maker, by: [old], vouching: vouching)
        #expect(try await audit(alone).findings.map(\.code) == [.keyChanged])
        // Nor does it together with a third one that claims to be the new one.
        let third = try folder(maker, by: [LedgerMaker.key(7), old], vouching: vouching)
        #expect(try await audit(third).findings.map(\.code) == [.keyChanged])
    }

    @Test(arguments: ["lost", "stolen"])
    func `a revocation is a finding until the auditor gives the new key`(
        cause: String
    )
        async throws
    {
        var maker = LedgerMaker.varied(60)
        _ = try await audit(TestFolder(maker.contents()), memory: memory)
        let number = maker.lines.count
        maker.announce("ledger.key-rotated", new, revoked(cause))
        // Not even its note is believed: whoever stole the key can write one.
        let vouching = (number, maker.checkpoint())
        maker.add("a/b")
        let changed = try folder(maker, by: [new], vouching: vouching)
        for memory in [memory, nil] {
            let report = try await audit(changed, memory: memory)
            #expect(report.findings.map(\.code) == [.keyRevoked])
            #expect(report.findings.first?.seq == UInt64(number))
            #expect(report.findings.first?.found.contains(cause) == true)
        }
        let decided = try await audit(changed, memory: memory, key: new.verifierKey)
        #expect(decided.findings == [])
        #expect(Set(decided.notes.map(\.code)) == ["key-rotated", "key-revoked"])
        let later = try await audit(changed, memory: memory)
        #expect(later.isSound && later.key == new.verifierKey, "his memory goes on")
    }

    @Test func `what a stolen key signs after its revocation is evidence`() async throws {
        var maker = LedgerMaker.varied(60)
        var thief = maker
        let kept = GivenCheckpoint(name: "kept", note: maker.checkpoint())
        let number = maker.lines.count
        maker.announce("ledger.key-rotated", new, revoked("stolen"))
        maker.add("a/b")
        for _ in 0..<5 { thief.add("c/d") }
        let forged = GivenCheckpoint(name: "forged", note: thief.checkpoint())
        let other = LedgerMaker.varied(60, seed: 2).checkpoint(number - 3)
        let before = GivenCheckpoint(name: "before", note: other)
        let changed = try folder(maker, by: [new])
        func codes(_ given: [GivenCheckpoint]) async throws -> [FindingCode] {
            try await audit(changed, key: new.verifierKey, checkpoints: given).findings
                .map(\.code)
        }
        #expect(try await codes([kept]) == [], "what was before stays proved")
        #expect(try await codes([forged]) == [.revokedKeySigned])
        #expect(try await codes([before]) == [.forked], "which came first no signature tells")
        let report = try await audit(
            changed, key: new.verifierKey, checkpoints: [forged])
        #expect(report.findings.first?.seq == UInt64(number))
    }

    @Test func `a theft and an overlap together, or a cause that nobody knows, are wrong`()
        async throws
    {
        for more in [
            revoked("stolen").merging(["overlap": ["until": "2026-12-01T00:00:00.000000Z"]]) { $1 },
            revoked("mislaid"), ["overlap": ["until": "tomorrow"]],
        ] as [[String: JSONValue]] {
            var maker = LedgerMaker.varied(60)
            maker.announce("ledger.key-rotated", new, more)
            let report = try await audit(
                folder(maker, by: [new]), key: new.verifierKey)
            #expect(report.findings.map(\.code).contains(.ownRecordWrong), "\(more)")
        }
    }
}
