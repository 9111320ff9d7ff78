import CanonicalJSON
import Foundation
import TestKit

/// The folder from which each case of an operation starts, and what is known of it.
struct CallTemplate: Sendable {
    /// Nil if the operation starts with an empty folder.
    private let root: String?
    /// Receipts that were printed when it was made.
    let receipts: [JSONValue]
    let check: ReceiptCheck
    /// The calls of the operation, without faults.
    let sites: [CallFault.Site]
    /// How many records there are after it, without faults.
    let recordsAfter: Int

    /// Makes the folder in `folder` and runs the operation once on a copy.
    init(_ operation: CallOperation, _ bench: CallBench, folder: String) throws {
        let root = folder + "/root"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try operation.prepare?(bench, root)
        self.root = operation.prepare == nil ? nil : root
        let (copy, log) = (folder + "/copy", folder + "/log")
        try CallTemplate.copy(root, to: copy)
        var setting = InterposedProgram.Setting(scratch: folder, root: copy)
        (setting.log, setting.boot) = (log, operation.isAfterBoot ? bench.otherBoot : nil)
        let ended = try bench.program.run(
            operation.arguments(root: copy), input: operation.input, setting)
        guard ended.exitCode == 0 else {
            throw CallBench.Unmade(description: "\(operation.name): \(ended.errors)")
        }
        sites = CallFault.sites(log: try String(contentsOfFile: log, encoding: .utf8))
        recordsAfter = try ReceiptCheck.lines(of: copy + "/ledger").count
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        receipts = files.filter { $0.hasPrefix("receipts-") }.flatMap {
            LedgerOracle.receipts(
                in: [UInt8](FileManager.default.contents(atPath: folder + "/" + $0) ?? Data()))
        }
        let made =
            FileManager.default.contents(atPath: folder + "/made") ?? Data(ended.output)
        let vkey = try JSONValue(parsing: made)["vkey"]?.string ?? ""
        check = try ReceiptCheck(vkey: vkey, origin: LedgerOracle.origin)
        for receipt in receipts { try check.checkProof(receipt) }
    }

    func copy(to target: String) throws {
        guard let root else {
            try FileManager.default.createDirectory(
                atPath: target, withIntermediateDirectories: true)
            return
        }
        try FileManager.default.createDirectory(
            at: URL(filePath: target).deletingLastPathComponent(),
            withIntermediateDirectories: true)
        try CallTemplate.copy(root, to: target)
    }

    private static func copy(_ root: String, to target: String) throws {
        try FileManager.default.copyItem(atPath: root, toPath: target)
    }
}
