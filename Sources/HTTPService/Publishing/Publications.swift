import CanonicalJSON
import Catalogue
import LedgerHome
import Logging
import Phrases
import Publishing
import Records
import Sequencing
import Synchronization

/// Publishes a ledger at the times of its catalogue, whatever happens in it, so that the hour of a
/// publication says nothing: Specs/publishing.md section 6.
///
/// It reads what is signed already; nobody who appends waits for it.
final class Publications: Sendable {
    private let ledger: Ledger
    private let plan: PublicationPlan?
    private let times: PublicationTimes
    private let logger: Logger
    private let states: Mutex<[PublicationState]>
    private let executor = DiskExecutor(threadCount: 1, isYielding: true)

    /// Before the next moment comes, so that none is missed.
    private static let marginSeconds: Int64 = 30

    init(_ ledger: Ledger, _ plan: PublicationPlan?, logger: Logger) {
        (self.ledger, self.plan, self.logger) = (ledger, plan, logger)
        times = PublicationTimes(ledger.catalogue)
        states = Mutex(plan?.targets.map { _ in PublicationState() } ?? [])
    }

    /// Publishes until the service ends.
    func run() async {
        guard let plan, !plan.targets.isEmpty else {
            if times.areAskedFor {
                logger.warning("the catalogue asks for publishing, and no folder is named for it")
            }
            return
        }
        var due = times.next(after: plan.clock.now())
        while await plan.clock.wait(due) {
            let next = times.next(after: due)
            // Late by more than that: the machine slept, and a start is no reason to publish.
            if plan.clock.now() < next {
                await withDiscardingTaskGroup { group in
                    for place in plan.targets.indices {
                        group.addTask { await self.publish(place, plan, before: next) }
                    }
                }
            }
            due = times.next(after: max(due, plan.clock.now()))
        }
    }

    private func publish(
        _ place: Int, _ plan: PublicationPlan, before next: Timestamp
    ) async {
        let target = plan.targets[place]
        var options = Publisher.Options()
        options.withEntries = target.withEntries
        let publication = Publication(
            ledger, options, target.policy.map { Publication.Witnesses($0, plan.line) })
        do {
            let outcome = try await withTaskExecutorPreference(executor) {
                try await publication.run(
                    into: try PublicationFolder(target.folder),
                    self.surroundings(place, plan, before: next))
            }
            switch outcome {
            case .published(let report, _):
                let now = plan.clock.now()
                states.withLock {
                    $0[place] = PublicationState(
                        word: .published, last: (size: report.size, at: now))
                }
            case .unmet(let why): fail(place, .unmet, why)
            }
        } catch let error as PublicationError {
            if case .contradiction = error {
                fail(place, .contradicted, error.phrase)
            } else {
                fail(place, .refused, error.phrase)
            }
        } catch {
            let phrase = (error as? LedgerError)?.phrases.first
            fail(place, .refused, phrase ?? Phrase(en: "\(error)", zh: "\(error)"))
        }
    }

    private func surroundings(
        _ place: Int, _ plan: PublicationPlan, before next: Timestamp
    ) -> Publication.Surroundings {
        Publication.Surroundings(
            missing: { [logger] name, why in
                logger.warning(
                    "a witness was not to be had",
                    metadata: ["witness": "\(name)", "reason": "\(why.en)"])
            },
            pause: { seconds in
                let again = plan.clock.now().advanced(bySeconds: Int64(seconds))
                guard again.advanced(bySeconds: Publications.marginSeconds) < next else {
                    return false
                }
                self.states.withLock { $0[place].word = .waiting }
                return await plan.clock.wait(again)
            })
    }

    private func fail(_ place: Int, _ word: PublicationState.Word, _ why: Phrase) {
        states.withLock { $0[place].word = word }
        logger.error(
            "the ledger was not published",
            metadata: [
                "folder": "\(plan?.targets[place].folder ?? "")", "state": "\(word.rawValue)",
                "reason": "\(why.en)",
            ])
    }

    // MARK: - What is told

    /// For `/readyz`; null where nobody asks for it.
    var json: JSONValue {
        let states = states.withLock { $0 }
        guard times.areAskedFor || !states.isEmpty else { return .null }
        let now = plan?.clock.now() ?? ledger.clock.wall()
        return [
            "at": .array(times.times.map { .string($0.text) }),
            "next": .string(times.next(after: now).text),
            "folders": .array(states.map(\.json)),
        ]
    }

    func tell(_ measures: ServiceMeasures) {
        for (place, state) in states.withLock({ $0 }).enumerated() {
            let folder = [("folder", "\(place + 1)")]
            measures.set("hanqing_publication_failing", state.isFailing ? 1 : 0, folder)
            guard let last = state.last else { continue }
            measures.set("hanqing_published_records", last.size, folder)
            measures.set(
                "hanqing_published_seconds", UInt64(clamping: last.at.microseconds / 1_000_000),
                folder)
        }
    }
}
