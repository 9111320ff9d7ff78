import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Backup, loss, restore: the drill that Specs/backup.md describes, with the shipped programs.
@Suite struct RestoreDrillTests {
    private let program = Program()
    private let home: ScratchFolder
    private var ledger: String { home.path + "/ledger" }
    private var backup: String { home.path + "/backup" }

    init() throws {
        home = try ScratchFolder()
        let made = try run([
            "init", ledger, "--origin", "drill.example", "--segment-bytes", "65536",
            "--index-run-entries", "64",
        ])
        #expect(made.exitCode == 0, "\(made.errors)")
    }

    private func run(_ arguments: [String], input: [UInt8] = []) throws -> Program.Result {
        try program.run(arguments, home: home.url, input: input)
    }

    /// Appends events and gives their receipts, one a line.
    private func append(_ numbers: Range<Int>) throws -> String {
        let events = numbers.flatMap { number in
            EventMaker.json(
                id: "drill-\(number)", stream: "report/RP-2025-\(number % 20)",
                type: "report.accepted", source: "urn:drill",
                data: [
                    "operator": ["person": "P-1", "unit": "虚构单位"],
                    "acceptedOn": "2025-03-04", "reporterTold": true,
                ]
            ).canonicalBytes + [0x0A]
        }
        let result = try run(["append", "-", "--ledger", ledger], input: events)
        #expect(result.exitCode == 0, "\(result.errors)")
        return result.output
    }

    private func finish(_ more: [String]) throws -> Program.Result {
        try run(
            [
                "restore", "finish", ledger, "--person", "P-1", "--approver", "P-2", "--reason",
                "drill", "--json",
            ] + more)
    }

    @Test func `a lost ledger is restored, the loss is recorded, and nothing is hidden`() throws {
        let kept = try append(0..<300)
        #expect(try run(["backup", backup, "--ledger", ledger]).exitCode == 0)
        let alsoKept = try append(300..<420)
        let second = try run(["backup", backup, "--ledger", ledger, "--json"]).json
        #expect(second["recordsAdded"]?.integer == 120)
        let lost = try append(420..<450)
        #expect(try run(["verify", ledger]).exitCode == 0, "the auditor has seen all 452")
        let key = home.path + "/offline.key"
        try FileManager.default.moveItem(atPath: ledger + "/keys/ledger.key", toPath: key)
        try FileManager.default.removeItem(atPath: ledger)

        let restored = try run(["restore", backup, ledger, "--json"]).json
        #expect(restored["size"]?.integer == 422 && restored["seen"]?.integer == 452)
        #expect(try run(["verify", ledger, "--no-memory"]).exitCode == 0)
        #expect(try run(["verify", ledger]).output.contains("rolled-back"))
        let closed = try run(["append", "-", "--ledger", ledger], input: Array("{}".utf8))
        #expect(closed.exitCode == 2 && closed.errors.contains("restore finish"))

        let outcome = try finish(["--old-key", key]).json
        #expect(outcome["lost"] == ["from": 422, "through": 451])
        #expect(outcome["vouched"] == true && outcome["seq"]?.integer == 422)
        #expect(try finish(["--old-key", key]).exitCode == 2, "it is open already")

        try expectVerdicts(kept + alsoKept, "present", 420)
        try expectVerdicts(lost, "lost", 30)
        _ = try append(420..<450)
        try expectVerdicts(lost, "lost", 30)

        let found = try run(["verify", ledger, "--json"])
        #expect(found.exitCode == 1)
        #expect(try found.json["findings"]?.array?.map { $0["code"] } == ["records-lost"])
        #expect(try run(["verify", ledger, "--accept-loss", "422"]).exitCode == 0)
        #expect(try run(["verify", ledger]).exitCode == 0, "the memory goes on from here")
        #expect(try run(["backup", backup, "--ledger", ledger]).exitCode == 0)
        #expect(try run(["verify", backup]).exitCode == 0)
    }

    private func expectVerdicts(_ receipts: String, _ verdict: String, _ count: Int) throws {
        let result = try run(
            ["receipt", "check", "-", "--ledger", ledger, "--json"], input: Array(receipts.utf8))
        let verdicts = try result.output.split(separator: "\n")
            .map { try JSONValue(parsing: $0.utf8)["verdict"]?.string }
        #expect(verdicts == Array(repeating: verdict, count: count))
        #expect(result.exitCode == (verdict == "present" ? 0 : 1))
    }

    @Test func `without the old key auditors refuse the new one until they are given it`() throws {
        _ = try append(0..<50)
        #expect(try run(["backup", backup, "--ledger", ledger]).exitCode == 0)
        try FileManager.default.removeItem(atPath: ledger)
        #expect(try run(["restore", backup, ledger]).exitCode == 0)
        let outcome = try finish([]).json
        #expect(outcome["vouched"] == false && outcome["lost"] == nil)
        #expect(try run(["verify", ledger, "--no-memory"]).exitCode == 1)
        let vkey = try #require(outcome["vkey"]?.string)
        #expect(try run(["verify", ledger, "--vkey", vkey, "--no-memory"]).exitCode == 0)
    }

