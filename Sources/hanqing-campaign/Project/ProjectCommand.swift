import ArgumentParser
import CanonicalJSON
import Foundation
import Glibc
import TestKit

/// kill -9 while a projection follows or is made: no row is lost, doubled or another.
struct ProjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "kill -9 while a projection is written; its rows must stay right. 投影写入时强制终止。",
        discussion: """
            A generated year is appended piece by piece; each time the projection follows, or all of
            it is made anew, and is killed. Then it goes on, and every row is compared with a
            projection made without a kill. Specs/campaigns.md, "Projections".
            """)

    @Option(help: "Events of the year.")
    var events = 12_000

    @OptionGroup var options: CampaignOptions

    func run() async throws {
        let rounds = options.rounds ?? 200
        let tally = Tally("project", options, total: rounds)
        let place = URL(filePath: options.folder).appending(path: "project-\(getpid())")
        let trial = try ProjectTrial(place, events, Seeded(seed: options.seed), rounds)
        for number in 0..<rounds { try trial.round(number, tally) }
        tally.count("records", trial.recordCount)
        if !options.keep || tally.failures.isEmpty {
            try FileManager.default.removeItem(at: place)
        }
        try tally.end()
    }
}

/// One ledger and its projection, round after round.
private final class ProjectTrial {
    private let program = Program()
    private let home: URL
    private var random: Seeded
    private var ledger: String { home.appending(path: "ledger").path }
    /// The year's events, in pieces.
    private var pieces: [[UInt8]] = []
    private(set) var recordCount = 0
    /// How long an undisturbed run took, in microseconds, by what it does.
    private var usual: [String: UInt32] = [:]

    init(_ home: URL, _ events: Int, _ random: Seeded, _ rounds: Int) throws {
        (self.home, self.random) = (home, random)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try demand(["init", ledger, "--origin", "projected.example"])
        let year = try program.run(
            [
                "sample", "--year", "2025", "--events", "\(events)",
                "--seed", "\(self.random.next() % 1_000)",
            ], home: home)
        let lines = year.output.split(separator: "\n")
        // Half of it is there from the beginning: a projection to make takes a while.
        try append(Array((lines.prefix(lines.count / 2).joined(separator: "\n") + "\n").utf8))
        let rest = lines.dropFirst(lines.count / 2)
        let size = max(1, rest.count / max(1, rounds))
        for start in stride(from: rest.startIndex, to: rest.endIndex, by: size) {
            let piece = rest[start..<min(start + size, rest.endIndex)]
            pieces.append(Array((piece.joined(separator: "\n") + "\n").utf8))
        }
    }

    private func demand(_ arguments: [String]) throws {
        let result = try program.run(arguments, home: home)
        guard result.exitCode == 0 else { throw CampaignError("\(arguments): \(result.errors)") }
    }

    private func append(_ bytes: [UInt8]) throws {
        let result = try program.run(
            [
                "append", "-", "--ledger", ledger, "--receipts", "brief", "--keep-going",
                "--may-assert", "--no-scrub",
            ], home: home, input: bytes)
        recordCount += result.output.split(separator: "\n").count
    }

    func round(_ number: Int, _ tally: Tally) throws {
        if number < pieces.count { try append(pieces[number]) }
        let work = ["follow", "rebuild", "follow from nothing"][Int(random.next() % 3)]
        if work == "follow from nothing" {
            for ending in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: ledger + "/projections.sqlite" + ending)
            }
        }
        let killCount = 1 + Int(random.next() % 3)
        for _ in 0..<killCount where try interrupted(work) { tally.count("kills") }
        tally.count(work)
        let after = try program.run(["projection", "follow", "--ledger", ledger], home: home)
        if after.exitCode != 0 { tally.fail("\(work): follow: \(after.errors)") }
        let verified = try program.run(["projection", "verify", "--ledger", ledger], home: home)
        if verified.exitCode != 0 {
            tally.fail("\(work): \(verified.output.prefix(500)) \(verified.errors.suffix(300))")
        }
        tally.round()
    }

    /// Whether it was still there to be killed.
    private func interrupted(_ work: String) throws -> Bool {
        let verb = work == "rebuild" ? "rebuild" : "follow"
        let process = program.process(["projection", verb, "--ledger", ledger], home: home)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let most = usual[work] ?? 400_000
        let delay = UInt32(random.next() % UInt64(most))
        let began = ContinuousClock.now
        try process.run()
        usleep(delay)
        let isThere = process.isRunning
        if isThere { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        // One that came to its end says how long it takes; the next is killed within that.
        let took = UInt32(min((ContinuousClock.now - began) / .microseconds(1), 60_000_000))
        if !isThere {
            usual[work] = max(took, 20_000)
        } else if delay * 10 > most * 9 {
            usual[work] = most * 5 / 4
        }
        return isThere
    }
}
