import Checkpoints
import Digests
import Foundation
import Testing

/// SM2 lines: `Specs/vectors/shangmi.json`, made by the openssl command.
@Suite struct SM2KeyTests {
    private struct Vectors: Decodable {
        let vkey: String
        let note: String
        let roots: [String]
    }

    private let values: Vectors
    private let key: SM2VerifierKey
    private let note: SignedNote

    init() throws {
        values = try JSONDecoder().decode(Vectors.self, from: Data(bytes("shangmi.json")))
        key = try SM2VerifierKey(values.vkey)
        note = try SignedNote(Array(values.note.utf8))
    }

    @Test func `a line that openssl signed verifies and states the SM3 root`() throws {
        #expect(key.description == values.vkey)
        #expect(try key.root(in: note)?.hex == values.roots[5])
    }

    @Test func `who knows only the log's own key sees one line more`() throws {
        let sample = try Sample()
        #expect(try note.verifiedKeys(among: [sample.logKey]) == [sample.logKey])
        #expect(throws: KeyTextError.unknownType) { try VerifierKey(values.vkey) }
        let checkpoint = try VerifiedCheckpoint(
            verifying: note.bytes, of: sample.origin, by: [sample.logKey])
        #expect(checkpoint.checkpoint == sample.checkpoint)
    }

    @Test func `another root, another text or a damaged line is refused`() throws {
        let line = try #require(note.signatures.last)
        for place in [0, 31, 32, line.bytes.count - 1] {
            var forged = line.bytes
            forged[place] ^= 1
            let other = SignedNote(
                text: note.text,
                signatures: [NoteSignature(name: line.name, id: line.id, bytes: forged)])
            #expect(throws: NoteError.self, "byte \(place)") { try key.root(in: other) }
        }
        let moved = SignedNote(text: note.text + [0x0A], signatures: [line])
        #expect(throws: NoteError.self) { try key.root(in: moved) }
        let short = NoteSignature(name: line.name, id: line.id, bytes: [1, 2])
        #expect(throws: NoteError.self) {
            try key.root(in: SignedNote(text: note.text, signatures: [short]))
        }
        #expect(try key.root(in: SignedNote(text: note.text, signatures: [])) == nil)
    }

    @Test func `a key of ours signs as openssl does`() throws {
        let signer = SM2SignerKey(name: key.name, privateKey: .generate())
        let root = SM3.digest(of: [1, 2, 3])
        let signed = SignedNote(text: note.text, signatures: [signer.sign(note.text, root: root)])
        #expect(try signer.verifierKey.root(in: signed) == root)
        #expect(try key.root(in: signed) == nil, "of another key")
        #expect(try SM2VerifierKey(signer.verifierKey.description) == signer.verifierKey)
    }

    @Test func `a key's text has one spelling`() throws {
        #expect(throws: KeyTextError.unknownType) {
            try SM2VerifierKey(try Sample().values.log_vkey)
        }
        #expect(throws: KeyTextError.self) { try SM2VerifierKey(values.vkey.dropLast(4)) }
        let parts = values.vkey.split(separator: "+", maxSplits: 2)
        #expect(throws: KeyTextError.self) {
            try SM2VerifierKey("\(parts[0])+00000000+\(parts[2])")
        }
    }
}
