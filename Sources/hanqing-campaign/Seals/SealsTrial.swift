import CanonicalJSON
import Foundation
import Glibc
import TestKit

/// One ledger with a vault, all that it prints, and a holder who is elsewhere.
final class SealsTrial {
    private let program = Program()
    let home: URL
    let tally: Tally
    private var random: Seeded
    private(set) var vkey = ""
    private var printedCount = 0
    private var hunter: CanaryHunt?
    private var shredded: Set<Int> = []

    /// What is searched: the ledger, all copies of it, and all that was printed.
    var searched: URL { home.appending(path: "searched") }
    private var ledger: String { searched.path + "/ledger" }
    private var holder: String { home.path + "/holder" }

    init(_ home: URL, _ random: Seeded, _ tally: Tally) throws {
        (self.home, self.random, self.tally) = (home, random, tally)
        try FileManager.default.createDirectory(
            at: searched.appending(path: "printed"), withIntermediateDirectories: true)
    }

    // MARK: - Running

    /// Runs the program; what it prints is searched later.
    @discardableResult
    func run(
        _ arguments: [String], input: String = "", expecting codes: Set<Int32> = [0],
        isSecret: Bool = false
    ) throws -> Program.Result {
        let result = try program.run(arguments, home: home, input: Array(input.utf8))
        if !isSecret { try keep(result.output + result.errors) }
        guard codes.contains(result.exitCode) else {
            throw CampaignError(
                "hanqing \(arguments): \(result.exitCode): \(result.errors.suffix(600))")
        }
        return result
    }

    private func keep(_ text: String) throws {
        printedCount += 1
        let file = searched.appending(path: "printed/\(printedCount)")
        try Data((text.isEmpty ? "nothing" : text).utf8).write(to: file)
    }

    func ofLedger(_ arguments: [String]) -> [String] {
        arguments + ["--ledger", ledger]
    }

    private static let order = [
        "--person", "P-1", "--approver", "P-2", "--reason", "演练（虚构）",
    ]

    // MARK: - Making it

