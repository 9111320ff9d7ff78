import CanonicalJSON
import Foundation
import Glibc
import TestKit

/// A connection to a service that sends exactly the bytes it is told.
///
/// One task's own. Waiting is done on threads of its own.
final class HTTPConnection: @unchecked Sendable {
    // Sendable because each call is awaited before the next: the descriptor and the buffer are
    // touched by one thread at a time.
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Broken(description: "cannot connect to port \(port)") }
    }

    deinit { close(descriptor) }

    /// Sends all of it, or as much as the other end takes.
    func send(_ bytes: [UInt8]) async throws { try await send(pieces: [bytes]) }

    /// The same, each piece for itself.
    func send(pieces: [[UInt8]]) async throws {
        var one: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        try await onThread {
            for bytes in pieces { self.sendNow(bytes) }
        }
    }

    private func sendNow(_ bytes: [UInt8]) {
        var place = 0
        while place < bytes.count {
            let count = bytes[place...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            place += count
        }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Nothing more will be sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Breaks off without reading what is there.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger,
            socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    // MARK: - Reading

    /// The next answer; nil if the connection is closed before its first byte.
    func answer(toHead: Bool = false) async throws -> HTTPAnswer? {
        try await onThread { try self.readAnswer(toHead: toHead) }
    }

    /// The head of an answer whose body is read with ``block()``.
    func head() async throws -> HTTPAnswer? {
        try await onThread { try self.readHead() }
    }

    /// The next chunk of a streamed body; nil at its end.
    func chunk() async throws -> [UInt8]? {
        try await onThread { try self.readChunk() }
    }

    private func fill() throws -> Bool {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        let count = block.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
            throw Broken(description: "no answer for 30 s")
        }
        guard count > 0 else { return false }
        buffer += block[..<count]
        return true
    }

    private func line() throws -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = buffer[..<end].last == 0x0D ? buffer[..<(end - 1)] : buffer[..<end]
                let text = String(decoding: line, as: UTF8.self)
                buffer.removeSubrange(...end)
                return text
            }
            guard try fill() else { return nil }
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try fill() else { throw Broken(description: "the answer was cut short") }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    private func readHead() throws -> HTTPAnswer? {
        guard let status = try line() else { return nil }
        let words = status.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, let code = Int(words[1]) else {
            throw Broken(description: "no status line: \(status)")
        }
        var answer = HTTPAnswer(status: code)
        while let field = try line(), !field.isEmpty {
            let parts = field.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Broken(description: "no field: \(field)") }
            answer.headers[parts[0].lowercased()] =
                parts[1].trimmingCharacters(in: .whitespaces)
        }
        return answer
    }

    private func readAnswer(toHead: Bool) throws -> HTTPAnswer? {
        guard var answer = try readHead() else { return nil }
        if toHead || answer.status == 304 { return answer }
        if answer.headers["transfer-encoding"] == "chunked" {
            while let chunk = try readChunk() { answer.body += chunk }
        } else {
            answer.body = try take(answer.headers["content-length"].flatMap { Int($0) } ?? 0)
        }
        return answer
    }

    private func readChunk() throws -> [UInt8]? {
        guard let size = try line().flatMap({ Int($0, radix: 16) }) else {
            throw Broken(description: "the stream was cut short")
        }
        let bytes = try take(size)
        _ = try line()
        return size == 0 ? nil : bytes
    }
}

/// An answer as it came.
struct HTTPAnswer: Sendable {
    let status: Int
    /// By name in lower case.
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    init(status: Int) { self.status = status }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue {
        get throws { try JSONValue(parsing: body) }
    }

    /// The code of a problem; nil of anything else.
    var problem: String? {
        guard headers["content-type"] == "application/problem+json", let json = try? json,
            json["status"]?.integer == Int64(status)
        else { return nil }
        return json["type"]?.string?.split(separator: ":").last.map { String($0) }
    }
}
