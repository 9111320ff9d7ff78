extension Array where Element: Sendable {
    /// What becomes of each, in order; made side by side where there are enough of them that this
    /// is worth the tasks.
    package func mapSideBySide<Made: Sendable>(
        _ make: @escaping @Sendable (Element) -> Made
    ) async -> [Made] {
        let share = 64
        guard count > share else { return map(make) }
        return await withTaskGroup(of: (Int, [Made]).self) { group in
            for start in stride(from: 0, to: count, by: share) {
                let part = self[start..<Swift.min(start + share, count)]
                group.addTask { (start, part.map(make)) }
            }
            var parts: [(start: Int, made: [Made])] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.start < $1.start }.flatMap(\.made)
        }
    }
}
