import Checkpoints
import LedgerStore
import Merkle
import Phrases
import Records
import Sequencing

extension World {
    typealias Parcel = DraftMaker.Parcel

    /// How producers come to the ledger.
    enum Manner: String {
        /// One at a time.
        case single
        /// Several parcels in one call, each for itself.
        case together
        /// Several calls under way at once, while the first waits for the lead.
        case inFlight
    }

    /// A fault that is armed for the next submissions.
    enum Armed {
        case above(SteeredStore.Fault)
        case below(FaultBelow)
    }

    // MARK: Drawing

    func submitSome(_ armed: Armed?) async throws {
        var manner = maker.pick([Manner.single, .single, .together, .inFlight])
        // A lead that fails cannot be held.
        if stopCode != nil { manner = .together }
        if case .above(.lead) = armed { manner = .together }
        var parcels: [Parcel] = []
        for _ in 0..<(manner == .single ? 1 : maker.number(1...4)) {
            parcels.append(nextParcel())
        }
        try await submit(parcels, manner, armed)
    }

    private func nextParcel() -> Parcel {
        if !unanswered.isEmpty, stopCode == nil, maker.chance(60) {
            return unanswered.remove(at: maker.number(0...unanswered.count - 1))
        }
        return maker.parcel(model, now: clock.wall)
    }

    // MARK: Intake

    /// What must be wrong with an event by itself.
    private func faults(of draft: Draft) -> String {
        var faults: [String] = []
        if let flaw = draft.flaw { faults.append(flaw.refusal(of: draft)) }
        if isInFuture(draft), draft.flaw?.letsTimeBeJudged ?? true {
            faults.append("in-future /time")
        }
        return faults.sorted().joined(separator: ", ")
    }

    /// Specs/record.md section 2.
    private func isInFuture(_ draft: Draft) -> Bool {
        guard draft.isDayOnly else { return draft.moment > clock.wall + 120_000_000 }
        let today = (clock.wall + 8 * 3_600_000_000) / CivilText.dayMicroseconds
        return draft.moment / CivilText.dayMicroseconds > today
    }

    func read(_ draft: Draft) throws -> ValidatedEvent? {
        let expected = faults(of: draft)
        var found = ""
        var event: ValidatedEvent?
        draft.wire.withUnsafeBytes { raw in
            do throws(EventRefused) {
                event = try intake.read(raw)
            } catch {
                found = error.refusals.map { "\($0.code.rawValue) \($0.pointer)" }.sorted()
                    .joined(separator: ", ")
            }
        }
        if found != expected {
            throw Simulation.Unexpected(
                "intake said \"\(found)\", not \"\(expected)\": "
                    + String(decoding: draft.wire, as: UTF8.self))
        }
        if !found.isEmpty {
            trace.add(found)
            trace.count("refused at intake")
        }
        return event
    }

    /// The parcels whose events are all sound by themselves.
    private func readable(_ parcels: [Parcel]) throws -> [(Parcel, Submission)] {
        try parcels.compactMap { parcel in
            let events = try parcel.drafts.map(read)
            let sound = events.compactMap { $0 }
            guard sound.count == events.count else { return nil }
            return (parcel, Submission(sound, recorder: parcel.recorder))
        }
    }

    // MARK: Submitting

    func submit(_ parcels: [Parcel], _ manner: Manner, _ armed: Armed?) async throws {
        let ready = try readable(parcels)
        guard !ready.isEmpty else { return trace.add("nothing to submit") }
        let foretold = try foretell(ready.map(\.0), manner, armed)
        if let armed { await arm(armed) }
        let answers = try await perform(ready.map(\.1), manner)
        if armed != nil { await disarm() }
        try await settle(ready.map(\.0), foretold, answers, manner.rawValue)
    }

    /// Compares answers with what was foretold, then the new lines and checkpoints.
    func settle(
        _ parcels: [Parcel], _ foretold: [String], _ answers: [Outcome], _ what: String
    ) async throws {
        let found = answers.map(\.text)
        trace.add("\(what): \(found.joined(separator: "; "))")
        guard found == foretold else {
            let reasons = answers.compactMap { answer in
                if case .failure(let error) = answer { error.reason.en } else { nil }
            }
            throw Simulation.Unexpected(
                "\(what): \(parcels.map { $0.drafts.map(\.key) }): answered \(found) "
                    + "\(reasons), foretold \(foretold)")
        }
        if stopCode == nil { try await adoptLines() }
        for (parcel, answer) in zip(parcels, answers) {
            count(answer)
            switch answer {
            case .success(.accepted(let acceptance)): try take(acceptance)
            case .success(.refused): break
            case .success(.busy), .failure:
                if unanswered.count < 50 { unanswered.append(parcel) }
            }
        }
    }

    private func perform(_ all: [Submission], _ manner: Manner) async throws -> [Outcome] {
        let session = try live()
        switch manner {
        case .single: return [await World.submit(all[0], to: session.sequencer)]
        case .together: return await World.submit(all: all, to: session.sequencer)
        case .inFlight: return try await fly(all, session)
        }
    }

    /// The first call holds the lead; the others queue up behind it, in their order.
    private func fly(_ all: [Submission], _ session: Session) async throws -> [Outcome] {
        let sequencer = session.sequencer
        await session.store.holdNextLead()
        var tasks: [Task<Outcome, Never>] = []
        for submission in all {
            tasks.append(Task.immediate { await World.submit(submission, to: sequencer) })
            if tasks.count == 1 { await session.store.waitUntilHeld() }
            // The sequencer takes its calls in turn: when this one is answered, the one before
            // has been queued.
            _ = try await sequencer.submit(all: [])
        }
        await session.store.release()
        var answers: [Outcome] = []
        for task in tasks { answers.append(await task.value) }
        return answers
    }

