import Checkpoints
import Digests
import Foundation
import Merkle
import Publishing
import TestKit
import Testing
import Witnessing

/// Asking witnesses, among them such as do not do what they should.
@Suite struct CosigningTests {
    private let home: ScratchFolder
    private let source: MemorySource
    private let keys: [SignerKey]

    init() throws {
        home = try ScratchFolder()
        source = try MemorySource.numbered(1_000, key: MemorySource.key())
        keys = try (1...3).map {
            SignerKey.generate(name: try #require(KeyName("witness.example/\($0)")))
        }
    }

    /// Witnesses by URL; what is not among them is not to be had.
    private struct Wire: WitnessLine {
        var witnesses: [String: Witness] = [:]
        var scripted: [String: @Sendable ([UInt8]) -> WitnessAnswer] = [:]

        struct NobodyThere: Error {}

        func post(_ body: [UInt8], to url: String) throws -> WitnessAnswer {
            if let script = scripted[url] { return script(body) }
            guard let witness = witnesses[url] else { throw NobodyThere() }
            switch try witness.addCheckpoint(body, at: 1_767_225_600) {
            case .success(let lines): return WitnessAnswer(status: 200, body: lines)
            case .failure(.otherSize(let size)):
                return WitnessAnswer(status: 409, body: Array("\(size)\n".utf8))
            case .failure(let refusal): return WitnessAnswer(status: refusal.status, body: [])
            }
        }
    }

    private func url(_ number: Int) -> String { "https://w\(number).example/add-checkpoint" }

    private func witness(_ number: Int) throws -> Witness {
        try Witness(
            key: keys[number], logs: [source.origin: [source.key.verifierKey]],
            state: home.path + "/w\(number)")
    }

    private func policy(_ quorum: String = "group g 2 w0 w1 w2\nquorum g") throws -> WitnessPolicy {
        let lines = keys.enumerated().map {
            "witness w\($0) \($1.cosignerKey) https://w\($0).example/"
        }
        return try WitnessPolicy(Array((lines + [quorum]).joined(separator: "\n").utf8))
    }

    private func ask(
        _ wire: Wire, at size: Int, of log: MemorySource? = nil,
        after previous: VerifiedCheckpoint? = nil
    ) async throws -> Cosigning.Result {
        let log = log ?? source
        let checkpoint = try log.checkpoint(at: size)
        return try await Cosigning(try policy(), wire) { old in
            log.consistency(from: old, to: checkpoint.size)
        }.ask(checkpoint, after: previous)
    }

    private func cosigners(_ result: Cosigning.Result) throws -> [String] {
        let found = try result.checkpoint.cosignatures(by: keys.map(\.cosignerKey))
        return found.keys.map(\.name.text).sorted()
    }

    @Test func `each witness is asked from where it stands`() async throws {
        var wire = Wire()
        for number in 0..<3 { wire.witnesses[url(number)] = try witness(number) }
        let first = try await ask(wire, at: 100)
        #expect(try cosigners(first).count == 3)
        // One was asleep for a while.
        let awake = wire
        wire.witnesses[url(1)] = nil
        let second = try await ask(wire, at: 300, after: first.checkpoint)
        #expect(try cosigners(second) == ["witness.example/1", "witness.example/3"])
        #expect(
            try policy().isMet(by: second.checkpoint.cosignatures(by: policy().witnessKeys).keys))
        let third = try await ask(awake, at: 1_000, after: second.checkpoint)
        #expect(try cosigners(third).count == 3)
        #expect(third.outcomes.map(\.outcome) == [.cosigned, .cosigned, .cosigned])
        // Who remembers nothing asks with 0 and is told.
        #expect(try cosigners(try await ask(awake, at: 1_000)).count == 3)
    }

    @Test func `who has cosigned is not asked again`() async throws {
        var wire = Wire()
        wire.witnesses[url(0)] = try witness(0)
        let first = try await ask(wire, at: 100)
        let again = try await Cosigning(try policy(), Wire()) { _ in [] }
            .ask(first.checkpoint, after: nil)
        #expect(again.outcomes.map(\.name) == ["w1", "w2"])
        #expect(try cosigners(again) == ["witness.example/1"])
    }

    @Test func `a rollback and a fork are told for what they are`() async throws {
        var wire = Wire()
        wire.witnesses[url(0)] = try witness(0)
        _ = try await ask(wire, at: 500)
        let fork = try MemorySource.numbered(1_000, key: source.key, forkedAt: 400)
        for (log, size) in [(source, 499), (fork, 500), (fork, 1_000)] {
            let result = try await ask(wire, at: size, of: log)
            guard case .contradicts = result.outcomes[0].outcome else {
                Issue.record("\(size): \(result.outcomes)")
                continue
            }
            #expect(try cosigners(result).isEmpty)
        }
    }

    @Test func `what a witness must not answer adds nothing`() async throws {
        let good = try source.checkpoint(at: 10)
        let other = try source.checkpoint(at: 11)
        let lines: [NoteSignature] = [
            // Of another text, of an unknown key, and the log's own.
            try #require(keys[0].cosign(other.note.text, seconds: 1)),
            try #require(SignerKey.generate(name: keys[0].name).cosign(good.note.text, seconds: 1)),
            source.key.sign(good.note.text),
        ]
        var answers = lines.map { WitnessAnswer(status: 200, body: Array($0.line.utf8)) }
        answers += [200, 201, 302, 400, 403, 404, 409, 500, 503].map {
            WitnessAnswer(status: $0, body: Array("no\n".utf8))
        }
        answers.append(WitnessAnswer(status: 409, body: Array("3\n".utf8)))
        answers.append(WitnessAnswer(status: 409, body: Array("0003\n".utf8)))
        for answer in answers {
            let result = try await ask(Wire(scripted: [url(0): { _ in answer }]), at: 10)
            guard case .unavailable = result.outcomes[0].outcome else {
                Issue.record("\(answer.status): \(result.outcomes[0])")
                continue
            }
            #expect(result.checkpoint.bytes == good.bytes)
        }
    }

    @Test func `version 1.0.0 says 409 where there is another root`() async throws {
        let conflict = WitnessAnswer(status: 409, body: Array("10\n".utf8))
        let result = try await ask(Wire(scripted: [url(0): { _ in conflict }]), at: 10)
        guard case .contradicts = result.outcomes[0].outcome else {
            Issue.record("\(result.outcomes)")
            return
        }
    }
}
