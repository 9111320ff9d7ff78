import CanonicalJSON
package import Checkpoints
package import Merkle
package import Phrases
import Records

/// Asks whoever shows a log for the record of a receipt: Specs/evidence.md section 2.
package struct ReceiptChallenge: Sendable {
    private let keys: [VerifierKey]

    /// `keys` are the log's, as the holder of the receipt knows them by another way.
    package init(keys: [VerifierKey]) {
        self.keys = keys
    }

    package enum Verdict: Sendable {
        /// It is under the checkpoint shown, which grew from the receipt's.
        case present(Shown)
        /// Its text was withheld, and this record says so.
        case withheld(by: SequenceNumber)
        /// Its text was withheld, and no record says so.
        case withheldUnbacked
        /// Its hash is there, and beside it a text with another hash.
        case altered
        /// The checkpoint shown does not contain the receipt's.
        case denied(ForkEvidence)
        /// What is shown is not signed as a checkpoint of the receipt's log.
        case notTheLog(Phrase)
        /// The receipt proves nothing, so there is nothing to ask for.
        case refused(ReceiptAudit.Refusal)
        case recordNeeded
        case unavailable(Phrase)
    }

    /// What was seen of a record that is there.
    package enum Shown: String, Sendable {
        case hash, record
    }

    /// `record` is needed for a proof file, which states no leaf hash.
    package func ask(
        _ reader: any TileReader, for receipt: KeptReceipt?, record: [UInt8]? = nil
    ) async -> Verdict {
        switch ReceiptAudit(keys: keys, policy: nil).judge(receipt, record: record) {
        case .refused(let refusal): return .refused(refusal)
        case .recordNeeded: return .recordNeeded
        case .proved(let facts):
            guard let receipt else { return .recordNeeded }
            do throws(SourceError) {
                return try await ask(reader, facts, receipt)
            } catch {
                return .unavailable(error.phrase)
            }
        }
    }

    private func ask(
        _ reader: any TileReader, _ facts: ReceiptFacts, _ receipt: KeptReceipt
    ) async throws(SourceError) -> Verdict {
        let note = try await PublishedLog.note(at: reader)
        let shown: VerifiedCheckpoint
        do throws(CheckpointError) {
            shown = try VerifiedCheckpoint(
                verifying: note, of: facts.checkpoint.origin, by: keys)
        } catch {
            return .notTheLog(error.phrase)
        }
        var log = PublishedLog(reader, shown)
        func evidence(_ contradiction: ForkEvidence.Contradiction) -> Verdict {
            .denied(
                ForkEvidence(
                    origin: shown.origin, first: facts.checkpoint.bytes, second: shown.bytes,
                    contradiction))
        }
        if shown.size >= facts.checkpoint.size {
            let past = try await log.past(at: facts.checkpoint.size)
            guard past.root == facts.checkpoint.root else {
                return evidence(.roots(past.root, consistency: past.consistency))
            }
        }
        guard shown.size.covers(facts.sequence) else { return evidence(.shorter) }
        let leaf = try await log.leaf(at: facts.sequence)
        guard leaf.hash == facts.leaf else {
            let own = ForkEvidence.Leaf(hash: facts.leaf, proof: receipt.proof.hashes)
            return evidence(.records(facts.sequence, first: own, second: leaf))
        }
        guard shown.size >= facts.checkpoint.size else { return evidence(.shorter) }
        return try await judge(facts, &log)
    }

    // MARK: - The text

    private func judge(
        _ facts: ReceiptFacts, _ log: inout PublishedLog
    ) async throws(SourceError) -> Verdict {
        guard let line = try await log.lines(from: facts.sequence)?.first else {
            return .present(.hash)
        }
        let stub = line.withUnsafeBytes { WithheldLine($0) }
        guard let stub else {
            let leaf = line.withUnsafeBytes { MerkleHasher().leaf($0) }
            return leaf == facts.leaf ? .present(.record) : .altered
        }
        guard stub.leafHash == facts.leaf, stub.sequence == facts.sequence else { return .altered }
        return try await order(for: facts, &log).map { .withheld(by: $0) } ?? .withheldUnbacked
    }

    /// The later record that withholds it.
    private func order(
        for facts: ReceiptFacts, _ log: inout PublishedLog
    ) async throws(SourceError) -> SequenceNumber? {
        var place = facts.sequence.next
        while log.checkpoint.size.covers(place) {
            let lines = try await log.lines(from: place) ?? []
            for line in lines {
                if withholds(line, place, facts) {
                    let leaf = line.withUnsafeBytes { MerkleHasher().leaf($0) }
                    if try await log.leaf(at: place).hash == leaf { return place }
                }
                place = place.next
            }
            guard !lines.isEmpty else { return nil }
        }
        return nil
    }

    private func withholds(
        _ line: [UInt8], _ sequence: SequenceNumber, _ facts: ReceiptFacts
    ) -> Bool {
        line.withUnsafeBytes { raw in
            guard OwnRecord.isOwn(raw) else { return false }
            let own = try? JSONReader(byteCountMax: RecordLayout.byteCountMax).read(raw) {
                (root) -> OwnRecord? in
                guard let view = try? RecordView(root), view.sequence == sequence else {
                    return nil
                }
                return OwnRecord(view, ordinal: sequence.rawValue, file: "", offset: 0)
            }
            guard let own = own ?? nil, own.type == "ledger.entry-withheld", own.fault == nil,
                let target = own.target
            else { return false }
            return target.ordinal == facts.sequence.rawValue && target.leafHash == facts.leaf
        }
    }
}
