import AuditSources
import Auditing
import CanonicalJSON
import Digests
import Merkle
import Records
import Testing

/// Ledgers that are linked and signed as they should be, and say what they may not.
@Suite struct RecordRuleTests {
    private func codes(
        _ mode: AuditMode = .full, _ change: (inout LedgerMaker) -> Void
    ) async throws -> [FindingCode] {
        var maker = LedgerMaker.varied(60)
        change(&maker)
        return try await audit(maker, mode).findings.map(\.code)
    }

    @Test func `ids are unique over the ledger, with their source`() async throws {
        #expect(try await codes { $0.add("a/b", id: "E-30") } == [.idRepeated])
        #expect(try await codes { $0.add("a/b", source: "urn:other", id: "E-30") } == [])
    }

    @Test func `revisions have neither gap nor repeat`() async throws {
        #expect(try await codes { $0.add("a/b", revision: 1) } == [.revisionWrong])
        let twice = try await codes { maker in
            maker.add("a/b")
            maker.add("a/b", revision: 0)
        }
        #expect(twice == [.revisionWrong])
    }

    @Test func `no event is later than its record`() async throws {
        let late = "2025-10-09T09:00:00Z"
        #expect(try await codes { $0.add("a/b", time: late) } == [.timeInFuture])
        // By date, 9 October in Shanghai begins at 16:00 UTC of the 8th.
        let day = JSONMember("precision", "day")
        let next = try await codes { $0.add("a/b", time: "2025-10-10T00:00:00+08:00", more: [day]) }
        #expect(next == [.timeInFuture])
        let same = try await codes { $0.add("a/b", time: "2025-10-09T23:00:00+08:00", more: [day]) }
        #expect(same == [])
    }

    @Test func `recorded does not go back`() async throws {
        let back = try await codes { maker in
            maker.recorded = Timestamp(microseconds: 1_759_900_000_000_000)
            maker.add("a/b")
        }
        #expect(back == [.recordedBack])
    }

    @Test func `batches are whole and of one time`() async throws {
        let open = try await codes { $0.add("a/b", batch: BatchPlace(index: 1, count: 2)) }
        #expect(open == [.batchBroken])
        let second = try await codes { $0.add("a/b", batch: BatchPlace(index: 2, count: 2)) }
        #expect(second == [.batchBroken])
        let two = try await codes { maker in
            maker.add("a/b", batch: BatchPlace(index: 1, count: 2))
            maker.recorded = maker.recorded.advanced(bySeconds: 1)
            maker.add("a/b", batch: BatchPlace(index: 2, count: 2))
        }
        #expect(two == [.batchBroken])
    }

