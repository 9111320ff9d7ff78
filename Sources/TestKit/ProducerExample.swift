import CanonicalJSON
import Foundation
import Glibc

/// A README's program for producers, run as it is written against a service that asks for tokens.
package struct ProducerExample: Sendable {
    /// As it stands after the three backticks.
    private let language: String
    private let file: String
    /// What runs the file.
    private let tool: String

    /// How it went: exit codes, and what was printed where one is not as it should be.
    package struct Outcome: Sendable {
        /// With a token that nobody has.
        package let refused: Int32
        package let appended: Int32
        /// `hanqing receipt check` of the receipt that was kept.
        package let checked: Program.Result
        /// `verify.py receipt`, with the record.
        package let judged: Program.Result
    }

    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    package static let python = ProducerExample(
        language: "python", file: "append.py", tool: "python3")
    package static let java = ProducerExample(
        language: "java", file: "Append.java", tool: "java")
    package static let javaScript = ProducerExample(
        language: "js", file: "append.mjs", tool: "node")

    package func run(_ readme: String, under heading: String) async throws -> Outcome {
        let home = try ScratchFolder()
        let examples = try Readme(readme).examples(of: language, under: heading)
        guard examples.count == 1, let example = examples.first else {
            throw Failed(description: "\(readme) has \(examples.count) examples in \(language)")
        }
        try Data(example.utf8).write(to: home.url.appending(path: file))
        let ledger = home.path + "/ledger"
        let vkey = try hanqing(["init", ledger, "--origin", "readme.example", "--json"], home)
            .json["vkey"]?.string
        let token = try hanqing(
            [
                "token", "create", "--ledger", ledger, "--name", "readme", "--system", "hotline",
                "--right", "append:report", "--speaks-for", "*", "--by", "P-0020", "--json",
            ], home
        ).json["token"]?.string
        let event = try hanqing(["catalogue", "show", "report.accepted", "--example"], home)
        try Data(event.output.utf8).write(to: home.url.appending(path: "event.json"))
        let server = try await ServingProgram(
            ["--ledger", ledger], home: home.url, withTokens: true)
        let refused = try await run(server.url, "hanqing_no", home)
        let appended = try await run(server.url, token ?? "", home)
        _ = try await server.end(SIGTERM)
        let receipt = home.path + "/receipt.json"
        let seq = try JSONValue(parsing: Data(contentsOf: URL(filePath: receipt)))["seq"]?.integer
        let record = try hanqing(["show", "\(seq ?? -1)", "--ledger", ledger], home)
        try Data(record.output.utf8).write(to: home.url.appending(path: "record.json"))
        return Outcome(
            refused: refused, appended: appended,
            checked: try Program().run(
                ["receipt", "check", receipt, "--ledger", ledger], home: home.url),
            judged: try Program(tool: "python3").run(
                [
                    Readme.project.path + "/Specs/verify.py", "receipt", receipt, "--record",
                    home.path + "/record.json", "--vkey", vkey ?? "",
                ], home: home.url))
    }

    /// Runs the example; gives its exit code.
    private func run(_ url: String, _ token: String, _ home: ScratchFolder) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [tool, file]
        process.currentDirectoryURL = home.url
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "HOME": home.path, "HANQING_URL": url, "HANQING_TOKEN": token,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        return try await onThread {
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    private func hanqing(
        _ arguments: [String], _ home: ScratchFolder
    ) throws -> Program.Result {
        let result = try Program().run(arguments, home: home.url)
        guard result.exitCode == 0 else {
            throw Failed(description: "\(arguments): \(result.errors)")
        }
        return result
    }
}
