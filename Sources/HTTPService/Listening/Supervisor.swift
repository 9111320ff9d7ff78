import Foundation
import Glibc

/// What systemd is told of this process: sd_notify(3), a datagram to a socket.
package struct Supervisor: Sendable {
    /// `/…`, or `@…` for a name in the abstract namespace.
    private let socket: String
    /// How often it wants to hear that the process lives; nil if it does not.
    package let watchdogInterval: Duration?

    /// Nil if nobody wants to be told.
    package init?(_ environment: [String: String], processIdentifier: Int32 = getpid()) {
        guard let socket = environment["NOTIFY_SOCKET"], socket.utf8.count > 1,
            socket.hasPrefix("/") || socket.hasPrefix("@")
        else { return nil }
        self.socket = socket
        let isForUs = environment["WATCHDOG_PID"].map { $0 == "\(processIdentifier)" } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        // sd_watchdog_enabled(3) asks for half of it.
        watchdogInterval = isForUs && limit > 0 ? .microseconds(limit) / 2 : nil
    }

    package func ready() { tell("READY=1") }

    package func stopping() { tell("STOPPING=1") }

    /// ``ready()`` follows.
    ///
    /// systemd wants the time of its monotonic clock with it.
    package func reloading() {
        let microseconds = Int64(ProcessInfo.processInfo.systemUptime * 1_000_000)
        tell("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
    }

    package func alive() { tell("WATCHDOG=1") }

    /// Nobody is waited for, and who does not listen misses it: it is he who asked to be told.
    private func tell(_ message: String) {
        let descriptor = Glibc.socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socket.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < room else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract name has no zero at its end: its length says where it ends.
        let length = socklen_t(MemoryLayout<sockaddr_un>.size - room + name.count)
        let bytes = Array(message.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(
                    descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
