import Checkpoints
import Digests
import Testing

@Suite struct PolicyTests {
    private let witnesses: [VerifierKey]
    private let log: VerifierKey

    init() throws {
        witnesses = try (1...6).map { number in
            let name = try #require(KeyName("witness.example/\(number)"))
            let seed = [UInt8](repeating: UInt8(number), count: 32)
            let key = try #require(Ed25519PrivateKey(seed: seed))
            return SignerKey(name: name, privateKey: key).cosignerKey
        }
        log = try VerifierKey(
            "ledger.example/audit+2a52108c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
    }

    private func policy(_ text: String) throws(PolicyError) -> WitnessPolicy {
        try WitnessPolicy(Array(text.utf8))
    }

    private func reason(_ text: String) -> PolicyError.Reason? {
        do throws(PolicyError) {
            _ = try policy(text)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `the specification's example asks for two of X and one of Y`() throws {
        var text = "# an example\nlog \(log)\n\n"
        for (number, key) in witnesses.enumerated() {
            text += "\twitness  \(number < 3 ? "X" : "Y")\(number % 3 + 1) \(key)\n"
        }
        text += """
            group X-witnesses 2 X1 X2 X3
            group Y-witnesses any Y1 Y2 Y3
            group X-and-Y all X-witnesses Y-witnesses
            quorum X-and-Y
            """
        let policy = try policy(text)
        #expect(policy.logKeys == [log])
        #expect(policy.witnesses.map(\.name) == ["X1", "X2", "X3", "Y1", "Y2", "Y3"])
        // Every subset, judged by what the text says.
        for subset in 0..<64 {
            let signers = witnesses.enumerated().filter { subset >> $0.offset & 1 == 1 }
            let (x, y) = (signers.count { $0.offset < 3 }, signers.count { $0.offset >= 3 })
            #expect(
                policy.isMet(by: signers.map(\.element)) == (x >= 2 && y >= 1), "\(subset)")
        }
    }

    @Test func `a quorum is a witness, a group or nobody`() throws {
        let one = "witness w \(witnesses[0]) https://w.example/\n"
        let single = try policy(one + "quorum w\n")
        #expect(single.witnesses[0].url == "https://w.example/")
        #expect(single.isMet(by: [witnesses[0]]))
        #expect(!single.isMet(by: [witnesses[1]]))
        #expect(try policy("quorum none").isMet(by: []))
        #expect(try policy(one + "group all any w\nquorum all").isMet(by: [witnesses[0]]))
    }

    @Test func `what a policy must not say is refused`() {
        let (w, v) = ("witness w \(witnesses[0])\n", "witness v \(witnesses[1])\n")
        #expect(reason(w) == .noQuorum)
        #expect(reason(w + "quorum w\nquorum w") == .repeatedQuorum)
        #expect(reason(w + "quorum v") == .unknownName)
        #expect(reason("quorum w\n" + w) == .unknownName)
        #expect(reason(w + "witness w \(witnesses[1])\nquorum w") == .repeatedName)
        #expect(reason("witness none \(witnesses[0])\nquorum none") == .repeatedName)
        #expect(reason(w + "witness v \(witnesses[0])\nquorum w") == .repeatedKey)
        #expect(reason("log \(log)\nlog \(log)\nquorum none") == .repeatedKey)
        #expect(reason(w + "group g any w\ngroup h any w\nquorum g") == .repeatedMember)
        #expect(reason(w + "group g any w w\nquorum g") == .repeatedMember)
        #expect(reason(w + "group g any none\nquorum g") == .unknownName)
        for count in ["0", "3", "02", "-1", "+1", "some"] {
            #expect(reason(w + v + "group g \(count) w v\nquorum g") == .badThreshold, "\(count)")
        }
        #expect(reason(w + "group g any\nquorum w") == .wrongWordCount)
        #expect(reason("log\nquorum none") == .wrongWordCount)
        #expect(reason("quorum none none") == .wrongWordCount)
        #expect(reason("log \(witnesses[0])\nquorum none") == .keyOfOtherType(wanted: .ed25519))
        #expect(reason("witness w \(log)\nquorum w") == .keyOfOtherType(wanted: .cosignature))
        #expect(reason("witness w abc\nquorum w") == .key(.malformed))
        #expect(reason("Log \(log)\nquorum none") == .unknownWord)
        #expect(reason("quorum none\r\n") == .notText)
        #expect(reason("quorum none\u{0}") == .notText)
    }

    @Test func `names are bytes: a Kelvin sign is no K`() throws {
        let text = "witness K \(witnesses[0])\nwitness \u{212A} \(witnesses[1])\nquorum K"
        let policy = try policy(text)
        #expect(policy.isMet(by: [witnesses[0]]))
        #expect(!policy.isMet(by: [witnesses[1]]))
    }

    @Test func `the line at fault is named`() throws {
        let error = #expect(throws: PolicyError.self) {
            try policy("# one\n\nquorum none\nquorum none\n")
        }
        #expect(error?.line == 4)
    }
}
