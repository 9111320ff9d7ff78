import CanonicalJSON
import Foundation
import TestKit

/// One power cut, what the program makes of the disk afterwards, and all that must hold then.
struct PowerRound: Sendable {
    let program: InterposedProgram
    let recording: PowerRecording
    /// A folder of this round's own.
    let folder: String
    /// Stand-ins for the ids of the boots after the first and the second cut.
    let boots: [String]
    let seed: UInt64

    struct Findings: Sendable {
        var failures: [String] = []
        /// What happened, for the last line.
        var counts: [String] = []
    }

    func run() -> Findings {
        var (findings, random) = (Findings(), Seeded(seed: seed))
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try cut(&findings, &random)
        } catch {
            findings.failures.append("\(error)")
        }
        return findings
    }

    private func cut(_ findings: inout Findings, _ random: inout Seeded) throws {
        let end = recording.trace.moment(&random)
        let cut = PowerCut(at: end, &random)
        let root = folder + "/root"
        try cut.write(recording.disk, to: root, &random)
        findings.counts.append(cut.order.rawValue)
        defer { findings.failures = findings.failures.map { "\(cut): \($0)" } }
        guard FileManager.default.fileExists(atPath: root + PowerWorkload.place) else {
            findings.counts.append("no ledger yet")
            if recording.made < end { findings.failures.append("the ledger is gone") }
            return
        }
        let promised = recording.promised(before: end)
        let oracle = LedgerOracle(
            program: program, setting: InterposedProgram.Setting(scratch: folder),
            ledger: root + PowerWorkload.place)
        findings.failures += try oracle.verify(
            backup: root + PowerWorkload.backupPlace, covering: recording.backedUp(before: end))
        if Int.random(in: 0..<4, using: &random) == 0 {
            try cutAgain(root, promised, &findings, &random)
        } else {
            try reopen(root, boots[0], promised, &findings, &random)
        }
    }

    /// Lets the program mend the disk, and cuts the power while it does.
    private func cutAgain(
        _ root: String, _ promised: [JSONValue], _ findings: inout Findings,
        _ random: inout Seeded
    ) throws {
        findings.counts.append("cut again")
        let base = try DiskBase(reading: root)
        var setting = InterposedProgram.Setting(scratch: folder, root: root)
        (setting.trace, setting.boot) = (folder + "/trace", boots[0])
        let ended = try start(
            root + PowerWorkload.place, InterposedEvents(name: "between").lines(30), setting)
        guard ended.exitCode == 0 else {
            findings.failures.append("reopened: \(ended.outcome): \(ended.errors.prefix(400))")
            return
        }
        let trace = try DiskTrace(file: folder + "/trace")
        let disk = try DiskModel(trace, root: root, base: base, trustingSyncs: true)
        let end = trace.moment(&random)
        let cut = PowerCut(at: end, &random)
        try cut.write(disk, to: folder + "/again", &random)
        let more = PowerRecording.printed(trace)
            .filter { $0.event < end && $0.json["leafHash"] != nil }.map(\.json)
        defer { findings.failures = findings.failures.map { "then \(cut): \($0)" } }
        try reopen(folder + "/again", boots[1], promised + more, &findings, &random)
    }

    /// Appends; where a change of the key was interrupted, it is brought to its end first.
    private func start(
        _ ledger: String, _ input: [UInt8], _ setting: InterposedProgram.Setting
    ) throws -> InterposedProgram.Ended {
        let append = ["append", "-", "--ledger", ledger]
        let first = try program.run(append, input: input, setting)
        guard first.errors.contains("change of the ledger's key was interrupted") else {
            return first
        }
        let rotated = try program.run(PowerWorkload.rotation(ledger), setting)
        guard rotated.exitCode == 0 else { return rotated }
        var second = try program.run(append, input: input, setting)
        second.errors = first.errors + second.errors
        return second
    }

    /// The first start mends, the second has nothing left to do and knows what was acknowledged.
    private func reopen(
        _ root: String, _ boot: String, _ promised: [JSONValue], _ findings: inout Findings,
        _ random: inout Seeded
    ) throws {
        var setting = InterposedProgram.Setting(scratch: folder, root: root)
        setting.boot = boot
        let oracle = LedgerOracle(
            program: program, setting: InterposedProgram.Setting(scratch: folder),
            ledger: root + PowerWorkload.place)
        let before = oracle.log()
        let ended = try start(oracle.ledger, InterposedEvents(name: "after").lines(1), setting)
        let new = LedgerOracle.receipts(in: ended.output)
        guard ended.exitCode == 0, new.count == 1 else {
            findings.failures.append("reopened: \(ended.outcome): \(ended.errors.prefix(400))")
            return
        }
        // A torn line may be, byte for byte, how the line begins that took its place.
        let wasTorn = before.last.map { $0 != 0x0A } ?? false
        let wasCut = wasTorn || !oracle.log().starts(with: before)
        let says = ended.errors.contains("hanqing: cut ")
        if wasCut { findings.counts.append("cut a tail") }
        if ended.errors.contains("made the index anew") { findings.counts.append("new index") }
        if wasCut != says {
            findings.failures.append("says \(says ? "" : "not ")that it cut: \(ended.errors)")
        }
        findings.failures += oracle.missing(promised + new)
        findings.failures += try oracle.verify(keptFrom: promised)
        try ask(again: promised, oracle, setting, &findings, &random)
        try backUpAgain(root, oracle, setting, &findings)
    }

    /// What a backup left behind is no hindrance to the next one.
    private func backUpAgain(
        _ root: String, _ oracle: LedgerOracle, _ setting: InterposedProgram.Setting,
        _ findings: inout Findings
    ) throws {
        let backup = root + PowerWorkload.backupPlace
        guard FileManager.default.fileExists(atPath: backup) else { return }
        let ended = try program.run(["backup", backup, "--ledger", oracle.ledger], setting)
        if ended.exitCode != 0 {
            findings.failures.append("a backup: \(ended.outcome): \(ended.errors.prefix(300))")
        }
        findings.counts.append("backed up again")
    }

    private func ask(
        again promised: [JSONValue], _ oracle: LedgerOracle,
        _ setting: InterposedProgram.Setting, _ findings: inout Findings,
        _ random: inout Seeded
    ) throws {
        let known = promised.filter { recording.sent[$0["id"]?.string ?? ""] != nil }
        let asked = Array(known.shuffled(using: &random).prefix(20))
        let input = asked.flatMap { receipt -> [UInt8] in
            (recording.sent[receipt["id"]?.string ?? ""] ?? []) + [0x0A]
        }
        let ended = try program.run(
            ["append", "-", "--ledger", oracle.ledger], input: input, setting)
        let answers = LedgerOracle.receipts(in: ended.output)
        guard ended.exitCode == 0, ended.errors.isEmpty, answers.count == asked.count else {
            findings.failures.append(
                "the second start: \(ended.outcome), \(answers.count) of \(asked.count) receipts: "
                    + "\(ended.errors.prefix(300))")
            return
        }
        findings.counts += Array(repeating: "asked again", count: asked.count)
        for (receipt, answer) in zip(asked, answers)
        where receipt["leafHash"]?.string != answer["leafHash"]?.string {
            findings.failures.append("\(receipt["id"]?.string ?? "?") was recorded twice")
        }
    }
}
