package import LedgerStore
import Phrases
package import Sequencing

/// How events are submitted: what must be sealed is sealed first.
extension Ledger {
    /// Records `submission` whole, or says why not: ``Sequencer/submit(_:)``.
    package nonisolated(nonsending) func submit(
        _ submission: Submission
    ) async throws(StoreError) -> Answer {
        let sequencer = try writer()
        guard submission.needsSealing else { return try await sequencer.submit(submission) }
        let answers = try await sealing([submission]) { (ready) throws(StoreError) in
            guard let ready = ready.first else { return [] }
            return [try await sequencer.submit(ready)]
        }
        return answers[0]
    }

    /// Records each of `submissions`, in this order and each for itself.
    package func submit(all submissions: [Submission]) async throws(StoreError) -> [Answer] {
        let sequencer = try writer()
        guard submissions.contains(where: \.needsSealing) else {
            return try await sequencer.submit(all: submissions)
        }
        return try await sealing(submissions) { (ready) throws(StoreError) in
            try await sequencer.submit(all: ready)
        }
    }

    /// What would become of `submission` now; nothing is recorded and no key is used.
    package func prospect(of submission: Submission) async throws(StoreError) -> Prospect {
        let sequencer = try writer()
        guard submission.needsSealing else { return try await sequencer.prospect(of: submission) }
        let group = try await sealer().rehearse(submission)
        guard let ready = group.ready.first else { return .refused(group.refusedEvents) }
        return try await sequencer.prospect(of: ready)
    }

    /// For a service: keys to seal with are made before they are asked for.
    package func keepKeysReady(_ count: Int = 64) async { await sealingDesk?.keepReady(count) }

    private func writer() throws(StoreError) -> Sequencer {
        guard let sequencer else {
            throw StoreError(.unavailable, en: "opened for reading only", zh: "以只读方式打开")
        }
        return sequencer
    }

    private func sealer() async throws(StoreError) -> Sealer {
        guard let sealingDesk else {
            throw StoreError(.unavailable, en: "the ledger has no vault", zh: "账本没有密钥库")
        }
        do throws(LedgerError) {
            return try await sealingDesk.sealer()
        } catch {
            let phrases = error.phrases
            throw StoreError(
                .unavailable, en: phrases.map(\.en).joined(separator: "; "),
                zh: phrases.map(\.zh).joined(separator: "；"))
        }
    }

    private func sealing(
        _ submissions: [Submission],
        _ submit: ([Submission]) async throws(StoreError) -> [Answer]
    ) async throws(StoreError) -> [Answer] {
        let sealer = try await sealer()
        await sealingDesk?.gate.enter()
        do throws(StoreError) {
            let group = try await sealer.seal(submissions)
            let answers = try await answers(group, sealer, submit)
            await sealingDesk?.gate.leave()
            return answers
        } catch {
            await sealingDesk?.gate.leave()
            throw error
        }
    }

    private func answers(
        _ group: SealedGroup, _ sealer: Sealer,
        _ submit: ([Submission]) async throws(StoreError) -> [Answer]
    ) async throws(StoreError) -> [Answer] {
        do throws(StoreError) {
            let answers = group.answers(try await submit(group.ready))
            await sealer.finish(group, answers)
            return answers
        } catch {
            await sealer.finish(group, [])
            throw error
        }
    }
}