    func makeVault() throws {
        let made = try run(["init", ledger, "--origin", "sealed.example", "--json"])
        vkey = try made.json["vkey"]?.string ?? ""
        let passphrase = home.path + "/passphrase"
        try Data("口令\n".utf8).write(to: URL(filePath: passphrase))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: passphrase)
        _ = try run(ofLedger(["vault", "init"]))
        _ = try run(["vault", "key", holder, "--passphrase-file", passphrase])
        _ = try run(
            ofLedger([
                "vault", "holder", "add", "--name", "纪检", "--public-key", holder + ".pub",
                "--group", "sealed", "--group", "sensitive", "--group", "outside",
            ]) + SealsTrial.order)
    }

    /// Half by command alone, half through a service that is killed at some moments.
    func appendAll(_ count: Int) async throws -> [SealedCase] {
        let cases = (0..<count).map { SealedCase($0, &random) }
        hunter = try CanaryHunt(cases.flatMap(\.words), home: home)
        let pieceSize = max(4, count / 20)
        for start in stride(from: 0, to: count, by: pieceSize) {
            let piece = cases[start..<min(start + pieceSize, count)]
            let events = piece.flatMap { $0.events() }.map { $0.canonicalText + "\n" }.joined()
            var server: ServingProgram?
            if start >= count / 2 { server = try await ServingProgram(ledger, home: home) }
            if let server, Bool.random(using: &random) {
                try await interrupted(server, events)
            } else if let server {
                try append(events)
                guard try await server.end(SIGTERM) == 0 else {
                    throw CampaignError("the service did not end well")
                }
            } else {
                try append(events)
            }
            try keepServiceErrors()
            let wrong = piece.prefix(3).flatMap { $0.wrongEvents() }.joined(separator: "\n")
            _ = try run(
                ofLedger(["append", "-", "--keep-going", "--no-scrub"]), input: wrong + "\n",
                expecting: [1])
            for _ in piece { tally.round() }
        }
        let list = try run(ofLedger(["log", "--json", "--limit", "1000000"])).output
            .split(separator: "\n")
        let own = list.count { $0.contains("urn:seals") }
        let expected = cases.reduce(0) { $0 + $1.events().count }
        if own != expected { tally.fail("\(own) events are recorded, not \(expected)") }
        tally.count("events", own)
        return cases
    }

    private func append(_ events: String) throws {
        let receipts = try run(
            ofLedger(["append", "-", "--no-scrub"]), input: events
        ).output.split(separator: "\n")
        guard let last = receipts.last else { return }
        // The first one, from before all that comes later.
        if FileManager.default.fileExists(atPath: receiptFile.path) { return }
        try Data(last.utf8).write(to: receiptFile)
    }

    var receiptFile: URL { searched.appending(path: "receipt.json") }

    /// Kills the service, with a signal that asks for a core file every other time, while events
    /// come in; then they are sent again without it.
    private func interrupted(_ server: ServingProgram, _ events: String) async throws {
        let process = program.process(
            ofLedger(["append", "-", "--no-scrub"]), home: home)
        let input = home.appending(path: "events")
        try Data(events.utf8).write(to: input)
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        usleep(UInt32.random(in: 1_000...60_000, using: &random))
        _ = try await server.end(Bool.random(using: &random) ? SIGKILL : SIGABRT)
        // It tries again for a while; nobody waits for that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        tally.count("kills")
        try append(events)
        try FileManager.default.removeItem(at: input)
    }

    private func keepServiceErrors() throws {
        let errors = home.appending(path: "serve.err")
        guard let bytes = try? Data(contentsOf: errors) else { return }
        try keep(String(decoding: bytes, as: UTF8.self))
    }

    /// What the service says of them.
    func serveAndAsk(_ cases: [SealedCase]) async throws {
        let server = try await ServingProgram(ledger, home: home)
        let places =
            cases.prefix(40).map { "/v1/cases/\($0.stream)" }
            + ["/v1/cases?limit=1000", "/metrics", "/readyz", "/v1/events?limit=1000"]
            + (2..<40).map { "/v1/events/\($0)" }
        for place in places {
            let result = try Program(tool: "curl").run(
                ["-sS", "--fail-with-body", server.url + place], home: home)
            guard result.exitCode == 0, !result.output.isEmpty else {
                throw CampaignError("GET \(place): \(result.errors)\(result.output.prefix(300))")
            }
            try keep(result.output)
        }
        _ = try await server.end(SIGTERM)
        try keepServiceErrors()
    }

    // MARK: - Telling all of it

    /// Every export, page, copy and account; the read models made from nothing are the same.
    func tellEverything(_ cases: [SealedCase]) throws {
        let status = ofLedger(["projection", "status", "--digest", "--json"])
        _ = try run(ofLedger(["projection", "follow"]))
        let before = try run(status).json["models"]
        for ending in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: ledger + "/projections.sqlite" + ending)
        }
        _ = try run(ofLedger(["projection", "follow"]))
        if try run(status).json["models"] != before {
            tally.fail("the read models made from nothing are others")
        }
        let copies = searched.appending(path: "copies")
        try? FileManager.default.removeItem(at: copies)
        try FileManager.default.createDirectory(at: copies, withIntermediateDirectories: true)
        for form in ["ocel", "xes", "prov", "xlsx"] {
            _ = try run(ofLedger(["export", form, "--out", "\(copies.path)/all.\(form)"]))
        }
        let unpacked = try Program(tool: "python3").run(
            ["-m", "zipfile", "-e", copies.path + "/all.xlsx", copies.path + "/unpacked"],
            home: home)
        guard unpacked.exitCode == 0 else { throw CampaignError(unpacked.errors) }
        _ = try run(
            ofLedger(["export", "csv", "--table", "events", "--out", copies.path + "/all.csv"]))
        _ = try run(ofLedger(["report", copies.path + "/report"]))
        _ = try run(ofLedger(["backup", searched.path + "/backup"]))
        for one in cases.prefix(10) + cases.suffix(10) {
            _ = try run(ofLedger(["case", one.stream]))
            _ = try run(ofLedger(["trace", one.stream]))
        }
        let bundle = copies.path + "/case.tar"
        _ = try run(ofLedger(["bundle", cases[1].stream, "-o", bundle]))
        _ = try run(["verify", bundle, "--vkey", vkey])
        _ = try run(["receipt", "verify", receiptFile.path, "--key", vkey])
        _ = try run(["verify", ledger, "--vkey", vkey])
        tally.count("accounts")
    }

    /// Nothing of it is anywhere.
    func hunt(_ moment: String) throws {
        guard let hunter else { throw CampaignError("nothing to look for") }
        let hits = try hunter.hits(in: searched)
        for hit in hits.prefix(10) { tally.fail("\(moment): \(hit)") }
        tally.count("hunts")
    }

    // MARK: - Opening and shredding

    private func opened(
        _ one: SealedCase, _ access: [String], expecting codes: Set<Int32> = [0]
    ) throws -> Program.Result {
        try run(
            ofLedger(
                ["vault", "open"] + access
                    + [
                        "--key", holder, "--passphrase-file", home.path + "/passphrase",
                        "--viewer", "P-7", "--json",
                    ]), expecting: codes, isSecret: true)
    }

    private func emergency(_ one: SealedCase) -> [String] {
        ["vault/VA-E\(one.number)", "--emergency", "演练（虚构）", "--case", one.stream]
            + one.values.flatMap { ["--field", $0.field] }
    }

    /// Whether any value was shown.
    private func isShown(_ result: Program.Result) -> Bool {
        result.output.contains("\"values\"")
    }

    /// Whether all that was sealed in it comes back as it was.
    private func isReadable(_ one: SealedCase, _ result: Program.Result) throws -> Bool {
        let found = try result.json["values"]?.array ?? []
        return found.count == one.values.count
            && one.values.allSatisfy { value in
                found.contains {
                    $0["field"]?.string == value.field && $0["value"]?.string == value.value
                }
            }
    }

    /// Some by request and approval.
    func open(_ cases: [SealedCase]) throws {
        for one in cases.prefix(10) {
            let access = "vault/VA-\(one.number)"
            let names = one.values.map { JSONValue.string($0.field) }
            func event(_ type: String, _ by: String, _ more: [JSONMember]) -> String {
                let role = type == "access-requested" ? "requester" : "vault-approver"
                let participant: JSONValue = [
                    "person": .string(by), "role": .string(role), "unit": "虚构单位",
                    "evidence": "asserted",
                ]
                return EventMaker.json(
                    id: "\(access)-\(type)", stream: access, type: "vault.\(type)",
                    source: "urn:opening",
                    data: .object(
                        [
                            JSONMember("operator", ["person": .string(by), "unit": "虚构单位"]),
                            JSONMember("participants", [participant]),
                        ] + more)
                ).canonicalText + "\n"
            }
            let request = event(
                "access-requested", "P-5",
                [
                    JSONMember("subject", "R-1"), JSONMember("purpose", "反馈联系"),
                    JSONMember("fieldsRequested", ["姓名"]), JSONMember("legalGround", "虚构依据"),
                    JSONMember("relatedCase", .string(one.stream)),
                    JSONMember("fieldNames", .array(names)),
                ])
            _ = try run(ofLedger(["append", "-", "--no-scrub"]), input: request)
            // Nobody approved it yet.
            let early = try opened(one, [access], expecting: [1])
            if isShown(early) { tally.fail("shown without approval: \(one.stream)") }
            let approval = event(
                "access-approved", "P-6",
                [
                    JSONMember("validUntil", "2099-01-01T00:00:00+08:00"),
                    JSONMember("openingsMax", 1),
                ])
            _ = try run(ofLedger(["append", "-", "--no-scrub"]), input: approval)
            if try !isReadable(one, try opened(one, [access])) {
                tally.fail("\(one.stream) does not open")
            }
            // Used up.
            let again = try opened(one, [access], expecting: [1])
            if isShown(again) { tally.fail("shown once too often: \(one.stream)") }
            tally.count("opened")
        }
    }

    /// Exactly those who are shredded are gone; what a hold keeps is not, and is named.
    func shred(_ cases: [SealedCase], count: Int, held heldCount: Int) throws {
        let chosen = cases.filter { !$0.isReport }.shuffled(using: &random)
        let (gone, kept) = (chosen.prefix(count), chosen.dropFirst(count).prefix(heldCount))
        let shred = ["vault", "shred"]
        let ground = ["--ground", "consent-withdrawn"] + SealsTrial.order
        for one in kept {
            let place = ofLedger(["vault", "hold", "place", one.stream, "--json"])
            let hold = try run(place + SealsTrial.order).json["id"]?.string ?? "none"
            let refused = try run(ofLedger(shred + [one.stream]) + ground, expecting: [1])
            if !refused.errors.contains(hold) { tally.fail("\(one.stream): no word of \(hold)") }
            tally.count("held")
        }
        for one in gone {
            _ = try run(ofLedger(shred + [one.stream]) + ground)
            shredded.insert(one.number)
            tally.count("shredded")
        }
        // A report is kept for years after its end.
        for one in cases.filter(\.isReport).prefix(5) {
            let refused = try run(ofLedger(shred + [one.stream]) + ground, expecting: [1])
            if !refused.errors.contains("kept until") { tally.fail("\(one.stream): no period") }
        }
        try readAll(cases)
    }

    private func readAll(_ cases: [SealedCase]) throws {
        for one in cases {
            let isGone = shredded.contains(one.number)
            let result = try opened(one, emergency(one), expecting: isGone ? [1] : [0])
            if isGone, isShown(result) || !result.output.contains("destroyed") {
                tally.fail("\(one.stream) was shredded: \(result.output)")
            }
            if try !isGone && !isReadable(one, result) {
                tally.fail("\(one.stream) does not open")
            }
            tally.count(isGone ? "unreadable" : "readable")
        }
    }

    /// An ordinary backup has no keys.
    func restoreBackup() throws {
        let restored = searched.path + "/restored"
        _ = try run(["restore", searched.path + "/backup", restored])
        if FileManager.default.fileExists(atPath: restored + "/vault") {
            tally.fail("the backup has a vault")
        }
        _ = try run(["verify", restored, "--vkey", vkey, "--no-memory"])
        try hunt("after restoring")
        tally.count("restored")
    }
}
