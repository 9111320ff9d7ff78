import Checkpoints
import Digests
import Phrases
import Testing

@Suite struct KeyTests {
    let sample: Sample

    init() throws { sample = try Sample() }

    @Test func `the worked example's keys are read and written`() throws {
        let values = sample.values
        #expect(sample.log.secretText == values.log_skey)
        #expect(Hex.encode(sample.log.privateKey.seed) == values.log_seed_hex)
        #expect(sample.log.verifierKey.description == values.log_vkey)
        #expect(sample.logKey == sample.log.verifierKey)
        #expect(sample.logKey.description == values.log_vkey)
        #expect(sample.logKey.id.description == values.log_key_id_hex)
        #expect(sample.witness.cosignerKey == sample.witnessKey)
        #expect(sample.witnessKey.type == .cosignature)
        #expect(sample.witnessKey.description == values.witness_vkey)
        #expect(sample.witnessKey.id.description == values.witness_key_id_hex)
    }

    @Test func `a key has one id to sign with and another to cosign with`() {
        #expect(sample.witness.verifierKey.id != sample.witness.cosignerKey.id)
        #expect(sample.witness.verifierKey.publicKey == sample.witness.cosignerKey.publicKey)
    }

    @Test func `a base64 part with a plus in it is read`() throws {
        var key = SignerKey.generate(name: sample.log.name)
        while !key.verifierKey.description.split(separator: "+", maxSplits: 2)[2].contains("+") {
            key = SignerKey.generate(name: sample.log.name)
        }
        #expect(try VerifierKey(key.verifierKey.description) == key.verifierKey)
    }

    @Test func `each trap has its refusal`() throws {
        let good = sample.values.log_vkey
        let payload = try #require(good.split(separator: "+", maxSplits: 2).last)
        let id = sample.logKey.id
        let cases: [(String, KeyTextError)] = [
            ("", .malformed), ("name", .malformed), ("name+2a52108c", .malformed),
            ("+2a52108c+\(payload)", .badName), ("a b+2a52108c+\(payload)", .badName),
            ("a\n+2a52108c+\(payload)", .badName),
            ("ledger.example/audit+2a52108c+\(payload) ", .badBase64),
            ("ledger.example/audit+2a52108c+\(payload.dropLast())", .badBase64),
            ("ledger.example/audit+2a52108c+", .unknownType),
            ("ledger.example/audit+2a52108c+Ag==", .unknownType),
            ("ledger.example/audit+2a52108c+AQ==", .wrongLength),
            (
                "ledger.example/audit+2A52108C+\(payload)",
                .wrongID(stated: "2A52108C", computed: id)
            ),
            (
                "ledger.example/audit+00000000+\(payload)",
                .wrongID(stated: "00000000", computed: id)
            ),
            (good + String(repeating: "A", count: 1024), .malformed),
        ]
        for (text, error) in cases {
            #expect(throws: error, "\(text)") { try VerifierKey(text) }
        }
    }

    @Test func `a private key's text is as strict`() throws {
        let good = sample.values.log_skey
        #expect(throws: KeyTextError.malformed) { try SignerKey(secretText: good.dropFirst()) }
        #expect(throws: KeyTextError.self) { try SignerKey(secretText: sample.values.log_vkey) }
        #expect(throws: KeyTextError.badBase64) { try SignerKey(secretText: good + "\n") }
        let other = good.replacing("2a52108c", with: "2a52108d")
        #expect(throws: KeyTextError.self) { try SignerKey(secretText: other) }
    }

    @Test func `printing a private key shows nothing secret`() {
        let key = SignerKey.generate(name: sample.log.name)
        let secret = Base64.encode(key.privateKey.seed)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains(secret))
            #expect(!text.contains("PRIVATE"))
        }
        #expect(!dumped.contains(key.privateKey.seed.map(String.init).joined(separator: ", ")))
    }

    @Test func `every refusal has words in both languages`() {
        let all: [KeyTextError] = [
            .malformed, .badName, .badBase64, .unknownType, .wrongLength,
            .wrongID(stated: "0", computed: sample.logKey.id),
        ]
        #expect(Set(all.map(\.phrase)).count == all.count)
        #expect(all.allSatisfy { $0.phrase.en != $0.phrase.zh })
    }
}
