import CanonicalJSON
import Digests
import Foundation

/// Something that the program does, whose every call of the system is going to be struck.
struct CallOperation: Sendable {
    let name: String
    /// What it is told; `LEDGER` and `ROOT` stand for the folders.
    let arguments: [String]
    var input: [UInt8] = []
    /// How many receipts a run without faults prints.
    var receipts = 0
    /// Whether it runs as after another boot of the system.
    var isAfterBoot = false
    /// Whether it gives the ledger a new key, step by step, and is whole only when given again.
    var changesKey = false
    /// A backup that it makes, in the watched folder.
    var copy: String?
    /// A folder that it publishes into, in the watched folder.
    var tiles: String?
    /// Makes the folder in which it runs; nothing if it makes the ledger itself.
    var prepare: (@Sendable (CallBench, _ root: String) throws -> Void)?

    private static let append = ["append", "-", "--ledger", "LEDGER"]

    static let publish = ["publish", "ROOT/tiles", "--ledger", "LEDGER", "--with-entries"]

    private static let two = ["--person", "P-1", "--approver", "P-2", "--reason", "-", "--json"]

    /// Every operation; a new command is one line here.
    static let all = [
        CallOperation(
            name: "init",
            arguments: ["init", "LEDGER", "--origin", LedgerOracle.origin, "--json"]),
        CallOperation(
            name: "append", arguments: append, input: InterposedEvents(name: "new").lines(12),
            receipts: 12, prepare: { try $0.ledger($1) }),
        CallOperation(
            name: "batch", arguments: append, input: InterposedEvents(name: "new").batch(12),
            receipts: 12, prepare: { try $0.ledger($1) }),
        CallOperation(
            name: "roll", arguments: append, input: InterposedEvents(name: "new").lines(100),
            receipts: 100, prepare: { try $0.ledger($1, runs: 4) }),
        CallOperation(
            name: "attach", arguments: append + ["--attach", "ROOT/file"],
            input: InterposedEvents(name: "new").event(1, attachment: CallBench.attachment)
                .canonicalBytes, receipts: 1, prepare: { try $0.ledgerAndFile($1) }),
        CallOperation(
            name: "import",
            arguments: ["import", "ROOT/old.ndjson", "--mapping", "ROOT/mapping.yaml"]
                + ["--approver", "P-2", "--ledger", "LEDGER"],
            prepare: { try $0.ledgerAndImport($1) }),
        CallOperation(
            name: "backup", arguments: ["backup", "ROOT/copy", "--ledger", "LEDGER"], copy: "copy",
            prepare: { try $0.ledgerAndFile($1, held: true) }),
        CallOperation(
            name: "backup-again", arguments: ["backup", "ROOT/copy", "--ledger", "LEDGER"],
            copy: "copy", prepare: { try $0.ledgerAndCopy($1) }),
        CallOperation(
            name: "publish", arguments: publish, tiles: "tiles", prepare: { try $0.ledger($1) }),
        CallOperation(
            name: "publish-again", arguments: publish, tiles: "tiles",
            prepare: { try $0.ledgerAndTiles($1) }),
        CallOperation(
            name: "rotate", arguments: ["key", "rotate", "--ledger", "LEDGER"] + two,
            changesKey: true, prepare: { try $0.ledger($1) }),
        CallOperation(
            name: "rotate-overlap",
            arguments: ["key", "rotate", "--overlap-days", "30", "--ledger", "LEDGER"] + two,
            changesKey: true, prepare: { try $0.ledger($1) }),
        CallOperation(
            name: "restore-finish",
            arguments: ["restore", "finish", "LEDGER", "--no-memory"] + two, changesKey: true,
            prepare: { try $0.restoredLedger($1) }),
        CallOperation(name: "start", arguments: append, prepare: { try $0.ledger($1, runs: 2) }),
        CallOperation(
            name: "start-torn", arguments: append, prepare: { try $0.tornLedger($1) }),
        CallOperation(
            name: "start-unindexed", arguments: append, prepare: { try $0.unindexedLedger($1) }),
        CallOperation(
            name: "start-rebooted", arguments: append, isAfterBoot: true,
            prepare: { try $0.tornLedger($1) }),
    ]

    func arguments(root: String) -> [String] {
        arguments.map {
            $0.replacing("LEDGER", with: root + "/ledger").replacing("ROOT", with: root)
        }
    }
}
