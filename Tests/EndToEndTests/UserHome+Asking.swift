import CanonicalJSON
import TestKit
import Testing

extension UserHome {
    /// A token of somebody with one right.
    func token(_ right: String, owner: String) throws -> String {
        let made = try run([
            "token", "create", "--name", right, "--owner", owner, "--right", right, "--by", "P-20",
            "--reason", "演练", "--json", "--ledger", ledger,
        ])
        return try #require(try made.json["token"]?.string, "\(made.errors)")
    }

    /// What a service answers to whoever bears a token.
    func seen(
        _ server: ServingProgram, _ token: String, _ path: String
    ) throws -> (status: String, body: String) {
        let answer = try Program(tool: "curl").run(
            [
                "-sS", "-H", "Authorization: Bearer \(token)", "-w", "\n%{http_code}",
                "\(server.url)\(path)",
            ], home: folder.url)
        let lines = answer.output.split(separator: "\n")
        return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
    }
}
