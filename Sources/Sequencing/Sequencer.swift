import CanonicalJSON
package import Catalogue
package import Checkpoints
import Digests
package import LedgerStore
package import Logging
import Merkle
import Phrases
import Records
package import Rules

/// The one path by which an event becomes a record.
///
/// Submissions that wait are recorded together, with one sync for all. Deciding is
/// ``SequencePlan``'s; here the steps are done in order.
package actor Sequencer {
    let store: any EventStore
    private let key: SignerKey
    private let origin: Origin
    private let catalogue: EventCatalogue
    /// Nil where no rule refuses.
    let book: RuleBook?
    private let clock: LedgerClock
    private let options: Options
    private let logger: Logger
    private let tools = LinkTools()
    private let nameKey: ShortHash
    private var clockGuard = ClockGuard()
    private var waiting: [Waiting] = []
    private var waitingEvents = 0
    private var isSequencing = false
    private var attemptBound = AttemptBound()

    /// Bounds.
    package struct Options: Sendable {
        /// Events that are recorded under one sync.
        package var eventsPerCommit = 16_384
        /// Bytes of events under one sync; a single submission may be larger.
        package var bytesPerCommit = 8 << 20
        /// Events that may wait; beyond it the answer is ``Answer/busy(retryAfterSeconds:)``.
        package var waitingEventsMax = 200_000

        package init() {}
    }

    private struct Waiting {
        let submission: Submission
        let answer: (Result<Answer, StoreError>) -> Void
    }

    package init(
        store: any EventStore, key: SignerKey, origin: Origin, catalogue: EventCatalogue,
        book: RuleBook? = nil, clock: LedgerClock, options: Options = Options(), logger: Logger
    ) {
        self.book = book
        (self.store, self.key, self.origin, self.clock) = (store, key, origin, clock)
        self.catalogue = catalogue
        (self.options, self.logger) = (options, logger)
        var random = SaltSource(count: 1)
        nameKey = random.nextHash()
    }

    /// Records `submission` whole, or says why not.
    ///
    /// Returns when the records are durable.
    package func submit(_ submission: Submission) async throws(StoreError) -> Answer {
        guard waitingEvents + submission.events.count <= options.waitingEventsMax || waiting.isEmpty
        else { return .busy(retryAfterSeconds: 1) }
        let result = await withCheckedContinuation { continuation in
            waiting.append(
                Waiting(submission: submission) { continuation.resume(returning: $0) })
            waitingEvents += submission.events.count
            start()
        }
        return try result.get()
    }

    /// Records each of `submissions`, in this order and each for itself.
    package func submit(
        all submissions: [Submission]
    ) async throws(StoreError) -> [Answer] {
        let result = await withCheckedContinuation { (continuation: Continuation) in
            let gathering = Gathering(count: submissions.count, continuation)
            for (place, submission) in submissions.enumerated() {
                waiting.append(
                    Waiting(submission: submission) { gathering.take($0, at: place) })
                waitingEvents += submission.events.count
            }
            start()
        }
        return try result.get()
    }

    /// What would become of `submission` now: nothing is recorded, not even an attempt.
    package func prospect(of submission: Submission) async throws(StoreError) -> Prospect {
        while true {
            do throws(StoreError) {
                let head = try await store.head()
                let plan = try await plan([submission], at: head, recordingAttempts: false)
                switch plan.verdicts[0] {
                case .accepted(let places): return .accepted(places)
                case .refused(let events): return .refused(events)
                }
            } catch {
                // Something was recorded since the head was read.
                guard error.code == .conflict else { throw error }
            }
        }
    }

    private typealias Continuation = CheckedContinuation<Result<[Answer], StoreError>, Never>

    /// Waits until every one of several answers is there.
    ///
    /// Used within the actor alone.
    private final class Gathering {
        private var answers: [Answer?]
        private var missing: Int
        private var failure: StoreError?
        private let continuation: Continuation

        init(count: Int, _ continuation: Continuation) {
            answers = Array(repeating: nil, count: count)
            (missing, self.continuation) = (count, continuation)
            if count == 0 { continuation.resume(returning: .success([])) }
        }

        func take(_ answer: Result<Answer, StoreError>, at place: Int) {
            switch answer {
            case .success(let answer): answers[place] = answer
            case .failure(let error): failure = failure ?? error
            }
            missing -= 1
            guard missing == 0 else { return }
            let all = answers.compactMap { $0 }
            continuation.resume(returning: failure.map { .failure($0) } ?? .success(all))
        }
    }

    private func start() {
        guard !isSequencing, !waiting.isEmpty else { return }
        isSequencing = true
        Task { await sequenceAll() }
    }

    private func sequenceAll() async {
        while !waiting.isEmpty {
            let group = takeGroup()
            let results = await sequence(group.map(\.submission))
            for (waiting, result) in zip(group, results) { waiting.answer(result) }
        }
        isSequencing = false
    }

    /// As many waiting submissions as one commit takes, in the order in which they came.
    private func takeGroup() -> [Waiting] {
        var (count, eventCount, byteCount) = (0, 0, 0)
        for next in waiting {
            let events = next.submission.events
            eventCount += events.count
            byteCount += events.reduce(0) { $0 + $1.event.bytes.count }
            let isFull = eventCount > options.eventsPerCommit || byteCount > options.bytesPerCommit
            if count > 0, isFull { break }
            count += 1
        }
        let group = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        waitingEvents -= group.reduce(0) { $0 + $1.submission.events.count }
        return group
    }

    private func sequence(_ group: [Submission]) async -> [Result<Answer, StoreError>] {
        while true {
            do throws(StoreError) {
                return try await record(group).map { .success($0) }
            } catch {
                // Another node was first: decide again against what is there now.
                if error.code == .conflict { continue }
                logger.error("append failed", metadata: ["code": "\(error.code.rawValue)"])
                return group.map { _ in .failure(error) }
            }
        }
    }

    private func record(_ group: [Submission]) async throws(StoreError) -> [Answer] {
        // 1. Take the lead. A crash here leaves nothing.
        let head = try await store.lead()
        let plan: SequencePlan
        do throws(StoreError) {
            plan = try await self.plan(group, at: head)
        } catch {
            await store.yield()
            throw error
        }
        var cover = Cover(note: [], size: head.size)
        if plan.batch.entries.isEmpty {
            // Nothing new: repeats get receipts under the checkpoint that stands.
            await store.yield()
            if plan.acceptsSome { cover = try await self.cover(of: head) }
        } else {
            // 2. Commit. Until this returns nothing has been promised to anyone. After an error we
            //    may not know whether the records are there: start-up looks, and a producer that
            //    asks again gets a receipt for what is.
            try await store.commit(plan.batch, at: head)
            // 3. Sign what is durable, and only that, and publish it. A crash before this leaves
            //    records that no checkpoint covers: start-up signs over them.
            cover = try await publish(over: plan.batch.newHead)
        }
        return plan.verdicts.map { verdict in
            switch verdict {
            case .refused(let events): .refused(events)
            case .accepted(let places):
                .accepted(Acceptance(places: places, checkpoint: cover.note, size: cover.size))
            }
        }
    }

    /// A checkpoint, signed, and how much it covers.
    private struct Cover {
        let note: [UInt8]
        let size: TreeSize
    }

    /// The newest checkpoint, if it covers `head`, or one that does.
    ///
    /// It lags behind the records where its publication failed, or where another node has committed
    /// and not published yet.
    private func cover(of head: Head) async throws(StoreError) -> Cover {
        if let bytes = try await store.checkpoint(), let note = try? SignedNote(bytes),
            let newest = try? Checkpoint(text: note.text), newest.size >= head.size
        {
            return Cover(note: bytes, size: newest.size)
        }
        return try await publish(over: head)
    }

    private func publish(over head: Head) async throws(StoreError) -> Cover {
        let cover = Cover(note: sign(head), size: head.size)
        do throws(StoreError) {
            try await store.publish(cover.note, size: cover.size)
        } catch {
            // Not `unavailable`, which says that nothing was added.
            throw StoreError(
                .unknown,
                en: "\(error.reason.en); the events are recorded, but no checkpoint covers them "
                    + "yet: send them again for their receipts",
                zh: "\(error.reason.zh)；事件已入账，但尚无检查点覆盖：请重发以取得回执")
        }
        return cover
    }

    private func sign(_ head: Head) -> [UInt8] {
        Checkpoint(origin: origin, size: head.size, root: head.tree.root(tools.hasher))
            .sign(with: key)
    }

    /// Signs over durable records that no checkpoint covers, as a crash may leave them.
    package func signWhatIsDurable() async throws(StoreError) {
        let head = try await store.head()
        guard head.size > .zero else { return }
        try await store.publish(sign(head), size: head.size)
    }

    private func plan(
        _ group: [Submission], at head: Head, recordingAttempts: Bool = true
    ) async throws(StoreError) -> SequencePlan {
        let recorded = try moment(after: head.recorded)
        let events = group.flatMap(\.events)
        let lookUps = events.map { LookUp($0.event) }
        var facts = SequencePlan.Facts(known: try await store.look(up: lookUps))
        try demand(facts.known, within: head)
        facts.keys = lookUps.map { EventKeys($0, nameKey) }
        for sequence in named(by: events, facts.known) where head.size.covers(sequence) {
            facts.lines[sequence] = try await store.lines(from: sequence, limit: 1).first
        }
        // As many salts again for attempts that rules refuse, each with what was counted before it.
        let gate = try await gate(for: events, facts.keys)
        var plan = SequencePlan(
            at: head, recorded: recorded, facts: facts, catalogue: catalogue, gate: gate,
            salts: SaltSource(count: gate == nil ? events.count : events.count * 3), tools: tools)
        plan.reserve(events.count, events.reduce(0) { $0 + $1.event.bytes.count + 384 })
        var first = 0
        for submission in group {
            plan.take(submission, first: first)
            first += submission.events.count
        }
        if recordingAttempts { try await recordAttempts(&plan, recorded) }
        return plan
    }

    /// A refused attempt is durable before its producer has the answer: Specs/judging.md section 4.
    private func recordAttempts(
        _ plan: inout SequencePlan, _ recorded: Timestamp
    ) async throws(StoreError) {
        guard !plan.attempts.isEmpty else { return }
        let own = OwnEvents(origin: origin.text)
        var events: [ValidatedEvent] = []
        for attempt in plan.attempts {
            guard
                case .record(let suppressed) = attemptBound.judge(attempt.recorder, at: recorded)
            else { continue }
            if let suppressed {
                events += own.suppressed(attempt.recorder, suppressed, recorded)
            }
            events += own.attempt(attempt.data(catalogue), recorded)
        }
        guard !events.isEmpty else { return }
        let lookUps = events.map { LookUp($0.event) }
        let known = try await store.look(up: lookUps)
        plan.add(own: events, known, lookUps.map { EventKeys($0, nameKey) })
    }

    /// Another node may have committed since the head was given: what is decided against it would
    /// be wrong, and where nothing is new no commit would find that out.
    private func demand(_ known: [Known], within head: Head) throws(StoreError) {
        let isWithin = known.allSatisfy { known in
            [known.event, known.tail?.sequence].allSatisfy { $0.map(head.size.covers) ?? true }
        }
        if !isWithin {
            throw StoreError(.conflict, en: "the ledger has grown", zh: "账本已有新记录")
        }
    }

    /// Records whose lines the plan needs: repeats and targets.
    private func named(by events: [ValidatedEvent], _ known: [Known]) -> Set<SequenceNumber> {
        var result: Set<SequenceNumber> = []
        for (event, known) in zip(events, known) {
            if let sequence = known.event { result.insert(sequence) }
            if let target = event.target { result.insert(target.sequence) }
        }
        return result
    }

    private func moment(after last: Timestamp) throws(StoreError) -> Timestamp {
        switch clockGuard.judge(
            wall: clock.wall(), steadySeconds: clock.steadySeconds(), last: last)
        {
        case .recorded(let moment): return moment
        case .jumped(let seconds):
            throw StoreError(
                .unavailable,
                en:
                    "the clock has jumped \(seconds) s ahead; set it right, or start again after an "
                    + "administrator has confirmed it. Nothing was recorded",
                zh: "系统时钟突然超前 \(seconds) 秒；请校正时钟，或由管理员确认后重新启动。未记录任何事件")
        }
    }
}
