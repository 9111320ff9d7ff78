import Catalogue
import Foundation
import LedgerHome
import Logging
import Phrases
import Projections
import Synchronization

/// The read models behind the queries: they follow the ledger, and are asked apart from appending.
struct ReadModels: Sendable {
    let ledger: Ledger
    /// What the newest checkpoint covers.
    let head: Watermark
    /// What the read models hold.
    let followed = Watermark(size: 0)
    private let file: ProjectionFile
    private let projector: Projector
    private let logger: Logger
    private let executor = QueryExecutor()
    private let queue = QueryQueue()

    /// How long a query waits for the read models.
    private static let patience = Duration.seconds(10)
    /// After the models could not follow.
    private static let rest = Duration.seconds(5)

    init(_ ledger: Ledger, _ head: Watermark, logger: Logger) throws(LedgerError) {
        (self.ledger, self.head, self.logger) = (ledger, head, logger)
        do throws(ProjectionError) {
            file = try ProjectionFile(ledger.projectionPath)
        } catch {
            throw LedgerError([error.phrase])
        }
        projector = Projector(file, try ledger.projectionSource())
    }

    // MARK: - Following

    /// Follows the ledger until the service ends.
    func follow() async {
        var position: UInt64 = 0
        while await !head.isStopped, !Task.isCancelled {
            do {
                position = try await withTaskExecutorPreference(executor) {
                    try await projector.catchUp()
                    return try file.position(of: ledger.settings.origin).next
                }
                await followed.advance(to: position)
            } catch is CancellationError {
                break
            } catch let error as ProjectionError where error.kind == .overtaken {
                // A command that reads beside has applied the same records: look again.
                continue
            } catch {
                let reason = (error as? ProjectionError)?.phrase.en ?? "\(error)"
                logger.error("the read models do not follow", metadata: ["reason": "\(reason)"])
                try? await Task.sleep(for: ReadModels.rest)
            }
            _ = await head.wait(beyond: position, atMost: .seconds(60))
        }
        await followed.stop()
    }

    func close() { file.close() }

    // MARK: - Asking

    /// Runs `body` with the models when they hold all that was recorded when it was asked.
    func ask<Result: Sendable>(
        _ body: @Sendable (Ledger, ProjectionFile) async throws -> Result
    ) async throws(Problem) -> Result {
        guard queue.enter() else {
            throw Problem(
                .busy, retryAfterSeconds: 1, en: "too many queries wait", zh: "等待的查询过多")
        }
        defer { queue.leave() }
        let wanted = await head.size
        let reached = await followed.wait(beyond: max(wanted, 1) - 1, atMost: ReadModels.patience)
        guard reached >= wanted else {
            throw Problem(
                .busy, retryAfterSeconds: 5,
                en: "the read models hold \(reached) of \(wanted) records; try again",
                zh: "读模型仅含 \(wanted) 条记录中的 \(reached) 条，请稍后重试")
        }
        do {
            return try await withTaskExecutorPreference(executor) { try await body(ledger, file) }
        } catch {
            throw ReadModels.problem(error)
        }
    }

    private static func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let error as LedgerError: Problem(error)
        case let error as ProjectionError: Problem(error)
        default: Problem(.internal, en: "it was logged", zh: "已记入日志")
        }
    }

    /// The streams that a document number or another alias names.
    func streams(withAlias alias: String) async throws(Problem) -> [String] {
        let key = MentionKey.alias(DocumentNumber.normalised(alias))
        return try await ask { ledger, file in
            let size = try file.position(of: ledger.settings.origin).next
            return try file.streams(naming: key, in: ledger.settings.origin, size: size)
        }
    }
}

/// Runs what may wait for the disk on two threads of its own, so that queries, however long, take
/// none from appending.
private final class QueryExecutor: TaskExecutor {
    private let threads: OperationQueue

    init() {
        threads = OperationQueue()
        threads.name = "hanqing.queries"
        threads.maxConcurrentOperationCount = 2
        threads.qualityOfService = .utility
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        threads.addOperation { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// How many queries are asked or wait.
private final class QueryQueue: Sendable {
    private let count = Mutex(0)
    private static let countMax = 66

    func enter() -> Bool {
        count.withLock { count in
            guard count < QueryQueue.countMax else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}