    @Test func `a checkpoint of another history stops the restore`() throws {
        _ = try append(0..<50)
        #expect(try run(["backup", backup, "--with-keys", "--ledger", ledger]).exitCode == 0)
        // Another history by the same key, as a thief of the key would make it.
        let (other, newer) = (home.path + "/other", home.path + "/newer")
        try FileManager.default.copyItem(atPath: ledger, toPath: other)
        _ = try append(50..<60)
        try Data(run(["checkpoint", "--ledger", ledger]).output.utf8)
            .write(to: URL(filePath: newer))
        #expect(try run(["backup", backup, "--ledger", ledger]).exitCode == 0)
        try FileManager.default.removeItem(atPath: ledger)
        try FileManager.default.moveItem(atPath: other, toPath: ledger)
        _ = try append(70..<75)
        let small = home.path + "/small"
        try Data(run(["checkpoint", "--ledger", ledger]).output.utf8)
            .write(to: URL(filePath: small))
        _ = try append(75..<90)
        let refused = try run(["backup", backup, "--ledger", ledger])
        #expect(refused.exitCode == 1 && refused.errors.contains("differs"), "\(refused.errors)")
        #expect(try run(["verify", backup, "--no-memory"]).exitCode == 0, "it still stands")

        try FileManager.default.removeItem(atPath: ledger)
        #expect(try run(["restore", backup, ledger]).exitCode == 0)
        let forked = try finish(["--checkpoint", small])
        #expect(forked.exitCode == 1 && forked.errors.contains("two histories"))
        #expect(try finish(["--checkpoint", newer]).exitCode == 0)
    }

    @Test func `a damaged ledger does not become the newest backup`() throws {
        _ = try append(0..<100)
        #expect(try run(["backup", backup, "--ledger", ledger]).exitCode == 0)
        _ = try append(100..<200)
        let records = try FileManager.default.contentsOfDirectory(atPath: ledger + "/records")
        let file = URL(filePath: "\(ledger)/records/\(records.sorted().last ?? "")")
        var bytes = try Data(contentsOf: file)
        let place = bytes.count - 400
        bytes[place] ^= 1
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        try bytes.write(to: file)
        let refused = try run(["backup", backup, "--ledger", ledger])
        #expect(refused.exitCode == 1 && refused.errors.contains("still stands"))
        let report = try run(["verify", backup, "--json", "--no-memory"]).json
        #expect(report["sound"] == true && report["records"]?.integer == 102)
        bytes[place] ^= 1
        try bytes.write(to: file)
        #expect(try run(["backup", backup, "--ledger", ledger]).exitCode == 0)
    }

    @Test func `a ledger shorter than its backup was rolled back`() throws {
        _ = try append(0..<20)
        let copy = home.path + "/copy"
        try FileManager.default.copyItem(atPath: ledger, toPath: copy)
        _ = try append(20..<40)
        #expect(try run(["backup", backup, "--ledger", ledger]).exitCode == 0)
        let refused = try run(["backup", backup, "--ledger", copy])
        #expect(refused.exitCode == 1 && refused.errors.contains("rolled back"))
        #expect(try run(["verify", backup, "--no-memory"]).exitCode == 0)
    }

    @Test func `a backup is made while others append`() throws {
        let events = (0..<20_000).flatMap { number in
            EventMaker.json(
                id: "load-\(number)", stream: "report/RP-2025-\(number % 500)",
                type: "report.accepted", source: "urn:load",
                data: [
                    "operator": ["person": "P-1", "unit": "虚构单位"],
                    "acceptedOn": "2025-03-04", "reporterTold": true,
                ]
            ).canonicalBytes + [0x0A]
        }
        let process = program.process(
            ["append", "-", "--ledger", ledger, "--receipts", "brief"], home: home.url)
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let feeder = Thread {
            try? input.fileHandleForWriting.write(contentsOf: Data(events))
            try? input.fileHandleForWriting.close()
        }
        feeder.start()
        var sizes: [Int64] = []
        repeat {
            let made = try run(["backup", backup, "--ledger", ledger, "--json"])
            #expect(made.exitCode == 0, "\(made.errors)")
            sizes.append(try made.json["size"]?.integer ?? -1)
            #expect(try run(["verify", backup, "--no-memory"]).exitCode == 0)
        } while process.isRunning
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try run(["backup", backup, "--ledger", ledger]).exitCode == 0)
        #expect(try run(["verify", backup, "--json"]).json["records"]?.integer == 20_002)
        #expect(sizes == sizes.sorted(), "\(sizes)")
    }
}
