/// Lends scanners to a fixed number of tasks and gives their results on in the order of the log.
struct ParallelScan {
    let plan: ScanPlan
    let records: any RecordReader
    let index: any IndexReader
    let workers: Int

    /// A scanner on its way to a task and back.
    ///
    /// Sendable is sound: a scanner is either among the idle ones of the one task that lends them,
    /// or held by the one child task that it was handed to; it comes back with the child's result.
    private struct Lent: @unchecked Sendable {
        let scanner: ChunkScanner
    }

    private struct Done: Sendable {
        let number: Int
        let result: ChunkResult?
        let lent: Lent
    }

    /// Scans all pieces; `take` is called for each in turn.
    ///
    /// At most a few pieces a worker wait for an earlier one, so memory does not grow with the log.
    func run(
        _ pieces: [Piece], take: (Piece, ChunkResult?) throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Done.self) { group in
            var idle = (0..<workers).map { _ in
                Lent(scanner: ChunkScanner(plan, records: records, index: index))
            }
            var waiting: [Int: Done] = [:]
            var (started, taken) = (0, 0)
            while taken < pieces.count {
                while started < pieces.count, started - taken < 4 * workers,
                    let lent = idle.popLast()
                {
                    let (number, piece) = (started, pieces[started])
                    group.addTask {
                        try Task.checkCancellation()
                        let result = try lent.scanner.scan(piece, from: nil)
                        return Done(number: number, result: result, lent: lent)
                    }
                    started += 1
                }
                guard let done = try await group.next() else { break }
                idle.append(done.lent)
                waiting[done.number] = done
                while let next = waiting.removeValue(forKey: taken) {
                    try take(pieces[taken], next.result)
                    taken += 1
                }
            }
        }
    }
}
