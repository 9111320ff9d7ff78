import Foundation
import LedgerStore
import Merkle
import Projections
import Synchronization
import TestKit
import Testing

/// Other programs that have the file open at the same time.
@Suite struct OthersTests {
    @Test func `a new file that another program writes is waited for`() throws {
        let home = try ScratchFolder()
        let path = home.path + "/new.sqlite"
        // It has no write-ahead log yet.
        let other = try OtherProgram(
            """
            import sqlite3, sys
            file = sqlite3.connect(sys.argv[1], isolation_level=None)
            file.execute("BEGIN IMMEDIATE")
            sys.stdout.write("ready.")
            sys.stdout.flush()
            sys.stdin.read()
            """, path)
        let waits = Mutex<[Int]>([])
        let file = try ProjectionFile(path) { milliseconds in
            waits.withLock { $0.append(milliseconds) }
            other.end()
        }
        defer { file.close() }
        #expect(waits.withLock { $0.first } == 0)
        #expect(try file.position(of: "new.example").next == 0)
    }

    @Test func `what another program puts into the file meanwhile is left to it`() async throws {
        let year = try await ProjectedYear.shared.value
        let file = try year.file("flushing")
        defer { file.close() }
        let start = Projector.Source(
            origin: year.source.origin, store: PartialStore(year.source.store, size: 5),
            clock: year.source.clock, rules: year.source.rules, effect: year.source.effect)
        try await Projector(file, start).catchUp()
        // It holds the lock of who puts pages into the file: of the shared memory beside it, byte
        // 121 (SQLite's walformat page, section 2.3.2).
        let other = try OtherProgram(
            """
            import fcntl, sys
            file = open(sys.argv[1] + "-shm", "r+b")
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 121)
            sys.stdout.write("ready.")
            sys.stdout.flush()
            sys.stdin.read()
            """, file.path)
        defer { other.end() }
        // So many batches that pages go into the file, or would.
        try await Projector(file, year.source, batchSize: 300).catchUp()
        let size = try await year.source.store.head().size.rawValue
        #expect(try file.position(of: year.source.origin).next == size)
        #expect(size > 2_048)
    }
}

/// A program in Python that says `ready.` and ends with its input.
private struct OtherProgram: Sendable {
    private let process = Process()
    private let input = Pipe()

    init(_ script: String, _ path: String) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, path]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let said = try output.fileHandleForReading.read(upToCount: 6)
        try #require(said == Data("ready.".utf8))
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
