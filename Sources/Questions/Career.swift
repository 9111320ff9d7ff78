import Projections
import Records
import Rules

/// What a person held on which days, from his own case.
struct Career {
    enum Kind: String {
        case post, acting, delegation
    }

    struct Spell {
        let kind: Kind
        let entry: CaseEntry
        let days: ClosedRange<Int>
        /// The entry that ended it before its time.
        let end: CaseEntry?
    }

    let person: String
    let stream: String?
    private(set) var spells: [Spell] = []

    /// Empty if nobody recorded the person.
    init(_ person: String, _ cases: [PastCase]) {
        let own = cases.first { $0.last("person.registered")?.text("person") == person }
        (self.person, stream) = (person, own?.stream)
        for entry in own?.entries ?? [] {
            if let spell = own.flatMap({ Career.spell(entry, $0) }) { spells.append(spell) }
        }
    }

    static func of(
        _ person: String, _ past: any PastView
    ) async throws(ProjectionError) -> Career {
        Career(person, try await past.cases(naming: .person(person), of: ["person"]))
    }

    func spells(on day: Int, _ kinds: Kind...) -> [Spell] {
        spells.filter { $0.days.contains(day) && (kinds.isEmpty || kinds.contains($0.kind)) }
    }

    /// The posts held on that day.
    func posts(on day: Int) -> [String] {
        spells(on: day, .post, .acting).compactMap { $0.entry.text("post") }
    }

    /// The post as the record names it, or else as the person's own case does.
    func post(_ act: Act) -> Value {
        if let post = act.post { return .text(post) }
        return .some(posts(on: act.entry.day).map { .text($0) })
    }

    // MARK: - From entries

    /// Ends of everything, with the field that names the day.
    private static let ends = [
        "person.transferred": "transferredOn", "person.retired": "retiredOn",
        "person.resigned": "resignedOn", "person.deceased": "deceasedOn",
    ]

    private static func spell(_ entry: CaseEntry, _ own: PastCase) -> Spell? {
        let kind: Kind
        switch entry.type {
        case "person.post-assumed": kind = .post
        case "person.acting-started": kind = .acting
        case "person.delegation-granted": kind = .delegation
        default: return nil
        }
        let first = entry.day("startsOn") ?? entry.day
        let end = own.entries.drop { $0.sequence != entry.sequence }.dropFirst().first {
            isEnd($0, of: entry, kind)
        }
        let ended = end.flatMap { end in
            end.day(ends[end.type] ?? (end.type == "person.post-left" ? "leftOn" : "endedOn"))
                ?? end.day
        }
        // On the day on which it ends it is not held any more, as in the registers.
        let last = min(entry.day("endsOn") ?? .max, ended.map { $0 - 1 } ?? .max)
        return first <= last ? Spell(kind: kind, entry: entry, days: first...last, end: end) : nil
    }

    private static func isEnd(_ end: CaseEntry, of entry: CaseEntry, _ kind: Kind) -> Bool {
        switch kind {
        case .post:
            ends[end.type] != nil
                || end.type == "person.post-left" && end.text("post") == entry.text("post")
        case .acting:
            ends[end.type] != nil
                || end.type == "person.acting-ended" && end.text("post") == entry.text("post")
        case .delegation:
            ends[end.type] != nil
                || end.type == "person.delegation-ended" && end.text("kind") == entry.text("kind")
                    && end.text("delegator") == entry.text("delegator")
        }
    }
}
