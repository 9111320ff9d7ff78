import Catalogue
import Digests
import LedgerStore
import Merkle
import Records
import Rules

/// Decides what becomes of some submissions, against one head: no clock, no store, no task.
///
/// Specs/store.md section 3 gives the order of the questions: known already, revision, target.
struct SequencePlan {
    private(set) var batch: CommitBatch
    private(set) var verdicts: [Verdict] = []
    private let recorded: Timestamp
    private var facts: Facts
    private var salts: SaltSource
    private let tools: LinkTools
    private let targets: TargetCheck
    /// Streams that this plan has added to, and the revision that each has now.
    private var revisions: [ShortHash: Revision] = [:]
    /// Events that this plan records, and where in the batch.
    private var planned: [ShortHash: Int] = [:]
    /// Nil where no rule refuses.
    private var gate: Gate?
    /// What rules refused, in order: to be recorded with ``add(own:_:_:)``.
    private(set) var attempts: [RefusedAttempt] = []

    /// What became of one submission.
    enum Verdict {
        case accepted([Acceptance.Place])
        case refused([RefusedEvent])
    }

    /// What the store knows, fetched beforehand.
    struct Facts {
        /// The answers for all events of all submissions, in order.
        var known: [Known] = []
        /// Hashed names of the same events.
        ///
        /// 128 bits under a key drawn for this process: no two names meet by accident, and nobody
        /// can choose them to.
        var keys: [EventKeys] = []
        /// The lines of records that the events repeat or name.
        var lines: [SequenceNumber: [UInt8]] = [:]
    }

    init(
        at head: Head, recorded: Timestamp, facts: Facts, catalogue: EventCatalogue,
        gate: Gate? = nil, salts: SaltSource, tools: LinkTools
    ) {
        batch = CommitBatch(at: head)
        self.gate = gate
        (self.recorded, self.facts) = (recorded, facts)
        (self.salts, self.tools) = (salts, tools)
        targets = TargetCheck(catalogue: catalogue, hasher: tools.hasher)
    }

    /// Makes room for so many records of so many bytes in all.
    mutating func reserve(_ count: Int, _ byteCount: Int) {
        batch.reserve(byteCount)
        planned.reserveCapacity(count)
        revisions.reserveCapacity(count)
    }

    /// Whether somebody gets a receipt.
    var acceptsSome: Bool {
        verdicts.contains { verdict in
            if case .accepted = verdict { true } else { false }
        }
    }

    /// Takes the next submission; `first` is where its events' facts begin.
    mutating func take(_ submission: Submission, first: Int) {
        let events = submission.events
        let standings = events.indices.map { standing(of: events[$0], first + $0) }
        if standings.contains(where: { $0 != .new }) {
            verdicts.append(judgeKnown(standings, events))
            return
        }
        var refused = refusals(events, first)
        if refused.isEmpty { refused = ruleRefusals(submission, first) }
        guard refused.isEmpty else { return verdicts.append(.refused(refused)) }
        var places: [Acceptance.Place] = []
        places.reserveCapacity(events.count)
        for (place, event) in events.enumerated() {
            let inBatch =
                events.count > 1 ? BatchPlace(index: place + 1, count: events.count) : nil
            places.append(link(event.event, first + place, inBatch, submission.recorder))
        }
        verdicts.append(.accepted(places))
    }

    // MARK: Known already

    private enum Standing: Equatable {
        case new
        case same(SequenceNumber)
        case other(SequenceNumber)
    }

    /// Whether an event with this source and id is there, and with the same content: the canonical
    /// event without delivery attributes.
    private func standing(of event: ValidatedEvent, _ fact: Int) -> Standing {
        if let sequence = facts.known[fact].event {
            switch event.likeness {
            case .same: return .same(sequence)
            case .other: return .other(sequence)
            case .byBytes: break
            }
            guard let line = facts.lines[sequence] else { return .other(sequence) }
            return RecordText.holds(line[...], event.event) ? .same(sequence) : .other(sequence)
        }
        guard let place = planned[facts.keys[fact].event] else { return .new }
        let sequence = SequenceNumber(batch.first.rawValue + UInt64(place))
        let line = batch.bytes[batch.entries[place].line]
        return RecordText.holds(line, event.event) ? .same(sequence) : .other(sequence)
    }

    private func judgeKnown(_ standings: [Standing], _ events: [ValidatedEvent]) -> Verdict {
        let knownCount = standings.count { $0 != .new }
        var refused: [RefusedEvent] = []
        var places: [Acceptance.Place] = []
        for (place, standing) in standings.enumerated() {
            switch standing {
            case .new: continue
            case .other(let sequence):
                refused.append(RefusedEvent(place: place, refusals: [.conflict(with: sequence)]))
            case .same(let sequence):
                if var old = oldPlace(sequence) {
                    old.isCompared = events[place].likeness != .same(isCompared: false)
                    places.append(old)
                }
                guard knownCount < standings.count else { continue }
                refused.append(
                    RefusedEvent(place: place, refusals: [.partlyRecorded(at: sequence)]))
            }
        }
        return refused.isEmpty ? .accepted(places) : .refused(refused)
    }

