import CanonicalJSON
import Foundation
import TestKit
import Testing

/// A change of key, a lost and a stolen one, as Specs/keys.md describes the drills.
@Suite struct KeyDrillTests {
    private let home: UserHome
    private let keeper: LedgerKeeper
    private var ledger: String { home.ledger }

    init() throws {
        home = try UserHome()
        keeper = try LedgerKeeper(home)
    }

    // MARK: Rotation

    @Test func `memory and witness follow a rotation with overlap`() async throws {
        let first = try keeper.vkey()
        #expect(try keeper.verify(ledger, ["--vkey", first]).code == 0)
        let policy = try await WitnessedPolicy(home, log: first)
        #expect(try policy.publish().exitCode == 0)

        let rotated = try keeper.change(["rotate", "--overlap-days", "30"])
        let second = try #require(rotated["vkey"]?.string)
        #expect(rotated["vouched"] == true && second != first)
        #expect(rotated["overlapUntil"]?.string?.isEmpty == false)
        try keeper.append(5)
        // The witness knows the old key only, and so does who audits hashes alone.
        #expect(try policy.publish().exitCode == 0)
        #expect(try keeper.verify(policy.tiles, ["--vkey", first, "--no-memory"]).code == 0)
        let followed = try keeper.verify(ledger, ["--policy", policy.file])
        #expect(followed.code == 0, "\(followed.json)")

        // The next rotation ends the overlap of the first key.
        let third = try #require(try keeper.change(["rotate"])["vkey"]?.string)
        try keeper.append(5)
        let unmet = try policy.publish(["--wait", "0"])
        #expect(unmet.exitCode == 3, "the witness has not been told: \(unmet.errors)")
        #expect(
            try keeper.verify(policy.tiles, ["--vkey", first, "--no-memory"]).code == 0,
            "what was published stands")
        try await policy.restart(knowing: [first, third])
        let again = try policy.publish()
        #expect(again.exitCode == 0, "\(again.errors)")

