import CanonicalJSON
package import Foundation
import Glibc
import Synchronization

/// `hanqing serve` as a process.
package final class ServingProgram: Sendable {
    private let process: Process
    package let port: Int
    package var url: String { "http://127.0.0.1:\(port)" }
    package var pid: Int32 { process.processIdentifier }

    package struct NotServing: Error, CustomStringConvertible {
        package let description: String
    }

    package convenience init(
        _ ledger: String, home: URL, port: Int = 0, program: Program = Program()
    ) async throws {
        try await self.init(
            ["--ledger", ledger], home: home, port: port, program: program)
    }

    package convenience init(
        _ arguments: [String], home: URL, port: Int = 0, program: Program = Program(),
        withTokens: Bool = false, environment: [String: String] = [:],
        limit: Program.Limit? = nil
    ) async throws {
        try await self.init(
            running: ["serve", "--listen", "127.0.0.1:\(port)", "--json"]
                + (withTokens ? [] : ["--without-tokens"]) + arguments,
            home: home, program: program, environment: environment, limit: limit)
    }

    /// Starts a command that serves and waits until it listens, and says so in a line of JSON with
    /// its `url`; what it says else goes to `serve.err` under `home`.
    package init(
        running arguments: [String], home: URL, program: Program = Program(),
        environment: [String: String] = [:], limit: Program.Limit? = nil
    ) async throws {
        let process = program.process(arguments, home: home, limit: limit)
        process.environment?.merge(environment) { $1 }
        let output = Pipe()
        let errors = home.appending(path: "serve.err")
        try Data().write(to: errors)
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let reading = output.fileHandleForReading
        let line = try await onThread {
            var text: [UInt8] = []
            while text.last != 0x0A, let byte = try reading.read(upToCount: 1)?.first {
                text.append(byte)
            }
            return text
        }
        let url = try? JSONValue(parsing: line)["url"]?.string
        guard let port = url?.split(separator: ":").last.flatMap({ Int($0) }) else {
            try await onThread { process.waitUntilExit() }
            let why = try String(contentsOf: errors, encoding: .utf8)
            throw NotServing(description: "hanqing serve does not start: \(why)")
        }
        (self.process, self.port) = (process, port)
    }

    /// Sends a signal and waits for the end; gives the exit code, or the signal that ended it.
    package func end(_ signal: Int32) async throws -> Int32 {
        Glibc.kill(pid, signal)
        let process = process
        return try await onThread {
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    /// Bytes of memory of its own that are in use, and the most that it ever had with the files it
    /// has mapped: `RssAnon` and `VmHWM` of proc(5).
    package func memory() throws -> (own: Int, most: Int) {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        func kibibytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        }
        return (kibibytes("RssAnon") << 10, kibibytes("VmHWM") << 10)
    }
}

/// Runs what waits on a thread of its own: there are as many threads for tasks as processors, and
/// what is waited for may need them.
package func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    let handover = Handover<Result>()
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            handover.give(Swift.Result { try body() })
            continuation.resume()
        }
    }
    return try handover.take()
}

/// Hands over what a thread made by a lock, which a sanitizer sees; it does not see into threads of
/// Foundation.
private final class Handover<Value: Sendable>: Sendable {
    private let made = Mutex<Result<Value, any Error>?>(nil)

    private struct NothingMade: Error {}

    func give(_ result: Result<Value, any Error>) { made.withLock { $0 = result } }

    func take() throws -> Value {
        guard let result = made.withLock({ $0 }) else { throw NothingMade() }
        return try result.get()
    }
}
