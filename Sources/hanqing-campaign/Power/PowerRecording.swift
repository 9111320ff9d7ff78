import CanonicalJSON
import Foundation
import TestKit

/// Runs a workload and records what it did to the disk and what it promised when.
struct PowerRecording: Sendable {
    /// A receipt, and the event of the trace with which it was out.
    struct Promise: Sendable {
        let event: Int
        let receipt: JSONValue
    }

    let disk: DiskModel
    let trace: DiskTrace
    let promises: [Promise]
    /// Backups that were said to be made: when, and over how many records.
    let backups: [(event: Int, size: Int64)]
    /// When `init` had said that the ledger is there.
    let made: Int
    let check: ReceiptCheck
    /// The events that were sent, by id.
    let sent: [String: [UInt8]]

    init(
        _ program: InterposedProgram, folder: String, boot: String, trustingSyncs: Bool,
        _ random: inout Seeded
    ) throws {
        var workload = try PowerWorkload(program, folder: folder, boot: boot)
        try workload.run(&random)
        let root = folder + "/root"
        trace = try DiskTrace(file: folder + "/trace")
        disk = try DiskModel(trace, root: root, base: nil, trustingSyncs: trustingSyncs)
        sent = workload.sent
        try PowerRecording.compare(trace, disk, root, folder + "/copy")
        let printed = PowerRecording.printed(trace)
        guard let first = printed.first, let vkey = first.json["vkey"]?.string else {
            throw DiskModel.Misfit(description: "the trace has no output of init")
        }
        made = first.event
        check = try ReceiptCheck(vkey: vkey, origin: LedgerOracle.origin)
        promises = printed.filter { $0.json["leafHash"] != nil }
            .map { Promise(event: $0.event, receipt: $0.json) }
        backups = printed.compactMap { event, json in
            json["backup"] == nil ? nil : (event, json["size"]?.integer ?? 0)
        }
        for promise in promises { try check.checkProof(promise.receipt) }
    }

    /// The trace must be all that was done, or every round would accuse the wrong one.
    private static func compare(
        _ trace: DiskTrace, _ disk: DiskModel, _ root: String, _ copy: String
    ) throws {
        var random = Seeded(seed: 0)
        try PowerCut(everythingOf: trace).write(disk, to: copy, &random)
        let difference = try DiskBase(reading: root).difference(from: DiskBase(reading: copy))
        if let difference {
            throw DiskModel.Misfit(description: "the trace lacks something: \(difference)")
        }
        try FileManager.default.removeItem(atPath: copy)
    }

    /// Each line that was printed, with the event that ended it.
    static func printed(_ trace: DiskTrace) -> [(event: Int, json: JSONValue)] {
        var result: [(event: Int, json: JSONValue)] = []
        var line: [UInt8] = []
        for (number, event) in trace.events.enumerated() {
            guard case .output(let range) = event else { continue }
            for byte in trace.bytes[range] {
                guard byte == 0x0A else {
                    line.append(byte)
                    continue
                }
                if let json = try? JSONValue(parsing: line) { result.append((number, json)) }
                line = []
            }
        }
        return result
    }

    /// How many records the backup covered at least before the event with this number.
    func backedUp(before end: Int) -> Int64 {
        backups.filter { $0.event < end }.map(\.size).max() ?? 0
    }

    /// What had been promised before the event with this number.
    func promised(before end: Int) -> [JSONValue] {
        promises.filter { $0.event < end }.map(\.receipt)
    }
}
