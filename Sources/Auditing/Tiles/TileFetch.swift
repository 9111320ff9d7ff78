import Merkle

/// Fetches ahead, so that a server far away is not waited for one file at a time.
struct TileFetch<Value: Sendable>: Sendable {
    /// How many files are asked for at once.
    static var width: Int { 16 }

    let fetch: @Sendable (Tile) async throws(SourceError) -> Value

    /// Gives what was fetched to `take`, in the order of `tiles`.
    func each(
        _ tiles: some Sequence<Tile>, _ take: (Tile, Value) throws -> Void
    ) async throws {
        let fetch = fetch
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var rest = tiles.makeIterator()
            var asked: [Tile] = []
            var arrived: [Int: Value] = [:]
            func ask() {
                guard let tile = rest.next() else { return }
                let place = asked.count
                asked.append(tile)
                group.addTask { (place, try await fetch(tile)) }
            }
            for _ in 0..<Self.width { ask() }
            var next = 0
            while let (place, value) = try await group.next() {
                arrived[place] = value
                while let value = arrived.removeValue(forKey: next) {
                    try take(asked[next], value)
                    next += 1
                    ask()
                }
            }
        }
    }
}
