import CanonicalJSON
import Digests
import Foundation
import TestKit

/// A ledger's first minutes: it is made, written, closed, killed, refused by the disk and mended.
struct PowerWorkload {
    /// Where the ledger is in the watched folder; `init` makes the folders above it as well.
    static let place = "/bureau/office/ledger"
    static let backupPlace = "/bureau/copies/ledger"

    private let program: InterposedProgram
    private let folder: String
    private var setting: InterposedProgram.Setting
    private(set) var sent: [String: [UInt8]] = [:]
    private var step = 0

    private var root: String { folder + "/root" }
    private var ledger: String { root + PowerWorkload.place }
    private var append: [String] { ["append", "-", "--ledger", ledger] }

    init(_ program: InterposedProgram, folder: String, boot: String) throws {
        (self.program, self.folder) = (program, folder)
        setting = InterposedProgram.Setting(scratch: folder, root: folder + "/root")
        (setting.trace, setting.boot) = (folder + "/trace", boot)
        try FileManager.default.createDirectory(
            atPath: folder + "/root", withIntermediateDirectories: true)
    }

    private enum Step: CaseIterable {
        case oneByOne, lines, batch, attach, start, killed, refused, unindexed, backup
    }

    mutating func run(_ random: inout Seeded) throws {
        try demand(
            program.run(
                [
                    "init", ledger, "--origin", LedgerOracle.origin, "--segment-bytes", "65536",
                    "--index-run-entries", "64", "--json",
                ], setting))
        try take(.oneByOne, &random)
        let steps = Step.allCases + [.oneByOne, .attach, .backup, .killed, .batch]
        for one in steps.shuffled(using: &random) { try take(one, &random) }
        try take(.oneByOne, &random)
    }

    private mutating func take(_ one: Step, _ random: inout Seeded) throws {
        step += 1
        let count = Int.random(in: 20...110, using: &random)
        switch one {
        case .oneByOne:
            let lines = events(count).map(\.canonicalBytes)
            try demand(program.converse(append, lines: lines, setting))
        case .lines: try demand(program.run(append, input: lines(count), setting))
        case .batch:
            let batch = JSONValue.array(events(count)).canonicalBytes
            try demand(program.run(append, input: batch, setting))
        case .attach: try attach()
        case .start: try demand(program.run(append, setting))
        case .killed:
            let how = ["torn", "kill-before", "kill-after"].randomElement(using: &random) ?? "torn"
            let kind = ["write", "sync", "rename", "create"].randomElement(using: &random) ?? ""
            let number = Int.random(in: 1...12, using: &random)
            try strike("\(kind):\(number):\(how):0:*", count, &random)
        case .refused:
            let how = ["fail", "after", "full", "dead"].randomElement(using: &random) ?? "fail"
            let number = Int.random(in: 1...40, using: &random)
            try strike("any:\(number):\(how):\(ENOSPC):*", count, &random)
        case .backup: try backUp(&random)
        case .unindexed:
            try demand(program.run("/bin/rm", ["-rf", ledger + "/index"], setting))
            try demand(program.run(append, setting))
        }
    }

    /// The program may end as it must; what it says is not asked here.
    private mutating func strike(_ fault: String, _ count: Int, _ random: inout Seeded) throws {
        var struck = setting
        struck.fault = fault
        if Bool.random(using: &random) {
            let lines = events(count).map(\.canonicalBytes)
            _ = try program.converse(append, lines: lines, struck)
        } else {
            _ = try program.run(append, input: lines(count), struck)
        }
    }

    /// A backup that dies somewhere, then one that is made.
    private func backUp(_ random: inout Seeded) throws {
        let backup = ["backup", root + PowerWorkload.backupPlace, "--ledger", ledger, "--json"]
        var struck = setting
        struck.fault = "any:\(Int.random(in: 1...120, using: &random)):kill-after:0:*"
        _ = try program.run(backup, struck)
        try demand(program.run(backup, setting))
    }

    private mutating func attach() throws {
        let file = folder + "/file"
        let bytes = [UInt8](repeating: UInt8(0x61 + step % 26), count: 9000)
        try Data(bytes).write(to: URL(filePath: file))
        let attachment: JSONValue = [
            "bytes": .integer(Int64(bytes.count)), "held": "ledger", "mediaType": "text/plain",
            "name": "file", "sha256": .string(SHA256.digest(of: bytes).hex),
        ]
        let event = InterposedEvents(name: "step-\(step)").event(0, attachment: attachment)
        sent["step-\(step)-0"] = event.canonicalBytes
        try demand(
            program.run(append + ["--attach", file], input: event.canonicalBytes, setting))
    }

    private mutating func events(_ count: Int) -> [JSONValue] {
        let maker = InterposedEvents(name: "step-\(step)")
        let events = (0..<count).map { maker.event($0) }
        for (number, event) in events.enumerated() {
            sent["step-\(step)-\(number)"] = event.canonicalBytes
        }
        return events
    }

    private mutating func lines(_ count: Int) -> [UInt8] {
        events(count).flatMap { $0.canonicalBytes + [0x0A] }
    }

    private func demand(_ ended: InterposedProgram.Ended) throws {
        guard ended.exitCode == 0 else {
            throw CallBench.Unmade(
                description: "step \(step) of the workload: \(ended.outcome): \(ended.errors)")
        }
    }
}
