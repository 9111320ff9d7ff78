package import Checkpoints
import Merkle
package import Phrases
package import Publishing

/// One publication of a ledger into a folder: Specs/publishing.md sections 2 and 4.
package struct Publication: Sendable {
    private let ledger: Ledger
    private let options: Publisher.Options
    private let witnesses: Witnesses?

    private static let secondsBetweenMax = 64

    /// Whose quorum must cosign, and how they are asked.
    package struct Witnesses: Sendable {
        package let policy: WitnessPolicy
        package let line: any WitnessLine

        package init(_ policy: WitnessPolicy, _ line: any WitnessLine) {
            (self.policy, self.line) = (policy, line)
        }
    }

    package enum Outcome: Sendable {
        case published(PublicationReport, VerifiedCheckpoint)
        /// Too few witnesses: the tiles are there, and the old checkpoint stands.
        case unmet(Phrase)
    }

    /// What its caller does meanwhile.
    package struct Surroundings {
        package var progress: (_ done: UInt64, _ total: UInt64) -> Void
        /// A witness could not be had.
        package var missing: (_ witness: String, Phrase) -> Void
        /// Waits before the witnesses are asked again; false if they are not to be any more.
        package var pause: (_ seconds: Int) async -> Bool

        package init(
            progress: @escaping (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in },
            missing: @escaping (_ witness: String, Phrase) -> Void,
            pause: @escaping (_ seconds: Int) async -> Bool
        ) {
            (self.progress, self.missing, self.pause) = (progress, missing, pause)
        }
    }

    package init(_ ledger: Ledger, _ options: Publisher.Options, _ witnesses: Witnesses?) {
        (self.ledger, self.options, self.witnesses) = (ledger, options, witnesses)
    }

    /// Throws ``PublicationError`` and ``LedgerError``.
    package func run(
        into folder: PublicationFolder, _ surroundings: Surroundings
    ) async throws -> Outcome {
        let checkpoint = try await ledger.checkpoint()
        let publisher = Publisher(
            folder, LedgerPublication(ledger), keys: ledger.keys, options)
        let previous = try await publisher.writeTiles(
            for: checkpoint, progress: surroundings.progress)
        // What was published of this very tree may have cosignatures already.
        var newest = checkpoint
        if let previous, previous.checkpoint == checkpoint.checkpoint { newest = previous }
        guard let witnesses else { return .published(try publisher.finish(newest), newest) }
        newest = try await cosigned(newest, after: previous, witnesses, surroundings)
        let found = (try? newest.cosignatures(by: witnesses.policy.witnessKeys)) ?? [:]
        guard witnesses.policy.isMet(by: found.keys) else {
            return .unmet(witnesses.policy.unmet(by: found.keys))
        }
        let report = try publisher.finish(newest)
        try ledger.keepCosigned(newest)
        return .published(report, newest)
    }

    /// The checkpoint with the cosignatures that could be had.
    private func cosigned(
        _ checkpoint: VerifiedCheckpoint, after previous: VerifiedCheckpoint?,
        _ witnesses: Witnesses, _ surroundings: Surroundings
    ) async throws -> VerifiedCheckpoint {
        let (policy, publication) = (witnesses.policy, LedgerPublication(ledger))
        let cosigning = Cosigning(policy, witnesses.line) {
            (old) throws(PublicationError) in
            try await publication.consistency(from: old, to: checkpoint.size)
        }
        var (newest, pause) = (checkpoint, 1)
        while true {
            let result = try await cosigning.ask(newest, after: previous)
            newest = result.checkpoint
            try Publication.tell(result, surroundings)
            let found = (try? newest.cosignatures(by: policy.witnessKeys)) ?? [:]
            guard !policy.isMet(by: found.keys), await surroundings.pause(pause) else {
                return newest
            }
            pause = min(pause * 2, Publication.secondsBetweenMax)
        }
    }

    /// Throws if a witness knows another history.
    private static func tell(
        _ result: Cosigning.Result, _ surroundings: Surroundings
    ) throws(PublicationError) {
        for (name, outcome) in result.outcomes {
            switch outcome {
            case .cosigned: break
            case .unavailable(let why): surroundings.missing(name, why)
            case .contradicts(let why):
                throw .contradiction(
                    Phrase(
                        en: "witness \(name) \(why.en). Nothing was published; keep the ledger, "
                            + "its backups and what the witness holds: they are evidence",
                        zh: "见证人 \(name) \(why.zh)。未发布任何内容；请保存账本、备份及见证人所存内容，它们是证据"))
            }
        }
    }
}
