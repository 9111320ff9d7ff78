import CanonicalJSON
import Digests
import LedgerHome
import LedgerStore
import Logging
import Merkle
import Records
import Sealing
import Sequencing
import TestKit
import VaultStore

/// A ledger in a folder, with a vault and a holder, and a report of a made-up person in it.
struct SealedLedger {
    let home: ScratchFolder
    let keeper: VaultMaker.Keeper
    let outside: VaultMaker.Keeper
    var folder: String { home.path + "/ledger" }
    static let origin = "demo.example"
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    struct Refused: Error { let refusals: [Refusal] }

    init() async throws {
        home = try ScratchFolder()
        keeper = VaultMaker.holder("纪检")
        outside = VaultMaker.holder("省厅")
        _ = try await Ledger.create(
            folder,
            Ledger.Plan(LedgerSettings(origin: SealedLedger.origin), person: "P-0", unit: "-"),
            logger: logger)
        try await open { try await $0.createVault() }
        let order = ApprovedOrder(person: "P-1", unit: "-", approver: "P-2", reason: "设立")
        let groups = Set(["sealed", "sensitive"].compactMap { HolderGroup($0) })
        let holder = Holder(name: "纪检", publicKey: keeper.holder.publicKey, groups: groups)
        try await open { _ = try await $0.add(holder, order) }
        try await append([received("RP-1", "1"), identity("RP-1", "2")])
    }

    /// `yearsOn`: by a clock that is so much ahead.
    func open<Result>(
        yearsOn: Int64 = 0, _ body: (Ledger) async throws -> Result
    ) async throws -> Result {
        let ahead = yearsOn * 366 * 86_400
        let clock = LedgerClock(
            wall: { LedgerClock.system.wall().advanced(bySeconds: ahead) },
            steadySeconds: LedgerClock.system.steadySeconds)
        let ledger = try await Ledger.open(folder, .write, clock: clock, logger: logger)
        do {
            let result = try await body(ledger)
            try await ledger.close()
            return result
        } catch {
            try? await ledger.close()
            throw error
        }
    }

    @discardableResult
    func append(_ events: [JSONValue]) async throws -> [Acceptance.Place] {
        try await open { try await SealedLedger.append(events, to: $0) }
    }

    @discardableResult
    static func append(
        _ events: [JSONValue], to ledger: Ledger
    ) async throws -> [Acceptance.Place] {
        var places: [Acceptance.Place] = []
        for event in events {
            let read = try event.canonicalBytes.withUnsafeBytes { try ledger.intake().read($0) }
            switch try await ledger.submit(Submission([read], recorder: "cli:test")) {
            case .accepted(let acceptance): places += acceptance.places
            case .refused(let refused): throw Refused(refusals: refused.flatMap(\.refusals))
            case .busy: throw Refused(refusals: [])
            }
        }
        return places
    }

    /// Who entered it and who took part, and the rest.
    static func data(
        by person: String, roles: [(person: String, role: String)] = [],
        _ members: [JSONMember]
    ) -> JSONValue {
        let participants = roles.map { person, role -> JSONValue in
            [
                "person": .string(person), "role": .string(role), "unit": "虚构单位",
                "evidence": "asserted",
            ]
        }
        return .object(
            [JSONMember("operator", ["person": .string(person), "unit": "虚构单位"])]
                + (roles.isEmpty ? [] : [JSONMember("participants", .array(participants))])
                + members)
    }

    func received(_ id: String, _ event: String) -> JSONValue {
        EventMaker.json(
            id: event, stream: "report/\(id)", type: "report.received",
            data: SealedLedger.data(
                by: "P-1",
                [
                    JSONMember("registerNo", .string("J-\(id)")), JSONMember("channel", "12350电话"),
                    JSONMember("receivedAt", "2025-03-04T09:30:00+08:00"),
                    JSONMember("reporterKind", "实名社会公众"), JSONMember("reportKind", "其他"),
                    JSONMember("objectName", "虚构厂"), JSONMember("region", "330105"),
                    JSONMember("industry", "危险化学品"), JSONMember("urgent", false),
                    JSONMember("deathsInvolved", false), JSONMember("content", "某车间通道堵塞"),
                ]))
    }

    func identity(_ id: String, _ event: String) -> JSONValue {
        EventMaker.json(
            id: event, stream: "report/\(id)", type: "report.identity-sealed",
            data: SealedLedger.data(
                by: "P-1",
                [
                    JSONMember("pseudonym", "R-1"), JSONMember("fieldsHeld", ["姓名", "电话"]),
                    JSONMember("consentScope", "仅核查"), JSONMember("reporterName", "赵某某"),
                    JSONMember("reporterPhone", "13900000000"),
                ]))
    }

    // MARK: - The vault case

    static func requested(
        _ event: String, by person: String = "P-5",
        fields: [String] = ["reporterName", "reporterPhone"], about stream: String = "report/RP-1"
    ) -> JSONValue {
        EventMaker.json(
            id: event, stream: "vault/VA-1", type: "vault.access-requested",
            data: data(
                by: person, roles: [(person, "requester")],
                [
                    JSONMember("subject", "R-1"), JSONMember("purpose", "反馈联系"),
                    JSONMember("fieldsRequested", ["姓名", "电话"]),
                    JSONMember("legalGround", "虚构依据"),
                    JSONMember("relatedCase", .string(stream)),
                    JSONMember("fieldNames", .array(fields.map { .string($0) })),
                ]))
    }

    static func approved(
        _ event: String, by person: String = "P-6", until: String = "2099-01-01T00:00:00+08:00",
        most: Int64? = 1, role: String = "vault-approver", about stream: String? = nil
    ) -> JSONValue {
        var members = [JSONMember("validUntil", .string(until))]
        if let most { members.append(JSONMember("openingsMax", .integer(most))) }
        if let stream { members.append(JSONMember("relatedCase", .string(stream))) }
        let named = [(person, role), ("P-66", "vault-approver")]
        return EventMaker.json(
            id: event, stream: "vault/VA-1", type: "vault.access-approved",
            data: data(by: person, roles: named, members))
    }

    static func eligible(_ event: String, of report: String) -> JSONValue {
        EventMaker.json(
            id: event, stream: "reward/RW-1", type: "reward.eligibility-checked",
            data: data(
                by: "P-1", roles: [("P-8", "reviewer")],
                [
                    JSONMember("report", .string(report)), JSONMember("realName", true),
                    JSONMember("firstReporter", true), JSONMember("notKnownBefore", true),
                    JSONMember("excludedStaff", false), JSONMember("result", "符合"),
                ]))
    }

    static func denied(_ event: String) -> JSONValue {
        EventMaker.json(
            id: event, stream: "vault/VA-1", type: "vault.access-denied",
            data: data(by: "P-6", roles: [("P-6", "vault-approver")], [JSONMember("reason", "虚构")]))
    }
}
