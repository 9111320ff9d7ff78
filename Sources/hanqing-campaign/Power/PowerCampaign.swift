import ArgumentParser
import Foundation
import TestKit

/// Cuts the power at random moments and starts from what a disk may then have.
struct PowerCampaign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "power",
        abstract: "Power cuts: what was acknowledged must be there. 断电检验。",
        discussion: """
            Records what the program does to its files, takes away at random what was not synced,
            and lets the program start again. Specs/campaigns.md says what is modelled.
            """)

    @OptionGroup var options: CampaignOptions

    @Flag(help: "Take every sync for undone: then losses must be found. 忽略同步调用。")
    var ignoreSyncs = false

    @Flag(help: "The program is one that loses: fail unless losses are found. 应当发现丢失。")
    var expectLosses = false

    @Option(help: "Another hanqing than the one beside this program. 另一个 hanqing 程序。")
    var program: String?

    @Option(help: "How many cuts are tried at once. 并行数。")
    var jobs = 2

    /// A workload is recorded anew after so many cuts.
    private static let cutsPerRecording = 250

    func run() async throws {
        let work = try WorkFolder(options.folder, "power", keep: options.keep)
        let total = options.rounds ?? 1000
        let tally = Tally("power", options, total: total)
        let program = try InterposedProgram(program)
        var random = Seeded(seed: options.seed)
        let boots = try (1...3).map { try boot($0, work.path) }
        while tally.rounds < total {
            let folder = "\(work.path)/from-\(tally.rounds)"
            let recording = try PowerRecording(
                program, folder: folder, boot: boots[0], trustingSyncs: !ignoreSyncs, &random)
            tally.count("events recorded", recording.trace.events.count)
            tally.count("receipts", recording.promises.count)
            let count = min(PowerCampaign.cutsPerRecording, total - tally.rounds)
            let rounds = (0..<count).map { place in
                PowerRound(
                    program: program, recording: recording, folder: "\(folder)/cut-\(place)",
                    boots: Array(boots[1...]), seed: random.next())
            }
            await run(rounds, tally)
            if !options.keep { try FileManager.default.removeItem(atPath: folder) }
        }
        let failed = tally.failures.count
        if ignoreSyncs || expectLosses, losses(tally) == 0 {
            tally.fail("nothing was lost without syncs: this campaign cannot find a loss")
        }
        try work.end(keeping: failed > 0)
        try tally.end()
    }

    private func losses(_ tally: Tally) -> Int64 { tally.value(of: "lost, as it must be") }

    private func boot(_ number: Int, _ folder: String) throws -> String {
        let file = folder + "/boot-\(number)"
        let text = "00000000-0000-4000-8000-00000000000\(number)\n"
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    private func run(_ rounds: [PowerRound], _ tally: Tally) async {
        await withTaskGroup(of: (Int, PowerRound.Findings).self) { group in
            var next = 0
            func start() {
                guard next < rounds.count else { return }
                let (place, one) = (next, rounds[next])
                group.addTask { (place, one.run()) }
                next += 1
            }
            for _ in 0..<max(1, jobs) { start() }
            for await (place, findings) in group {
                count(findings, of: rounds[place], tally)
                start()
            }
        }
    }

    private func count(
        _ findings: PowerRound.Findings, of one: PowerRound, _ tally: Tally
    ) {
        tally.round()
        for name in findings.counts { tally.count(name) }
        if ignoreSyncs || expectLosses {
            if !findings.failures.isEmpty { tally.count("lost, as it must be") }
        } else {
            for failure in findings.failures { tally.fail(failure) }
        }
        if findings.failures.isEmpty || !options.keep {
            try? FileManager.default.removeItem(atPath: one.folder)
        }
    }
}