    /// Another node decides against a head that grows before it commits: `conflict`, decide again.
    func overtake() async throws {
        let (first, second) = drawRace()
        guard let fast = try readable([first]).first, let slow = try readable([second]).first
        else { return }
        let session = try live()
        let store = SteeredStore(session.base, isExclusive: false)
        let node = makeSequencer(store)
        var foretold = try foretell([fast.0], .single, nil)
        foretold += foretellFresh(slow.0)
        await store.holdNextLead()
        let submission = slow.1
        let task = Task.immediate { await World.submit(submission, to: node) }
        await store.waitUntilHeld()
        let answer = await World.submit(fast.1, to: session.sequencer)
        await store.release()
        let late = await task.value
        await store.letGo()
        trace.count("overtaken")
        try await settle([fast.0, slow.0], foretold, [answer, late], "overtaken")
    }

    /// Parcels for two nodes; often both are about the same events.
    private func drawRace() -> (fast: Parcel, slow: Parcel) {
        let fast = maker.parcel(model, now: clock.wall)
        guard maker.chance(40) else { return (fast, maker.parcel(model, now: clock.wall)) }
        var slow = maker.again(fast, model)
        if maker.chance(30) { slow.drafts[0].moment -= 1 }
        return (fast, slow)
    }

    // MARK: Receipts

    /// A receipt must speak of the line that is there, under a checkpoint that is signed.
    private func take(_ acceptance: Acceptance) throws {
        let size = Int(acceptance.size.rawValue)
        let note = try SignedNote(acceptance.checkpoint)
        let checkpoint = try Checkpoint(text: note.text)
        guard checkpoint.origin == place.origin, checkpoint.size == acceptance.size else {
            throw Simulation.Unexpected(
                "a receipt for size \(size) came with a checkpoint of \(checkpoint.size)")
        }
        if maker.chance(12) {
            _ = try VerifiedCheckpoint(
                verifying: acceptance.checkpoint, of: place.origin, by: [place.key.verifierKey])
        }
        for given in acceptance.places {
            receipts.append(
                GivenReceipt(
                    sequence: Int(given.sequence.rawValue), leaf: given.leafHash.digest,
                    size: size, root: checkpoint.root))
            if stopCode == nil { try check(receipts[receipts.count - 1]) }
        }
    }

    func check(_ receipt: GivenReceipt) throws {
        guard receipt.sequence < receipt.size, receipt.size <= model.tree.leaves.count,
            model.tree.leaves[receipt.sequence] == receipt.leaf
        else {
            throw Simulation.Unexpected("the receipt of record \(receipt.sequence) is not true")
        }
        guard model.tree.root(receipt.size) == receipt.root.digest else {
            throw Simulation.Unexpected("the checkpoint over \(receipt.size) has another root")
        }
    }
}

// MARK: - Answers

extension World {
    typealias Outcome = Result<Answer, StoreError>

    private static func submit(_ submission: Submission, to sequencer: Sequencer) async -> Outcome {
        do throws(StoreError) {
            return .success(try await sequencer.submit(submission))
        } catch {
            return .failure(error)
        }
    }

    private static func submit(
        all: [Submission], to sequencer: Sequencer
    ) async -> [Outcome] {
        do throws(StoreError) {
            return try await sequencer.submit(all: all).map { .success($0) }
        } catch {
            return all.map { _ in .failure(error) }
        }
    }

    private func count(_ answer: Outcome) {
        switch answer {
        case .success(.accepted(let acceptance)):
            let repeats = acceptance.places.count { $0.isRepeat }
            trace.count("recorded", acceptance.places.count - repeats)
            trace.count("repeats", repeats)
        case .success(.refused(let events)):
            for event in events {
                for refusal in event.refusals { trace.count("refused \(refusal.code.rawValue)") }
            }
        case .success(.busy): trace.count("busy")
        case .failure(let error): trace.count("failed \(error.code.rawValue)")
        }
    }
}

extension Result where Success == Answer, Failure == StoreError {
    /// The answer without what chance decides.
    fileprivate var text: String {
        switch self {
        case .success(.accepted(let acceptance)):
            AnswerText.accepted(
                acceptance.places.map {
                    Model.Place(
                        sequence: Int($0.sequence.rawValue), revision: Int($0.revision.rawValue),
                        isRepeat: $0.isRepeat)
                }, size: Int(acceptance.size.rawValue))
        case .success(.refused(let events)):
            AnswerText.refused(events.map { ($0.place, $0.refusals.map(\.code.rawValue)) })
        case .success(.busy): AnswerText.busy
        case .failure(let error): AnswerText.failed(error.code.rawValue)
        }
    }
}

/// Answers as both sides write them.
enum AnswerText {
    static let busy = "busy"

    static func accepted(_ places: [Model.Place], size: Int) -> String {
        let list = places.map { "\($0.sequence).\($0.revision)\($0.isRepeat ? "r" : "")" }
        return "accepted \(list.joined(separator: " ")) of \(size)"
    }

    static func refused(_ events: [(place: Int, codes: [String])]) -> String {
        let list = events.map { "\($0.place):\($0.codes.joined(separator: "+"))" }
        return "refused \(list.joined(separator: " "))"
    }

    static func failed(_ code: String) -> String { "failed \(code)" }
}
