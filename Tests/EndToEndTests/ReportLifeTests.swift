import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Two reports from the call to the answer, and what each role sees of them.
///
/// One is real-name and about an enterprise, one anonymous and about the bureau's own staff.
@Suite struct ReportLifeTests {
    private let home: UserHome
    private let inside = "report/RP-2025-1"
    private let against = "staff-report/SR-2025-1"
    private let words = ["赵某某金丝雀", "13912345678", "某车间消防通道堵塞已三月"]
    private let bureauWords = "执法科某人收受金丝雀礼品"

    private static let order = ["--person", "P-1", "--approver", "P-2", "--reason", "设立"]

    init() throws {
        home = try UserHome()
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
        let passphrase = home.path + "/passphrase"
        try Data("口令\n".utf8).write(to: URL(filePath: passphrase))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: passphrase)
        _ = try home.expectSuccess(ofLedger(["vault", "init"]))
        for (name, groups) in [("discipline", ["sealed", "sensitive"]), ("province", ["outside"])] {
            let key = home.path + "/" + name
            _ = try home.expectSuccess(["vault", "key", key, "--passphrase-file", passphrase])
            _ = try home.expectSuccess(
                ofLedger(["vault", "holder", "add", "--name", name, "--public-key", key + ".pub"])
                    + groups.flatMap { ["--group", $0] } + ReportLifeTests.order)
        }
    }

    private func ofLedger(_ arguments: [String]) -> [String] {
        arguments + ["--ledger", home.ledger]
    }

    private func event(
        _ id: String, _ type: String, _ stream: String, by person: String = "P-1",
        role: String? = nil, _ members: [JSONMember]
    ) -> JSONValue {
        let participant: [JSONMember] =
            role.map { role in
                [
                    JSONMember(
                        "participants",
                        [
                            [
                                "person": .string(person), "role": .string(role),
                                "unit": "虚构单位", "evidence": "asserted",
                            ]
                        ])
                ]
            } ?? []
        return EventMaker.json(
            id: id, stream: stream, type: type,
            data: .object(
                [JSONMember("operator", ["person": .string(person), "unit": "虚构单位"])]
                    + participant + members))
    }

    private func append(_ events: [JSONValue]) throws {
        _ = try home.expectSuccess(
            ofLedger(["append", "-"]),
            input: events.map { $0.canonicalText + "\n" }.joined())
    }

    private func newCode() throws -> (code: String, tag: String) {
        let made = try home.run(ofLedger(["code", "new", "--json"])).json
        return (try #require(made["code"]?.string), try #require(made["tag"]?.string))
    }

    private func received(
        _ id: String, _ stream: String, tag: String, content: String, _ more: [JSONMember]
    ) -> JSONValue {
        event(
            id, "report.received", stream,
            [
                JSONMember("registerNo", .string("J-\(id)")), JSONMember("channel", "12350电话"),
                JSONMember("receivedAt", "2025-03-04T09:30:00+08:00"),
                JSONMember("reportKind", "其他"), JSONMember("objectName", "虚构厂"),
                JSONMember("region", "330105"), JSONMember("industry", "危险化学品"),
                JSONMember("urgent", false), JSONMember("deathsInvolved", false),
                JSONMember("content", .string(content)), JSONMember("codeTag", .string(tag)),
            ] + more)
    }

    private func ask(_ access: String, for stream: String, _ fields: [JSONValue]) throws {
        try append([
            event(
                access + "-r", "vault.access-requested", access, by: "P-5", role: "requester",
                [
                    JSONMember("subject", "R-1"), JSONMember("purpose", "反馈联系"),
                    JSONMember("fieldsRequested", ["姓名"]), JSONMember("legalGround", "虚构依据"),
                    JSONMember("relatedCase", .string(stream)),
                    JSONMember("fieldNames", .array(fields)),
                ]),
            event(
                access + "-a", "vault.access-approved", access, by: "P-6", role: "vault-approver",
                [
                    JSONMember("validUntil", "2099-01-01T00:00:00+08:00"),
                    JSONMember("openingsMax", 5),
                ]),
        ])
    }

    private func open(
        _ access: String, with holder: String, files: String? = nil
    ) throws -> Program.Result {
        try home.run(
            ofLedger([
                "vault", "open", access, "--key", home.path + "/" + holder, "--passphrase-file",
                home.path + "/passphrase", "--viewer", "P-7", "--json",
            ]) + (files.map { ["--files", $0] } ?? []))
    }

    private func status(_ code: String) throws -> JSONValue {
        try home.run(ofLedger(["code", "status", "--json"]), input: code + "\n").json
    }

    private func token(_ right: String, owner: String) throws -> String {
        try home.token(right, owner: owner)
    }

    private func seen(
        _ server: ServingProgram, _ token: String, _ path: String
    ) throws -> (status: String, body: String) {
        try home.seen(server, token, path)
    }

    @Test func `from the call to the answer, and what each role sees`() async throws {
        let (first, second) = (try newCode(), try newCode())
        // The hotline takes both; of the second nobody knows who called.
        try append([
            received(
                "1", inside, tag: first.tag, content: words[2],
                [JSONMember("reporterKind", "实名社会公众")]),
            event(
                "1-i", "report.identity-sealed", inside,
                [
                    JSONMember("pseudonym", "R-1"), JSONMember("fieldsHeld", ["姓名", "电话"]),
                    JSONMember("consentScope", "仅核查"),
                    JSONMember("reporterName", .string(words[0])),
                    JSONMember("reporterPhone", .string(words[1])),
                ]),
            event(
                "2", "staff-report.received", against, by: "P-9", role: "recorder",
                [
                    JSONMember("registerNo", "J-2"), JSONMember("receivedOn", "2025-03-04"),
                    JSONMember("answerable", false), JSONMember("reporterKind", "匿名"),
                    JSONMember("content", .string(bureauWords)),
                    JSONMember("codeTag", .string(second.tag)),
                ]),
        ])
        for (id, stream) in [("3", inside), ("4", against)] {
            try append([
                event(
                    id, "\(stream.prefix { $0 != "/" }).accepted", stream,
                    [JSONMember("acceptedOn", "2025-03-05"), JSONMember("reporterTold", true)])
            ])
        }
        // Whoever has the code learns how it stands and what is owed, and nobody's name.
        for (code, stream) in [(first.code, inside), (second.code, against)] {
            let told = try status(code)
            #expect(told["stream"]?.string == stream && told["ended"] == false)
            #expect(told["told"]?.array?.count == 2)
            #expect(told["due"]?.array?.isEmpty == false)
        }
        // The vault's holder opens the one; the other is the outside holder's alone.
        try ask("vault/VA-1", for: inside, ["reporterName", "content"])
        try ask("vault/VA-2", for: against, ["content"])
        let name = try open("vault/VA-1", with: "discipline")
        #expect(
            try name.json["values"]?.array?.compactMap { $0["value"]?.string }.sorted()
                == [words[0], words[2]].sorted(), "\(name.errors)")
        let refused = try open("vault/VA-2", with: "discipline")
        #expect(refused.exitCode == 1 && !refused.output.contains(bureauWords))
        let outside = try open("vault/VA-2", with: "province")
        #expect(try outside.json["values"]?.array?.map { $0["value"]?.string } == [bureauWords])
        try roles()
        try await readers()
        try exports()
        // Who is reported on may have a say in the catalogue: what is apart stays so.
        try adoptTogether()
        try await readers()
        try exports()
        let own = try home.run(["verify", home.ledger, "--no-memory"])
        #expect(own.exitCode == 0, "\(own.output)")
        let hunt = try CanaryHunt(words + [bureauWords], home: home.folder.url)
        #expect(try hunt.hits(in: URL(filePath: home.ledger)).isEmpty)
    }

    /// The supervisor learns of both looks, and of who saw; nobody of what was seen.
    private func roles() throws {
        let looks = try home.run(ofLedger(["ask", "27", "--lang", "en"]))
        #expect(looks.exitCode == 0 && looks.output.contains("P-7"), "\(looks.errors)")
        let shown = try home.run(ofLedger(["case", inside]))
        #expect(shown.output.contains("sealed: reporterName reporterPhone"))
        for text in [looks.output, shown.output] {
            for word in words + [bureauWords] { #expect(!text.contains(word)) }
        }
    }

    /// Adopts the catalogue without a word of what is kept apart.
    private func adoptTogether() throws {
        let catalogue = try Checkout.copyCatalogue(to: home.path + "/catalogue")
        #expect(
            try catalogue.replace(
                "\napart: true\n", in: "procedures/staff-report.yaml", with: "\n"))
        let adopted = try home.expectSuccess(
            ofLedger(["catalogue", "adopt", catalogue.path, "--person", "P-1", "--lang", "en"]))
        #expect(adopted.contains("staff-report stays apart"), "\(adopted)")
    }

    /// Over HTTP, by the right that somebody has.
    private func readers() async throws {
        // Who appends and who reads other procedures see nothing of it.
        let strangers = [
            try token("append:report", owner: "P-31"),
            try token("read:supervisory:penalty", owner: "P-32"),
        ]
        let clerk = try token("read:internal:report", owner: "P-33")
        // Whatever the bureau's own may read, reports about them are not there.
        let bureau = try token("read:supervisory:*", owner: "P-34")
        let auditor = try token("audit:*", owner: "P-35")
        let outside = try token("audit:staff-report", owner: "P-36")
        let server = try await ServingProgram(
            ["--ledger", home.ledger], home: home.folder.url, withTokens: true)
        do {
            for token in strangers {
                #expect(try seen(server, token, "/v1/cases/\(inside)").status == "403")
            }
            let answer = try seen(server, clerk, "/v1/cases/\(inside)")
            #expect(answer.status == "200")
            #expect(try JSONValue(parsing: answer.body.utf8)["timeline"]?.array?.count == 3)
            for word in words { #expect(!answer.body.contains(word)) }
            try expectHidden(server, from: [bureau, auditor])
            let own = try seen(server, outside, "/v1/cases/\(against)")
            #expect(own.status == "200")
            #expect(try JSONValue(parsing: own.body.utf8)["timeline"]?.array?.count == 2)
            let lines = try seen(server, outside, "/v1/events?limit=1000").body
            let found = try JSONValue(parsing: lines.utf8)["events"]?.array ?? []
            #expect(found.count == 2 && lines.contains(against), "\(lines)")
        } catch {
            _ = try? await server.end(SIGKILL)
            throw error
        }
        #expect(try await server.end(SIGTERM) == 0)
    }

    /// Nothing that the service answers tells that there are reports about the bureau's own.
    private func expectHidden(_ server: ServingProgram, from tokens: [String]) throws {
        let paths = ReportLifeTests.queries.map { template, asked in
            String(template.prefix { $0 != "{" }) + asked
        }
        for token in tokens {
            #expect(try seen(server, token, "/v1/cases/\(against)").status == "403")
            for path in ["/v1/trace/\(against)", "/v1/cases?after=\(against)"] {
                #expect(["403", "404"].contains(try seen(server, token, path).status), "\(path)")
            }
            for path in paths {
                let answer = try seen(server, token, path)
                #expect(answer.status == "200", "\(path): \(answer.body)")
                for trace in [against, "SR-2025", "staff-report", "\"P-9\""] {
                    #expect(!answer.body.contains(trace), "\(path): \(trace)")
                }
            }
            // Who took part in nothing else is nobody.
            for person in ["P-9", "P-999"] {
                #expect(try seen(server, token, "/v1/persons/\(person)").status == "404")
            }
        }
        let records = try seen(server, tokens[1], "/v1/events?limit=1000").body
        #expect(records.contains(inside) && !records.contains("\"subject\":\"\(against)"))
    }

    /// What is made for others leaves it out, unless it is named.
    private func exports() throws {
        let all = try home.expectSuccess(ofLedger(["export", "csv", "--table", "events"]))
        #expect(all.contains(inside) && !all.contains(against))
        let own = try home.expectSuccess(
            ofLedger(["export", "csv", "--table", "events", "--procedure", "staff-report"]))
        #expect(own.contains(against) && !own.contains(inside))
        let pages = home.path + "/pages-\(UUID())"
        _ = try home.expectSuccess(ofLedger(["report", pages, "--year", "2025"]))
        let found = try Program(tool: "grep").run(
            ["-rl", "-e", against, "-e", "SR-2025-1", pages], home: home.folder.url)
        #expect(found.exitCode == 1, "\(found.output)")
    }

    @Test func `with the code's proof, a report that was removed is proved missing`() throws {
        let (code, tag) = try newCode()
        let key = try home.expectSuccess(ofLedger(["checkpoint", "--vkey"]))
            .trimmingCharacters(in: .newlines)
        // The ledger as it will be told anew, by whoever has its key, without the report.
        let other = home.path + "/other"
        try FileManager.default.copyItem(atPath: home.ledger, toPath: other)
        try append([
            received(
                "1", inside, tag: tag, content: words[2], [JSONMember("reporterKind", "匿名")])
        ])
        let proof = home.path + "/proof.json"
        _ = try home.expectSuccess(ofLedger(["code", "proof", "--out", proof]), input: code + "\n")
        let text = try String(contentsOfFile: proof, encoding: .utf8)
        for secret in words + [inside, tag, code, "report"] { #expect(!text.contains(secret)) }
        let there = try challenge(proof, home.ledger, key)
        #expect(there.exitCode == 0 && there.output.contains("PRESENT"), "\(there.errors)")
        _ = try appendReports(20..<25, to: other, home)
        #expect(try home.run(["verify", other, "--no-memory"]).exitCode == 0)
        let gone = try challenge(proof, other, key)
        #expect(gone.exitCode == 1 && gone.output.contains("DENIED"), "\(gone.output)")
        let lost = try home.run(["code", "status", "--ledger", other], input: code + "\n")
        #expect(lost.exitCode == 1 && lost.errors.contains("nobody can recover"), "\(lost.errors)")
    }

    private func challenge(
        _ proof: String, _ place: String, _ key: String
    ) throws -> Program.Result {
        try home.run(["receipt", "challenge", proof, place, "--key", key, "--lang", "en"])
    }

    /// Recordings are on the disk encrypted alone, and are opened as words are.
    @Test func `a recording is opened by whoever may open the words, and by nobody else`() throws {
        let recording = home.path + "/call.m4a"
        let voice = String(repeating: "金丝雀之声", count: 20_000)
        try Data(voice.utf8).write(to: URL(filePath: recording))
        let made = try home.run(
            ofLedger(["vault", "attach", recording, "--media-type", "audio/mp4"])
        ).json
        let (attachment, sealed) = (
            try #require(made["attachment"]), try #require(made["sealed"])
        )
        try FileManager.default.removeItem(atPath: recording)
        try append([
            received(
                "1", inside, tag: try newCode().tag, content: words[2],
                [
                    JSONMember("reporterKind", "匿名"), JSONMember("attachments", [attachment]),
                    JSONMember("recordings", [sealed]),
                ])
        ])
        // The key of a file that the event does not list would open what no record names.
        let alone = try home.run(
            ofLedger(["append", "-"]),
            input: received(
                "2", "report/RP-2025-2", tag: try newCode().tag, content: words[2],
                [JSONMember("reporterKind", "匿名"), JSONMember("recordings", [sealed])]
            ).canonicalText + "\n")
        #expect(alone.exitCode == 1 && alone.errors.contains("/data/recordings/0/sha256"))
        let hunt = try CanaryHunt(["金丝雀之声", "call.m4a"], home: home.folder.url)
        #expect(try hunt.hits(in: URL(filePath: home.ledger)).isEmpty)
        try ask("vault/VA-1", for: inside, ["recordings"])
        let folder = home.path + "/opened"
        let refused = try open("vault/VA-1", with: "province", files: folder)
        #expect(refused.exitCode == 1 && !FileManager.default.fileExists(atPath: folder))
        let opened = try open("vault/VA-1", with: "discipline", files: folder)
        #expect(opened.exitCode == 0, "\(opened.errors)")
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
        #expect(name.hasSuffix("-recordings-1-call.m4a"))
        #expect(try String(contentsOfFile: folder + "/" + name, encoding: .utf8) == voice)
        // Not twice over the same file, and not of a damaged one.
        #expect(try open("vault/VA-1", with: "discipline", files: folder).exitCode == 2)
        let digest = try #require(attachment["sha256"]?.string)
        let stored = "\(home.ledger)/attachments/sha256/\(digest.prefix(2))/\(digest)"
        var bytes = try Data(contentsOf: URL(filePath: stored))
        bytes[70_000] ^= 1
        try bytes.write(to: URL(filePath: stored))
        let damaged = try open("vault/VA-1", with: "discipline", files: home.path + "/damaged")
        #expect(damaged.exitCode == 2 && damaged.errors.contains(digest), "\(damaged.errors)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: home.path + "/damaged").isEmpty)
    }
}
