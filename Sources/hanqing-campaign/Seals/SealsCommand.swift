import ArgumentParser
import Foundation
import TestKit

/// Reports and applications with sealed values: nothing of them is anywhere, each opens to its
/// holder alone, and those whose keys are destroyed open to nobody.
struct SealsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seals",
        abstract: "Hunt for what must be sealed, before opening and after shredding. 密封检验。",
        discussion: """
            Cases with names, numbers and sentences of their own are appended, by command and
            through a service that is killed meanwhile; everything is exported, backed up and
            printed; some are opened, some shredded, some held. Each time all that is on disk and
            all that was printed is searched. Specs/campaigns.md, "Seals".
            """)

    @Option(help: "How many cases.")
    var cases = 1_000

    @Option(help: "How many of them are shredded.")
    var shredded = 100

    @Option(help: "How many are to be shredded in vain, since a hold stands.")
    var held = 20

    @OptionGroup var options: CampaignOptions

    func validate() throws {
        guard shredded > 0, held > 0, cases >= 2 * (shredded + held) else {
            throw ValidationError("at least twice as many cases as are shredded and held")
        }
    }

    func run() async throws {
        let tally = Tally("seals", options, total: cases)
        let folder = try WorkFolder(options.folder, "seals", keep: options.keep)
        let trial = try SealsTrial(URL(filePath: folder.path), Seeded(seed: options.seed), tally)
        try trial.makeVault()
        let made = try await trial.appendAll(cases)
        try await trial.serveAndAsk(made)
        try trial.tellEverything(made)
        try await trial.cosign()
        try trial.hunt("before opening")
        try trial.open(made)
        try trial.hunt("after opening")
        try trial.shred(made, count: shredded, held: held)
        try trial.tellEverything(made)
        try await trial.cosign()
        try trial.hunt("after shredding")
        try trial.restoreBackup()
        try folder.end(keeping: !tally.failures.isEmpty)
        try tally.end()
    }
}
