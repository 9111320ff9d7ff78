import Checkpoints
import Digests
import Foundation
import Testing

@Suite struct SignedNoteTests {
    struct Vectors: Decodable {
        struct Note: Decodable {
            struct Repeated: Decodable {
                let head: String
                let line: String
                let times: Int
            }
            let name: String
            let vkeys: [String]
            let skey: String?
            let text: String?
            let note: String?
            let note_hex: String?
            let note_repeat: Repeated?
            let verified: [String]?
            let error: String?

            var bytes: [UInt8]? {
                if let note { return Array(note.utf8) }
                if let note_hex { return Hex.decode(note_hex) }
                return note_repeat.map { repeated in
                    Array(
                        (repeated.head + String(repeating: repeated.line, count: repeated.times))
                            .utf8)
                }
            }
        }
        let notes: [Note]
        let bad_vkeys: [String]
    }

    let file: Vectors

    init() throws {
        file = try JSONDecoder().decode(Vectors.self, from: Data(bytes("signed-note.json")))
    }

    @Test func `all 15 outside notes are read, verified or refused as they say`() throws {
        for vector in file.notes {
            let note = try #require(vector.bytes)
            let keys = try vector.vkeys.map { try VerifierKey($0) }
            let names = try? SignedNote(note).verifiedKeys(among: keys).map(\.name.text)
            #expect(names == vector.verified, "\(vector.name)")
            #expect((names == nil) == (vector.error != nil), "\(vector.name)")
            guard let text = vector.text else { continue }
            let read = try SignedNote(note)
            #expect(read.text == Array(text.utf8), "\(vector.name)")
            #expect(read.bytes == note, "\(vector.name)")
        }
        #expect(file.notes.count == 15)
        #expect(file.notes.count { $0.verified != nil } == 5)
    }

    @Test func `the outside note that was signed here is signed the same`() throws {
        let vector = try #require(file.notes.first { $0.skey != nil })
        let key = try SignerKey(secretText: try #require(vector.skey))
        let text = Array(try #require(vector.text).utf8)
        #expect(SignedNote(text: text, signatures: [key.sign(text)]).bytes == vector.bytes)
        #expect(key.verifierKey.description == vector.vkeys.first)
        #expect(key.secretText == vector.skey)
    }

    @Test func `the outside bad verifier keys are refused`() {
        for text in file.bad_vkeys {
            #expect(throws: KeyTextError.self) { try VerifierKey(text) }
        }
        #expect(file.bad_vkeys.count == 2)
    }

    private func sound() throws -> (note: SignedNote, key: VerifierKey, line: String) {
        let key = try Sample().log
        let text = Array("one\n\n\u{2014} two\n\nthree\n".utf8)
        let signature = key.sign(text)
        return (SignedNote(text: text, signatures: [signature]), key.verifierKey, signature.line)
    }

    @Test func `text may hold empty lines and what looks like signatures`() throws {
        let (note, key, _) = try sound()
        let read = try SignedNote(note.bytes)
        #expect(read == note)
        #expect(try read.verifiedKeys(among: [key]) == [key])
    }

    @Test func `each trap has its refusal`() throws {
        let line = try sound().line
        let blob = try #require(line.dropLast().split(separator: " ").last)
        let cases: [(String, NoteError)] = [
            ("", .noFinalNewline),
            ("text\n\n\(line.dropLast())", .noFinalNewline),
            ("text\n\(line)", .noSignatures),
            ("text\n\n", .noSignatures),
            ("te\rxt\n\n\(line)", .controlCharacter(offset: 2)),
            ("te\0xt\n\n\(line)", .controlCharacter(offset: 2)),
            ("text\n\n\(line)trailing\n", .badSignatureLine(number: 2)),
            ("text\n\n- name \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2013} name \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014}name \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014}  \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} na+me \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} na\u{3000}me \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} na\u{a0}me \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} na me \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} name \(blob) \n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} name  \(blob)\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} name \(blob.dropLast())\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} name AAAAAA==\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} name AAAAAAF=\n", .badSignatureLine(number: 1)),
            ("text\n\n\u{2014} name\n", .badSignatureLine(number: 1)),
        ]
        for (text, error) in cases {
            #expect(throws: error, "\(text.debugDescription)") {
                try SignedNote(Array(text.utf8))
            }
        }
    }

    @Test func `bytes that are not UTF-8 and notes beyond the bounds are refused`() throws {
        let (note, _, line) = try sound()
        #expect(throws: NoteError.invalidUTF8) { try SignedNote([0xff] + note.bytes) }
        let long = [UInt8](repeating: 0x61, count: SignedNote.maximumByteCount)
        #expect(throws: NoteError.tooLong) { try SignedNote(long + note.bytes) }
        let hundred = "text\n\n" + String(repeating: line, count: 100)
        #expect(try SignedNote(hundred.utf8).signatures.count == 100)
        #expect(throws: NoteError.tooManySignatures) { try SignedNote((hundred + line).utf8) }
    }

    @Test func `a known key's broken line spoils the note though another line is good`() throws {
        let (note, key, _) = try sound()
        var broken = note
        let good = try #require(note.signatures.first)
        broken.add(
            NoteSignature(name: key.name, id: key.id, bytes: good.bytes.reversed()))
        #expect(throws: NoteError.invalidSignature(key.name, key.id)) {
            try broken.verifiedKeys(among: [key])
        }
        var repeated = note
        repeated.add(good)
        #expect(try repeated.verifiedKeys(among: [key]) == [key])
    }

    @Test func `a key counts by its bytes, not by how its name looks`() throws {
        let composed = try #require(KeyName("caf\u{e9}"))
        let decomposed = try #require(KeyName("cafe\u{301}"))
        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        let key = SignerKey(name: composed, privateKey: try Sample().log.privateKey)
        let other = SignerKey(name: decomposed, privateKey: key.privateKey)
        #expect(key.verifierKey.id != other.verifierKey.id)
    }

    @Test func `a witness's answer is signature lines and nothing else`() throws {
        let answer = try bytes("worked-example/add-checkpoint.response")
        let lines = try NoteSignature.parse(lines: answer)
        #expect(lines.map(\.name.text) == ["witness.example/w1"])
        let text = Array("text\n\n".utf8)
        #expect(throws: NoteError.self) { try NoteSignature.parse(lines: text + answer) }
        #expect(throws: NoteError.self) { try NoteSignature.parse(lines: []) }
        #expect(throws: NoteError.self) { try NoteSignature.parse(lines: answer.dropLast()) }
    }
}
