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
    private let signer: CheckpointSigner
    private let origin: Origin
    private let catalogue: EventCatalogue
    /// Nil where no rule refuses.
    let book: RuleBook?
    private let clock: LedgerClock
    private let queue: SubmissionQueue
    private let logger: Logger
    private let tools = LinkTools()
    private let nameKey: ShortHash
    private var clockGuard = ClockGuard()
    private var attemptBound = AttemptBound()

    /// Bounds.
    package struct Options: Sendable {
        /// Events that are recorded under one sync.
        package var eventsPerCommit = 16_384
        /// Bytes of events under one sync; a single submission may be larger.
        package var bytesPerCommit = 8 << 20
        /// Events that may wait; beyond it the answer is ``Answer/busy(retryAfterSeconds:)``.
        package var waitingEventsMax = 50_000

        package init() {}
    }

    package init(
        store: any EventStore, signer: CheckpointSigner, origin: Origin, catalogue: EventCatalogue,
        book: RuleBook? = nil, clock: LedgerClock, options: Options = Options(), logger: Logger
    ) {
        self.book = book
        (self.store, self.signer, self.origin, self.clock) = (store, signer, origin, clock)
        self.catalogue = catalogue
        (queue, self.logger) = (SubmissionQueue(options), logger)
        var random = SaltSource(count: 1)
        nameKey = random.nextHash()
    }

    /// Whether so much waits that what comes now is better refused before it is read.
    ///
    /// That is half of ``Options/waitingEventsMax``: the rest is for what is being read already.
    package nonisolated var isBusy: Bool { queue.isHalfFull }

    /// Records `submission` whole, or says why not.
    ///
    /// Returns when the records are durable.
    package nonisolated(nonsending) func submit(
        _ submission: Submission
    ) async throws(StoreError) -> Answer {
        let gathering = AnswerGathering(count: 1)
        await withCheckedContinuation { continuation in
            let waiting = SubmissionQueue.Waiting(submission: submission) {
                if gathering.take($0, at: 0) { continuation.resume() }
            }
            if !enter([waiting], isBounded: true) {
                waiting.answer(.success(.busy(retryAfterSeconds: 1)))
            }
        }
        return try gathering.all()[0]
    }

    /// Records each of `submissions`, in this order and each for itself.
    package nonisolated func submit(
        all submissions: [Submission]
    ) async throws(StoreError) -> [Answer] {
        guard !submissions.isEmpty else { return [] }
        let gathering = AnswerGathering(count: submissions.count)
        await withCheckedContinuation { continuation in
            let all = submissions.enumerated().map { place, submission in
                SubmissionQueue.Waiting(submission: submission) {
                    if gathering.take($0, at: place) { continuation.resume() }
                }
            }
            _ = enter(all, isBounded: false)
        }
        return try gathering.all()
    }

    /// Whether they are in, and will be answered.
    private nonisolated func enter(
        _ submissions: [SubmissionQueue.Waiting], isBounded: Bool
    ) -> Bool {
        switch queue.enter(submissions, isBounded: isBounded) {
        case .full: return false
        case .entered: break
        case .enteredFirst: Task { await sequenceAll() }
        }
        return true
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

    private func sequenceAll() async {
        while true {
            let group = queue.takeGroup()
            guard !group.isEmpty else { return }
            let results = await sequence(group.map(\.submission))
            for (waiting, result) in zip(group, results) { waiting.answer(result) }
        }
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
        var cover = Cover(note: [], size: head.size, root: Root(.emptyTree))
        var growth: TreeGrowth?
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
            growth = TreeGrowth(head.tree, plan.batch.entries.map(\.leafHash))
        }
        return plan.verdicts.map { verdict in
            switch verdict {
            case .refused(let events): .refused(events)
            case .accepted(let places):
                .accepted(
                    Acceptance(
                        places: places, checkpoint: cover.note, size: cover.size,
                        root: cover.root, growth: growth))
            }
        }
    }

    /// A checkpoint, signed, and how much it covers.
    private struct Cover {
        let note: [UInt8]
        let size: TreeSize
        let root: Root
    }

    /// The newest checkpoint, if it covers `head`, or one that does.
    ///
    /// It lags behind the records where its publication failed, or where another node has committed
    /// and not published yet.
    private func cover(of head: Head) async throws(StoreError) -> Cover {
        if let bytes = try await store.checkpoint(), let note = try? SignedNote(bytes),
            let newest = try? Checkpoint(text: note.text), newest.size >= head.size
        {
            return Cover(note: bytes, size: newest.size, root: newest.root)
        }
        return try await publish(over: head)
    }

    private func publish(over head: Head) async throws(StoreError) -> Cover {
        do throws(StoreError) {
            let cover = try await signed(head)
            try await store.publish(cover.note, size: cover.size)
            return cover
        } catch {
            // Not `unavailable`, which says that nothing was added.
            throw StoreError(
                .unknown,
                en: "\(error.reason.en); the events are recorded, but no checkpoint covers them "
                    + "yet: send them again for their receipts",
                zh: "\(error.reason.zh)；事件已入账，但尚无检查点覆盖：请重发以取得回执")
        }
    }

    private func signed(_ head: Head) async throws(StoreError) -> Cover {
        let root = head.tree.root(tools.hasher)
        let checkpoint = Checkpoint(origin: origin, size: head.size, root: root)
        do throws(SigningError) {
            let note = try await signer.sign(checkpoint, at: clock.wall())
            return Cover(note: note.bytes, size: head.size, root: root)
        } catch {
            throw StoreError(.unknown, en: error.phrase.en, zh: error.phrase.zh)
        }
    }

    /// Signs over durable records that no checkpoint covers, as a crash may leave them.
    package func signWhatIsDurable() async throws(StoreError) {
        let head = try await store.head()
        guard head.size > .zero else { return }
        try await store.publish(try await signed(head).note, size: head.size)
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
                en: "the clock has jumped \(seconds) s ahead; set it right, or start again after "
                    + "an administrator has confirmed it. Nothing was recorded",
                zh: "系统时钟突然超前 \(seconds) 秒；请校正时钟，或由管理员确认后重新启动。未记录任何事件")
        }
    }
}
