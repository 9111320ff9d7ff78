import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing vault open`, `vault shred` and `code`, as users type them.
@Suite struct DisclosingTests {
    private let home: UserHome
    private var passphrase: String { home.path + "/passphrase" }

    init() throws {
        home = try UserHome()
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
        try Data("口令\n".utf8).write(to: URL(filePath: passphrase))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: passphrase)
        _ = try home.expectSuccess(["vault", "init", "--ledger", home.ledger])
        for name in ["one", "two"] {
            _ = try home.expectSuccess([
                "vault", "key", home.path + "/" + name, "--passphrase-file", passphrase,
            ])
        }
        _ = try home.expectSuccess([
            "vault", "holder", "add", "--ledger", home.ledger, "--name", "one", "--public-key",
            "\(home.path)/one.pub", "--group", "sealed", "--group", "sensitive", "--person", "P-1",
            "--approver", "P-2", "--reason", "设立",
        ])
    }

    private func event(
        _ id: String, _ type: String, _ stream: String, by person: String,
        roles: [(person: String, role: String)] = [], _ members: [JSONMember]
    ) -> JSONValue {
        let participants = roles.map { person, role -> JSONValue in
            [
                "person": .string(person), "role": .string(role), "unit": "虚构单位",
                "evidence": "asserted",
            ]
        }
        return EventMaker.json(
            id: id, stream: stream, type: type,
            data: .object(
                [JSONMember("operator", ["person": .string(person), "unit": "虚构单位"])]
                    + (roles.isEmpty ? [] : [JSONMember("participants", .array(participants))])
                    + members))
    }

    private func append(_ events: [JSONValue]) throws {
        _ = try home.expectSuccess(
            ["append", "--ledger", home.ledger],
            input: events.map { $0.canonicalText + "\n" }.joined())
    }

    private func open(_ more: String..., key: String = "one") throws -> Program.Result {
        try home.run(
            [
                "vault", "open", "vault/VA-1", "--ledger", home.ledger, "--key",
                home.path + "/" + key, "--passphrase-file", passphrase, "--viewer", "P-7",
            ] + more)
    }

    private func applied(_ name: String = "钱某某", id: String = "1") -> JSONValue {
        event(
            id, "foi.received", "foi/FOI-1", by: "P-1",
            [
                JSONMember("channel", "网上"), JSONMember("receivedOn", "2025-03-04"),
                JSONMember("applicantKind", "公民"), JSONMember("content", "虚构"),
                JSONMember("applicantName", .string(name)),
                JSONMember("applicantPhone", "13900000000"),
            ])
    }

    private func request(_ fields: [JSONValue]) -> JSONValue {
        event(
            "r", "vault.access-requested", "vault/VA-1", by: "P-5", roles: [("P-5", "requester")],
            [
                JSONMember("subject", "A-1"), JSONMember("purpose", "反馈联系"),
                JSONMember("fieldsRequested", ["姓名"]), JSONMember("legalGround", "虚构依据"),
                JSONMember("relatedCase", "foi/FOI-1"), JSONMember("fieldNames", .array(fields)),
            ])
    }

    private func approval() -> JSONValue {
        event(
            "a", "vault.access-approved", "vault/VA-1", by: "P-6",
            roles: [("P-6", "vault-approver"), ("P-8", "vault-approver")],
            [JSONMember("validUntil", "2099-01-01T00:00:00+08:00")])
    }

    /// With a service that has ledger and vault open, or without.
    private func served(_ isServed: Bool, _ body: () throws -> Void) async throws {
        guard isServed else { return try body() }
        let server = try await ServingProgram(home.ledger, home: home.folder.url)
        do {
            try body()
        } catch {
            _ = try? await server.end(SIGKILL)
            throw error
        }
        #expect(try await server.end(SIGTERM) == 0)
    }

    @Test(arguments: [false, true])
    func `what is approved is recorded and shown, once, to a holder`(isServed: Bool) async throws {
        try await served(isServed) { try showOnce() }
        #expect(try home.run(["verify", home.ledger, "--no-memory"]).exitCode == 0)
    }

    private func showOnce() throws {
        try append([applied(), request(["applicantName"])])
        let early = try open()
        #expect(early.exitCode == 1 && early.output.isEmpty)
        #expect(early.errors.contains("vault.access-approved"))
        try append([approval()])
        let other = try open(key: "two")
        #expect(other.exitCode == 1 && other.output.isEmpty)
        let wrong = try home.run([
            "vault", "open", "vault/VA-1", "--ledger", home.ledger, "--key", home.path + "/one",
            "--viewer", "P-7",
        ])
        #expect(wrong.exitCode == 2 && wrong.errors.contains("--passphrase-file"))
        let shown = try open("--json")
        #expect(shown.exitCode == 0, "\(shown.errors)")
        let values = try shown.json["values"]?.array ?? []
        #expect(values.map { $0["value"] } == ["钱某某"])
        let number = try #require(try shown.json["opening"]?.integer)
        let record = try home.run(["show", "\(number)", "--ledger", home.ledger])
        #expect(record.output.contains("vault.opened") && !record.output.contains("钱某某"))
        let again = try open("--lang", "zh")
        #expect(again.exitCode == 1 && again.errors.contains("已用完"))
    }

    @Test func `an emergency is loud, and somebody owes an answer`() throws {
        try append([applied()])
        #expect(try open("--emergency", "虚构").exitCode == 64)
        let shown = try open(
            "--emergency", "人身危险（虚构）", "--case", "foi/FOI-1", "--field", "applicantPhone")
        #expect(shown.exitCode == 0 && shown.output.contains("13900000000"))
        #expect(shown.errors.contains("NOBODY APPROVED"))
        let owed = try home.run(["duties", "--ledger", home.ledger, "--json"])
        #expect(owed.output.contains("D.va.justify"), "\(owed.errors)")
    }

    @Test(arguments: [false, true])
    func `keys are destroyed, and the case says since when and why`(isServed: Bool) async throws {
        try await served(isServed) { try destroyKeys() }
        #expect(try home.run(["verify", home.ledger, "--no-memory"]).exitCode == 0)
        let script = Readme.project.appending(path: "Specs/verify.py").path
        let second = try Program(tool: "python3")
            .run([script, home.ledger], home: home.folder.url)
        #expect(second.exitCode == 0, "\(second.output)\(second.errors)")
        let status = try home.run(["vault", "status", "--ledger", home.ledger, "--json"])
        #expect(try status.json["shredded"] == 1)
    }

    private func destroyKeys() throws {
        try append([applied()])
        func shred(_ more: String...) throws -> Program.Result {
            try home.run(
                [
                    "vault", "shred", "foi/FOI-1", "--ledger", home.ledger, "--ground",
                    "purpose-achieved", "--person", "P-1", "--approver", "P-2", "--reason",
                    "虚构理由",
                ] + more)
        }
        let open = try shred()
        #expect(open.exitCode == 1 && open.errors.contains("has not ended"))
        let chinese = try shred("--lang", "zh")
        #expect(chinese.exitCode == 1 && chinese.errors.contains("案件尚未办结"))
        try append([
            event(
                "2", "foi.withdrawn", "foi/FOI-1", by: "P-1",
                [JSONMember("withdrawnOn", "2025-03-04")])
        ])
        let before = try home.run(["case", "foi/FOI-1", "--ledger", home.ledger])
        #expect(before.output.contains("sealed: applicantName applicantPhone"))
        let done = try shred("--json")
        #expect(done.exitCode == 0, "\(done.errors)\(done.output)")
        #expect(try done.json["keys"] == 1)
        let after = try home.run(["case", "foi/FOI-1", "--ledger", home.ledger, "--lang", "zh"])
        #expect(after.output.contains("销毁密钥：处理目的已实现"))
        try append([request(["applicantName"]), approval()])
        let gone = try self.open()
        #expect(gone.exitCode == 1 && gone.errors.contains("destroyed on"))
        #expect(try shred().exitCode == 2)
    }

    private static let order = ["--person", "P-1", "--approver", "P-2", "--reason", "演练"]

    private func holder(_ verb: String, _ more: [String]) throws -> String? {
        _ = try home.expectSuccess(
            ["vault", "holder", verb] + more + ["--ledger", home.ledger, "--json"]
                + DisclosingTests.order)
        return try home.run(["vault", "holder", "list", "--ledger", home.ledger, "--json"])
            .json.array?.last?["id"]?.string
    }

    @Test func `while a service seals, a holder changes his key and a hold is placed`()
        async throws
    {
        try append([applied()])
        try await served(true) {
            // What is sealed before, between and afterwards.
            try append([applied("孙某某", id: "2")])
            let old = try #require(
                try home.run(["vault", "status", "--ledger", home.ledger, "--json"])
                    .json["holders"]?.array?.first?["id"]?.string)
            let new = try #require(
                try holder(
                    "add",
                    [
                        "--name", "two", "--public-key", "\(home.path)/two.pub", "--group",
                        "sealed", "--group", "sensitive",
                    ]))
            try append([applied("李某某", id: "3")])
            _ = try holder("retire", [old])
            let done = try home.run(
                [
                    "vault", "rewrap", "--key", home.path + "/one", "--to", new,
                    "--passphrase-file", passphrase, "--ledger", home.ledger, "--json",
                ] + DisclosingTests.order)
            #expect(done.exitCode == 0, "\(done.errors)")
            #expect(try done.json["keys"] == 3)
            try append([applied("周某某", id: "4")])
            let place = try home.run(
                ["vault", "hold", "place", "foi/FOI-1", "--ledger", home.ledger, "--json"]
                    + DisclosingTests.order)
            let hold = try #require(try place.json["id"]?.string)
            let shred = try home.run(
                [
                    "vault", "shred", "foi/FOI-1", "--ground", "unlawful", "--ledger",
                    home.ledger,
                ] + DisclosingTests.order)
            #expect(shred.exitCode == 1 && shred.errors.contains(hold))
        }
        try append([request(["applicantName"]), approval()])
        let lost = try open(key: "one")
        #expect(lost.exitCode == 1 && lost.output.isEmpty)
        let shown = try open("--json", key: "two")
        #expect(
            try shown.json["values"]?.array?.compactMap { $0["value"]?.string }
                == ["钱某某", "孙某某", "李某某", "周某某"])
        let list = try home.run(["vault", "hold", "list", "--ledger", home.ledger, "--json"])
        #expect(try list.json.array?.count == 1)
        #expect(try home.run(["verify", home.ledger, "--no-memory"]).exitCode == 0)
    }

    @Test func `a code is made, and a wrong one tells nothing`() throws {
        let made = try home.run(["code", "new", "--ledger", home.ledger, "--json"]).json
        let code = try #require(made["code"]?.string)
        #expect(made["tag"]?.string?.count == 43)
        let unknown = try home.run(["code", "status", "--ledger", home.ledger], input: code + "\n")
        #expect(unknown.exitCode == 1 && unknown.errors.contains("no report has this code"))
        let digit = code.last == "0" ? "1" : "0"
        let wrong = try home.run(
            ["code", "status", "--ledger", home.ledger, "--lang", "zh"],
            input: code.dropLast() + digit + "\n")
        #expect(wrong.exitCode == 1 && wrong.errors.contains("查询码有误"))
    }
}