    private func oldPlace(_ sequence: SequenceNumber) -> Acceptance.Place? {
        if sequence >= batch.first {
            let entry = batch.entries[Int(sequence.rawValue - batch.first.rawValue)]
            return Acceptance.Place(
                sequence: sequence, leafHash: entry.leafHash, revision: entry.revision,
                isRepeat: true)
        }
        return facts.lines[sequence].flatMap { RecordText.place(of: $0, sequence, tools.hasher) }
    }

    // MARK: New

    /// Why events that are all new cannot be recorded.
    ///
    /// Earlier members of the batch count.
    private func refusals(_ events: [ValidatedEvent], _ first: Int) -> [RefusedEvent] {
        var refused: [RefusedEvent] = []
        var added: [ShortHash: Int64] = [:]
        var names: Set<ShortHash> = []
        let isBatch = events.count > 1
        if isBatch { names.reserveCapacity(events.count) }
        let countsRevisions = isBatch && events.contains { $0.event.expectedRevision != nil }
        for (place, event) in events.enumerated() {
            var reasons = event.refusalsIfNew + event.unsealed
            let keys = facts.keys[first + place]
            if isBatch, !names.insert(keys.event).inserted {
                reasons.append(.twiceInBatch)
            }
            if let expected = event.event.expectedRevision {
                let found = revision(of: keys.stream, first + place) + (added[keys.stream] ?? 0)
                if found != expected { reasons.append(.wrongRevision(expected, found)) }
            }
            if countsRevisions { added[keys.stream, default: 0] += 1 }
            if let target = event.target {
                let line = facts.lines[target.sequence]
                reasons += targets.refusals(of: event, target, line)
            }
            if !reasons.isEmpty { refused.append(RefusedEvent(place: place, refusals: reasons)) }
        }
        return refused
    }

    /// Which events rules refuse; earlier members count, and of a batch refused nothing stays.
    private mutating func ruleRefusals(
        _ submission: Submission, _ first: Int
    ) -> [RefusedEvent] {
        let events = submission.events
        guard var gate,
            events.indices.contains(where: { gate.holds(facts.keys[first + $0].stream) })
        else { return [] }
        // Moved out, not copied.
        self.gate = nil
        defer { self.gate = gate }
        let streams = Set(events.indices.map { facts.keys[first + $0].stream })
        let kept = gate.copies(of: streams)
        var refused: [RefusedEvent] = []
        for (place, event) in events.enumerated() {
            let breaches = gate.judge(
                event.event, stream: facts.keys[first + place].stream,
                sequence: SequenceNumber(batch.newHead.size.next.rawValue + UInt64(place)),
                recorded: recorded, recorder: submission.recorder)
            guard !breaches.isEmpty else { continue }
            refused.append(
                RefusedEvent(place: place, refusals: breaches.map { gate.refusal($0) }))
            attempts.append(
                RefusedAttempt(
                    event: event.event, rules: breaches.map { $0.rule.id },
                    recorder: submission.recorder))
        }
        if !refused.isEmpty { gate.restore(kept) }
        return refused
    }

    /// Adds records of the ledger's own to the batch, each for itself.
    mutating func add(own events: [ValidatedEvent], _ known: [Known], _ keys: [EventKeys]) {
        let first = facts.known.count
        facts.known += known
        facts.keys += keys
        for (place, event) in events.enumerated() {
            _ = link(event.event, first + place, nil, Recorder.ledger)
        }
    }

    /// The newest revision of a stream, −1 if there is none.
    private func revision(of stream: ShortHash, _ fact: Int) -> Int64 {
        (revisions[stream] ?? facts.known[fact].tail?.revision).map { Int64($0.rawValue) } ?? -1
    }

    private mutating func link(
        _ event: CloudEvent, _ fact: Int, _ inBatch: BatchPlace?, _ recorder: String
    ) -> Acceptance.Place {
        let keys = facts.keys[fact]
        let revision = Revision(UInt64(revision(of: keys.stream, fact) + 1))
        let sequence = batch.newHead.size.next
        let frame = RecordWriter.Frame(
            prev: batch.newHead.lastLeaf, recorded: recorded, salt: salts.next(),
            sequence: sequence, batch: inBatch, recorder: recorder, revision: revision)
        planned[keys.event] = batch.count
        revisions[keys.stream] = revision
        batch.append(event, frame, tools: tools)
        return Acceptance.Place(
            sequence: sequence, leafHash: batch.newHead.lastLeaf, revision: revision,
            isRepeat: false)
    }
}

/// An event's name and its stream's, hashed.
struct EventKeys {
    let event: ShortHash
    let stream: ShortHash

    init(_ lookUp: LookUp, _ key: ShortHash) {
        (event, stream) = lookUp.withNames { source, id, stream in
            var hash = SipHash(key: key)
            hash.update(source)
            hash.update(0)
            hash.update(id)
            return (hash.finish(), SipHash.hash(stream, key: key))
        }
    }
}

/// Salts for records, drawn many at once.
struct SaltSource {
    private var words: [UInt64]
    private var place = 0

    /// Enough for `count` records.
    init(count: Int) {
        words = [UInt64](repeating: 0, count: count * 2)
        words.withUnsafeMutableBytes { RandomBytes.fill($0) }
    }

    mutating func next() -> Salt {
        defer { place += 2 }
        return Salt(high: words[place], low: words[place + 1])
    }
}

extension SaltSource {
    mutating func nextHash() -> ShortHash {
        defer { place += 2 }
        return ShortHash(high: words[place], low: words[place + 1])
    }
}
