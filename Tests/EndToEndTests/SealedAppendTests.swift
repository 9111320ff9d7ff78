import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Values that must be sealed, as they come in by command and through the service.
@Suite struct SealedAppendTests {
    private let home: UserHome
    private let canaries = ["赵某某金丝雀", "13912345678", "330106199001010018", "某路金丝雀 9 号"]

    init() throws {
        home = try UserHome()
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
    }

    /// A ledger with a vault and a holder.
    private func makeVault() throws {
        let passphrase = home.path + "/passphrase"
        try Data("口令\n".utf8).write(to: URL(filePath: passphrase))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: passphrase)
        _ = try home.expectSuccess(["vault", "init", "--ledger", home.ledger])
        _ = try home.expectSuccess([
            "vault", "key", home.path + "/one", "--passphrase-file", passphrase,
        ])
        _ = try home.expectSuccess([
            "vault", "holder", "add", "--ledger", home.ledger, "--name", "one", "--public-key",
            "\(home.path)/one.pub", "--group", "sealed", "--group", "sensitive", "--person", "P-1",
            "--approver", "P-2", "--reason", "设立",
        ])
    }

    private func identity(_ id: String, _ more: [JSONMember] = []) -> JSONValue {
        let clear = [
            JSONMember("operator", ["person": "P-1", "unit": "举报中心"]),
            JSONMember("pseudonym", "R-1"), JSONMember("fieldsHeld", ["姓名", "电话"]),
            JSONMember("consentScope", "仅核查"),
        ]
        let sealed = [
            JSONMember("reporterName", .string(canaries[0])),
            JSONMember("reporterPhone", .string(canaries[1])),
            JSONMember("reporterResidentId", .string(canaries[2])),
            JSONMember("reporterAddress", .string(canaries[3])),
        ]
        return EventMaker.json(
            id: id, stream: "report/RP-2025-1", type: "report.identity-sealed",
            data: .object(clear + (more.isEmpty ? sealed : more)))
    }

    private func append(_ events: [JSONValue], _ more: String...) throws -> Program.Result {
        let lines = events.map { $0.canonicalText + "\n" }.joined()
        return try home.run(["append", "--ledger", home.ledger] + more, input: lines)
    }

    /// Looks through the ledger's folder, and what the program printed.
    private func demandNoCanary(_ results: [Program.Result]) throws {
        let hunt = try CanaryHunt(canaries, home: home.folder.url)
        #expect(try hunt.hits(in: URL(filePath: home.ledger)).isEmpty)
        let printed = home.folder.url.appending(path: "printed")
        try FileManager.default.createDirectory(at: printed, withIntermediateDirectories: true)
        try Data(results.map { $0.output + $0.errors }.joined().utf8)
            .write(to: printed.appending(path: "all"))
        #expect(try hunt.hits(in: printed).isEmpty)
    }

    @Test func `the hunt finds what is there, in every form`() throws {
        let folder = home.folder.url.appending(path: "planted")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let word = canaries[0]
        let utf16 = word.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let base64 = Data("ab\(word)c".utf8).base64EncodedString()
        let hunt = try CanaryHunt([word], home: home.folder.url)
        let forms: [[UInt8]] = [
            Array("x\(word)".utf8), utf16, Array(base64.utf8),
            Array((word.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "").utf8),
        ]
        for form in forms {
            try Data(form).write(to: folder.appending(path: "file"))
            #expect(try !hunt.hits(in: folder).isEmpty)
        }
        try Data("nothing".utf8).write(to: folder.appending(path: "file"))
        #expect(try hunt.hits(in: folder).isEmpty)
        #expect(throws: CanaryHunt.Failed.self) {
            try hunt.hits(in: home.folder.url.appending(path: "nowhere"))
        }
        #expect(throws: CanaryHunt.Failed.self) { try CanaryHunt(["short"], home: folder) }
    }

    @Test func `a ledger without a vault refuses, and says what to do`() throws {
        let refused = try append([identity("1")])
        #expect(refused.exitCode == 1 && refused.errors.contains("vault init"))
        let chinese = try append([identity("1")], "--lang", "zh")
        #expect(chinese.exitCode == 1 && chinese.errors.contains("密钥库"))
        try demandNoCanary([refused, chinese])
    }

    @Test func `nothing that must be sealed is in any file, by command and through the service`()
        async throws
    {
        try makeVault()
        var results = [try append([identity("1"), identity("2")])]
        #expect(results[0].exitCode == 0, "\(results[0].errors)")
        // Wrong in every way that names a value.
        let wrong = [
            JSONMember("reporterResidentId", .string(canaries[2] + "0")),
            JSONMember("reporterName", .string(" " + canaries[0])),
            JSONMember("reporterPhone", [.string(canaries[1])]),
            JSONMember("reporterAddress", .string(String(repeating: canaries[3], count: 90))),
        ]
        results.append(
            try append(wrong.enumerated().map { identity("w\($0)", [$1]) }, "--keep-going"))
        #expect(results[1].exitCode == 1)
        // A line that breaks off in the midst of a value.
        let torn = String(identity("3").canonicalText.prefix { $0 != "}" })
        results.append(
            try home.run(["append", "--ledger", home.ledger], input: torn + "\n" + torn + "\n"))
        results.append(try append([identity("1")]))
        let receipts = try JSONValue.lines(of: results[3].output)
        #expect(receipts.map { $0["repeat"] } == [true])
        #expect(receipts.map { $0["sealedCompared"] } == [false])

        let server = try await ServingProgram(home.ledger, home: home.folder.url)
        results.append(try append([identity("4"), identity("4"), identity("5")]))
        #expect(results[4].exitCode == 0, "\(results[4].errors)")
        let served = try JSONValue.lines(of: results[4].output)
        #expect(served.map { $0["repeat"] } == [nil, true, nil])
        // The process that sealed it runs still, so all was compared.
        #expect(served.allSatisfy { $0["sealedCompared"] == nil })
        results.append(
            try append(wrong.enumerated().map { identity("v\($0)", [$1]) }, "--keep-going"))
        #expect(results[5].exitCode == 1)
        #expect(try await server.end(SIGTERM) == 0)

        results.append(try home.run(["log", "--ledger", home.ledger]))
        results.append(try home.run(["case", "report/RP-2025-1", "--ledger", home.ledger]))
        results.append(try home.run(["verify", home.ledger, "--no-memory"]))
        #expect(results.suffix(3).allSatisfy { $0.exitCode == 0 })
        let script = Readme.project.appending(path: "Specs/verify.py").path
        let second = try Program(tool: "python3")
            .run([script, home.ledger], home: home.folder.url)
        #expect(second.exitCode == 0, "\(second.output)\(second.errors)")
        #expect(try String(contentsOfFile: home.path + "/serve.err", encoding: .utf8).isEmpty)
        try demandNoCanary(results)

        let status = try home.run(["vault", "status", "--ledger", home.ledger, "--json"])
        #expect(try status.json["subjects"] == 1)
        #expect(try status.json["cleared"] == 0)
    }
}
