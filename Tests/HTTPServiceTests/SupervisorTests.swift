import Foundation
import Glibc
import HTTPService
import TestKit
import Testing

/// A socket as systemd has it, by the name that a process is told.
final class NotifySocket: Sendable {
    let name: String
    private let descriptor: Int32

    init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if name.hasPrefix("@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit,
            socklen_t(MemoryLayout<timeval>.size))
        try #require(result == 0, "cannot bind \(name)")
    }

    deinit { close(descriptor) }

    /// The next datagram, as lines.
    func next() async throws -> [String] {
        let descriptor = descriptor
        return try await onThread {
            var bytes = [UInt8](repeating: 0, count: 1024)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            try #require(count > 0, "nothing was told for 60 s")
            return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
                .map { String($0) }
        }
    }

    /// The next one but of the watchdog's.
    func nextState() async throws -> [String] {
        while true {
            let told = try await next()
            if told != ["WATCHDOG=1"] { return told }
        }
    }
}

@Suite struct SupervisorTests {
    @Test(arguments: [false, true])
    func `a service tells systemd when it is ready, when it stops, and that it lives`(
        isAbstract: Bool
    ) async throws {
        let folder = try ScratchFolder()
        let name = isAbstract ? "@hanqing-test-\(UUID().uuidString)" : folder.path + "/notify"
        let socket = try NotifySocket(name)
        var options = LedgerService.Options()
        options.supervisor = Supervisor(["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "200000"])
        try await RunningService.with(options: options) { _ async throws in
            #expect(try await socket.nextState() == ["READY=1"])
            for _ in 0..<3 { #expect(try await socket.next() == ["WATCHDOG=1"]) }
        }
        #expect(try await socket.nextState() == ["STOPPING=1"])
    }

    @Test func `a watchdog of another process is not ours`() {
        let base = ["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "30000000"]
        let interval = { (more: [String: String]) in
            Supervisor(base.merging(more) { $1 }, processIdentifier: 7)?.watchdogInterval
        }
        #expect(interval([:]) == .seconds(15))
        #expect(interval(["WATCHDOG_PID": "7"]) == .seconds(15))
        #expect(interval(["WATCHDOG_PID": "8"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "0"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "x"]) == nil)
    }

    @Test(arguments: [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"]])
    func `who did not ask is not told`(environment: [String: String]) {
        #expect(Supervisor(environment) == nil)
    }

    @Test func `one that does not listen is not waited for`() throws {
        let supervisor = try #require(Supervisor(["NOTIFY_SOCKET": "/nonexistent/notify"]))
        supervisor.ready()
        supervisor.reloading()
    }
}
