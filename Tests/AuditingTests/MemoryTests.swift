import AuditSources
import Auditing
import CanonicalJSON
import Checkpoints
import Foundation
import Testing

@Suite struct MemoryTests {
    private let place: TestFolder
    private var memory: MemoryFolder { MemoryFolder(place.path + "/deep/er") }

    init() throws {
        place = try TestFolder()
    }

    @Test func `a sound ledger is remembered and grows`() async throws {
        var maker = LedgerMaker.varied(60)
        let first = try await audit(TestFolder(maker.contents()), memory: memory)
        #expect(first.isSound && first.memory == .first && first.keySource == .ledger)
        let size = UInt64(maker.lines.count)
        maker.add("a/b")
        let second = try await audit(TestFolder(maker.contents()), memory: memory)
        #expect(second.isSound && second.memory == .compared(size: size))
        #expect(second.keySource == .memory)
        let third = try await audit(TestFolder(maker.contents()), memory: memory)
        #expect(third.memory == .compared(size: size + 1))
    }

    @Test func `a ledger rolled back with its checkpoint is found`() async throws {
        var maker = LedgerMaker.varied(60)
        let old = maker.contents()
        let size = UInt64(maker.lines.count)
        maker.add("a/b")
        _ = try await audit(TestFolder(maker.contents()), memory: memory)
        let report = try await audit(TestFolder(old), memory: memory)
        #expect(report.findings.map(\.code) == [.rolledBack])
        #expect(report.findings.first?.seq == size && report.findings.first?.through == size)
        // What is unsound is not remembered.
        let again = try await audit(TestFolder(maker.contents()), memory: memory)
        #expect(again.isSound && again.memory == .compared(size: size + 1))
    }

    @Test func `another history signed with the same key is a fork`() async throws {
        var maker = LedgerMaker.varied(60)
        _ = try await audit(TestFolder(maker.contents()), memory: memory)
        maker.edit(30)
        maker.relink(from: 31)
        maker.add("a/b")
        let report = try await audit(TestFolder(maker.contents()), .quick, memory: memory)
        #expect(report.findings.map(\.code) == [.forked])
        #expect(report.soundThrough == nil)
    }

    @Test func `damage is no fork, whatever was seen before`() async throws {
        var maker = LedgerMaker.varied(60)
        let sound = maker.contents()
        _ = try await audit(TestFolder(sound), memory: memory)
        maker.add("a/b")
        let grown = maker.contents()
        let folder = try TestFolder(grown)
        maker.edit(30)
        try folder.write(LedgerMaker.segment(0), maker.contents()[LedgerMaker.segment(0)] ?? [])
        let report = try await audit(folder, .quick, memory: memory)
        let codes: [FindingCode] = [.linkBroken, .recordAltered, .rootDiffers, .rootDiffers]
        #expect(report.findings.map(\.code) == codes)
        #expect(report.findings.allSatisfy { $0.seq == 30 && $0.through == 30 })
        let cut = try TestFolder(grown)
        let segment = grown[LedgerMaker.segment(0)] ?? []
        try cut.write(LedgerMaker.segment(0), Array(segment.prefix(10_000)))
        let missing = try await audit(cut, .quick, memory: memory).findings.map(\.code)
        #expect(!missing.contains(.rolledBack) && !missing.contains(.forked))
    }

    @Test func `another key needs a record that announces it`() async throws {
        var maker = LedgerMaker.varied(60)
        _ = try await audit(TestFolder(maker.contents()), memory: memory)
        let new = LedgerMaker.key(9)
        let folder = try TestFolder(maker.contents())
        try folder.write("checkpoints/latest", maker.checkpoint(by: new))
        let report = try await audit(folder, memory: memory)
        #expect(report.findings.map(\.code) == [.checkpointRefused])
        let given = try await audit(folder, memory: memory, key: new.verifierKey)
        #expect(given.findings.map(\.code) == [.keyChanged])

        maker.own(
            "ledger.key-rotated",
            [
                "approver": "P-2", "keys": [.string(new.verifierKey.description)],
                "reason": "test", "operator": LedgerMaker.clerk,
            ])
        let rotated = try TestFolder(maker.contents())
        try rotated.write("checkpoints/latest", maker.checkpoint(by: new))
        // Whoever can write to the disk can announce a key of his own.
        let unvouched = try await audit(rotated, memory: memory).findings.map(\.code)
        #expect(unvouched == [.checkpointRefused])
        #expect(try await audit(rotated, key: new.verifierKey).isSound)
        try rotated.write(
            String(format: "checkpoints/keys/%012d", maker.lines.count - 1), maker.checkpoint())
        let announced = try await audit(rotated, memory: memory)
        #expect(announced.findings == [])
        #expect(announced.notes.map(\.code) == ["key-rotated"])
        #expect(announced.key == new.verifierKey)
    }

