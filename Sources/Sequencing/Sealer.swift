import CanonicalJSON
package import Catalogue
import Digests
package import LedgerStore
import Phrases
import Records
package import Sealing
import SideBySide

/// Puts boxes in the place of values before events are ordered: Specs/sealing.md section 11.
///
/// Whatever is sealed has its keys durable in the vault and linked to its subject first. A crash
/// after that leaves links to handles that no record has.
package actor Sealer {
    private let store: any EventStore
    private let vault: any KeyVault
    private let stock: KeyStock
    private let catalogue: EventCatalogue
    private let sealer: EventSealer
    private let clock: LedgerClock
    private let chance: Chance
    private var retries: Retries
    /// Events whose boxes one task makes.
    private static let eventsInShare = 64
    private var inHand: [Retries.EventName: InHand] = [:]

    /// An event of this name is being submitted.
    private struct InHand {
        /// How many are.
        var count = 0
        var sealed: Twin?
    }

    /// What was sealed, beside what of: the same again gets the same boxes.
    private struct Twin {
        let clear: CloudEvent
        let event: ValidatedEvent
        /// Nobody else is told whether his value is the same.
        let recorder: String

        func isSame(as other: CloudEvent) -> Bool {
            clear.bytes == other.bytes || clear.otherSpelling == other.bytes
        }
    }

    package init(
        store: any EventStore, vault: any KeyVault, stock: KeyStock, origin: String,
        catalogue: EventCatalogue, clock: LedgerClock, chance: @escaping Chance
    ) {
        (self.store, self.vault, self.stock) = (store, vault, stock)
        (self.catalogue, self.clock, self.chance) = (catalogue, clock, chance)
        sealer = EventSealer(origin: origin)
        retries = Retries(key: chance(32))
    }

    /// Seals what of `submissions` is to be sealed.
    ///
    /// Whoever gets it submits ``SealedGroup/ready`` and then calls ``finish(_:_:)``, whatever
    /// happens.
    package func seal(_ submissions: [Submission]) async throws(StoreError) -> SealedGroup {
        var group = SealedGroup(submissions)
        try await read(&group)
        enter(group)
        do throws(StoreError) {
            try await compare(&group)
            try await draw(&group)
        } catch {
            leave(group)
            throw error
        }
        return group
    }

    /// What sealing would come to: keys are thrown away, and nothing is kept.
    package func rehearse(_ submission: Submission) async throws(StoreError) -> SealedGroup {
        var group = SealedGroup([submission])
        try await read(&group)
        try await compare(&group)
        try await demandHolders(&group)
        for place in group.open {
            guard let clear = group.drafts[place].clear else { continue }
            let keys = group.drafts[place].needs.map { ($0, DataKey(chance)) }
            group.take(
                place, Sealer.seal(clear, with: Dictionary(uniqueKeysWithValues: keys), sealer))
        }
        return group
    }

    /// The group was answered: what was recorded is remembered for retries.
    package func finish(_ group: SealedGroup, _ answers: [Answer]) {
        let now = clock.steadySeconds()
        for draft in group.drafts {
            guard let clear = draft.clear, draft.submission < answers.count,
                case .accepted(let acceptance) = answers[draft.submission],
                !acceptance.places[draft.event].isRepeat
            else { continue }
            retries.remember(
                clear.name, clear.data, clear.members.map(\.name),
                by: group.submissions[draft.submission].recorder, at: now)
        }
        leave(group)
    }

    // MARK: - In hand

    private func enter(_ group: SealedGroup) {
        for name in group.names { inHand[name, default: InHand()].count += 1 }
    }

    private func leave(_ group: SealedGroup) {
        for name in group.names {
            inHand[name]?.count -= 1
            if inHand[name]?.count == 0 { inHand[name] = nil }
        }
    }

    // MARK: - Reading

    /// Finds what is in clear; of a correction, what it corrects says what must be sealed.
    private func read(_ group: inout SealedGroup) async throws(StoreError) {
        for place in group.drafts.indices where group.drafts[place].clear == nil {
            let event = group.drafts[place].validated
            guard let target = event.target,
                let line = try await store.lines(from: target.sequence, limit: 1).first
            else { continue }
            group.readCorrection(place, RecordText.type(of: line), catalogue)
        }
        group.dropPlain()
    }

    /// Finds what is recorded already, and compares it.
    private func compare(_ group: inout SealedGroup) async throws(StoreError) {
        let lookUps = group.drafts.map { LookUp($0.validated.event) }
        let known = try await store.look(up: lookUps)
        for (place, known) in known.enumerated() {
            guard let sequence = known.event, let clear = group.drafts[place].clear,
                let line = try await store.lines(from: sequence, limit: 1).first
            else { continue }
            group.drafts[place].outcome = clear.event.recorded(
                likeness(of: clear, to: line, group.recorder(of: place)))
        }
    }

    /// Specs/sealing.md section 5.
    private func likeness(
        of clear: ClearEvent, to line: [UInt8], _ recorder: String
    ) -> ValidatedEvent.Likeness {
        guard !line.starts(with: #"{"withheld""#.utf8) else { return .same(isCompared: false) }
        let own = clear.event.event
        if let twin = inHand[clear.name]?.sealed, twin.recorder == recorder,
            RecordText.holds(line[...], twin.event.event)
        {
            // Recorded a moment ago, and not remembered yet.
            return twin.isSame(as: own) ? .same(isCompared: true) : .other
        }
        guard let record = try? JSONValue(parsing: line), let event = record["event"],
            let recorded = clear.counterpart(in: event)
        else { return .other }
        let verdict = retries.compare(
            clear.name, clear.data, clear.members.map(\.name), recorded: recorded, by: recorder,
            at: clock.steadySeconds())
        switch verdict {
        case .same: return .same(isCompared: true)
        case .sameAsFarAsSeen: return .same(isCompared: false)
        case .different: return .other
        }
    }

    // MARK: - Sealing

    private func demandHolders(_ group: inout SealedGroup) async throws(StoreError) {
        var held: [HolderGroup: Bool] = [:]
        for place in group.open {
            for need in group.drafts[place].needs {
                if held[need.group] == nil {
                    held[need.group] = try await asking { () async throws(VaultError) in
                        try await !stock.holders(of: need.group).isEmpty
                    }
                }
                if held[need.group] == false { group.refuse(place, need.group) }
            }
        }
    }

    /// Draws keys, seals, and links the keys to their subjects.
    private func draw(_ group: inout SealedGroup) async throws(StoreError) {
        for place in group.open { takeTwin(place, &group) }
        try await demandHolders(&group)
        let open = group.open
        let keys = try await keys(for: open.map { group.drafts[$0].needs })
        // Boxes are made while the links go to the disk.
        async let linked = link(keys)
        let drafts = zip(open, keys).compactMap { place, keys in
            group.drafts[place].clear.map { (clear: $0, keys: keys) }
        }
        let outcomes = await sideBySide(drafts, share: Sealer.eventsInShare) { [sealer] in
            Sealer.seal($0.clear, with: $0.keys, sealer)
        }
        try await linked.get()
        for (place, outcome) in zip(open, outcomes) { group.take(place, outcome) }
        // Nobody comes in between here: the first to be sealed is the one that all get.
        for place in group.drafts.indices where group.drafts[place].isNewlySealed {
            if !takeTwin(place, &group) { becomeTwin(place, group) }
        }
    }

    /// A key for each need of each event, wrapped to who may open it and durable.
    private func keys(
        for needs: [[KeyNeed]]
    ) async throws(StoreError) -> [[KeyNeed: DataKey]] {
        let counts = needs.joined().reduce(into: [:]) { $0[$1.group, default: 0] += 1 }
        var drawn: [HolderGroup: [DataKey]] = [:]
        for (holders, count) in counts {
            drawn[holders] = try await asking { () async throws(VaultError) in
                try await stock.draw(holders, count)
            }
        }
        return needs.map { needs in
            needs.reduce(into: [:]) { $0[$1] = drawn[$1.group]?.popLast() }
        }
    }

    private func link(_ keys: [[KeyNeed: DataKey]]) async -> Result<Void, StoreError> {
        let links = keys.flatMap { $0.map { SubjectLink($1.handle, to: $0.subject) } }
        guard !links.isEmpty else { return .success(()) }
        do throws(StoreError) {
            try await asking { () async throws(VaultError) in try await vault.assign(links) }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private static func seal(
        _ clear: ClearEvent, with keys: [KeyNeed: DataKey], _ sealer: EventSealer
    ) -> SealedGroup.Outcome {
        do throws(SealingError) {
            let data = try sealer.seal(clear.data, at: clear.place, clear.members, keys)
            return clear.sealed(data).map { .sealed($0) }
                ?? .refused(Refusal(.invalid, EncryptedFields.needsVault))
        } catch {
            return .refused(Refusal(.tooLarge, at: clear.pointerOfTooLong, error.phrase))
        }
    }

    /// Whether the same event is in hand, sealed already: then its boxes are taken.
    @discardableResult
    private func takeTwin(_ place: Int, _ group: inout SealedGroup) -> Bool {
        guard let clear = group.drafts[place].clear, let twin = inHand[clear.name]?.sealed,
            twin.recorder == group.recorder(of: place), twin.isSame(as: clear.event.event)
        else { return false }
        group.drafts[place].outcome = twin.event
        return true
    }

    private func becomeTwin(_ place: Int, _ group: SealedGroup) {
        guard let clear = group.drafts[place].clear, let event = group.drafts[place].outcome,
            inHand[clear.name]?.sealed == nil
        else { return }
        inHand[clear.name]?.sealed = Twin(
            clear: clear.event.event, event: event, recorder: group.recorder(of: place))
    }

    /// A vault that does not answer is a store that does not: nothing was added.
    private func asking<Result>(
        _ body: () async throws(VaultError) -> Result
    ) async throws(StoreError) -> Result {
        do throws(VaultError) {
            return try await body()
        } catch {
            throw StoreError(.unavailable, error.reason)
        }
    }
}
