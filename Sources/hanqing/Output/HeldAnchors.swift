import Anchoring
import Auditing
import Checkpoints
import LedgerHome
import Merkle
import Phrases

/// What another ledger holds of the one that is verified: Specs/anchoring.md section 4.
struct HeldAnchors {
    private let anchored: [Anchored]
    private let refused: [RefusedAnchor]
    private let witness: String
    private let origin: Origin

    /// The key that was anchored last.
    var key: VerifierKey? { anchored.last?.key }

    init(
        _ place: LogPlace, _ key: VerifierKey?, in folder: String, _ common: CommonOptions
    ) async throws {
        let origin: Origin
        if let given = key.flatMap({ Origin($0.name.text) }) {
            origin = given
        } else {
            origin = try await HeldAnchors.origin(at: place, common)
        }
        let ledger = try await Ledger.open(folder, .read, logger: common.logger)
        let book = try await ledger.anchorBook()
        (witness, anchored) = (ledger.origin.text, try await ledger.anchored(origin))
        refused = book.entries[origin]?.refusals ?? []
        self.origin = origin
        try await ledger.close()
        guard !anchored.isEmpty else {
            throw LedgerError(
                en: "\(folder) holds no anchor of \(origin)",
                zh: "\(folder) 中没有 \(origin) 的锚定记录")
        }
    }

    /// The ledger that a place says it shows.
    private static func origin(
        at place: LogPlace, _ common: CommonOptions
    ) async throws -> Origin {
        let note = try await place.read(common) { try await PublishedLog.note(at: $0) }
        guard let note = try? SignedNote(note), let stated = try? Checkpoint(text: note.text) else {
            throw LedgerError(en: "what is there is no checkpoint", zh: "该处内容不是检查点")
        }
        return stated.origin
    }

    /// The newest, from which the proofs of the others lead, and those that were refused.
    var checkpoints: [GivenCheckpoint] {
        let newest = anchored.suffix(1).map {
            GivenCheckpoint(name: name($0.sequence), note: $0.checkpoint.bytes)
        }
        return newest
            + refused.compactMap { refused in
                refused.evidence.map {
                    GivenCheckpoint(name: name(refused.sequence), note: $0.second)
                }
            }
    }

    private func name(_ record: SequenceNumber) -> String { "\(witness), record \(record)" }

    /// Where records are shown, whether they were recorded when they say.
    func timeFindings(_ place: LogPlace, _ common: CommonOptions) async throws -> [Finding] {
        try await place.read(common) { reader in
            let note = try await PublishedLog.note(at: reader)
            let keys = Array(Set(anchored.map(\.key)))
            // What is not signed by them was found before.
            guard let newest = try? VerifiedCheckpoint(verifying: note, of: origin, by: keys)
            else { return [] }
            let seen = anchored.map {
                SeenSize(
                    size: $0.checkpoint.size.rawValue, at: $0.recorded, by: name($0.sequence))
            }
            return try await SeenTimes(PublishedLog(reader, newest)).findings(seen)
        }
    }
}
