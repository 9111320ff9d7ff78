import Foundation
import Glibc
import TestKit

extension SealsTrial {
    /// A witness that has cosigned the ledger before cosigns what it has become, and a receipt from
    /// before holds under it: nothing that was signed has changed.
    func cosign() async throws {
        let key = home.path + "/witness.key"
        let isMade = FileManager.default.fileExists(atPath: key)
        let made = try run(
            ["witness", "key", key] + (isMade ? [] : ["--name", "witness.example"])
        ).output.trimmingCharacters(in: .newlines)
        let settings = "listen 127.0.0.1:0\nkey witness.key\nstate witnessed\nlog \(vkey)\n"
        let file = home.path + "/witness.conf"
        try Data(settings.utf8).write(to: URL(filePath: file))
        let witness = try await ServingProgram(
            running: ["witness", "serve", "--config", file, "--json"], home: home)
        let policy = home.path + "/policy"
        let text = "log \(vkey)\nwitness w \(made) \(witness.url)\nquorum w\n"
        try Data(text.utf8).write(to: URL(filePath: policy))
        let tiles = searched.path + "/tiles"
        do {
            _ = try run(
                ofLedger(["publish", tiles, "--with-entries", "--policy", policy]))
            _ = try run(["verify", tiles, "--vkey", vkey, "--policy", policy])
            _ = try run(["receipt", "challenge", receiptFile.path, tiles, "--key", vkey])
        } catch {
            _ = try? await witness.end(SIGKILL)
            throw error
        }
        guard try await witness.end(SIGTERM) == 0 else {
            throw CampaignError("the witness did not end well")
        }
        tally.count("cosigned")
    }
}
