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

    /// What a task brings back: some pieces in a row, so that handing over costs little.
    private struct Done: Sendable {
        let number: Int
        let results: [ChunkResult?]
        let lent: Lent
    }

    private static let piecesInRunMax = 8

    /// Scans all pieces; `take` is called for each in turn.
    ///
    /// At most a few runs a worker wait for an earlier one, so memory does not grow with the log.
    func run(
        _ pieces: [Piece], take: (Piece, ChunkResult?) throws -> Void
    ) async throws {
        let runs = runs(of: pieces)
        try await withThrowingTaskGroup(of: Done.self) { group in
            var idle = (0..<workers).map { _ in
                Lent(scanner: ChunkScanner(plan, records: records, index: index))
            }
            var waiting: [Int: Done] = [:]
            var (started, taken) = (0, 0)
            while taken < runs.count {
                while started < runs.count, started - taken < 3 * workers,
                    let lent = idle.popLast()
                {
                    let (number, run) = (started, runs[started])
                    group.addTask {
                        let results = try ParallelScan.scan(run, lent.scanner)
                        return Done(number: number, results: results, lent: lent)
                    }
                    started += 1
                }
                guard let done = try await group.next() else { break }
                idle.append(done.lent)
                waiting[done.number] = done
                while let next = waiting.removeValue(forKey: taken) {
                    for (piece, result) in zip(runs[taken], next.results) {
                        try take(piece, result)
                    }
                    taken += 1
                }
            }
        }
    }

    private static func scan(
        _ run: ArraySlice<Piece>, _ scanner: ChunkScanner
    ) throws -> [ChunkResult?] {
        var results: [ChunkResult?] = []
        for piece in run {
            try Task.checkCancellation()
            results.append(try scanner.scan(piece, from: nil))
        }
        return results
    }

    private func runs(of pieces: [Piece]) -> [ArraySlice<Piece>] {
        let length = min(max(pieces.count / (4 * workers), 1), ParallelScan.piecesInRunMax)
        return stride(from: 0, to: pieces.count, by: length).map {
            pieces[$0..<min($0 + length, pieces.count)]
        }
    }
}
