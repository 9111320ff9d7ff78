import CanonicalJSON
import Catalogue
import Digests
import LedgerStore
import Records
import Rules

// What gates must see before a plan is made.
extension Sequencer {
    /// The cases of events that a rule may refuse, folded; nil where there is none.
    func gate(
        for events: [ValidatedEvent], _ keys: [EventKeys]
    ) async throws(StoreError) -> Gate? {
        guard let book else { return nil }
        var streams: [StreamName] = []
        var hashes: [ShortHash] = []
        var asked: Set<ShortHash> = []
        for (event, key) in zip(events, keys) where Gate.needs(event.event, book) {
            guard let stream = StreamName(event.event.text(event.event.subject)),
                asked.insert(key.stream).inserted
            else { continue }
            streams.append(stream)
            hashes.append(key.stream)
        }
        guard !streams.isEmpty else { return nil }
        var gate = Gate(book)
        for (history, hash) in zip(try await recorded(streams, book), hashes) {
            let submitted = zip(events, keys).lazy.filter { $1.stream == hash }.map(\.0)
            gate.hold(try await whole(history, submitted: Array(submitted), book), as: hash)
        }
        return gate
    }

    /// What gates see of a case, and of those with which it goes on.
    private func whole(
        _ history: CaseHistory, submitted: [ValidatedEvent], _ book: RuleBook
    ) async throws(StoreError) -> CaseHistory {
        var open = CaseJoins.predecessors(of: history, book)
        for event in submitted {
            guard let type = book.catalogue.eventType(event.event.text(event.event.type)),
                type.continues != nil, let json = try? JSONValue(parsing: event.event.bytes)
            else { continue }
            open += CaseJoins.predecessors(type, json["data"] ?? .null)
        }
        guard !open.isEmpty else { return history }
        var history = history
        var seen: Set<String> = [history.stream]
        var inherited: [CaseEntry] = []
        while !open.isEmpty, seen.count <= Sequencer.predecessorCountMax {
            let next = open.filter { seen.insert($0).inserted }.compactMap { StreamName($0) }
            let before = try await recorded(next, book)
            inherited += before.flatMap(\.entries)
            open = before.flatMap { CaseJoins.predecessors(of: $0, book) }
        }
        history.inherit(inherited)
        return history
    }

    /// So many cases with which one goes on are looked at before one of its events is recorded.
    private static let predecessorCountMax = 64

    private func recorded(
        _ streams: [StreamName], _ book: RuleBook
    ) async throws(StoreError) -> [CaseHistory] {
        let lines = try await store.lines(of: streams)
        return zip(streams, lines).map { stream, lines in
            let seen = lines.filter { RecordText.type(of: $0).map(book.isSeenByGates) ?? true }
            return CaseHistory(stream: stream.text, lines: seen, clock: book.clock)
                .renamed(book.catalogue.formerNames)
        }
    }
}
