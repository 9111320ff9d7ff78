import Access
import CanonicalJSON
import Catalogue
import LedgerHome
import LedgerStore
import Logging
import Phrases
import Projections
import Records
import Sequencing
import Synchronization

/// The read models behind the queries: they follow the ledger, and are asked apart from appending.
struct ReadModels: Sendable {
    let ledger: Ledger
    /// Of this catalogue and of earlier ones.
    let procedures: [String]
    /// Procedures that the public and rights for all do not reach.
    let apart: Set<String>
    /// What the newest checkpoint covers.
    let head: Watermark
    /// What the read models hold.
    let followed = Watermark(size: 0)
    /// What queries wait for.
    private let demanded = Watermark(size: 0)
    private let file: ProjectionFile
    private let projector: Projector
    private let logger: Logger
    private let executor = DiskExecutor(threadCount: 2)
    /// Who appends goes before, unless somebody asks: the models may be behind, and say by how
    /// much.
    private let follower = DiskExecutor(threadCount: 2, isYielding: true)
    private let queue = QueryQueue(countMax: 66)

    /// How long a query waits for the read models.
    private static let patience = Duration.seconds(10)
    /// How long records gather to be applied together, unless a query waits for them: one by one
    /// each would cost several times as much.
    private static let gathering = Duration.milliseconds(100)
    /// Few, so that a query does not wait long for what was begun while nobody asked.
    private static let batchSize = 1_024
    /// After the models could not follow.
    private static let rest = Duration.seconds(5)

    init(_ ledger: Ledger, _ head: Watermark, logger: Logger) throws(LedgerError) {
        (self.ledger, self.head, self.logger) = (ledger, head, logger)
        (procedures, apart) = (try ledger.proceduresEver(), try ledger.apartEver())
        do throws(ProjectionError) {
            file = try ProjectionFile(ledger.projectionPath)
        } catch {
            throw LedgerError([error.phrase])
        }
        projector = Projector(
            file, try ledger.projectionSource(), batchSize: ReadModels.batchSize)
    }

    // MARK: - Following

    /// Follows the ledger until the service ends.
    func follow() async {
        var position: UInt64 = 0
        while !head.isStopped, !Task.isCancelled {
            do {
                let isWanted = demanded.size > position
                position = try await withTaskExecutorPreference(isWanted ? executor : follower) {
                    try await projector.catchUp(batches: 1)
                    return try file.position(of: ledger.settings.origin).next
                }
                followed.advance(to: position)
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
            let size = await head.wait(beyond: position, atMost: .seconds(15))
            if size < position + UInt64(ReadModels.batchSize) {
                _ = await demanded.wait(beyond: position, atMost: ReadModels.gathering)
            }
            // Not every record comes in by a request.
            try? await head.look(at: ledger)
        }
        followed.stop()
    }

    func close() { file.close() }

    // MARK: - Asking

    /// What a query is asked of.
    struct Asked: Sendable {
        let ledger: Ledger
        let file: ProjectionFile
        let past: any PastView
    }

    /// Runs `body` with the models as of `moment`, or of when it was asked, as soon as they hold
    /// what was recorded by then; cases of the procedures `hidden` are not there.
    func ask<Result: Sendable>(
        asOf moment: Timestamp? = nil, without hidden: Set<String>,
        _ body: @Sendable (Asked) async throws -> Result
    ) async throws(Problem) -> Result {
        guard queue.enter() else {
            throw Problem(
                .busy, retryAfterSeconds: 1, en: "too many queries wait", zh: "等待的查询过多")
        }
        defer { queue.leave() }
        // Fixed now: what is recorded while it waits is not asked for.
        let (moment, wanted) = try await size(asOf: moment)
        demanded.advance(to: wanted)
        let reached = await followed.wait(beyond: max(wanted, 1) - 1, atMost: ReadModels.patience)
        guard reached >= wanted else {
            throw Problem(
                .busy, retryAfterSeconds: 5,
                en: "the read models hold \(reached) of \(wanted) records; try again",
                zh: "读模型仅含 \(wanted) 条记录中的 \(reached) 条，请稍后重试")
        }
        do {
            return try await withTaskExecutorPreference(executor) {
                let whole = try await ProjectedPast(ledger, file, asOf: moment, size: wanted)
                let past: any PastView =
                    hidden.isEmpty ? whole : try await PartialPast(whole, without: hidden)
                return try await body(Asked(ledger: ledger, file: file, past: past))
            }
        } catch {
            throw ReadModels.problem(error)
        }
    }

    /// Answers with what `body` makes of the models as the caller may see them, who reads at a
    /// level: nothing of the cases that are kept apart from him.
    func answer(
        _ request: APIRequest, at level: Redaction, asOf moment: Timestamp?,
        _ body: @Sendable (Asked) async throws -> JSONValue
    ) async throws(Problem) -> APIResponse {
        let hidden = request.caller.hidden(at: level)
        let answer = try await ask(asOf: moment, without: hidden, body)
        return APIResponse(json: answer.leavingOut(hidden))
    }

    private func size(asOf moment: Timestamp?) async throws(Problem) -> (Timestamp, UInt64) {
        do throws(StoreError) {
            try await head.look(at: ledger)
        } catch {
            throw Problem(error)
        }
        guard let moment else { return (ledger.clock.wall(), head.size) }
        do throws(LedgerError) {
            return (moment, try await ledger.size(asOf: moment))
        } catch {
            throw Problem(error)
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
        return try await ask(without: []) { try await $0.past.streams(naming: key) }
    }
}

/// How many queries are asked or wait.
final class QueryQueue: Sendable {
    private let count = Mutex(0)
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
    }

    func enter() -> Bool {
        count.withLock { count in
            guard count < countMax else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}
