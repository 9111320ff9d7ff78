package import Checkpoints
package import Digests
package import Merkle
import Phrases

/// Asks the witnesses of a policy to cosign a checkpoint: Specs/witness.md section 5.
package struct Cosigning: Sendable {
    private let policy: WitnessPolicy
    private let line: any WitnessLine
    private let consistency: Consistency

    /// Proves that the tree of the checkpoint begins with that of a smaller size.
    package typealias Consistency = @Sendable (TreeSize) async throws(PublicationError) -> [Digest]

    private static let triesMax = 3

    package init(
        _ policy: WitnessPolicy, _ line: any WitnessLine, consistency: @escaping Consistency
    ) {
        (self.policy, self.line, self.consistency) = (policy, line, consistency)
    }

    /// The checkpoint with what was added, and what each witness that was asked did, in the order
    /// of the policy.
    package struct Result: Sendable {
        package let checkpoint: VerifiedCheckpoint
        package let outcomes: [(name: String, outcome: WitnessOutcome)]

        package init(checkpoint: VerifiedCheckpoint, outcomes: [(String, WitnessOutcome)]) {
            self.checkpoint = checkpoint
            self.outcomes = outcomes.map { (name: $0.0, outcome: $0.1) }
        }
    }

    /// Asks those who have not cosigned `checkpoint` yet, all at once.
    ///
    /// `previous` is what was published before: it tells what each witness cosigned last.
    package func ask(
        _ checkpoint: VerifiedCheckpoint, after previous: VerifiedCheckpoint?
    ) async throws(PublicationError) -> Result {
        let done = (try? checkpoint.cosignatures(by: policy.witnessKeys)) ?? [:]
        let earlier = (try? previous?.cosignatures(by: policy.witnessKeys)) ?? [:]
        let asked = policy.witnesses.filter { done[$0.key] == nil && $0.url != nil }
        let answers = await withTaskGroup(of: (Int, Answer).self) { group in
            for (place, witness) in asked.enumerated() {
                let old = earlier[witness.key] == nil ? nil : previous?.size
                group.addTask { (place, await ask(witness, checkpoint, old ?? .zero)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var note = checkpoint.note
        var outcomes: [(String, WitnessOutcome)] = []
        for (place, witness) in asked.enumerated() {
            guard let answer = answers[place] else { continue }
            for line in answer.lines { note.add(line) }
            outcomes.append((witness.name, answer.outcome))
        }
        do throws(CheckpointError) {
            let whole = try VerifiedCheckpoint(
                verifying: note.bytes, of: checkpoint.origin, by: [checkpoint.key])
            return Result(checkpoint: whole, outcomes: outcomes)
        } catch {
            throw .refused(error.phrase)
        }
    }

    private struct Answer: Sendable {
        var lines: [NoteSignature] = []
        var outcome: WitnessOutcome
    }

    private func ask(
        _ witness: WitnessPolicy.Witness, _ checkpoint: VerifiedCheckpoint, _ first: TreeSize
    ) async -> Answer {
        var old = first
        for _ in 0..<Cosigning.triesMax {
            let answer: WitnessAnswer
            do {
                let proof = try await consistency(old)
                let request = WitnessRequest(old: old, proof: proof, note: checkpoint.note)
                let url = (witness.url ?? "").trimmedOfSlashes + "/add-checkpoint"
                answer = try await line.post(request.bytes, to: url)
            } catch let error as PublicationError {
                return Answer(outcome: .unavailable(error.phrase))
            } catch {
                return Answer(outcome: .unavailable(Phrase(en: "\(error)", zh: "\(error)")))
            }
            guard answer.status == 409, let size = answer.size else {
                return judge(answer, witness, checkpoint)
            }
            guard size <= checkpoint.size else {
                return Answer(
                    outcome: .contradicts(
                        Phrase(
                            en: "cosigned \(size) records, and this ledger has "
                                + "\(checkpoint.size): it was rolled back",
                            zh: "已联署 \(size) 条记录，而账本只有 \(checkpoint.size) 条：账本被回退")))
            }
            // Version 1.0.0 of the protocol says 409 also where there is another root at that size.
            guard size != old || size != checkpoint.size else { return otherHistory }
            old = size
        }
        return Answer(
            outcome: .unavailable(
                Phrase(en: "names another size each time", zh: "每次给出不同的规模")))
    }

    private func judge(
        _ answer: WitnessAnswer, _ witness: WitnessPolicy.Witness,
        _ checkpoint: VerifiedCheckpoint
    ) -> Answer {
        switch answer.status {
        case 200:
            let lines = (try? NoteSignature.parse(lines: answer.body)) ?? []
            let good = lines.filter { line in
                line.name == witness.key.name && line.id == witness.key.id
                    && witness.key.isValid(signature: line.bytes, of: checkpoint.note.text)
            }
            guard let newest = good.last else {
                return Answer(
                    outcome: .unavailable(
                        Phrase(
                            en: "gave no valid line by \(witness.key)",
                            zh: "未给出 \(witness.key) 的有效签名行")))
            }
            return Answer(lines: [newest], outcome: .cosigned)
        case 422: return otherHistory
        case 403:
            return unavailable(
                "does not take this ledger's signature: it may not know the key",
                "不接受本账本的签名：可能不认识其密钥")
        case 404:
            return unavailable("does not know this ledger", "不认识本账本")
        default:
            return unavailable("answered \(answer.status)", "回答状态码 \(answer.status)")
        }
    }

    private var otherHistory: Answer {
        Answer(
            outcome: .contradicts(
                Phrase(
                    en: "cosigned another history than this ledger's", zh: "曾联署与本账本不同的历史")))
    }

    private func unavailable(_ en: String, _ zh: String) -> Answer {
        Answer(outcome: .unavailable(Phrase(en: en, zh: zh)))
    }
}

extension WitnessAnswer {
    /// The size in a 409; nil if there is none.
    fileprivate var size: TreeSize? {
        let text = String(decoding: body, as: UTF8.self)
        guard text.hasSuffix("\n"), let number = UInt64(text.dropLast()),
            "\(number)\n" == text
        else { return nil }
        return TreeSize(number)
    }
}

extension String {
    fileprivate var trimmedOfSlashes: String {
        String(reversed().drop { $0 == "/" }.reversed())
    }
}
