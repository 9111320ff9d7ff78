import Foundation
import Glibc

/// A server of PostgreSQL of our own for as long as it is needed: what an office would do that
/// chains its rows by a trigger.
struct PostgreSQL {
    let version: String
    private let programs: String
    private let folder: String
    /// Before each command: the server refuses to be root.
    private let asUser: [String]
    private let server: Process

    private static let table = """
        CREATE TABLE events (
            seq bigint PRIMARY KEY, body text NOT NULL, previous bytea, hash bytea NOT NULL);
        CREATE FUNCTION chain() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- Until the transaction ends: the next link needs this row to stay.
            PERFORM pg_advisory_xact_lock(1);
            SELECT seq, hash INTO NEW.seq, NEW.previous FROM events ORDER BY seq DESC LIMIT 1;
            NEW.seq := coalesce(NEW.seq, -1) + 1;
            NEW.hash := sha256(coalesce(NEW.previous, ''::bytea) || convert_to(NEW.body, 'UTF8'));
            RETURN NEW;
        END $$;
        CREATE TRIGGER chain BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION chain();
        """

    /// Nil if it is not installed.
    init?(in parent: String) throws {
        let versions = "/usr/lib/postgresql"
        let found = (try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []
        guard let newest = found.max(by: { (Int($0) ?? 0) < (Int($1) ?? 0) }),
            FileManager.default.isExecutableFile(atPath: "\(versions)/\(newest)/bin/initdb"),
            FileManager.default.isExecutableFile(atPath: "/usr/bin/pgbench")
        else { return nil }
        (version, programs, folder) = (newest, "\(versions)/\(newest)/bin", parent + "/postgresql")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        asUser =
            getuid() == 0
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
        if !asUser.isEmpty { try PostgreSQL.run(["chown", "postgres", folder]) }
        // Standard settings: fsync and synchronous_commit are on.
        try PostgreSQL.run(asUser + ["\(programs)/initdb", "-A", "trust", "-D", "\(folder)/data"])
        server = try Children.start(
            Core.first.command + asUser + [
                "\(programs)/postgres", "-D", "\(folder)/data", "-c", "listen_addresses=", "-c",
                "unix_socket_directories=\(folder)",
            ])
        try awaitServer()
    }

    private func awaitServer() throws {
        for _ in 0..<600 {
            if (try? PostgreSQL.run(["\(programs)/pg_isready", "-h", folder])) != nil { return }
            usleep(100_000)
        }
        throw BenchError("PostgreSQL does not start")
    }

    /// Inserts a second of rows with 600 bytes, each in a transaction of its own that is durable.
    func chainedInserts(clients: Int, seconds: Int) throws -> Double {
        try psql(PostgreSQL.table)
        let script = folder + "/insert.sql"
        let body = String(repeating: "x", count: LoadEvents.byteCount)
        try Data("INSERT INTO events (body) VALUES ('\(body)');\n".utf8)
            .write(to: URL(filePath: script))
        let output = try PostgreSQL.run(
            Core.second.command + [
                "/usr/bin/pgbench", "-U", "postgres", "-h", folder, "-n", "-M", "prepared", "-c",
                "\(clients)",
                "-j", "1", "-T", "\(seconds)", "-f", script, "postgres",
            ])
        let line = output.split(separator: "\n").first { $0.hasPrefix("tps = ") }
        guard let rate = line?.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) })
        else { throw BenchError("pgbench told no rate: \(output)") }
        return rate
    }

    func end() {
        // Stops without writing out what goes anyway.
        Children.end(server, SIGQUIT)
    }

    private func psql(_ text: String) throws {
        try PostgreSQL.run(
            [
                "\(programs)/psql", "-U", "postgres", "-h", folder, "-v", "ON_ERROR_STOP=1", "-q",
                "-c", text,
                "postgres",
            ])
    }

    /// Runs a command to its end and gives its output.
    @discardableResult
    private static func run(_ command: [String]) throws -> String {
        let output = Pipe()
        let process = try Children.start(command, output: output, errors: output)
        let text = String(
            decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        Children.forget(process)
        guard process.terminationStatus == 0 else {
            throw BenchError("\(command.joined(separator: " ")): \(text)")
        }
        return text
    }
}
