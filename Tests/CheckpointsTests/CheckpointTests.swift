import Checkpoints
import Digests
import Merkle
import Phrases
import Testing

@Suite struct CheckpointTests {
    let sample: Sample

    init() throws { sample = try Sample() }

    private func verified(_ note: [UInt8]) throws(CheckpointError) -> VerifiedCheckpoint {
        try VerifiedCheckpoint(verifying: note, of: sample.origin, by: [sample.logKey])
    }

    @Test func `the worked example's checkpoint is signed byte for byte`() throws {
        let note = sample.checkpoint.sign(with: sample.log)
        #expect(String(decoding: note, as: UTF8.self) == sample.values.checkpoint)
        #expect(try note == bytes("worked-example/log/checkpoint"))
        let verified = try verified(note)
        #expect(verified.checkpoint == sample.checkpoint)
        #expect(verified.bytes == note)
        #expect(verified.key == sample.logKey)
    }

    @Test func `the worked example's cosignature is made and verified`() throws {
        let note = sample.checkpoint.sign(with: sample.log)
        let time = sample.values.cosignature_time
        let text = sample.checkpoint.text
        let line = try #require(sample.witness.cosign(text, seconds: time))
        #expect(note + Array(line.line.utf8) == Array(sample.values.cosigned.utf8))
        let cosigned = try verified(bytes("worked-example/checkpoint.cosigned"))
        let cosignatures = try cosigned.cosignatures(by: [sample.witnessKey])
        #expect(cosignatures.mapValues(\.seconds) == [sample.witnessKey: time])
        #expect(try verified(note).cosignatures(by: [sample.witnessKey]) == [:])
    }

