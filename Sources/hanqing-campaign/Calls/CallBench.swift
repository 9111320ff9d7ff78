import CanonicalJSON
import Digests
import Foundation
import Glibc
import TestKit

/// Makes the folders in which operations run: small segments and runs, so that much happens.
struct CallBench: Sendable {
    let program: InterposedProgram
    /// Files of the runs that make them.
    let scratch: String
    /// A stand-in for the boot id of after a reboot.
    let otherBoot: String

    struct Unmade: Error, CustomStringConvertible {
        let description: String
    }

    init(_ program: InterposedProgram, scratch: String) throws {
        (self.program, self.scratch) = (program, scratch)
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true)
        otherBoot = scratch + "/boot"
        try Data("00000000-0000-4000-8000-000000000002\n".utf8)
            .write(to: URL(filePath: otherBoot))
    }

    private static let fileBytes = [UInt8](repeating: 0x61, count: 9000)

    /// What an event says of the file that is attached.
    static let attachment: JSONValue = [
        "bytes": .integer(Int64(fileBytes.count)), "held": "ledger", "mediaType": "text/plain",
        "name": "file", "sha256": .string(SHA256.digest(of: fileBytes).hex),
    ]

    /// A ledger with `runs` runs of its index.
    func ledger(_ root: String, runs: Int = 1) throws {
        let ledger = root + "/ledger"
        try run(
            [
                "init", ledger, "--origin", LedgerOracle.origin, "--segment-bytes", "65536",
                "--index-run-entries", "64", "--json",
            ], in: root, keeping: root + "/../made")
        for run in 0..<runs {
            let events = InterposedEvents(name: "base-\(run)").lines(70)
            try self.run(
                ["append", "-", "--ledger", ledger], input: events, in: root,
                keeping: root + "/../receipts-\(run)")
        }
    }

    /// A ledger and a file beside it, which the ledger may hold already.
    func ledgerAndFile(_ root: String, held: Bool = false) throws {
        try ledger(root)
        try Data(CallBench.fileBytes).write(to: URL(filePath: root + "/file"))
        guard held else { return }
        try run(
            ["append", "-", "--ledger", root + "/ledger", "--attach", root + "/file"],
            input: InterposedEvents(name: "held").event(1, attachment: CallBench.attachment)
                .canonicalBytes, in: root, keeping: root + "/../receipts-held")
    }

    /// A ledger that has grown since its backup was made.
    func ledgerAndCopy(_ root: String) throws {
        try ledgerAndFile(root)
        try run(
            ["backup", root + "/copy", "--ledger", root + "/ledger"], in: root,
            keeping: root + "/../backup")
        try run(
            ["append", "-", "--ledger", root + "/ledger", "--attach", root + "/file"],
            input: InterposedEvents(name: "held").event(1, attachment: CallBench.attachment)
                .canonicalBytes, in: root, keeping: root + "/../receipts-held")
        try run(
            ["append", "-", "--ledger", root + "/ledger"],
            input: InterposedEvents(name: "grown").lines(90), in: root,
            keeping: root + "/../receipts-grown")
    }

    /// A ledger that has grown over a full tile since it was published.
    func ledgerAndTiles(_ root: String) throws {
        try ledger(root, runs: 3)
        let operation = ["publish", root + "/tiles", "--ledger", root + "/ledger"]
        try run(operation + ["--with-entries"], in: root, keeping: root + "/../published")
        try run(
            ["append", "-", "--ledger", root + "/ledger"],
            input: InterposedEvents(name: "grown").lines(90), in: root,
            keeping: root + "/../receipts-grown")
    }

    func ledgerAndImport(_ root: String) throws {
        try ledger(root)
        try Data("import: 1\nform: cloudevents\n".utf8)
            .write(to: URL(filePath: root + "/mapping.yaml"))
        try Data(InterposedEvents(name: "old").lines(6))
            .write(to: URL(filePath: root + "/old.ndjson"))
    }

    /// A ledger whose writer was killed in the middle of a write.
    func tornLedger(_ root: String) throws {
        try ledger(root, runs: 2)
        var setting = InterposedProgram.Setting(scratch: scratch, root: root)
        setting.fault = "write:1:torn:0:ledger/records/*"
        let ended = try program.run(
            ["append", "-", "--ledger", root + "/ledger"],
            input: InterposedEvents(name: "torn").lines(40), setting)
        guard ended.signal == SIGKILL else {
            throw Unmade(description: "no torn ledger: \(ended.outcome) \(ended.errors)")
        }
    }

    /// A ledger that was restored and is closed for writing.
    func restoredLedger(_ root: String) throws {
        try ledger(root)
        try run(
            ["restore", root + "/ledger", root + "/restored"], in: root,
            keeping: root + "/../restored")
        try FileManager.default.removeItem(atPath: root + "/ledger")
        try FileManager.default.moveItem(atPath: root + "/restored", toPath: root + "/ledger")
    }

    func unindexedLedger(_ root: String) throws {
        try ledger(root, runs: 2)
        try FileManager.default.removeItem(atPath: root + "/ledger/index")
    }

    private func run(
        _ arguments: [String], input: [UInt8] = [], in root: String, keeping file: String
    ) throws {
        let ended = try program.run(
            arguments, input: input, InterposedProgram.Setting(scratch: scratch, root: root))
        guard ended.exitCode == 0 else {
            throw Unmade(description: "\(arguments): \(ended.outcome) \(ended.errors)")
        }
        try Data(ended.output).write(to: URL(filePath: file))
    }
}
