/// Which known name somebody may have meant.
enum NearestName {
    /// The name in `known` with the fewest letters added, left out or changed; nil if more than a
    /// third of `word`, and more than two, would have to be.
    static func of(_ word: String, in known: [String]) -> String? {
        guard !word.isEmpty else { return nil }
        let bound = max(2, word.utf8.count / 3)
        let near = known.map { (name: $0, distance: distance(word, $0)) }
            .filter { $0.distance <= bound && $0.distance < $0.name.utf8.count }
        return near.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// Levenshtein's distance, row by row.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8.prefix(64)), Array(right.utf8.prefix(64)))
        var row = Array(0...right.count)
        for (line, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in right.enumerated() {
                let changed = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