        let last = try keeper.verify(ledger, ["--policy", policy.file])
        #expect(last.code == 0 && last.notes.contains("key-rotated"), "\(last.json)")
        #expect(last.json["key"]?.string == third)
        let list = try home.run(["key", "list", "--ledger", ledger, "--json"]).json
        #expect(list["keys"]?.array?.map { $0["vkey"]?.string } == [first, second, third])
        try await policy.end()
    }

    @Test func `wherever a rotation was killed, the same command goes on`() throws {
        let sound = home.path + "/sound"
        try FileManager.default.copyItem(atPath: ledger, toPath: sound)
        let done = try keeper.change(["rotate"])
        let number = try #require(done["seq"]?.integer)
        let (keys, note) = (
            ledger + "/keys", ledger + String(format: "/checkpoints/keys/%012ld", Int(number))
        )
        let finished = home.path + "/finished"
        try FileManager.default.copyItem(atPath: ledger, toPath: finished)

        for stage in ["key made", "recorded", "vouched"] {
            try FileManager.default.removeItem(atPath: ledger)
            if stage == "key made" {
                try FileManager.default.copyItem(atPath: sound, toPath: ledger)
                try FileManager.default.copyItem(
                    atPath: finished + "/keys/ledger.key", toPath: keys + "/ledger.key.new")
            } else {
                try FileManager.default.copyItem(atPath: finished, toPath: ledger)
                try FileManager.default.moveItem(
                    atPath: keys + "/ledger.key", toPath: keys + "/ledger.key.new")
                try FileManager.default.removeItem(atPath: keys + "/retired")
                try FileManager.default.copyItem(
                    atPath: sound + "/keys/ledger.key", toPath: keys + "/ledger.key")
                let closed = try home.run(
                    ["append", "-", "--ledger", ledger], input: keeper.event("closed"))
                #expect(closed.exitCode == 2 && closed.errors.contains("interrupted"))
            }
            if stage == "recorded" { try FileManager.default.removeItem(atPath: note) }
            let again = try keeper.change(["rotate"])
            #expect(again["seq"] == done["seq"] && again["vkey"] == done["vkey"], "\(stage)")
            #expect(try keeper.verify(ledger, ["--no-memory"]).code == 0, "\(stage)")
            try keeper.append(1)
        }
    }

    // MARK: Loss

    @Test func `a lost key: every auditor decides once, and then goes on`() async throws {
        let first = try keeper.vkey()
        #expect(try keeper.verify(ledger, ["--vkey", first]).code == 0)
        let policy = try await WitnessedPolicy(home, log: first)
        #expect(try policy.publish().exitCode == 0)
        let there = try keeper.changing(["replace", "--cause", "lost"])
        #expect(there.exitCode == 2 && there.errors.contains("not lost"), "\(there.errors)")

        try FileManager.default.removeItem(atPath: ledger + "/keys/ledger.key")
        let stuck = try home.run(
            ["append", "-", "--ledger", ledger], input: keeper.event("stuck"))
        #expect(stuck.exitCode == 2 && stuck.errors.contains("key replace"), "\(stuck.errors)")
        #expect(try keeper.changing(["rotate"]).exitCode == 2)
        #expect(try keeper.verify(ledger).code == 0, "all is readable and verifies")

        let replaced = try keeper.change(["replace", "--cause", "lost"])
        #expect(replaced["vouched"] == false && replaced["revoked"] == "lost")
        try keeper.append(3)
        let second = try #require(replaced["vkey"]?.string)
        let seen = try keeper.verify(ledger)
        #expect(seen.code == 1 && seen.findings == ["key-revoked"])
        let told = try home.run(["verify", ledger])
        #expect(told.output.contains("--vkey") && told.output.contains("lost"))
        #expect(told.output.contains("Specs/keys.md") && !told.output.contains("backup"))
        #expect(try home.run(["verify", ledger, "--lang", "zh"]).output.contains("丢失"))

        // The witness demands that the history goes on, whoever signs.
        #expect(try policy.publish(["--wait", "0"]).exitCode == 3)
        try await policy.restart(knowing: [second])
        #expect(try policy.publish().exitCode == 0)
        let decided = try keeper.verify(ledger, ["--vkey", second])
        #expect(decided.code == 0 && decided.notes.contains("key-revoked"))
        #expect(try keeper.verify(ledger).code == 0, "his memory goes on with the new key")
        try await policy.end()
    }

    // MARK: Theft

    @Test func `a stolen key: the thief's history is told from the ledger's`() async throws {
        let first = try keeper.vkey()
        let policy = try await WitnessedPolicy(home, log: first)
        #expect(try policy.publish().exitCode == 0)
        #expect(try keeper.verify(ledger, ["--policy", policy.file]).code == 0)
        // The thief has a copy of all, the key too, and goes on by himself.
        let stolen = home.path + "/stolen"
        try FileManager.default.copyItem(atPath: ledger, toPath: stolen)
        try LedgerKeeper.append(home, stolen, "forged", 9)
        let forged = home.path + "/forged"
        try keeper.keepCheckpoint(of: stolen, as: forged)
        try keeper.append(4)
        #expect(try policy.publish().exitCode == 0, "the witness has seen the ledger's")
        #expect(try keeper.verify(ledger).code == 0, "and so has the auditor")

        let replaced = try keeper.change(["replace", "--cause", "stolen"])
        #expect(replaced["revoked"] == "stolen" && replaced["vouched"] == false)
        let second = try #require(replaced["vkey"]?.string)
        let kept = try FileManager.default.contentsOfDirectory(atPath: ledger + "/keys/retired")
        #expect(kept.count == 1, "the stolen key, as evidence")
        #expect(
            !FileManager.default.fileExists(atPath: ledger + "/checkpoints/keys"),
            "it vouches for nobody")
        #expect(try keeper.verify(ledger).findings == ["key-revoked"])

        // The thief's history is sound by itself, by the old key: only what others saw tells.
        let alone = try keeper.verify(stolen, ["--vkey", first, "--no-memory"])
        #expect(alone.code == 0)
        let uncosigned = try keeper.verify(stolen, ["--policy", policy.file, "--no-memory"])
        #expect(uncosigned.notes.contains("beyond-cosigned"), "\(uncosigned.json)")
        #expect(try keeper.verify(stolen).findings.contains("forked"), "who saw the ledger's")
        let asked = try keeper.verify(
            ledger, ["--vkey", second, "--no-memory", "--checkpoint", forged])
        #expect(asked.findings == ["revoked-key-signed"], "\(asked.json)")
        // The witness cosigns the thief's no more than before: it has seen another history.
        let offered = try policy.publish(from: stolen, into: home.path + "/stolen-tiles")
        #expect(
            offered.exitCode == 1 && offered.errors.contains("another history"), "\(offered.errors)"
        )

        try await policy.restart(knowing: [second])
        #expect(try policy.publish().exitCode == 0)
        #expect(try keeper.verify(ledger, ["--vkey", second]).code == 0)
        try await policy.end()
    }
}
