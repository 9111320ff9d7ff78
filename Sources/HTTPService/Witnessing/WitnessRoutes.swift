import Checkpoints
import DurableFiles
import HTTPTypes
import Logging
import Phrases
import Witnessing

/// The two calls of c2sp.org/tlog-witness that this witness has, and whether it lives.
struct WitnessRoutes: Sendable {
    let witness: Witness
    let seconds: @Sendable () -> UInt64
    let logger: Logger

    /// Judging waits for the disk, and for other processes that share the state: one request at a
    /// time, on a thread that may wait.
    private let desk = DiskExecutor(threadCount: 1)

    private static let sizeType = "text/x.tlog.size"

    init(witness: Witness, seconds: @escaping @Sendable () -> UInt64, logger: Logger) {
        (self.witness, self.seconds, self.logger) = (witness, seconds, logger)
    }

    var table: [Route] {
        [
            Route(
                .post, "/add-checkpoint", .anyone, en: "Ask for a cosignature", zh: "请求联署",
                answer: add),
            Route(.get, "/healthz", .anyone, en: "Whether it answers", zh: "存活检查") { _ in
                StateRoutes.alive
            },
            Route(
                .get, "/{log}/checkpoint", .anyone, en: "What was cosigned last",
                zh: "最近联署的检查点", answer: newest),
        ]
    }

    private func add(_ request: APIRequest) async throws -> APIResponse {
        let body = try await request.body.bytes(upTo: WitnessRequest.byteCountMax)
        let result: Result<[UInt8], WitnessRefusal>
        do {
            result = try await withTaskExecutorPreference(desk) {
                try witness.addCheckpoint(body, at: seconds())
            }
        } catch let error as FileError {
            throw failed(error)
        }
        switch result {
        case .success(let lines): return APIResponse(.ok, .text, lines)
        case .failure(.otherSize(let size)):
            var answer = APIResponse(.conflict, body: .bytes(Array("\(size)\n".utf8)))
            answer.headers[.contentType] = WitnessRoutes.sizeType
            return answer
        case .failure(let refusal):
            if refusal.isEvidence {
                // Signed by the log, and no continuation: whoever runs this should look.
                logger.warning("an inconsistent checkpoint was signed by a log")
            }
            return APIResponse(
                HTTPResponse.Status(code: refusal.status), .text,
                Array((refusal.phrase[request.language] + "\n").utf8))
        }
    }

    private func newest(_ request: APIRequest) async throws -> APIResponse {
        let note: [UInt8]?
        do {
            let name = request.place("log")
            note = try await withTaskExecutorPreference(desk) { try witness.newest(named: name) }
        } catch let error as FileError {
            throw failed(error)
        }
        guard let note else {
            throw Problem(
                .notFound, en: "nothing of such a log was cosigned here", zh: "此处未联署过该账本")
        }
        return APIResponse(.ok, .text, note, headers: [.cacheControl: "no-cache"])
    }

    private func failed(_ error: FileError) -> Problem {
        logger.error("the witness's state", metadata: ["reason": "\(error)"])
        return Problem(.internal, en: "it was logged", zh: "已记入日志")
    }
}

extension WitnessRefusal {
    fileprivate var isEvidence: Bool { self == .inconsistent }
}
