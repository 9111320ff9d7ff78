import ArgumentParser
import CanonicalJSON
import Foundation
import TestKit

/// Districts anchored in a city, and the city in a province, minute by minute.
struct AnchorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anchors",
        abstract: "Districts, a city and a province: who forks, is silent, or is swapped. 锚定演练。",
        discussion: """
            Each round is a minute: events are appended in every district, the city anchors all
            of them, and the province the city. On the way one district forks, one falls silent,
            and the addresses of two are swapped; then the city forks. Specs/campaigns.md,
            "Anchors".
            """)

    @Option(help: "How many districts, at least five.")
    var districts = 13

    @Option(help: "Events that each district appends in a minute.")
    var events = 3

    @OptionGroup var options: CampaignOptions

    func validate() throws {
        guard districts >= 5 else { throw ValidationError("at least five districts") }
        guard (options.rounds ?? 60) >= 4 else { throw ValidationError("at least four rounds") }
    }

    func run() async throws {
        let rounds = options.rounds ?? 60
        let tally = Tally("anchors", options, total: rounds)
        let place = URL(filePath: options.folder).appending(path: "anchors-\(getpid())")
        let trial = try AnchorTrial(
            place, districts: districts, events: events, rounds, Seeded(seed: options.seed))
        for minute in 0..<rounds {
            try trial.round(minute, tally)
            tally.round()
        }
        try trial.end(tally)
        if !options.keep || tally.failures.isEmpty {
            try FileManager.default.removeItem(at: place)
        }
        try tally.end()
    }
}
