import HummingbirdCore
import NIOCore
import Synchronization

/// The body of a request, not read yet.
final class IncomingBody: Sendable {
    private let parts: RequestBody
    /// What `Content-Length` says; nil if it says nothing.
    let declaredCount: Int?
    private let memory: BodyMemory
    private let state = Mutex(State())

    private struct State {
        var heldCount = 0
        var isRead = false
    }

    /// From the first byte to the last.
    static let secondsMax = 30

    init(_ parts: RequestBody, declaredCount: Int?, _ memory: BodyMemory) {
        (self.parts, self.declaredCount, self.memory) = (parts, declaredCount, memory)
    }

    /// Whether nothing of it is left on the connection.
    var isRead: Bool { state.withLock(\.isRead) }

    /// The whole body, once; its memory counts until ``release()``.
    nonisolated(nonsending) func bytes(upTo limit: Int) async throws(Problem) -> [UInt8] {
        guard declaredCount ?? 0 <= limit else { throw Problem.bodyTooLarge(limit) }
        var bytes: [UInt8] = []
        if let declaredCount { bytes.reserveCapacity(declaredCount) }
        let deadline = ContinuousClock.now + .seconds(IncomingBody.secondsMax)
        do {
            // A part that never comes is the business of the connection's idle timeout.
            for try await part in parts {
                guard bytes.count + part.readableBytes <= limit else {
                    throw Problem.bodyTooLarge(limit)
                }
                guard ContinuousClock.now < deadline else { throw Problem.bodyTooSlow }
                try hold(part.readableBytes)
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem.bodyCutShort
        }
        guard declaredCount ?? bytes.count == bytes.count else { throw Problem.bodyCutShort }
        state.withLock { $0.isRead = true }
        return bytes
    }

    /// The body part by part, once, in any time: what is slow keeps one connection and `count`
    /// bytes of memory.
    func parts(
        upTo limit: Int, holding count: Int, _ each: (ByteBufferView) async throws -> Void
    ) async throws(Problem) {
        guard declaredCount ?? 0 <= limit else { throw Problem.bodyTooLarge(limit) }
        try hold(count)
        var received = 0
        do {
            for try await part in parts {
                received += part.readableBytes
                guard received <= limit else { throw Problem.bodyTooLarge(limit) }
                try await each(part.readableBytesView)
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem.bodyCutShort
        }
        guard declaredCount ?? received == received else { throw Problem.bodyCutShort }
        state.withLock { $0.isRead = true }
    }

    private func hold(_ count: Int) throws(Problem) {
        guard memory.take(count) else {
            throw Problem(
                .busy, retryAfterSeconds: 1, en: "too many bodies are being read",
                zh: "正在处理的请求正文过多")
        }
        state.withLock { $0.heldCount += count }
    }

    /// The bytes are not needed any more.
    func release() {
        memory.give(
            state.withLock { state in
                defer { state.heldCount = 0 }
                return state.heldCount
            })
    }
}

/// Bytes of bodies that are in memory over all requests.
final class BodyMemory: Sendable {
    private let left: Mutex<Int>

    init(byteCountMax: Int = 256 << 20) {
        left = Mutex(byteCountMax)
    }

    func take(_ count: Int) -> Bool {
        left.withLock { left in
            guard left >= count else { return false }
            left -= count
            return true
        }
    }

    func give(_ count: Int) {
        left.withLock { $0 += count }
    }
}

extension Problem {
    fileprivate static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(
            .tooLarge, en: "the body has at most \(limit) bytes; send smaller batches",
            zh: "请求正文至多 \(limit) 字节；请减小批次")
    }

    fileprivate static let bodyTooSlow = Problem(
        .timeout, en: "a body comes within \(IncomingBody.secondsMax) s",
        zh: "请求正文应在 \(IncomingBody.secondsMax) 秒内到达")

    fileprivate static let bodyCutShort = Problem(
        .malformedRequest, en: "the body ended early", zh: "请求正文不完整")
}
