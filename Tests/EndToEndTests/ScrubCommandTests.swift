import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing scrub` as an administrator types it, or a timer does.
@Suite struct ScrubCommandTests {
    private let program = Program()

    /// A ledger with the shipped sample in small segments.
    private func demo() throws -> (home: ScratchFolder, ledger: String) {
        let home = try ScratchFolder()
        let ledger = home.path + "/ledger"
        let made = try program.run(
            ["init", ledger, "--origin", "demo.example", "--segment-bytes", "65536"],
            home: home.url)
        #expect(made.exitCode == 0, "\(made.errors)")
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Ledger/samples/sample.ndjson")
        let appended = try program.run(
            ["append", file.path, "--ledger", ledger, "--receipts", "brief"], home: home.url)
        #expect(appended.exitCode == 0, "\(appended.errors)")
        return (home, ledger)
    }

    private func scrub(
        _ home: ScratchFolder, _ arguments: String...
    ) throws -> Program.Result {
        try program.run(["scrub"] + arguments, home: home.url)
    }

    /// Flips one bit of record `sequence` in the first segment.
    private func damage(_ ledger: String, record sequence: Int) throws {
        let file = URL(filePath: ledger + "/records/000000000000.ndjson")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        var lines = try Data(contentsOf: file).split(separator: 0x0A).map { [UInt8]($0) }
        lines[sequence][300] ^= 1
        var bytes = Data(lines.joined(separator: [0x0A]))
        bytes.append(0x0A)
        try bytes.write(to: file)
    }

    @Test func `a sound ledger is sound, and the status says when`() throws {
        let (home, ledger) = try demo()
        #expect(try scrub(home, ledger, "--status").exitCode == 2)
        let result = try scrub(home, ledger, "--full-speed", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try result.json["sound"]?.bool == true)
        #expect(try result.json["records"]?.integer == 45)
        let status = try scrub(home, ledger, "--status", "--json")
        #expect(status.exitCode == 0)
        #expect(try status.json["last"]?["records"]?.integer == 45)
        #expect(try status.json["last"]?["overdue"]?.bool == false)
        #expect(try status.json["pass"] == .null)
        // It changed nothing that verify looks at.
        let verified = try program.run(["verify", ledger, "--no-memory"], home: home.url)
        #expect(verified.exitCode == 0)
    }

    @Test(arguments: [true, false])
    func `a flipped bit ends in 1, and its place is named as verify names it`(
        index: Bool
    ) throws {
        let (home, ledger) = try demo()
        try damage(ledger, record: 17)
        if !index { try FileManager.default.removeItem(atPath: ledger + "/index") }
        let found = try scrub(home, ledger, "--json")
        #expect(found.exitCode == 1)
        let verified = try program.run(
            ["verify", ledger, "--quick", "--no-memory", "--json"], home: home.url)
        let (mine, its) = (try found.json["findings"], try verified.json["findings"])
        #expect(mine == its)
        let altered = try #require(mine?.array?.first { $0["code"]?.string == "record-altered" })
        #expect(altered["seq"]?.integer == 17 && altered["through"]?.integer == 17)
        #expect(found.errors.contains("record-altered"), "it is said at once")
        let status = try scrub(home, ledger, "--status")
        #expect(status.exitCode == 1 && status.output.contains("record 17"))
    }

    @Test func `a newer state is refused in words, another scrub is waited for`() throws {
        let (home, ledger) = try demo()
        try FileManager.default.createDirectory(
            atPath: ledger + "/scrub", withIntermediateDirectories: true)
        let state = URL(filePath: ledger + "/scrub/state.json")
        try Data(#"{"format":9}"#.utf8).write(to: state)
        for arguments in [["scrub", ledger], ["scrub", ledger, "--status"]] {
            let result = try program.run(arguments, home: home.url)
            #expect(result.exitCode == 2 && result.errors.contains("format 9"))
        }
        #expect(try Data(contentsOf: state) == Data(#"{"format":9}"#.utf8))
        try FileManager.default.removeItem(at: state)
        let lock = open(ledger + "/scrub/LOCK", O_RDWR | O_CREAT, 0o644)
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        let held = try scrub(home, ledger)
        #expect(held.exitCode == 2 && held.errors.contains("another scrub"))
        close(lock)
        #expect(try scrub(home, ledger).exitCode == 0)
    }

    @Test func `wrong options are wrong usage`() throws {
        let (home, ledger) = try demo()
        #expect(try scrub(home, ledger, "--rate", "0").exitCode == 64)
        #expect(try scrub(home, ledger, "--rate", "5", "--full-speed").exitCode == 64)
        #expect(try scrub(home, home.path + "/nothing").exitCode == 2)
    }
}
