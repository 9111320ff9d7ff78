package import CanonicalJSON
import Catalogue
package import Projections
import Rules

extension PastView {
    /// What was disclosed to the public and still is, newest first: Specs/http.md section 6.
    ///
    /// Of the entry that disclosed it the fields of the class `public` are given, as corrected.
    package func disclosures(
        of procedure: String?, limit: Int
    ) async throws(ProjectionError) -> [JSONValue] {
        let catalogue = shelf.newest.catalogue
        let named = catalogue.procedures.filter { procedure == nil || $0.id == procedure }
            .flatMap(\.disclosures)
        let known = Dictionary(named.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let done = try await judged(0...0).standings.filter {
            $0.state == .met || $0.state == .late
        }
        let removed = Set(
            done.filter { $0.duty.id.hasSuffix(".removal") }
                .map { Removed(disclosure: String($0.duty.id.dropLast(8)), stream: $0.stream) })
        let shown = done.filter { standing in
            known[standing.duty.id] != nil && standing.end != nil
                && !removed.contains(
                    Removed(disclosure: standing.duty.id, stream: standing.stream))
        }.sorted { ($0.endDay ?? 0, $0.end ?? 0) > ($1.endDay ?? 0, $1.end ?? 0) }
        var answer: [JSONValue] = []
        for standing in shown.prefix(limit) {
            guard let disclosure = known[standing.duty.id], let end = standing.end else { continue }
            let entry = try await prefix(of: standing.stream)?.history.entries
                .first { $0.sequence == end }
            answer.append(
                [
                    "disclosure": .string(disclosure.id), "stream": .string(standing.stream),
                    "seq": .integer(Int64(end)),
                    "day": standing.endDay.map { .string(dayText($0)) } ?? .null,
                    "due": standing.dueDay.map { .string(dayText($0)) } ?? .null,
                    "channel": .string(disclosure.channel),
                    "basis": basisJSON(disclosure.basis),
                    "type": entry.map { .string($0.type) } ?? .null,
                    "fields": .object(entry.map { publicFields($0, catalogue) } ?? []),
                ])
        }
        return answer
    }

    private func publicFields(_ entry: CaseEntry, _ catalogue: EventCatalogue) -> [JSONMember] {
        (catalogue.eventType(entry.type)?.fields ?? []).compactMap { field in
            guard field.readingClass == .public, field.members.isEmpty,
                let value = entry.data[field.name]
            else { return nil }
            return JSONMember(field.name, value)
        }
    }
}

/// A disclosure that was taken down again.
private struct Removed: Hashable {
    let disclosure: String
    let stream: String
}
