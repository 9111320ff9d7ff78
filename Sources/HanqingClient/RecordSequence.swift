import Merkle
import Phrases
import RecordStreams

/// Records in order, each once: it goes on by itself where a connection broke off.
///
/// Each iterator is a reading of its own, for one task. Nothing is read that nobody has asked for.
public struct RecordSequence: AsyncSequence, Sendable {
    /// What it gives.
    public typealias Element = Record
    /// Why it ends early.
    public typealias Failure = ClientError

    /// Where reading begins.
    public enum Start: Hashable, Sendable {
        /// At what is recorded after the first record was asked for.
        case head
        /// At the record with this number.
        case record(UInt64)
    }

    enum Form: Sendable {
        /// What there is.
        case list
        /// That, and what is recorded later.
        case stream
    }

    /// What is asked of the service.
    struct Plan: Sendable {
        let client: LedgerClient
        let form: Form
        let selection: Selection
        let start: Start
        let headers: [(name: String, value: String)]
    }

    private let plan: Plan
    /// How long to try again without a step forward; nil for ever.
    private let patience: Duration?

    init(_ plan: Plan, patience: Duration?) {
        (self.plan, self.patience) = (plan, patience)
    }

    /// A reading of its own, from the start.
    public func makeAsyncIterator() -> Iterator { Iterator(plan, patience) }

    /// One reading.
    public struct Iterator: AsyncIteratorProtocol {
        private let plan: Plan
        private let patience: Duration?
        private var connection: Connection?
        private var passages: [Passage] = []
        /// The number from which on records are wanted; nil until it is known where the head is.
        private var position: UInt64?
        /// Whether ``position`` came from the service itself.
        private var hasCome = false
        private var last: Record?
        private var failureCount = 0
        private var lastProgress: Duration
        private var isOver = false

        init(_ plan: Plan, _ patience: Duration?) {
            (self.plan, self.patience) = (plan, patience)
            lastProgress = plan.client.sender.clock.now()
            if case .record(let number) = plan.start { position = number }
        }

        /// An answer that is being read.
        private struct Connection {
            var body: any AsyncIteratorProtocol<[UInt8], any Error>
            var parser: any RecordParser
        }

        /// The next record; nil at the end of a list, and after an error.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(ClientError) -> Record? {
            while !isOver {
                if let record = try take() { return record }
                try await read()
            }
            return nil
        }
    }
}

// MARK: - What has come

extension RecordSequence.Iterator {
    /// The next record of those that have come.
    private mutating func take() throws(ClientError) -> Record? {
        while let passage = passages.popLast() {
            switch passage {
            case .lookedAt(let number):
                advance(to: number + 1)
            case .record(let bytes):
                guard let record = Record(bytes) else { throw end(.unreadableRecord) }
                if let position, record.sequence < position {
                    throw end(.repeated(record.sequence))
                }
                if let last, record.sequence == last.sequence + 1, record.previous != last.leaf {
                    throw end(.unlinked(record.sequence))
                }
                last = record
                advance(to: record.sequence + 1)
                return record
            }
        }
        return nil
    }

    private mutating func advance(to number: UInt64) {
        (position, hasCome, failureCount) = (max(number, position ?? 0), true, 0)
        lastProgress = plan.client.sender.clock.now()
    }

    private mutating func end(_ error: ClientError) -> ClientError {
        (isOver, connection) = (true, nil)
        return error
    }
}

// MARK: - Reading on

extension RecordSequence.Iterator {
    /// Why reading stopped for the moment.
    private struct Interruption: Error {
        let error: ClientError
        let retryAfter: Duration?
    }

    /// Reads the next piece, connecting if need be, or waits before the next try.
    private nonisolated(nonsending) mutating func read() async throws(ClientError) {
        do throws(Interruption) {
            if connection == nil { try await connect() }
            guard var open = connection else { return }
            guard let piece = try await piece(&open) else {
                if plan.form == .list, open.parser.mayEnd {
                    isOver = true
                    return
                }
                throw Interruption(error: .unanswered(StreamEnded()), retryAfter: nil)
            }
            do throws(UnreadableBody) {
                passages = try open.parser.take(piece).reversed()
            } catch {
                throw Interruption(error: .unreadableRecord, retryAfter: nil)
            }
            connection = open
        } catch {
            connection = nil
            try await wait(after: error)
        }
    }

    private nonisolated(nonsending) func piece(
        _ open: inout Connection
    ) async throws(Interruption) -> [UInt8]? {
        do {
            return try await open.body.next(isolation: #isolation)
        } catch {
            throw Interruption(error: .unanswered(error), retryAfter: nil)
        }
    }

    private nonisolated(nonsending) mutating func connect() async throws(Interruption) {
        let client = plan.client
        let answer: ServiceAnswer
        do {
            if position == nil { position = try await client.size() }
            answer = try await client.sender.transport.send(request(from: position ?? 0))
            guard answer.status == 200 else {
                let body = try await answer.bytes(upTo: 1 << 20)
                throw ClientError.refused(Problem(answer.status, answer.headers, body))
            }
        } catch let error as ClientError {
            throw Interruption(error: error, retryAfter: error.problem?.retryAfter)
        } catch {
            throw Interruption(error: .unanswered(error), retryAfter: nil)
        }
        let parser: any RecordParser =
            plan.form == .stream ? EventStreamParser() : LineParser()
        connection = Connection(body: answer.body.makeAsyncIterator(), parser: parser)
    }

    private func request(from position: UInt64) -> ServiceRequest {
        let path = plan.form == .stream ? "/v1/stream" : "/v1/events"
        let mediaType = plan.form == .stream ? "text/event-stream" : "application/x-ndjson"
        var headers = plan.headers + [(name: "Accept", value: mediaType)]
        if plan.form == .stream, hasCome {
            headers.append((name: "Last-Event-ID", value: String(position - 1)))
        }
        let query = "?from=\(position)" + plan.selection.query
        return ServiceRequest(.get, path + query, headers)
    }

    /// Waits before the next try, or ends if there shall be none.
    private nonisolated(nonsending) mutating func wait(
        after interruption: Interruption
    ) async throws(ClientError) {
        let error = interruption.error
        switch error.kind {
        case .refused(let problem) where problem.mayPass: break
        case .unavailable: break
        default: throw end(error)
        }
        failureCount += 1
        let sender = plan.client.sender
        let wait = sender.wait(after: failureCount, interruption.retryAfter)
        let elapsed = sender.clock.now() - lastProgress
        if !Task.isCancelled, let patience, elapsed + wait > patience { throw end(error) }
        do throws(ClientError) {
            try await sender.pause(for: wait, after: error)
        } catch {
            throw end(error)
        }
    }
}

/// The service ended a stream that has no end: it stops, and comes back.
private struct StreamEnded: Error {}

extension ClientError {
    fileprivate static let unreadableRecord = unreadable(
        Phrase(en: "what the service sent is no record", zh: "服务发来的不是记录"))

    fileprivate static func repeated(_ sequence: UInt64) -> ClientError {
        unverified(
            Phrase(
                en: "the service sent record \(sequence) out of order",
                zh: "服务未按顺序发送记录 \(sequence)"))
    }

    fileprivate static func unlinked(_ sequence: UInt64) -> ClientError {
        unverified(
            Phrase(
                en: "record \(sequence) does not follow from the one before it: the ledger was "
                    + "changed. Keep both; they are evidence",
                zh: "记录 \(sequence) 与前一条记录不衔接：账本被改动。请保存两条记录，它们是证据"))
    }
}
