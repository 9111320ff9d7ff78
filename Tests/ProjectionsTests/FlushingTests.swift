import Foundation
import LedgerStore
import Merkle
import Projections
import TestKit
import Testing

/// Pages go from the write-ahead log into the file while records are followed.
@Suite struct FlushingTests {
    @Test func `what another program puts into the file meanwhile is left to it`() async throws {
        let year = try await ProjectedYear.shared.value
        let file = try year.file("flushing")
        defer { file.close() }
        let start = Projector.Source(
            origin: year.source.origin, store: PartialStore(year.source.store, size: 5),
            clock: year.source.clock, rules: year.source.rules, effect: year.source.effect)
        try await Projector(file, start).catchUp()
        let other = try Flushing(file.path)
        defer { other.end() }
        // So many batches that pages go into the file, or would.
        try await Projector(file, year.source, batchSize: 300).catchUp()
        let size = try await year.source.store.head().size.rawValue
        #expect(try file.position(of: year.source.origin).next == size)
        #expect(size > 2_048)
    }
}

/// Another program that holds the lock of who puts pages into the file: of the shared memory beside
/// it, byte 121 (SQLite's walformat page, section 2.3.2).
private struct Flushing {
    private let process = Process()
    private let input = Pipe()

    init(_ path: String) throws {
        let script = """
            import fcntl, sys
            file = open(sys.argv[1] + "-shm", "r+b")
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 121)
            sys.stdout.write("locked")
            sys.stdout.flush()
            sys.stdin.read()
            """
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, path]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let said = try output.fileHandleForReading.read(upToCount: 6)
        try #require(said == Data("locked".utf8))
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
