import CanonicalJSON
import Catalogue
import Digests
import LedgerHome
import LedgerStore
import Logging
import Merkle
import Phrases
import Records
import Rules
import Sealing
import Sequencing
import TestKit
import Testing
import VaultStore

/// What was sealed is shown when it was asked for, approved and recorded: Specs/sealing.md
/// section 7.
@Suite struct OpeningTests {
    private let sealed: SealedLedger
    private let access: StreamName

    init() async throws {
        sealed = try await SealedLedger()
        access = try #require(StreamName("vault/VA-1"))
    }

    private func opening(
        _ person: String = "P-7", key: X25519PrivateKey? = nil, emergency: Emergency? = nil
    ) async throws -> [OpenedValue] {
        try await sealed.open { ledger in
            let key = key ?? sealed.keeper.key
            let viewer = Viewer(person: person, unit: "纪检组", recorder: "cli:test")
            let opening = try await ledger.recordOpening(
                access, by: viewer, holder: key.publicKey, emergency: emergency)
            return opening.values(with: key)
        }
    }

    /// Why nothing is shown; and nothing is recorded then.
    private func refusal(
        _ person: String = "P-7", key: X25519PrivateKey? = nil
    ) async throws -> OpeningRefused? {
        let before = try await openings().count
        let error = await #expect(throws: OpeningError.self) {
            try await opening(person, key: key)
        }
        #expect(try await openings().count == before)
        guard case .refused(let refusal) = error else { return nil }
        #expect(refusal.phrase.zh.utf8.contains { $0 >= 0x80 })
        return refusal
    }

    private func openings() async throws -> [JSONValue] {
        try await sealed.open { ledger in
            try await ledger.store.lines(of: [access])[0]
                .compactMap { try JSONValue(parsing: $0)["event"] }
                .filter { $0["type"]?.string?.hasSuffix("opened") == true }
        }
    }

    private func text(_ values: [OpenedValue]) -> [String] {
        values.map { value in
            guard case .value(let secret) = value.outcome else { return "\(value.outcome)" }
            return secret.withBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test func `asked for, approved by another, recorded, and then shown`() async throws {
        try await sealed.append([SealedLedger.requested("r"), SealedLedger.approved("a")])
        let values = try await opening()
        #expect(text(values) == [#""赵某某""#, #""13900000000""#])
        #expect(values.map(\.field) == ["reporterName", "reporterPhone"])
        let recorded = try #require(try await openings().first?["data"])
        #expect(recorded["operator"]?["person"] == "P-7")
        #expect(recorded["fieldsOpened"] == ["姓名", "电话"])
        #expect(recorded["relatedCase"] == "report/RP-1")
        #expect(recorded["records"]?.array?.count == 1)
        #expect(!recorded.canonicalText.contains("赵某某"))
    }

    @Test func `an approval is for so many openings`() async throws {
        try await sealed.append([
            SealedLedger.requested("r"), SealedLedger.approved("a", most: 2),
        ])
        for _ in 0..<2 { #expect(try await opening().count == 2) }
        #expect(try await refusal() == .usedUp(2))
        // One that says nothing is for one; a new request begins anew.
        try await sealed.append([
            SealedLedger.requested("r2"), SealedLedger.approved("a2", most: nil),
        ])
        #expect(try await opening().count == 2)
        #expect(try await refusal() == .usedUp(1))
    }

    @Test func `without a request, an approval, or with a denial nothing is shown`() async throws {
        #expect(try await refusal() == .notRequested("vault/VA-1"))
        // Approved before anybody asked.
        try await sealed.append([SealedLedger.approved("a0")])
        #expect(try await refusal() == .notRequested("vault/VA-1"))
        try await sealed.append([SealedLedger.requested("r")])
        #expect(try await refusal() == .notDecided("vault/VA-1"))
        try await sealed.append([SealedLedger.approved("a"), SealedLedger.denied("d")])
        #expect(try await refusal() == .denied("vault/VA-1"))
    }

    @Test func `an approval that is over shows nothing`() async throws {
        let until = "2025-03-04T12:00:00+08:00"
        try await sealed.append([
            SealedLedger.requested("r"), SealedLedger.approved("a", until: until),
        ])
        #expect(try await refusal() == .expired(until))
    }

    @Test func `who asks, who approves and who sees are not one person`() async throws {
        try await sealed.append([
            SealedLedger.requested("r"), SealedLedger.approved("a", by: "P-5"),
        ])
        #expect(try await refusal() == .samePerson("P-5"))
        try await sealed.append([SealedLedger.requested("r2"), SealedLedger.approved("a2")])
        #expect(try await refusal("P-6") == .samePerson("P-6"))
        // Entered by somebody for the approver: not under the approver's own credentials.
        try await sealed.append([
            SealedLedger.requested("r3"), SealedLedger.approved("a3", by: "P-9", role: "requester"),
        ])
        #expect(try await refusal() == .notByApprover("P-9"))
    }

    @Test func `an approval covers its case, and the fields that were asked for`() async throws {
        try await sealed.append([
            sealed.received("RP-2", "21"), sealed.identity("RP-2", "22"),
            SealedLedger.requested("r", fields: ["reporterPhone"]),
            SealedLedger.approved("a", about: "report/RP-2"),
        ])
        let values = try await opening()
        #expect(values.map(\.field) == ["reporterPhone"])
        let recorded = try #require(try await openings().first?["data"])
        #expect(recorded["relatedCase"] == "report/RP-2")
        try await sealed.append([
            SealedLedger.requested("r2", fields: ["accountName"]), SealedLedger.approved("a2"),
        ])
        #expect(try await refusal() == .nothingSealed("report/RP-1"))
    }

    @Test func `who is no holder sees nothing`() async throws {
        try await sealed.append([SealedLedger.requested("r"), SealedLedger.approved("a")])
        #expect(try await refusal(key: sealed.outside.key) == .notForHolder)
    }

    @Test func `an opening that cannot be recorded shows nothing`() async throws {
        try await sealed.append([SealedLedger.requested("r"), SealedLedger.approved("a")])
        // Who is no person's id is no operator: the event is refused.
        guard case .notRecorded(let refusals) = try await refusal("张三") else {
            Issue.record("it was recorded")
            return
        }
        #expect(refusals.contains { $0.pointer == "/data/operator/person" })
        // A ledger that does not take the record.
        let reading = try await Ledger.open(sealed.folder, .read, logger: .init(label: "test"))
        let viewer = Viewer(person: "P-7", unit: "-", recorder: "cli:test")
        let error = await #expect(throws: OpeningError.self) {
            try await reading.recordOpening(
                access, by: viewer, holder: sealed.keeper.key.publicKey)
        }
        if case .refused = error { Issue.record("it could not be answered") }
        try await reading.close()
        #expect(try await openings().isEmpty)
    }

    @Test func `killed between record and show, the record is there`() async throws {
        try await sealed.append([SealedLedger.requested("r"), SealedLedger.approved("a")])
        try await sealed.open { ledger in
            _ = try await ledger.recordOpening(
                access, by: Viewer(person: "P-7", unit: "-", recorder: "cli:test"),
                holder: sealed.keeper.key.publicKey)
            // Here it dies.
        }
        #expect(try await openings().count == 1)
        #expect(try await refusal() == .usedUp(1))
    }

    @Test func `what was withdrawn approves nothing`() async throws {
        let places = try await sealed.append([
            SealedLedger.requested("r"), SealedLedger.approved("a"),
        ])
        try await sealed.append([
            EventMaker.json(
                id: "w", stream: "vault/VA-1", type: "entry.withdrawn",
                data: [
                    "operator": ["person": "P-6", "unit": "虚构单位"], "approver": "P-8",
                    "withdraws": [
                        "seq": .integer(Int64(places[1].sequence.rawValue)),
                        "leafHash": .string(places[1].leafHash.digest.hex),
                        "reason": "misrecorded",
                    ],
                ])
        ])
        #expect(try await refusal() == .notDecided("vault/VA-1"))
    }

    @Test func `what was shredded is gone, and says since when`() async throws {
        try await sealed.append([SealedLedger.requested("r"), SealedLedger.approved("a")])
        do {
            // Its lock ends with the object.
            let vault = try VaultStore(sealed.folder + "/vault", origin: SealedLedger.origin)
            _ = try await vault.shred("report/RP-1", on: "2026-01-02")
            try await vault.close()
        }
        #expect(try await refusal() == .destroyed("2026-01-02"))
    }

    @Test func `an emergency waits for nobody, and has to be justified`() async throws {
        let emergency = Emergency(
            stream: "report/RP-1", fields: ["reporterPhone"], reason: "举报人有人身危险（虚构）")
        let values = try await opening(emergency: emergency)
        #expect(text(values) == [#""13900000000""#])
        let recorded = try #require(try await openings().first)
        #expect(recorded["type"] == "vault.emergency-opened")
        #expect(recorded["data"]?["reason"]?.string?.contains("危险") == true)
        let judged = try await sealed.open { ledger in
            try await ledger.judge(asOf: nil, period: 0...1, only: "vault/VA-1")
        }
        let duties = judged.standings.filter { $0.duty.id == "D.va.justify" }
        #expect(duties.count == 1)
    }
}
