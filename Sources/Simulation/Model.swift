import Digests

/// What the ledger must hold, as arrays and dictionaries: written from Specs/record.md and
/// Specs/store.md, obvious rather than fast.
struct Model {
    private(set) var records: [Record] = []
    private var ids: [String: Int] = [:]
    private(set) var streams: [String: [Int]] = [:]
    /// Over the records that the store has shown; a leaf holds a salt, which no model can foresee.
    var tree = ModelTree()
    /// The size that the newest published checkpoint covers.
    var published = 0

    struct Record {
        /// Nil for the ledger's own.
        let draft: Draft?
        let type: String
        let stream: String
        let revision: Int
        /// The canonical event.
        let event: String
        let batch: String?
        let recorder: String
        let recorded: Int64
    }

    struct Place {
        let sequence: Int
        let revision: Int
        let isRepeat: Bool
    }

    enum Verdict {
        case accepted([Place])
        /// The codes of each refused event, by its place.
        case refused([(place: Int, codes: [String])])
    }

    func sequence(of draft: Draft) -> Int? { ids[draft.key] }

    func lastRevision(of stream: String) -> Int { (streams[stream]?.count ?? 0) - 1 }

    // MARK: Deciding: Specs/store.md section 3

    /// What becomes of some events that are recorded whole or not at all; records them.
    mutating func decide(_ drafts: [Draft], recorder: String, at moment: Int64) -> Verdict {
        let known = drafts.map { ids[$0.key] }
        if known.contains(where: { $0 != nil }) { return decideKnown(drafts, known) }
        var refused: [(place: Int, codes: [String])] = []
        var keys: Set<String> = []
        for (place, draft) in drafts.enumerated() {
            var codes: [String] = []
            if !keys.insert(draft.key).inserted { codes.append("conflict") }
            let before = drafts[..<place].count { $0.stream == draft.stream }
            if let expected = draft.expectedRevision,
                expected != Int64(lastRevision(of: draft.stream) + before)
            {
                codes.append("wrong-revision")
            }
            codes += faults(ofTarget: draft)
            if !codes.isEmpty { refused.append((place, codes)) }
        }
        if !refused.isEmpty { return .refused(refused) }
        return .accepted(
            drafts.enumerated().map { place, draft in
                let batch = drafts.count > 1 ? "\(place + 1)/\(drafts.count)" : nil
                return record(draft, batch, recorder, moment)
            })
    }

    private func decideKnown(_ drafts: [Draft], _ known: [Int?]) -> Verdict {
        var refused: [(place: Int, codes: [String])] = []
        var places: [Place] = []
        for (place, draft) in drafts.enumerated() {
            guard let sequence = known[place] else { continue }
            let old = records[sequence]
            places.append(
                Place(sequence: sequence, revision: old.revision, isRepeat: true))
            if old.event != draft.canonical {
                refused.append((place, ["conflict"]))
            } else if known.contains(nil) {
                refused.append((place, ["partly-recorded"]))
            }
        }
        return refused.isEmpty ? .accepted(places) : .refused(refused)
    }

    private func faults(ofTarget draft: Draft) -> [String] {
        guard let target = draft.target else { return [] }
        let wrong = ["wrong-target"]
        guard target.sequence < tree.leaves.count, target.sequence < records.count else {
            return wrong
        }
        let old = records[target.sequence]
        guard tree.leaves[target.sequence].hex == target.leafHash, old.stream == draft.stream,
            !old.type.hasPrefix("entry."), !old.type.hasPrefix("ledger.")
        else { return wrong }
        guard let names = target.corrected?.map(\.name) else { return [] }
        return EventKind.required(of: old.type).filter { !names.contains($0) }
            .map { _ in "missing" }
    }

    private mutating func record(
        _ draft: Draft, _ batch: String?, _ recorder: String, _ moment: Int64
    ) -> Place {
        let revision = lastRevision(of: draft.stream) + 1
        add(
            Record(
                draft: draft, type: draft.type, stream: draft.stream, revision: revision,
                event: draft.canonical, batch: batch, recorder: recorder,
                recorded: max(moment, records.last?.recorded ?? moment)))
        ids[draft.key] = records.count - 1
        return Place(sequence: records.count - 1, revision: revision, isRepeat: false)
    }

    /// A record as it is, such as the ledger's own.
    mutating func add(_ record: Record) {
        streams[record.stream, default: []].append(records.count)
        records.append(record)
    }

    /// Forgets the newest records: the store lost them before anyone was told of them.
    mutating func cut(to count: Int) {
        while records.count > count {
            let last = records.removeLast()
            streams[last.stream]?.removeLast()
            if let draft = last.draft { ids[draft.key] = nil }
        }
    }

    // MARK: Lines: Specs/record.md

    /// The line of a record, but for its salt.
    func line(_ sequence: Int) -> (head: String, tail: String) {
        let record = records[sequence]
        let prev =
            sequence == 0
            ? String(repeating: "0", count: 64) : tree.leaves[sequence - 1].hex
        let batch = record.batch.map { "\"batch\":\"\($0)\"," } ?? ""
        let moment = CivilText.utc(record.recorded)
        return (
            "{\"chain\":{\"prev\":\"\(prev)\",\"recorded\":\"\(moment)\",\"salt\":\"",
            "\",\"seq\":\(sequence),\"v\":1},\"event\":\(record.event),\"intake\":{\(batch)"
                + "\"recorder\":\"\(record.recorder)\",\"revision\":\(record.revision)}}"
        )
    }

    /// The bytes of a record's line with its LF.
    func byteCount(_ sequence: Int) -> Int {
        let record = records[sequence]
        let batch = record.batch.map { $0.utf8.count + 11 } ?? 0
        // 218 bytes are between the parts whose length varies, or are of fixed length.
        return 218 + String(sequence).utf8.count + record.event.utf8.count + batch
            + record.recorder.utf8.count + String(record.revision).utf8.count
    }

    /// How many of the records from `first` on a disk kept that kept `bytes` bytes of them: whole
    /// lines, and of a batch all or none.
    func kept(from first: Int, bytes: Int) -> Int {
        var (count, left) = (first, bytes)
        while count < records.count, byteCount(count) <= left {
            left -= byteCount(count)
            count += 1
        }
        guard count < records.count, let batch = records[count].batch,
            let place = Int(batch.prefix { $0 != "/" })
        else { return count }
        return max(first, count - (place - 1))
    }
}
