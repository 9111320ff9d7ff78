import CanonicalJSON
import Foundation
import TestKit

/// What must hold of a ledger after whatever was done to it.
struct LedgerOracle: Sendable {
    static let origin = "campaign.example"

    let program: InterposedProgram
    /// Files of a run without the library.
    let setting: InterposedProgram.Setting
    let ledger: String

    /// Whole lines that were printed, as JSON.
    static func receipts(in output: [UInt8]) -> [JSONValue] {
        guard let end = output.lastIndex(of: 0x0A) else { return [] }
        return output[...end].split(separator: 0x0A).compactMap { line in
            (try? JSONValue(parsing: line)).flatMap { $0["leafHash"] == nil ? nil : $0 }
        }
    }

    /// One receipt's size of its tree, from the checkpoint that it carries.
    static func size(of receipt: JSONValue) -> Int64 {
        let lines = (receipt["checkpoint"]?.string ?? "").split(separator: "\n")
        return lines.count > 1 ? Int64(lines[1]) ?? 0 : 0
    }

    /// What `hanqing verify` finds, also against a checkpoint from before; empty if it is sound.
    func verify(keptFrom receipts: [JSONValue] = [], _ folder: String? = nil) throws -> [String] {
        var arguments = ["verify", folder ?? ledger, "--no-memory", "--json"]
        let newest = receipts.max { LedgerOracle.size(of: $0) < LedgerOracle.size(of: $1) }
        if let note = newest?["checkpoint"]?.string {
            let file = setting.scratch + "/kept"
            try Data(note.utf8).write(to: URL(filePath: file))
            arguments += ["--checkpoint", file]
        }
        let ended = try program.run(arguments, setting)
        guard ended.exitCode != 0 else { return [] }
        let report = String(decoding: ended.output.prefix(600), as: UTF8.self)
        let name = URL(filePath: folder ?? ledger).lastPathComponent
        return ["verify \(name): \(ended.outcome): \(report)\(ended.errors.prefix(300))"]
    }

    /// The same of a backup that counts, which must cover `size` records; nothing if none does.
    func verify(backup: String, covering size: Int64) throws -> [String] {
        guard let bytes = FileManager.default.contents(atPath: backup + "/backup.json") else {
            return size > 0 ? ["the backup is gone"] : []
        }
        let found = (try? JSONValue(parsing: bytes))?["size"]?.integer ?? 0
        let short = found < size ? ["the backup covers \(found) records, not \(size)"] : []
        return try short + verify(keptFrom: [], backup)
    }

    /// The same of published tiles, once there is a checkpoint; it must cover `size` records.
    func verify(tiles: String, covering size: Int64) throws -> [String] {
        guard let note = FileManager.default.contents(atPath: tiles + "/checkpoint") else {
            return size > 0 ? ["nothing is published"] : []
        }
        let lines = String(decoding: note, as: UTF8.self).split(separator: "\n")
        let found = lines.count > 1 ? Int64(lines[1]) ?? 0 : 0
        let short = found < size ? ["\(found) records are published, not \(size)"] : []
        return try short + verify(keptFrom: [], tiles)
    }

    /// That the ledger still has what was acknowledged; empty if it has.
    func missing(_ receipts: [JSONValue]) -> [String] {
        guard !receipts.isEmpty else { return [] }
        do {
            let lines = try ReceiptCheck.lines(of: ledger)
            for receipt in receipts { try ReceiptCheck.checkRecord(receipt, against: lines) }
            return []
        } catch {
            return ["a receipt does not prove: \(error)"]
        }
    }

    /// The bytes of all segments, one after the other.
    func log() -> [UInt8] {
        let folder = ledger + "/records"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().flatMap { name in
            [UInt8](FileManager.default.contents(atPath: folder + "/" + name) ?? Data())
        }
    }
}

extension InterposedProgram.Ended {
    /// In words.
    var outcome: String {
        exitCode.map { "exit code \($0)" } ?? "signal \(signal)"
    }
}
