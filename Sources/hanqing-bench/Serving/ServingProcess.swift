import CanonicalJSON
import Foundation
import Glibc
import Synchronization

/// A program that serves on this machine and has told its address.
final class ServingProcess {
    let port: Int
    private let process: Process

    /// Starts the shipped program on a ledger; no token is asked for.
    static func hanqing(_ program: ShippedProgram, ledger: String) throws -> ServingProcess {
        try ServingProcess(
            program.url,
            ["serve", "--ledger", ledger, "--listen", "127.0.0.1:0", "--without-tokens", "--json"])
    }

    /// Starts this program as a service that answers 204 and does nothing else.
    static func empty() throws -> ServingProcess {
        try ServingProcess(
            URL(filePath: "/proc/self/exe").resolvingSymlinksInPath(), ["--answer-nothing"])
    }

    /// The first line of output must be JSON with `url`.
    private init(_ program: URL, _ arguments: [String]) throws {
        let output = Pipe()
        process = try Children.start(
            Core.first.command + [program.path] + arguments, output: output)
        var line: [UInt8] = []
        while line.last != 0x0A,
            let byte = try output.fileHandleForReading.read(upToCount: 1)?.first
        {
            line.append(byte)
        }
        let url = try? JSONValue(parsing: line)["url"]?.string
        guard let port = url?.split(separator: ":").last.flatMap({ Int($0) }) else {
            Children.end(process, SIGTERM)
            throw BenchError("\(program.lastPathComponent) does not serve")
        }
        self.port = port
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// Memory in MiB that is no file's: `RssAnon` of proc(5).
    var ownMemory: Double { Memory.own(of: "\(process.processIdentifier)") }

    /// Tells it to stop and waits until it has.
    func end() throws {
        Children.end(process, SIGTERM)
        guard process.terminationStatus == 0 else {
            throw BenchError("a service ended with \(process.terminationStatus)")
        }
    }
}

/// One of two cores: who is measured has the first, who offers the load the second.
enum Core: Int {
    case first, second

    /// Before the words of a command: taskset(1) of util-linux.
    var command: [String] { ["taskset", "-c", "\(rawValue)"] }

    /// Has this process and what it starts keep to the core, or to all again.
    static func keep(to core: Core?) throws {
        let cores =
            core.map { "\($0.rawValue)" }
            ?? "0-\(ProcessInfo.processInfo.processorCount - 1)"
        let process = try Children.start(["taskset", "-a", "-c", "-p", cores, "\(getpid())"])
        process.waitUntilExit()
        Children.forget(process)
    }
}

/// Programs that run beside this one, and end with it.
enum Children {
    private static let running = Mutex<[Int32]>([])

    static func start(
        _ command: [String], output: Pipe? = nil, errors: Pipe? = nil,
        onEnd: (@Sendable (Process) -> Void)? = nil
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = errors ?? FileHandle.nullDevice
        process.terminationHandler = onEnd
        // Threads of tasks have all signals blocked, and a program inherits that: pgbench would
        // wait for its alarm for ever.
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
        let number = process.processIdentifier
        running.withLock { $0.append(number) }
        return process
    }

    /// Sends the signal and waits for the end.
    static func end(_ process: Process, _ signal: Int32) {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        forget(process)
    }

    static func forget(_ process: Process) {
        let number = process.processIdentifier
        running.withLock { $0.removeAll { $0 == number } }
    }

    /// Where the run breaks off.
    static func endAll() {
        for number in running.withLock({ $0 }) { kill(number, SIGKILL) }
    }
}