    @Test func `own records are the ledger's alone`() async throws {
        #expect(try await codes { $0.add("a/b", type: "ledger.clock-noted") } == [.ownRecordWrong])
        #expect(try await codes { $0.add("ledger/self") } == [.ownRecordWrong])
        #expect(try await codes { $0.add("a/b", recorder: "ledger") } == [.ownRecordWrong])
        let incomplete = try await codes {
            $0.own("ledger.clock-noted", ["operator": LedgerMaker.clerk])
        }
        #expect(incomplete == [.ownRecordWrong])
        let unknown = try await codes(.quick) { $0.own("ledger.unheard-of", [:]) }
        #expect(unknown == [.ownRecordWrong])
        let created = try await codes { $0.own("ledger.created", [:]) }
        let revoked: JSONValue = [
            "operator": LedgerMaker.clerk, "reason": "test", "token": "tk-000000000001",
        ]
        #expect(
            try await codes { $0.own("ledger.token-revoked", revoked, stream: "ledger/access") }
                == [])
        #expect(
            try await codes { $0.own("ledger.token-revoked", revoked) } == [.ownRecordWrong])
        #expect(created == [.genesisWrong])
    }

    @Test func `a root under another hash function is in its form, or is found`() async throws {
        func judge(_ change: (inout [String: JSONValue]) -> Void) async throws -> [FindingCode] {
            try await codes { maker in
                var data: [String: JSONValue] = [
                    "hash": "SHA-512", "root": .string(String(repeating: "0a", count: 64)),
                    "size": .integer(Int64(maker.lines.count)), "approver": "P-2",
                    "operator": LedgerMaker.clerk, "reason": "test",
                ]
                change(&data)
                let members = data.sorted { $0.key < $1.key }
                maker.own(
                    "ledger.hash-added", .object(members.map { JSONMember($0.key, $0.value) }))
            }
        }
        #expect(try await judge { _ in } == [])
        let changes: [(String, JSONValue?)] = [
            ("hash", "SHA-256"), ("hash", "SM3"), ("root", "0a"), ("size", 1),
            ("approver", "P-clerk"), ("reason", nil),
        ]
        for (name, value) in changes {
            #expect(try await judge { $0[name] = value } == [.ownRecordWrong], "\(name)")
        }
    }

    @Test func `who holds keys is named by his key, and approved, or it is found`() async throws {
        func judge(
            _ type: String, _ holder: JSONValue, approver: JSONValue = "P-2"
        ) async throws -> [FindingCode] {
            try await codes { maker in
                maker.own(
                    type,
                    [
                        "approver": approver, "holder": holder, "operator": LedgerMaker.clerk,
                        "reason": "test",
                    ], stream: "ledger/vault")
            }
        }
        let key = [UInt8](repeating: 10, count: 32)
        let id = Hex.encode(SHA256.digest(of: key).bytes.prefix(16))
        func holder(
            _ id: String, key: [UInt8] = key, name: String = "one", groups: JSONValue = ["sealed"]
        ) -> JSONValue {
            [
                "groups": groups, "id": .string(id), "name": .string(name),
                "publicKey": .string(Hex.encode(key)),
            ]
        }
        let (added, retired) = ("ledger.holder-added", "ledger.holder-retired")
        #expect(try await judge(added, holder(id)) == [])
        #expect(try await judge(retired, .string(id)) == [])
        for (type, wrong) in [
            (added, holder(String(repeating: "0", count: 32))), (added, .string(id)),
            (added, holder(id, key: Array(key.dropLast()))), (added, holder(id, name: "")),
            (added, holder(id, groups: [])), (retired, holder(id)), (retired, "0a"),
        ] {
            #expect(try await judge(type, wrong) == [.ownRecordWrong], "\(wrong.canonicalText)")
        }
        #expect(try await judge(added, holder(id), approver: "P-clerk") == [.ownRecordWrong])
    }

    @Test func `keys are destroyed with a subject, a ground and an approval, or it is found`()
        async throws
    {
        func judge(_ name: String = "", _ value: JSONValue? = nil) async throws -> [FindingCode] {
            var data: [String: JSONValue] = [
                "approver": "P-2", "day": "2026-01-02", "ground": "retention-over",
                "operator": LedgerMaker.clerk, "reason": "test", "subject": "a/b",
            ]
            if !name.isEmpty { data[name] = value }
            let members = data.sorted { $0.key < $1.key }.map { JSONMember($0.key, $0.value) }
            return try await codes {
                $0.own("ledger.keys-destroyed", .object(members), stream: "ledger/vault")
            }
        }
        #expect(try await judge() == [])
        let changes: [(String, JSONValue?)] = [
            ("approver", "P-clerk"), ("subject", nil), ("subject", ""), ("ground", 47),
            ("day", nil), ("reason", nil),
        ]
        for (name, value) in changes {
            #expect(try await judge(name, value) == [.ownRecordWrong], "\(name)")
        }
    }

    @Test(arguments: [
        ("ledger.hold-placed", "subject"), ("ledger.hold-placed", "day"),
        ("ledger.hold-released", "hold"), ("ledger.vault-copied", "day"),
        ("ledger.vault-restored", "copy"),
    ])
    func `what is done to a vault names what it is done to and its approval, or it is found`(
        type: String, name: String
    ) async throws {
        func judge(_ value: JSONValue, approver: JSONValue = "P-2") async throws -> [FindingCode] {
            // More members than the type has do no harm.
            var data: [String: JSONValue] = [
                "approver": approver, "copy": "7", "day": "2026-01-02", "hold": "H-7",
                "operator": LedgerMaker.clerk, "reason": "test", "subject": "a/b",
            ]
            data[name] = value
            let members = data.sorted { $0.key < $1.key }.map { JSONMember($0.key, $0.value) }
            return try await codes { $0.own(type, .object(members), stream: "ledger/vault") }
        }
        #expect(try await judge("x") == [])
        #expect(try await judge("") == [.ownRecordWrong])
        #expect(try await judge(7) == [.ownRecordWrong])
        #expect(try await judge("x", approver: "P-clerk") == [.ownRecordWrong])
    }

    @Test func `keys are rewrapped from a holder to a holder, with approval, or it is found`()
        async throws
    {
        func judge(_ to: JSONValue, approver: JSONValue = "P-2") async throws -> [FindingCode] {
            try await codes { maker in
                maker.own(
                    "ledger.keys-rewrapped",
                    [
                        "approver": approver, "from": "0a", "operator": LedgerMaker.clerk,
                        "reason": "test", "to": to,
                    ], stream: "ledger/vault")
            }
        }
        #expect(try await judge("0b") == [])
        #expect(try await judge("") == [.ownRecordWrong])
        #expect(try await judge("0b", approver: "P-clerk") == [.ownRecordWrong])
    }

    @Test func `corrections name what is there`() async throws {
        let wrong = LeafHash.zero
        #expect(try await codes { $0.correct((5, $0.stream(5))) } == [])
        #expect(try await codes { $0.correct((5, "a/b")) } == [.targetWrong])
        #expect(try await codes { $0.correct((5, $0.stream(5)), leaf: wrong) } == [.targetWrong])
        #expect(
            try await codes { $0.correct((5, $0.stream(5)), approver: "P-clerk") } == [.targetWrong]
        )
        #expect(try await codes { $0.correct((1, "ledger/self"), stream: "a/b") } == [.targetWrong])
    }

    @Test(arguments: [AuditMode.quick, .full])
    func `a withheld line needs its record`(mode: AuditMode) async throws {
        #expect(try await codes(mode) { $0.withhold(5, backed: true) } == [])
        #expect(try await codes(mode) { $0.withhold(5, backed: false) } == [.withheldUnbacked])
        for approvers: [JSONValue] in [["P-8"], ["P-8", "P-8"], ["P-8", "P-clerk"]] {
            let found = try await codes(mode) { $0.withhold(5, backed: true, approvers: approvers) }
            #expect(Set(found) == [.ownRecordWrong, .withheldUnbacked])
        }
    }

    @Test func `records 0 and 1 are the ledger's`() async throws {
        var maker = LedgerMaker.varied(60)
        maker.lines.swapAt(0, 1)
        #expect(try await !audit(maker, .quick).isSound)
        var other = LedgerMaker(adopts: false)
        other.add("a/b")
        #expect(try await audit(other, .quick).findings.map(\.code) == [.genesisWrong])
        let alone = LedgerMaker(adopts: false)
        #expect(try await audit(alone, .quick).findings.map(\.code) == [.genesisWrong])
    }
}

extension LedgerMaker {
    func stream(_ ordinal: Int) -> String {
        (try? JSONValue(parsing: lines[ordinal]))?["event"]?["subject"]?.string ?? ""
    }
}
