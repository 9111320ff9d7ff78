import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Programs and files from outside, which `./dev accept --shared DIR` names in the environment.
enum Outside {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()

    static func setting(_ name: String) throws -> String {
        try #require(
            ProcessInfo.processInfo.environment[name], "run ./dev accept --shared DIR")
    }

    /// What a script in `Tests/Acceptance` says on its last line, run by the Python that the
    /// setting `interpreter` names.
    static func python(
        _ script: String, _ arguments: [String], interpreter: String = "HANQING_READERS",
        environment: [String: String] = [:]
    ) throws -> JSONValue {
        let process = Process()
        process.executableURL = URL(filePath: try setting(interpreter))
        process.arguments = [tests.appending(path: "Acceptance/" + script).path] + arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(
            decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(script) failed: see above")
        // Scripts say more on standard output; the answer is the last line.
        return try JSONValue(parsing: (text.split(separator: "\n").last ?? "").utf8)
    }

    /// A ledger with a generated year; `mended` with corrections and withdrawals.
    static func year(
        _ home: ScratchFolder, events: Int, mended: Bool = false
    ) throws -> String {
        let program = Program()
        func run(_ arguments: [String], _ input: String = "") throws -> Program.Result {
            try program.run(arguments, home: home.url, input: Array(input.utf8))
        }
        let ledger = home.path + "/year"
        #expect(try run(["init", ledger, "--origin", "year.example"]).exitCode == 0)
        let sample = ["sample", "--year", "2025", "--events", "\(events)", "--seed", "4"]
        // Attempts that the rules refuse are part of the year.
        let receipts = try run(
            [
                "append", "--ledger", ledger, "--keep-going", "--may-assert", "--receipts",
                "brief",
            ], try run(sample).output)
        guard mended else { return ledger }
        let kept = home.url.appending(path: "receipts.ndjson")
        try Data(receipts.output.utf8).write(to: kept)
        let mends = try run(sample + ["--mend", kept.path]).output
        #expect(mends.contains("entry.corrected"))
        let appended = try run(["append", "--ledger", ledger], mends)
        #expect(appended.exitCode == 0, "\(appended.errors)")
        return ledger
    }
}
