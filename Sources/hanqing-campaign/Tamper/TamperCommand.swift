import ArgumentParser
import Foundation
import TestKit

extension Mutation.Kind: ExpressibleByArgument {}

/// Random mutations of a ledger, each judged by the shipped `hanqing verify`.
struct TamperCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tamper",
        abstract: "Change a ledger in random ways; each must be found where it is. 随机篡改。",
        discussion: """
            Without --shared the ledger is made of invented events; with it, of a real event log.
            Specs/campaigns.md has the kinds of mutations and what each must come to.
            """)

    @Option(help: ArgumentHelp("A folder with data/<log>.xes.gz.", valueName: "dir"))
    var shared: String?

    @Option(help: "receipt or fines.")
    var log = "receipt"

    @Option(help: "Events of the invented ledger.")
    var events = 2500

    @Option(help: "Ask Specs/verify.py in every so manieth round; 0 for never.")
    var secondOpinion = 1

    @Option(help: "Only mutations of this kind.")
    var kind: Mutation.Kind?

    @Option(help: "Repeat this one round.")
    var round: Int?

    @Option(help: "How many ledgers are mutated at the same time.")
    var workers = ProcessInfo.processInfo.activeProcessorCount

    @OptionGroup var options: CampaignOptions

    func run() async throws {
        let rounds = options.rounds ?? 1000
        let tally = Tally("tamper", options, total: round == nil ? rounds : 1)
        let place = URL(filePath: options.folder).appending(path: "tamper-\(getpid())")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let pool = try makeWorkers(place, tally)
        try await run(pool, rounds: round.map { $0..<$0 + 1 } ?? 0..<rounds, tally)
        if !options.keep || tally.failures.isEmpty {
            try FileManager.default.removeItem(at: place)
        }
        try tally.end()
    }

    private var repository: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
    }

    private func makeWorkers(_ place: URL, _ tally: Tally) throws -> [TamperWorker] {
        let maker = TamperLedger(home: place, repository: repository)
        if let shared {
            try maker.importLog(log, shared: shared)
        } else {
            try maker.generate(events: events)
        }
        let sound = try maker.dress()
        let streams = Streams(sound)
        tally.count("records", sound.lines.count)
        tally.count("segments", sound.segments.count)
        let settings = TamperWorker.Settings(
            seed: options.seed, kind: kind, secondOpinion: secondOpinion, isKeeping: options.keep,
            repository: repository)
        return try (0..<max(1, workers)).map { number in
            try TamperWorker(
                sound, streams, template: maker.folder,
                home: place.appending(path: "worker-\(number)"), settings)
        }
    }

    /// Gives each worker a round whenever it is free.
    private func run(_ pool: [TamperWorker], rounds: Range<Int>, _ tally: Tally) async throws {
        try await withThrowingTaskGroup(of: (TamperWorker, TamperWorker.Outcome).self) { group in
            var next = rounds.lowerBound
            func start(_ worker: TamperWorker) {
                guard next < rounds.upperBound else { return }
                let number = next
                next += 1
                group.addTask { (worker, try await worker.round(number)) }
            }
            for worker in pool { start(worker) }
            while let (worker, outcome) = try await group.next() {
                tell(outcome, tally)
                start(worker)
            }
        }
    }

    private func tell(_ outcome: TamperWorker.Outcome, _ tally: Tally) {
        tally.round()
        let end = outcome.isFound ? "found" : "not found"
        tally.count("\(outcome.kind.rawValue) \(end)")
        if outcome.hadSecondOpinion { tally.count("second opinions") }
        if !outcome.complaints.isEmpty {
            let why = outcome.complaints.joined(separator: "; ")
            tally.fail(
                "--round \(outcome.round): \(outcome.kind.rawValue), \(outcome.what): \(why)")
        }
    }
}
