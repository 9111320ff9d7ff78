package import CanonicalJSON
package import Catalogue

/// Which cases go on in others, merged (并案) or split (分案): Specs/judging.md section 2.
///
/// The entries that say so stand in the case that goes over (`continuedIn`), in the one that goes
/// on (`continues`), or in both.
package struct CaseJoins: Sendable {
    /// Of each type, the fields that name cases, and which way.
    private let fields: [String: [(name: String, isOnward: Bool)]]
    private let procedures: Set<String>
    /// From each case to those in which it goes on, with the earliest entry that says so.
    private var onward: [String: [String: CaseEntry]] = [:]
    private var back: [String: [String: CaseEntry]] = [:]

    /// So many ways in which a case goes on are followed.
    private static let pathCountMax = 256

    package init(_ book: RuleBook) {
        var fields: [String: [(name: String, isOnward: Bool)]] = [:]
        var procedures: Set<String> = []
        for type in book.catalogue.eventTypes {
            if let name = type.continuedIn { fields[type.name, default: []].append((name, true)) }
            if let name = type.continues { fields[type.name, default: []].append((name, false)) }
            if fields[type.name] != nil, let procedure = type.procedure {
                procedures.insert(procedure)
            }
        }
        (self.fields, self.procedures) = (fields, procedures)
    }

    /// Whether an entry of a case of this procedure can join it with another.
    package func concern(_ procedure: String) -> Bool { procedures.contains(procedure) }

    /// The cases with which an entry joins its own: those in which that goes on, and those with
    /// which it does.
    package func targets(_ type: String, _ data: JSONValue) -> [CaseTarget] {
        (fields[type] ?? []).flatMap { field in
            data[field.name].streams.map { CaseTarget($0, field.isOnward ? .onward : .back) }
        }
    }

    /// How a case is joined with one that a field of some event of its procedure names.
    package func relations(_ procedure: String, field name: String) -> Set<CaseRelation> {
        let own = fields.filter { $0.key.prefix { $0 != "." } == procedure }.values.joined()
        return Set(own.filter { $0.name == name }.map { $0.isOnward ? .onward : .back })
    }

    /// Types of events that can join cases.
    package var types: Set<String> { Set(fields.keys) }

    /// The cases with which one goes on by this event.
    package static func predecessors(_ type: EventType, _ data: JSONValue) -> [String] {
        type.continues.map { data[$0].streams } ?? []
    }

    /// The cases with which one goes on, as its own entries say.
    package static func predecessors(of history: CaseHistory, _ book: RuleBook) -> [String] {
        history.entries.flatMap { entry in
            book.catalogue.eventType(entry.type).map { predecessors($0, entry.data) } ?? []
        }
    }

    /// Takes what a case says of others.
    package mutating func take(_ history: CaseHistory) {
        for entry in history.entries {
            for field in fields[entry.type] ?? [] {
                for other in entry.data[field.name].streams where other != history.stream {
                    let (from, to) =
                        field.isOnward ? (history.stream, other) : (other, history.stream)
                    join(from, to, entry)
                }
            }
        }
    }

    private mutating func join(_ from: String, _ to: String, _ entry: CaseEntry) {
        if let known = onward[from]?[to], known.moment <= entry.moment { return }
        onward[from, default: [:]][to] = entry
        back[to, default: [:]][from] = entry
    }

    // MARK: - What a case has to do with others

    /// All cases from which it came and in which it goes on, directly or not, in a fixed order.
    package func related(to stream: String) -> [String] {
        guard onward[stream] != nil || back[stream] != nil else { return [] }
        return (closure(stream, onward).union(closure(stream, back))).subtracting([stream])
            .sorted()
    }

    private func closure(
        _ stream: String, _ joins: [String: [String: CaseEntry]]
    ) -> Set<String> {
        var found: Set<String> = []
        var open = [stream]
        while let next = open.popLast() {
            for other in (joins[next] ?? [:]).keys where found.insert(other).inserted {
                open.append(other)
            }
        }
        return found
    }

    /// Gives the case what came before it, and what became of it; `histories` are those related to
    /// it, by stream.
    package func join(_ history: inout CaseHistory, _ histories: [String: CaseHistory]) {
        let before = inherited(history.stream, histories, [history.stream])
        let onward = paths(from: history.stream, [history.stream]).prefix(CaseJoins.pathCountMax)
        history.inherit(before)
        history.goOn(onward.compactMap { continuation(of: history, along: $0, histories) })
    }

    private func inherited(
        _ stream: String, _ histories: [String: CaseHistory], _ seen: Set<String>
    ) -> [CaseEntry] {
        (back[stream] ?? [:]).sorted { $0.key < $1.key }.flatMap { other, join -> [CaseEntry] in
            guard !seen.contains(other) else { return [] }
            let entries =
                (histories[other]?.entries ?? [])
                + inherited(other, histories, seen.union([other]))
            return entries.filter { $0.mayPrecede(join) }
        }
    }

    private typealias Step = (stream: String, join: CaseEntry)

    /// Every way in which a case goes on, to its end.
    private func paths(from stream: String, _ seen: Set<String>) -> [[Step]] {
        let next = (onward[stream] ?? [:]).sorted { $0.key < $1.key }
        return next.flatMap { other, join -> [[Step]] in
            guard !seen.contains(other) else { return [] }
            let rest = paths(from: other, seen.union([other]))
            return rest.isEmpty
                ? [[(other, join)]]
                : rest.prefix(CaseJoins.pathCountMax).map { [(other, join)] + $0 }
        }
    }

    private func continuation(
        of history: CaseHistory, along path: [Step], _ histories: [String: CaseHistory]
    ) -> CaseHistory.Continuation? {
        guard let first = path.first else { return nil }
        var entries = history.entries
        for step in path {
            entries += (histories[step.stream]?.entries ?? []).filter { step.join.mayPrecede($0) }
        }
        entries.sort { $0.sequence < $1.sequence }
        return CaseHistory.Continuation(join: first.join, whole: history.with(entries))
    }
}

/// What a case has to do with another.
package enum CaseRelation: Sendable {
    /// They name each other, and a rule of one looks into the other.
    case link
    /// It goes on in the other.
    case onward
    /// The other goes on in it.
    case back

    /// What the other has to do with it.
    package var inverse: CaseRelation {
        switch self {
        case .link: .link
        case .onward: .back
        case .back: .onward
        }
    }
}

/// A case that another one names.
package struct CaseTarget: Hashable, Sendable {
    package let stream: String
    package let relation: CaseRelation

    package init(_ stream: String, _ relation: CaseRelation) {
        (self.stream, self.relation) = (stream, relation)
    }
}

extension JSONValue? {
    /// Streams of this ledger alone: one of another ledger is an object with its origin.
    package var streams: [String] {
        switch self {
        case .string(let text)?: [text]
        case .array(let values)?: values.compactMap(\.string)
        default: []
        }
    }
}
