package import CanonicalJSON
package import Foundation

/// The shipped program, run as a process.
package struct Program: Sendable {
    private let executable: URL

    /// Where it lies: scripts find it there.
    package var folder: String { executable.deletingLastPathComponent().path }

    /// What a run printed, and how it ended.
    package struct Result: Sendable {
        package let output: String
        package let errors: String
        package let exitCode: Int32

        /// Standard output as JSON.
        package var json: JSONValue {
            get throws { try JSONValue(parsing: output.utf8) }
        }

        /// A list of JSON lines, and the heads of the ledgers on its last line.
        package var list: (lines: [JSONValue], heads: [JSONValue]) {
            get throws {
                var lines = try output.split(separator: "\n")
                    .map { try JSONValue(parsing: $0.utf8) }
                let heads = lines.popLast()?["heads"]?.array
                return (lines, heads ?? [])
            }
        }
    }

    /// The program beside the test binary.
    package init(_ name: String = "hanqing") {
        var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/",
            !FileManager.default.fileExists(atPath: folder.appending(path: name).path)
        {
            folder = folder.deletingLastPathComponent()
        }
        executable = folder.appending(path: name)
    }

    /// A program of others that lies there.
    package init(at path: String) {
        executable = URL(filePath: path)
    }

    /// A program of others, where this process would find it.
    package init(tool name: String) {
        let paths = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let files = paths.split(separator: ":").map { URL(filePath: "\($0)/\(name)") }
        executable =
            files.first { FileManager.default.isExecutableFile(atPath: $0.path) }
            ?? URL(filePath: "/usr/bin/\(name)")
    }

    /// How much a process may have: setrlimit's RLIMIT_AS, RLIMIT_DATA, the soft RLIMIT_NOFILE, and
    /// as much of RLIMIT_CORE as may be.
    package enum Limit: Sendable {
        case addressSpace(kibibytes: Int)
        case data(kibibytes: Int)
        case openFiles(Int)
        case coreFile

        fileprivate var shell: String {
            switch self {
            case .addressSpace(let size): "ulimit -v \(size)"
            case .data(let size): "ulimit -d \(size)"
            case .openFiles(let count): "ulimit -Sn \(count)"
            case .coreFile: "ulimit -Sc hard"
            }
        }
    }

    /// How a build with a sanitizer is told what to look for: the program must hear it too.
    private static let sanitizerOptions = ProcessInfo.processInfo.environment.filter {
        ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains($0.key)
    }

    /// A process that is not started yet; its memory of checkpoints is under `home`.
    package func process(_ arguments: [String], home: URL, limit: Limit? = nil) -> Process {
        let process = Process()
        if let limit {
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments =
                ["-c", "\(limit.shell); exec \"$0\" \"$@\"", executable.path] + arguments
        } else {
            process.executableURL = executable
            process.arguments = arguments
        }
        process.environment = [
            "HOME": home.path, "PATH": "/usr/bin:/bin", "LANG": "C", "TZ": "UTC",
            "HANQING_MEMORY": home.appending(path: "memory").path,
            // A process that crashes must end, not wait for a debugger's backtrace.
            "SWIFT_BACKTRACE": "enable=no",
        ].merging(Program.sanitizerOptions) { ours, _ in ours }
        return process
    }

    /// Runs to the end with `input` on standard input.
    package func run(
        _ arguments: [String], home: URL, input: [UInt8] = []
    ) throws -> Result {
        let process = process(arguments, home: home)
        let folder = FileManager.default.temporaryDirectory
        let name = UUID().uuidString
        let files = ["in", "out", "err"].map { folder.appending(path: "hanqing-\(name).\($0)") }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        for file in files { try Data().write(to: file) }
        try Data(input).write(to: files[0])
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        return Result(
            output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self),
            exitCode: process.terminationStatus)
    }
}

/// A folder that is removed with its last reference.
package final class ScratchFolder: Sendable {
    package let url: URL
    package var path: String { url.path }

    package init() throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "hanqing-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}
