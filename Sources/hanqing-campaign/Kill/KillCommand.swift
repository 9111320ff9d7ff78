import ArgumentParser
import Foundation
import Glibc
import TestKit

/// kill -9 under load, at the start and while the index is made: nothing acknowledged is lost.
struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "kill -9 at any moment; no receipt may be broken. 随时强制终止。",
        discussion: """
            Single lines, atomic batches, imports, two writers, too little memory; then kills at
            the next starts and while the index is made anew. Specs/campaigns.md, "Killing".
            """)

    @Option(help: "A ledger that has grown beyond this is followed by a new one.")
    var records = 40_000

    @OptionGroup var options: CampaignOptions

    func run() async throws {
        // A producer that writes to a killed process must not die with it.
        signal(SIGPIPE, SIG_IGN)
        let rounds = options.rounds ?? 100
        let tally = Tally("kill", options, total: rounds)
        let place = URL(filePath: options.folder).appending(path: "kill-\(getpid())")
        try attack(place, rounds, tally)
        if !options.keep || tally.failures.isEmpty {
            try FileManager.default.removeItem(at: place)
        }
        try tally.end()
    }

    private func attack(_ place: URL, _ rounds: Int, _ tally: Tally) throws {
        var random = Seeded(seed: options.seed)
        var ledgers = 1
        var ledger = try KillLedger(home: place.appending(path: "1"), &random)
        for number in 0..<rounds {
            if ledger.book.size > records {
                tally.count("records", ledger.book.size)
                ledgers += 1
                ledger = try KillLedger(home: place.appending(path: "\(ledgers)"), &random)
            }
            var round = KillRound(ledger, number, Seeded(seed: random.next()))
            let before = ledger.book.count
            ledger = try round.run()
            tell(round, ledger.book.count - before, tally)
        }
        tally.count("records", ledger.book.size)
        tally.count("ledgers", ledgers)
    }

    private func tell(_ round: KillRound, _ receipts: Int, _ tally: Tally) {
        tally.round()
        tally.count("kills", round.kills)
        tally.count("of them at the start", round.startKills)
        tally.count("while the index was made", round.rebuildKills)
        tally.count("starved", round.starved)
        tally.count("second writers refused", round.secondWriters)
        tally.count("receipts", receipts)
        tally.count(round.load.rawValue)
        if !round.complaints.isEmpty {
            let why = round.complaints.prefix(5).joined(separator: "; ")
            tally.fail("\(round.load.rawValue): \(why)")
        }
    }
}
