/// Makes things side by side and hands them on in order, a few ahead of what is handed on.
enum Pipeline {
    static func run<Part: Sendable, Made: Sendable>(
        _ parts: [Part], atOnce: Int, _ make: @escaping @Sendable (Part) async throws -> Made,
        _ take: (Part, Made) throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, Made).self) { group in
            var (begun, done) = (0, 0)
            var ready: [Int: Made] = [:]
            while done < parts.count {
                while begun < min(parts.count, done + atOnce) {
                    let (place, part) = (begun, parts[begun])
                    group.addTask { (place, try await make(part)) }
                    begun += 1
                }
                while ready[done] == nil, let (place, made) = try await group.next() {
                    ready[place] = made
                }
                try Task.checkCancellation()
                guard let made = ready.removeValue(forKey: done) else { return }
                try take(parts[done], made)
                done += 1
            }
        }
    }
}
