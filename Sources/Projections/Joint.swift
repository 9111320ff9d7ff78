package import CanonicalJSON
import Phrases
import SideBySide

/// Something of one of several ledgers: Specs/projections.md section 8.
package struct Joint<Value> {
    /// The ledger's place among those that were asked.
    package let ledger: Int
    package let value: Value

    package init(_ value: Value, of ledger: Int = 0) {
        (self.value, self.ledger) = (value, ledger)
    }
}

extension Joint: Sendable where Value: Sendable {}

/// A list of each ledger made one list.
///
/// Each keeps its own order; what `isBefore` puts in the same place stands in the order of the
/// ledgers.
package func joined<Value>(
    _ lists: [[Value]], by isBefore: (Value, Value) -> Bool
) -> [Joint<Value>] {
    var next = lists.map(\.startIndex)
    var all: [Joint<Value>] = []
    all.reserveCapacity(lists.reduce(0) { $0 + $1.count })
    while true {
        var first: Int?
        for ledger in lists.indices where next[ledger] < lists[ledger].endIndex {
            if let known = first, !isBefore(lists[ledger][next[ledger]], lists[known][next[known]])
            {
                continue
            }
            first = ledger
        }
        guard let first else { return all }
        all.append(Joint(lists[first][next[first]], of: first))
        next[first] += 1
    }
}

/// A list of each ledger, ledger by ledger.
package func joined<Value>(_ lists: [[Value]]) -> [Joint<Value>] {
    lists.enumerated().flatMap { place, list in list.map { Joint($0, of: place) } }
}

extension JSONValue {
    /// The object with `ledger` in front: whose it is.
    package func of(ledger origin: String) -> JSONValue {
        .object([JSONMember("ledger", .string(origin))] + (members ?? []))
    }
}

/// Asks each ledger, side by side; the answers stand in the order of the ledgers.
///
/// An error names its ledger where there are several.
package func asking<Value: Sendable>(
    _ views: [any PastView],
    _ body: @escaping @Sendable (any PastView) async throws(ProjectionError) -> Value
) async throws(ProjectionError) -> [Value] {
    let answers = await sideBySide(views) {
        (view) async -> Result<Value, ProjectionError> in
        do throws(ProjectionError) {
            return .success(try await body(view))
        } catch {
            guard views.count > 1 else { return .failure(error) }
            return .failure(
                ProjectionError(
                    en: "\(view.origin): \(error.phrase.en)",
                    zh: "\(view.origin)：\(error.phrase.zh)", kind: error.kind))
        }
    }
    var values: [Value] = []
    for answer in answers { values.append(try answer.get()) }
    return values
}
