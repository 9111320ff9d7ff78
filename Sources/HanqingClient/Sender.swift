/// Sends a request until it is answered or patience ends: Specs/client.md section 1.
struct Sender: Sendable {
    let transport: any Transport
    let clock: any ClientClock
    /// A number from 0 up to 1, each time another.
    let chance: @Sendable () -> Double

    /// More than any receipts of a batch have.
    private static let answerByteCountMax = 256 << 20
    private static let firstWait = Duration.milliseconds(100)
    private static let longestWait = Duration.seconds(30)

    struct Answered: Sendable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]
    }

    /// Why a try was to no avail.
    private struct Failure {
        let error: ClientError
        let didNothing: Bool
        let retryAfter: Duration?
    }

    func send(
        _ request: ServiceRequest, patience: Duration
    ) async throws(ClientError) -> Answered {
        let begun = clock.now()
        var failureCount = 0
        var isUncertain = false
        while true {
            let failure: Failure
            do throws(ClientError) {
                switch try await once(request) {
                case .answered(let answered): return answered
                case .failed(let failed): failure = failed
                }
            } catch {
                var error = error
                error.mayBeRecorded = isUncertain && !(error.problem?.judgesEvents ?? false)
                throw error
            }
            failureCount += 1
            isUncertain = isUncertain || !failure.didNothing
            var error = failure.error
            error.mayBeRecorded = isUncertain
            let wait = wait(after: failureCount, failure.retryAfter)
            guard Task.isCancelled || clock.now() - begun + wait <= patience else { throw error }
            try await pause(for: wait, after: error)
        }
    }

    private enum Outcome {
        case answered(Answered)
        case failed(Failure)
    }

    private func once(_ request: ServiceRequest) async throws(ClientError) -> Outcome {
        let answered: Answered
        do {
            let answer = try await transport.send(request)
            answered = Answered(
                status: answer.status, headers: answer.headers,
                body: try await answer.bytes(upTo: Sender.answerByteCountMax))
        } catch {
            return .failed(
                Failure(error: .unanswered(error), didNothing: false, retryAfter: nil))
        }
        if 200..<300 ~= answered.status { return .answered(answered) }
        let problem = Problem(answered.status, answered.headers, answered.body)
        guard problem.mayPass else { throw .refused(problem) }
        return .failed(
            Failure(
                error: .unavailable(problem), didNothing: problem.didNothing,
                retryAfter: problem.retryAfter))
    }

    // MARK: - Waiting

    /// Full jitter: those who failed at one moment come back at many.
    func wait(after failureCount: Int, _ retryAfter: Duration?) -> Duration {
        let doublings = min(failureCount - 1, 20)
        let ceiling = min(Sender.longestWait, Sender.firstWait * (1 << doublings))
        return (retryAfter ?? .zero) + ceiling * chance()
    }

    /// Who is cancelled before or meanwhile is told what came of the last try.
    func pause(for duration: Duration, after last: ClientError) async throws(ClientError) {
        do {
            try Task.checkCancellation()
            try await clock.wait(for: duration)
        } catch {
            var cancelled = ClientError.cancelled
            cancelled.mayBeRecorded = last.mayBeRecorded
            throw cancelled
        }
    }
}
