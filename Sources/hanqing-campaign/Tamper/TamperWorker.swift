import CanonicalJSON
import Checkpoints
import Foundation
import TestKit

/// Does rounds one after another in a copy of the ledger of its own.
actor TamperWorker {
    private let program = Program()
    private let mutator: Mutator
    private let streams: Streams
    private let template: String
    private let home: URL
    private let settings: Settings
    private let opinion: SecondOpinion

    private var sound: SoundLedger { mutator.sound }
    private var folder: String { home.appending(path: "ledger").path }

    struct Settings: Sendable {
        let seed: UInt64
        let kind: Mutation.Kind?
        /// Every so manieth round Specs/verify.py is asked; 0 for never.
        let secondOpinion: Int
        let isKeeping: Bool
        let repository: URL
    }

    /// What a round came to.
    struct Outcome: Sendable {
        let round: Int
        let kind: Mutation.Kind
        let what: String
        let isFound: Bool
        var hadSecondOpinion = false
        var complaints: [String] = []
    }

    init(
        _ sound: SoundLedger, _ streams: Streams, template: String, home: URL, _ settings: Settings
    ) throws {
        (mutator, self.streams, self.template) = (Mutator(sound), streams, template)
        (self.home, self.settings) = (home, settings)
        opinion = try SecondOpinion(settings.repository)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try TamperWorker.copy(template, home.appending(path: "ledger").path)
        // The memory of an auditor who saw all of it.
        let seen = try program.run(
            ["verify", home.appending(path: "ledger").path, "--json"], home: home)
        guard seen.exitCode == 0 else { throw CampaignError("not sound: \(seen.output)") }
    }

    private static func copy(_ from: String, _ to: String) throws {
        try? FileManager.default.removeItem(atPath: to)
        try FileManager.default.copyItem(atPath: from, toPath: to)
    }

    func round(_ number: Int) throws -> Outcome {
        var random = Seeded(seed: settings.seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        let kinds = mutator.kinds
        let kind = settings.kind ?? kinds[number % kinds.count]
        let mutation = try mutator.draw(kind, &random)
        for (path, bytes) in mutation.files { try replaceFile(folder + "/" + path, bytes) }
        let outcome =
            mutation.kind.isOfIndex
            ? try ofIndex(number, mutation, &random) : try ofRecords(number, mutation, &random)
        if settings.isKeeping, !outcome.complaints.isEmpty {
            try TamperWorker.copy(folder, home.path + "/failed-\(number)")
        }
        if mutation.kind.isOfIndex {
            try TamperWorker.copy(template, folder)
        } else {
            for path in mutation.files.keys {
                try replaceFile(folder + "/" + path, sound.files[path])
            }
        }
        return outcome
    }

    private func verify(_ mutation: Mutation, hasKey: Bool) throws -> Program.Result {
        var arguments = ["verify", folder, "--json"]
        if !mutation.usesMemory { arguments.append("--no-memory") }
        if hasKey { arguments += ["--vkey", sound.key.verifierKey.description] }
        if let kept = mutation.kept {
            let file = home.appending(path: "kept.note")
            try Data(kept).write(to: file)
            arguments += ["--checkpoint", file.path]
        }
        return try program.run(arguments, home: home)
    }

    // MARK: Kinds

    private func ofRecords(
        _ number: Int, _ mutation: Mutation, _ random: inout Seeded
    ) throws -> Outcome {
        // A copy of an earlier day has the index of then; here it has none.
        let hasIndex = Bool.random(using: &random) && mutation.kind != .rolledBackAlone
        let hasKey = Bool.random(using: &random)
        let away = home.path + "/index-away"
        if !hasIndex { try FileManager.default.moveItem(atPath: folder + "/index", toPath: away) }
        let result = try verify(mutation, hasKey: hasKey)
        var outcome = Outcome(
            round: number, kind: mutation.kind, what: mutation.what,
            isFound: result.exitCode == 1)
        let judgement = Judgement(
            mutation, Places(sound, mutation.files), size: sound.lines.count, hasIndex: hasIndex,
            hasKey: hasKey || mutation.usesMemory,
            report: (try? result.json) ?? .null, exitCode: result.exitCode)
        outcome.complaints = judgement.complaints.map {
            $0 + (hasIndex ? ", index there" : ", no index")
        }
        if !judgement.complaints.isEmpty {
            outcome.complaints.append("found: \(judgement.said) \(result.errors)")
        }
        try ask(number, mutation, result.exitCode, hasIndex, &outcome)
        if !hasIndex { try FileManager.default.moveItem(atPath: away, toPath: folder + "/index") }
        return outcome
    }

    /// Python's opinion, where it judges the same.
    private func ask(
        _ number: Int, _ mutation: Mutation, _ exitCode: Int32, _ hasIndex: Bool,
        _ outcome: inout Outcome
    ) throws {
        guard mutation.hasSecondOpinion, settings.secondOpinion > 0,
            number.isMultiple(of: settings.secondOpinion)
        else { return }
        // What a stub says of itself may show only beside the index.
        if mutation.kind == .stubEdited, hasIndex { return }
        let isSound = try opinion.isSound(folder)
        outcome.hadSecondOpinion = true
        if isSound != (exitCode == 0) {
            outcome.complaints.append("Specs/verify.py says \(isSound ? "sound" : "not sound")")
        }
    }

    private func ofIndex(
        _ number: Int, _ mutation: Mutation, _ random: inout Seeded
    ) throws -> Outcome {
        let result = try verify(mutation, hasKey: false)
        var outcome = Outcome(
            round: number, kind: mutation.kind, what: mutation.what,
            isFound: result.exitCode == 1)
        let judgement = Judgement(
            mutation, Places(sound, [:]), size: sound.lines.count, hasIndex: true, hasKey: true,
            report: (try? result.json) ?? .null, exitCode: result.exitCode)
        var trial = IndexTrial(program, sound, streams, home: home, folder: folder)
        if result.exitCode == 0 { try trial.askReaders(&random) }
        try trial.askWriter(number)
        outcome.complaints = judgement.complaints + trial.complaints
        return outcome
    }
}
