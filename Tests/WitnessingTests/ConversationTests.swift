import Checkpoints
import Digests
import Foundation
import Merkle
import TestKit
import Testing
import Witnessing

/// A witness as it talks with logs.
@Suite struct ConversationTests {
    private let home: ScratchFolder
    private let key: SignerKey

    init() throws {
        home = try ScratchFolder()
        key = SignerKey.generate(name: try #require(KeyName("example.com/witness")))
    }

    private func witness(_ logs: [VerifierKey]) throws -> Witness {
        let pairs = try logs.map { (try #require(Origin($0.name.text)), [$0]) }
        return try Witness(
            key: key, logs: Dictionary(pairs, uniquingKeysWith: +), state: home.path + "/state")
    }

    /// Another program's conversation, step by step.
    private struct Conversation: Decodable {
        struct Step: Decodable {
            let name: String
            let request_body: String
            let status: String
            let want_body: String
        }

        let steps: [Step]
    }

    private static let statuses = [
        "StatusOK": 200, "StatusBadRequest": 400, "StatusForbidden": 403, "StatusNotFound": 404,
        "StatusConflict": 409, "StatusUnprocessableEntity": 422,
    ]

    @Test func `Sunlight's conversation is answered step by step as Sunlight answers`() throws {
        let file = vectors.appending(path: "tlog-witness-sunlight-cases.json")
        let steps = try JSONDecoder().decode(
            Conversation.self, from: try Data(contentsOf: file)
        ).steps
        #expect(steps.count == 11)
        // The log's key is the one whose SHA-256 its name is.
        let seed = "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"
        let bytes = try #require(Hex.decode(seed))
        let name = "sigsum.org/v1/tree/" + SHA256.digest(of: bytes).hex
        let log = VerifierKey(
            name: try #require(KeyName(name)), type: .ed25519,
            publicKey: try #require(Ed25519PublicKey(bytes)))
        let witness = try witness([log])
        for step in steps {
            let wanted = try #require(ConversationTests.statuses[step.status])
            switch try witness.addCheckpoint(Array(step.request_body.utf8), at: 1_767_225_600) {
            case .success(let lines):
                #expect(wanted == 200, "\(step.name)")
                let request = try #require(WitnessRequest(Array(step.request_body.utf8)))
                var note = request.note
                for line in try NoteSignature.parse(lines: lines) { note.add(line) }
                #expect(try note.verifiedKeys(among: [key.cosignerKey]) == [key.cosignerKey])
            case .failure(let refusal):
                #expect(refusal.status == wanted, "\(step.name): \(refusal)")
                if case .otherSize(let size) = refusal {
                    #expect(step.want_body == "\"\(size)\\n\"", "\(step.name)")
                }
            }
        }
    }

    @Test func `the worked example's request is answered with the worked example's line`() throws {
        let folder = vectors.appending(path: "worked-example")
        func read(_ name: String) throws -> [UInt8] {
            [UInt8](try Data(contentsOf: folder.appending(path: name)))
        }
        let body = try read("add-checkpoint.request")
        let seed = try #require(
            Hex.decode("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"))
        let key = SignerKey(
            name: try #require(KeyName("witness.example/w1")),
            privateKey: try #require(Ed25519PrivateKey(seed: seed)))
        let log = try VerifierKey(
            "ledger.example/audit+2a52108c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
        let witness = try Witness(
            key: key, logs: [try #require(Origin("ledger.example/audit")): [log]],
            state: home.path + "/w1")
        // It has seen nothing yet, and says so.
        #expect(
            try witness.addCheckpoint(body, at: 1) == .failure(.otherSize(TreeSize(0))))
        let request = try #require(WitnessRequest(body))
        let first = WitnessRequest(old: .zero, proof: [], note: request.note)
        let answer = try witness.addCheckpoint(first.bytes, at: 1_767_225_600).get()
        #expect(answer == (try read("add-checkpoint.response")))
        let name = SHA256.digest(of: Array("ledger.example/audit".utf8)).hex
        #expect(try witness.newest(named: name) == (try read("checkpoint.cosigned")))
    }
}

/// The folder `Specs/vectors`.
let vectors = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Specs/vectors")