    @Test func `the cosigned message is the published one`() throws {
        let line = try #require(
            sample.witness.cosign(sample.checkpoint.text, seconds: sample.values.cosignature_time))
        let cosignature = try #require(Cosignature(bytes: line.bytes))
        #expect(
            sample.witnessKey.publicKey.isValid(
                signature: cosignature.signature, of: sample.values.cosign_message.utf8))
    }

    @Test func `the newest of a witness's cosignatures counts, and one that is false is an error`()
        throws
    {
        let text = sample.checkpoint.text
        var note = try SignedNote(sample.checkpoint.sign(with: sample.log))
        for seconds in [20, 30, 10] as [UInt64] {
            note.add(try #require(sample.witness.cosign(text, seconds: seconds)))
        }
        let found = try verified(note.bytes).cosignatures(by: [sample.witnessKey])
        #expect(found.mapValues(\.seconds) == [sample.witnessKey: 30])
        let other = try #require(sample.witness.cosign(text + [0x0a], seconds: 40))
        note.add(other)
        #expect(throws: NoteError.invalidSignature(other.name, other.id)) {
            try verified(note.bytes).cosignatures(by: [sample.witnessKey])
        }
    }

    @Test func `a time beyond 2^63 - 1 is not stated and not read`() throws {
        let text = sample.checkpoint.text
        #expect(sample.witness.cosign(text, seconds: UInt64(Int64.max) + 1) == nil)
        let line = try #require(sample.witness.cosign(text, seconds: UInt64(Int64.max)))
        #expect(Cosignature(bytes: line.bytes)?.seconds == UInt64(Int64.max))
        #expect(Cosignature(bytes: [0x80] + line.bytes.dropFirst()) == nil)
        #expect(Cosignature(bytes: line.bytes.dropLast()) == nil)
        #expect(Cosignature(bytes: line.bytes + [0]) == nil)
    }

    @Test func `a cosigner does not speak for the log`() throws {
        let text = sample.checkpoint.text
        let line = try #require(sample.witness.cosign(text, seconds: 1))
        let note = SignedNote(text: text, signatures: [line]).bytes
        #expect(throws: CheckpointError.note(.noKnownSignature([sample.witness.name]))) {
            try VerifiedCheckpoint(
                verifying: note, of: sample.origin, by: [sample.witnessKey, sample.logKey])
        }
    }

    @Test func `a note of another log, or by another key of the same name, is refused`() throws {
        let note = sample.checkpoint.sign(with: sample.log)
        let other = try #require(Origin("ledger.example/other"))
        #expect(throws: CheckpointError.otherOrigin(expected: other, found: sample.origin)) {
            try VerifiedCheckpoint(verifying: note, of: other, by: [sample.logKey])
        }
        let stranger = SignerKey.generate(name: sample.log.name)
        #expect(throws: CheckpointError.note(.noKnownSignature([sample.log.name]))) {
            try verified(sample.checkpoint.sign(with: stranger))
        }
    }

    @Test func `two keys of one name may both sign while the log changes its key`() throws {
        let next = SignerKey.generate(name: sample.log.name)
        var note = try SignedNote(sample.checkpoint.sign(with: next))
        note.add(sample.log.sign(sample.checkpoint.text))
        #expect(try verified(note.bytes).key == sample.logKey)
        let both = [sample.logKey, next.verifierKey]
        #expect(try note.verifiedKeys(among: both) == [next.verifierKey, sample.logKey])
    }

    @Test func `changing any byte of the text breaks the signature or the form`() throws {
        let note = sample.checkpoint.sign(with: sample.log)
        for place in note.indices {
            for bit in [0, 5] as [UInt8] {
                var forged = note
                forged[place] ^= 1 << bit
                #expect(throws: CheckpointError.self, "byte \(place), bit \(bit)") {
                    try verified(forged)
                }
            }
        }
        for count in note.indices {
            #expect(throws: CheckpointError.self) { try verified(Array(note[..<count])) }
        }
    }

    @Test func `the text is strict`() throws {
        let root = sample.checkpoint.root.base64
        let empty = Root(.emptyTree).base64
        let cases: [(String, CheckpointError)] = [
            ("", .wrongLineCount(0)), ("o\n5\n", .wrongLineCount(2)),
            ("o\n5\n\(root)", .wrongLineCount(2)),
            ("o\n5\n\(root)\nextension\n", .wrongLineCount(4)),
            ("o\n5\n\(root)\n\n", .wrongLineCount(4)), ("\n5\n\(root)\n", .badOrigin),
            ("o\n05\n\(root)\n", .badSize), ("o\n+5\n\(root)\n", .badSize),
            ("o\n-5\n\(root)\n", .badSize), ("o\n 5\n\(root)\n", .badSize),
            ("o\n\n\(root)\n", .badSize), ("o\n٥\n\(root)\n", .badSize),
            ("o\n18446744073709551616\n\(root)\n", .badSize),
            ("o\n5\n\(root.dropLast())\n", .badRoot), ("o\n5\nAA==\n", .badRoot),
            ("o\n5\n\n", .badRoot), ("o\n0\n\(root)\n", .badRoot),
        ]
        for (text, error) in cases {
            #expect(throws: error, "\(text.debugDescription)") {
                try Checkpoint(text: Array(text.utf8))
            }
        }
        #expect(try Checkpoint(text: Array("o\n0\n\(empty)\n".utf8)).size == .zero)
        let real = "go.sum database tree\n35225469\n\(root)\n"
        #expect(try Checkpoint(text: Array(real.utf8)).origin.text == "go.sum database tree")
        #expect(throws: CheckpointError.self) {
            try Checkpoint(text: [0xff] + Array("\n0\n\(empty)\n".utf8))
        }
    }

    @Test func `every refusal has words in both languages`() throws {
        let errors: [CheckpointError] = [
            .wrongLineCount(2), .badOrigin, .badSize, .badRoot,
            .otherOrigin(expected: sample.origin, found: sample.origin),
        ]
        let notes: [NoteError] = [
            .tooLong, .noFinalNewline, .controlCharacter(offset: 1), .invalidUTF8, .noSignatures,
            .tooManySignatures, .badSignatureLine(number: 1),
            .noKnownSignature([sample.log.name]),
            .invalidSignature(sample.log.name, sample.logKey.id),
        ]
        let phrases = (errors + notes.map { .note($0) }).map(\.phrase)
        #expect(Set(phrases).count == 14)
        #expect(phrases.allSatisfy { $0.en != $0.zh })
    }
}
