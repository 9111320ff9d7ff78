import Foundation
import Glibc
import HTTPService
import LedgerHome

/// A connection to the service that has a ledger open, over the socket of its owner:
/// Specs/serving.md section 5.
final class OwnerConnection {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// An answer whose length was stated, as every answer to an append is.
    struct Answer {
        let status: Int
        let body: [UInt8]
    }

    private static let secondsMax = 120

    /// Nil if no service has the ledger open; throws if one has that is not ours.
    init?(ledger folder: String) throws(LedgerError) {
        guard let path = OwnerSocket.address(ledger: folder) else { return nil }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if result == 0 {
            var limit = timeval(tv_sec: OwnerConnection.secondsMax, tv_usec: 0)
            let size = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
            return
        }
        if errno == EACCES || errno == EPERM {
            throw LedgerError(
                en: "\(folder) is served by another user's process: append as that user, or over "
                    + "HTTP with a token",
                zh: "账本 \(folder) 由其他用户的进程提供服务：请以该用户身份入账，或使用令牌经 HTTP 报送")
        }
        // No socket, or one that a process left that died: the lock decides.
        return nil
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Posts `body` and waits for what the service answers.
    func post(
        _ path: String, _ fields: [(name: String, value: String)], _ body: [UInt8]
    ) throws(LedgerError) -> Answer {
        var head = "POST \(path) HTTP/1.1\r\nHost: ledger\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        try send(Array((head + "\r\n").utf8) + body)
        let status = try line().split(separator: " ")
        guard status.count >= 2, let code = Int(status[1]) else { throw OwnerConnection.broken }
        var length = 0
        while case let field = try line(), !field.isEmpty {
            let parts = field.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "content-length" {
                length = Int(parts[1].trimmingCharacters(in: .whitespaces)) ?? 0
            }
        }
        while buffer.count < length { try fill() }
        defer { buffer.removeFirst(length) }
        return Answer(status: code, body: Array(buffer[..<length]))
    }

    private static let broken = LedgerError(
        en: "the service broke off before it answered; append again: what it recorded, it does "
            + "not record twice",
        zh: "服务在答复前中断；请重新报送：已入账的不会重复入账")

    private func send(_ bytes: [UInt8]) throws(LedgerError) {
        var place = 0
        while place < bytes.count {
            let count = bytes[place...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            // It may have answered already why it takes no more.
            guard count > 0 else { return }
            place += count
        }
    }

    private func line() throws(LedgerError) -> String {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let text = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                return text.hasSuffix("\r") ? String(text.dropLast()) : text
            }
            try fill()
        }
    }

    private func fill() throws(LedgerError) {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        var count = -1
        repeat {
            count = block.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        } while count < 0 && errno == EINTR
        guard count > 0 else { throw OwnerConnection.broken }
        buffer += block[..<count]
    }
}
