import Digests
import TestKit

/// Draws what producers write: new events, repeats, conflicts, mending, and what is wrong.
struct DraftMaker {
    var random: Seeded
    private let streams: [String]
    private let sources: [String]
    private var counts: [Int]

    /// Some events that go in together.
    struct Parcel: Sendable {
        var drafts: [Draft]
        var recorder: String
    }

    init(_ random: Seeded) {
        self.random = random
        let count = Int.random(in: 2...60, using: &self.random)
        streams = (0..<count).map { $0 % 4 == 3 ? "decision/DEC-\($0)" : "report/R.\($0)" }
        sources = ["urn:simulated:a", "https://simulated.example/乙", "urn:simulated:c?x=\"1\""]
        counts = [0, 0, 0]
    }

    // MARK: Chance

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

    mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: 0..<list.count, using: &random)]
    }

    /// A number of a record that a producer sent; nil if there is none.
    ///
    /// New ones come up more.
    mutating func pickRecord(_ model: Model) -> Int? {
        guard !model.records.isEmpty else { return nil }
        let count = model.records.count
        let first = chance(50) ? max(0, count - 20) : 0
        let place = number(first...count - 1)
        return model.records[place].draft == nil ? nil : place
    }

    // MARK: Parcels

    mutating func parcel(_ model: Model, now: Int64) -> Parcel {
        let drafts = chance(62) ? [single(model, now)] : batch(model, now)
        return Parcel(drafts: drafts.map { delivered($0, model) }, recorder: pick(recorders))
    }

    /// The same events, sent once more.
    mutating func again(_ parcel: Parcel, _ model: Model) -> Parcel {
        Parcel(drafts: parcel.drafts.map { delivered($0, model) }, recorder: pick(recorders))
    }

    private let recorders = ["svc:simulated", "cli:made-up", "import:x"]

    private mutating func single(_ model: Model, _ now: Int64) -> Draft {
        switch number(0...99) {
        case ..<45: return fresh(now)
        case ..<62: return pickRecord(model).flatMap { model.records[$0].draft } ?? fresh(now)
        case ..<70: return other(model, now)
        case ..<88: return mending(model, now)
        default:
            var draft = chance(80) ? fresh(now) : mending(model, now)
            draft.flaw = pick(Flaw.allCases)
            // What mends an entry may stand in a stream of any procedure.
            if draft.flaw == .procedureOther, draft.target != nil { draft.flaw = .idMissing }
            return draft
        }
    }

    private mutating func batch(_ model: Model, _ now: Int64) -> [Draft] {
        var drafts = (0..<number(2...5)).map { _ in fresh(now) }
        switch number(0...99) {
        case ..<45: break
        case ..<60: return recorded(model) ?? drafts
        case ..<72: drafts[number(0...drafts.count - 1)] = single(model, now)
        case ..<80: drafts.append(pick(drafts))
        case ..<86:
            drafts[drafts.count - 1].id = drafts[0].id
            drafts[drafts.count - 1].source = drafts[0].source
        case ..<93: chain(&drafts, model)
        default: drafts.append(mending(model, now))
        }
        return drafts
    }

    /// A batch that is in the ledger, whole or in part, or some records from anywhere.
    private mutating func recorded(_ model: Model) -> [Draft]? {
        guard let place = pickRecord(model) else { return nil }
        var drafts: [Draft] = []
        let first = max(0, place - number(0...3))
        for record in model.records[first...place] {
            if let draft = record.draft { drafts.append(draft) }
        }
        if chance(30) { drafts.reverse() }
        return drafts
    }

    /// Events of one stream, each of which expects the one before.
    private mutating func chain(_ drafts: inout [Draft], _ model: Model) {
        let slip = chance(30) ? 1 : 0
        for place in drafts.indices {
            drafts[place].stream = drafts[0].stream
            drafts[place].type = drafts[0].type
            drafts[place].data = drafts[0].data
            let before = model.lastRevision(of: drafts[0].stream) + place
            drafts[place].expectedRevision = Int64(before + (place == 2 ? slip : 0))
        }
    }

    /// Another spelling, other delivery attributes.
    private mutating func delivered(_ draft: Draft, _ model: Model) -> Draft {
        var draft = draft
        draft.spelling = pick(Draft.Spelling.allCases)
        draft.isTraced = chance(10)
        if draft.expectedRevision == nil || model.sequence(of: draft) != nil {
            let last = Int64(model.lastRevision(of: draft.stream))
            switch number(0...99) {
            case ..<15: draft.expectedRevision = last
            case ..<22: draft.expectedRevision = max(-1, last + Int64(number(-2...2)))
            case ..<27: draft.expectedRevision = -1
            default: draft.expectedRevision = nil
            }
        }
        return draft
    }

    // MARK: Events

    mutating func fresh(_ now: Int64) -> Draft {
        let producer = number(0...sources.count - 1)
        counts[producer] += 1
        let stream = chance(40) ? streams[0] : pick(streams)
        let kind = pick(stream.hasPrefix("report/") ? EventKind.report : EventKind.decision)
        let form = pick(["e-", "杭-", "q\"\\"])
        var draft = Draft(
            source: sources[producer], id: "\(form)\(counts[producer])", type: kind.type,
            stream: stream, moment: moment(now), data: data(kind, now))
        if chance(6) {
            draft.isDayOnly = true
            draft.moment = now + Int64(number(-72...72)) * 3_600_000_000
        }
        return draft
    }

    /// Mostly past, now and then as far ahead as is allowed, or a bit farther.
    private mutating func moment(_ now: Int64) -> Int64 {
        switch number(0...99) {
        case ..<90: now - Int64(number(0...200_000)) * 1_000_000
        case ..<95: now + Int64(number(118...120)) * 1_000_000
        case ..<97: now + 120_000_000 + Int64(number(0...1))
        default: now + Int64(number(-50...900)) * 1_000_000
        }
    }

    private mutating func data(_ kind: EventKind, _ now: Int64) -> [Draft.Member] {
        body(kind, now) + [
            Draft.Member(
                name: "operator", value: "{\"person\":\"P-1\",\"unit\":\"虚构单位\"}")
        ]
    }

    private mutating func body(_ kind: EventKind, _ now: Int64) -> [Draft.Member] {
        kind.fields.map { field in
            let value =
                switch field {
                case .text: Draft.quote(text())
                case .boolean: chance(50) ? "true" : "false"
                case .date: "\"\(CivilText.date(now))\""
                case .word(_, let words): Draft.quote(pick(words))
                }
            return Draft.Member(name: field.name, value: value)
        }
    }

    private mutating func text() -> String {
        let count = chance(3) ? number(1...150) : number(1...8)
        return (0..<count).map { _ in pick(["虚构", "a/b", "\"c\"", "d\\e", "é", "f\ng", "🧾"]) }
            .joined(separator: " ")
    }

    /// The name of an event that is known, with other content.
    private mutating func other(_ model: Model, _ now: Int64) -> Draft {
        guard let place = pickRecord(model), let old = model.records[place].draft else {
            return fresh(now)
        }
        var draft = fresh(now)
        (draft.source, draft.id) = (old.source, old.id)
        if chance(50) {
            // All the same but for one microsecond.
            (draft.type, draft.stream, draft.data) = (old.type, old.stream, old.data)
            (draft.target, draft.isDayOnly) = (old.target, old.isDayOnly)
            draft.moment = old.moment - 1
        }
        return draft
    }

    // MARK: Mending

    private mutating func mending(_ model: Model, _ now: Int64) -> Draft {
        var draft = fresh(now)
        guard let place = pickRecord(model), place < model.tree.leaves.count else { return draft }
        let old = model.records[place]
        draft.stream = old.stream
        var target = Draft.Target(
            sequence: place, leafHash: model.tree.leaves[place].hex, corrected: nil)
        switch number(0...99) {
        case ..<6: target.sequence += number(1...5)
        case ..<10: target.sequence = 1_000_000_000_000
        case ..<16: target.leafHash = String(repeating: "0b", count: 32)
        case ..<22: draft.stream = pick(streams)
        default: break
        }
        let approver = Draft.Member(name: "approver", value: "\"P-2\"")
        let operators = draft.data.filter { $0.name == "operator" }
        switch number(0...2) {
        case 0:
            draft.type = "entry.corrected"
            let corrected = correctedData(old, now)
            target.corrected = corrected
            let whole = Draft.Member(name: "corrected", value: Draft.object(corrected))
            draft.data = operators + [approver, whole, mended("corrects", target)]
        case 1:
            draft.type = "entry.withdrawn"
            draft.data = operators + [approver, mended("withdraws", target)]
        default:
            draft.type = "participant.disputed"
            draft.data =
                operators + [
                    Draft.Member(name: "statement", value: Draft.quote(text())),
                    mended("target", target),
                ]
        }
        draft.target = target
        return draft
    }

    private mutating func correctedData(_ old: Model.Record, _ now: Int64) -> [Draft.Member] {
        guard let kind = EventKind.of(old.type) else { return [] }
        var data = body(kind, now)
        if chance(15) { data.remove(at: number(0...data.count - 1)) }
        return data
    }

    private func mended(_ name: String, _ target: Draft.Target) -> Draft.Member {
        var members = [
            Draft.Member(name: "seq", value: String(target.sequence)),
            Draft.Member(name: "leafHash", value: Draft.quote(target.leafHash)),
        ]
        if name != "target" {
            members.append(Draft.Member(name: "reason", value: "\"misrecorded\""))
        }
        return Draft.Member(name: name, value: Draft.object(members))
    }
}