    @Test func `a key that was given up signs no more`() async throws {
        var maker = LedgerMaker.varied(60)
        maker.announce("ledger.key-rotated", LedgerMaker.key(9))
        let report = try await audit(TestFolder(maker.contents()))
        #expect(report.findings.map(\.code) == [.keyChanged])
    }

    @Test func `lost records that were seen are found until the loss is accepted`() async throws {
        var maker = LedgerMaker.varied(60)
        let backup = maker
        for _ in 0..<5 { maker.add("a/b") }
        _ = try await audit(TestFolder(maker.contents()), memory: memory)
        let kept = GivenCheckpoint(name: "kept", note: maker.checkpoint())

        var restored = backup
        let place = restored.lines.count
        let new = LedgerMaker.key(9)
        restored.announce(
            "ledger.restored", new,
            ["lost": ["from": .integer(Int64(place)), "through": .integer(Int64(place + 4))]])
        let vouching = restored.checkpoint()
        for _ in 0..<9 { restored.add("a/b") }
        let folder = try TestFolder(restored.contents())
        try folder.write("checkpoints/latest", restored.checkpoint(by: new))
        try folder.write(String(format: "checkpoints/keys/%012d", place), vouching)

        let stranger = try await audit(folder)
        #expect(stranger.isSound && stranger.notes.map(\.code) == ["restored"])
        let given = try await audit(folder, checkpoints: [kept])
        #expect(given.findings.map(\.code) == [.recordsLost])
        let seen = try await audit(folder, memory: memory)
        #expect(seen.findings.map(\.code) == [.recordsLost])
        #expect(seen.findings.first?.seq == UInt64(place))
        #expect(seen.findings.first?.through == UInt64(place + 4))
        let accepted = try await audit(folder, memory: memory, loss: UInt64(place))
        #expect(accepted.isSound)
        #expect(accepted.notes.map(\.code) == ["loss-accepted", "key-rotated", "restored"])
        #expect(try await audit(folder, memory: memory).isSound, "the memory goes on from there")
    }

    @Test func `a ledger made anew under the same origin is another key`() async throws {
        let maker = LedgerMaker.varied(60)
        _ = try await audit(TestFolder(maker.contents()), memory: memory)
        let other = LedgerMaker.varied(80, key: 5)
        let report = try await audit(TestFolder(other.contents()), memory: memory)
        #expect(report.findings.map(\.code) == [.keyChanged, .rootDiffers])
    }

    @Test func `a damaged memory is a finding`() async throws {
        let maker = LedgerMaker.varied(60)
        _ = try await audit(TestFolder(maker.contents()), memory: memory)
        let folder = place.path + "/deep/er"
        let name = try FileManager.default.contentsOfDirectory(atPath: folder)[0]
        try Data([1, 2]).write(to: URL(filePath: folder + "/" + name))
        let report = try await audit(TestFolder(maker.contents()), memory: memory)
        #expect(report.findings.map(\.code) == [.memoryUnreadable])
    }

    @Test func `checkpoints brought along are compared`() async throws {
        let maker = LedgerMaker.varied(60)
        let folder = try TestFolder(maker.contents())
        let good = GivenCheckpoint(name: "a", note: maker.checkpoint(30))
        #expect(try await audit(folder, checkpoints: [good]).isSound)
        let bad = GivenCheckpoint(name: "b", note: maker.checkpoint(30, by: LedgerMaker.key(4)))
        let report = try await audit(folder, checkpoints: [good, bad])
        #expect(report.findings.map(\.code) == [.givenCheckpointRefused])
        #expect(report.findings.first?.file == "b")
        var longer = maker
        longer.add("a/b")
        let ahead = GivenCheckpoint(name: "c", note: longer.checkpoint())
        let codes = try await audit(folder, checkpoints: [ahead]).findings.map(\.code)
        #expect(codes == [.rolledBack])
    }

    @Test func `the key that the caller gives comes first`() async throws {
        let maker = LedgerMaker.varied(60)
        let folder = try TestFolder(maker.contents())
        let right = try await audit(folder, key: maker.key.verifierKey)
        #expect(right.isSound && right.keySource == .given)
        let wrong = try await audit(folder, key: LedgerMaker.key(3).verifierKey)
        #expect(!wrong.isSound)
    }
}
