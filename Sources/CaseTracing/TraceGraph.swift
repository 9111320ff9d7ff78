import Phrases
import Rules

/// The cases of a trace and the links between them, each pair once, from the earlier case to the
/// later: Specs/tracing.md section 4.
struct TraceGraph {
    struct Edge {
        /// Places in ``cases``, `from` before `to`.
        let from: Int
        let to: Int
        let fromRecord: UInt64
        let toRecord: UInt64
        var kinds: [LinkKind]
    }

    let cases: [TracedCase]
    /// Of each case.
    let acts: [[Act]]
    private(set) var edges: [Edge] = []

    init(_ trace: Trace) {
        cases = trace.cases
        let byStream = Dictionary(grouping: trace.acts, by: \.stream)
        acts = trace.cases.map { byStream[$0.stream] ?? [] }
        let places = Dictionary(
            cases.enumerated().map { ($1.stream, $0) }, uniquingKeysWith: { first, _ in first })
        let strong = trace.links.filter { $0.kind != .enterprise }
        for link in strong { add(link, places) }
        // The enterprise holds together what nothing else does.
        for link in trace.links where link.kind == .enterprise {
            guard let one = places[link.from], let other = places[link.to] else { continue }
            if !hangTogether(one, other) { add(link, places) }
        }
    }

    /// Whether edges lead from one case to the other, in whichever direction.
    private func hangTogether(_ one: Int, _ other: Int) -> Bool {
        var reached: Set<Int> = [one]
        var open = [one]
        while let next = open.popLast() {
            for edge in edges where edge.from == next || edge.to == next {
                let end = edge.from == next ? edge.to : edge.from
                if reached.insert(end).inserted { open.append(end) }
            }
        }
        return reached.contains(other)
    }

    private mutating func add(_ link: TraceLink, _ places: [String: Int]) {
        guard let naming = places[link.from], let named = places[link.to], naming != named else {
            return
        }
        let target = link.target ?? record(of: named, for: link)
        let isForward = named < naming
        let edge = Edge(
            from: isForward ? named : naming, to: isForward ? naming : named,
            fromRecord: isForward ? target : link.record,
            toRecord: isForward ? link.record : target, kinds: [link.kind])
        if let known = edges.firstIndex(where: { $0.from == edge.from && $0.to == edge.to }) {
            if !edges[known].kinds.contains(link.kind) { edges[known].kinds.append(link.kind) }
        } else {
            edges.append(edge)
        }
    }

    /// Where an edge meets a case of which no record is named: at its newest entry by then.
    private func record(of place: Int, for link: TraceLink) -> UInt64 {
        let own = acts[place]
        let before = own.last { $0.record < link.record } ?? own.first
        return before?.record ?? 0
    }
}

/// How an entry is marked in a graph.
struct ActMark {
    private let act: Act

    init(_ act: Act) {
        self.act = act
    }

    /// The colour behind it; nil is none.
    var fill: String? {
        if act.phase == .outcome { return "#ffd6d6" }
        if act.isWithdrawn || act.fate == .withheld { return "#e4e4e4" }
        if act.findings.contains(where: { $0.kind != .lateEntry && $0.isStanding }) {
            return "#ffe3bf"
        }
        if !act.dissents.isEmpty { return "#e6dcff" }
        if act.isEnteredAfterOutcome { return "#fff6b3" }
        return nil
    }

    /// The colour of what is said of it: red of what somebody must look at.
    var ink: String {
        let isBroken = act.findings.contains { $0.kind != .lateEntry && $0.isStanding }
        let isGrave = isBroken || act.isWithdrawn || !act.dissents.isEmpty
        return isGrave || act.fate == .corrected ? "#b42318" : "#8a6d00"
    }

    /// What is to be said of it, in few words.
    func note(_ words: Wording) -> String? {
        var parts: [String] = []
        for person in act.dissents {
            parts.append("\(person.person) \(words.opinion(person.opinion ?? ""))")
        }
        let broken = act.findings.filter { $0.kind != .lateEntry && $0.isStanding }
        if !broken.isEmpty { parts.append(broken.map(\.rule).joined(separator: " ")) }
        if act.isEnteredAfterOutcome {
            parts.append(words.text(en: "entered after", zh: "案发后补录"))
        } else if act.lateness != nil {
            parts.append(words.text(en: "late entry", zh: "迟录"))
        }
        if act.fate == .corrected { parts.append(words.text(en: "corrected", zh: "已更正")) }
        if act.isWithdrawn { parts.append(words.text(en: "withdrawn", zh: "已撤回")) }
        if act.words.contains(where: \.isDispute) {
            parts.append(words.text(en: "disputed", zh: "有异议"))
        }
        return parts.isEmpty ? nil : parts.joined(separator: words.text(en: ", ", zh: "，"))
    }
}

extension Finding {
    /// Whether nobody said that it is none.
    var isStanding: Bool { state != .dismissed }
}
