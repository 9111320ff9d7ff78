import FileStore
import Foundation
import Glibc
import LedgerHome
import Sampling

/// Opening the full ledger again: after closing it, after letting go of it, after a kill.
struct ReopeningSection {
    private let bench: BenchLedgers
    private let folder: String

    private static let name = "reopening"
    /// What the index keeps in memory: the most that a crash leaves to read again, if the disk
    /// keeps up.
    private static let inMemory = FileStore.Options().entriesPerRun
    /// What may be on its way when we let go or kill.
    private static let underWay = 6_000

    init(_ bench: BenchLedgers, _ folder: String) {
        (self.bench, self.folder) = (bench, folder)
    }

    func run(_ report: inout Report) async throws {
        try await both("after closing", &report)
        // Numbers that nobody has used: the full ledger's are below.
        try await appendAndLetGo(first: 1 << 41)
        try await both("after letting go", &report)
        guard let program = ShippedProgram() else {
            Progress.say("  no hanqing beside hanqing-bench: nothing is killed")
            return
        }
        let events = bench.scratch.folder + "/events.ndjson"
        try write(ReopeningSection.inMemory * 2, first: 1 << 42, to: events)
        let ledger = try await bench.open(folder, .read)
        let count = room(beside: ledger)
        try await ledger.close()
        try program.appendAndKill(events, folder, afterReceipts: count)
        try await both("after kill -9", &report)
    }

    /// How many events fill the index's memory nearly up.
    private func room(beside ledger: Ledger) -> Int {
        let taken = Int((ledger.store as? FileStore)?.report.replayed ?? 0)
        return ReopeningSection.inMemory - ReopeningSection.underWay - taken
    }

    /// Opens to read, which changes nothing, and then to write.
    private func both(_ when: String, _ report: inout Report) async throws {
        try await open("to read", .read, when, &report)
        try await open("to write", .write, when, &report)
    }

    private func open(
        _ purpose: String, _ access: Ledger.Access, _ when: String, _ report: inout Report
    ) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let ledger = try await bench.open(folder, access)
        let time = (clock.now - start).inSeconds
        let replayed = (ledger.store as? FileStore)?.report.replayed ?? 0
        try await ledger.close()
        report.add(
            Figure(
                ReopeningSection.name, "\(when), \(purpose)", time, "s", target: "under 1 s"))
        report.add(
            Figure(
                ReopeningSection.name, "\(when), \(purpose): records read again",
                Double(replayed), "records"))
    }

    /// Leaves the ledger as a killed process does.
    private func appendAndLetGo(first: Int) async throws {
        let ledger = try await bench.open(folder, .write)
        let appending = Appending(ledger, bench.sampler, first: first)
        _ = try await appending.batches(of: 1_000, count: room(beside: ledger), callers: 3)
        await (ledger.store as? FileStore)?.abandon()
    }

    private func write(_ count: Int, first: Int, to path: String) throws {
        let file = try RawFile(creating: path)
        var events = SampledEvents()
        for number in first..<first + count {
            bench.sampler.append(number, .canonical, asLine: true, to: &events)
            guard events.count == 1_000 || number == first + count - 1 else { continue }
            try events.bytes.withUnsafeBytes { try file.append($0) }
            events.removeAll()
        }
    }
}

/// The program that users run, beside this one.
struct ShippedProgram {
    let url: URL

    init?() {
        let bench = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        url = bench.deletingLastPathComponent().appending(path: "hanqing")
        guard FileManager.default.isExecutableFile(atPath: url.path) else { return nil }
    }

    /// Runs it to its end; what it prints is not looked at.
    func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("hanqing \(arguments.joined(separator: " ")) failed")
        }
    }

    /// Lets it append `events` and kills it when so many receipts have come.
    func appendAndKill(_ events: String, _ ledger: String, afterReceipts count: Int) throws {
        let process = Process()
        process.executableURL = url
        process.arguments = ["append", events, "--ledger", ledger, "--receipts", "brief"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var receipts = 0
        while receipts < count {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            receipts += data.count { $0 == UInt8(ascii: "\n") }
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        guard receipts >= count else {
            throw BenchError("hanqing append ended after \(receipts) receipts")
        }
    }
}
