import CanonicalJSON
import Digests
import Foundation
import HanqingClient
import Merkle
import TestKit

/// A ledger that the shipped program serves, and what the shipped auditor says of it.
final class ServedLedger: Sendable {
    let home: URL
    let vkey: String
    private let program = Program()
    var folder: String { home.appending(path: "ledger").path }

    static let origin = "served.example"

    /// Makes one with small segments and small runs, so that rolls and merges come often.
    init(home: URL, segmentBytes: Int = 1 << 20) async throws {
        self.home = home
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let (program, folder) = (program, home.appending(path: "ledger").path)
        let made = try await onThread {
            try program.run(
                [
                    "init", folder, "--origin", ServedLedger.origin, "--segment-bytes",
                    "\(segmentBytes)", "--index-run-entries", "4096", "--json",
                ], home: home)
        }
        guard let vkey = try made.json["vkey"]?.string else {
            throw CampaignError("hanqing init: \(made.errors)")
        }
        self.vkey = vkey
    }

    func serve(port: Int = 0) async throws -> ServingProgram {
        try await ServingProgram(folder, home: home, port: port, program: program)
    }

    func run(_ arguments: [String]) async throws -> Program.Result {
        let (program, home) = (program, home)
        return try await onThread { try program.run(arguments, home: home) }
    }

    /// What the shipped auditor finds wrong; nil if nothing.
    func verified() async throws -> String? {
        let verified = try await run(["verify", folder, "--json"])
        guard verified.exitCode != 0 else { return nil }
        return "verify: \(verified.errors) \(verified.output.prefix(1_500))"
    }

    /// Options of a client that checks every receipt and does not give up.
    func clientOptions() throws -> LedgerClient.Options {
        var options = LedgerClient.Options()
        options.patience = .seconds(600)
        options.connectionCountMax = 1_024
        options.verifier = try ReceiptVerifier(origin: ServedLedger.origin, keys: [vkey])
        return options
    }

    // MARK: - Events

    /// An event of a case, by its number.
    static func event(_ id: String, case number: Int) throws -> Event {
        try Event(json: json(id, case: number).canonicalBytes)
    }

    static func json(_ id: String, case number: Int) -> JSONValue {
        EventMaker.json(
            id: id, stream: "report/RP-2025-\(number)", type: "report.accepted",
            source: "urn:served",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ])
    }

    /// The events that are recorded, by id; of one that is there twice, both records.
    func recorded() throws -> [String: [RecordedEvent]] {
        var found: [String: [RecordedEvent]] = [:]
        var number = 0
        let hasher = MerkleHasher()
        let records = folder + "/records"
        // A segment at a time: the whole may be larger than memory.
        for name in try FileManager.default.contentsOfDirectory(atPath: records).sorted() {
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: "\(records)/\(name)")))
            for line in bytes.split(separator: 0x0A) {
                let event = try JSONValue(parsing: line)["event"]
                if event?["source"]?.string == "urn:served", let id = event?["id"]?.string {
                    let leaf = line.withUnsafeBytes { hasher.leaf($0) }
                    found[id, default: []].append(RecordedEvent(number: number, leaf: leaf))
                }
                number += 1
            }
        }
        return found
    }
}

/// Where an event is recorded.
struct RecordedEvent: Hashable {
    let number: Int
    let leaf: LeafHash
}

/// What was acknowledged: by event the record that its receipt names.
struct Acknowledged {
    private(set) var records: [String: RecordedEvent] = [:]
    private(set) var repeatCount = 0
    /// Receipts that name another record for an event than an earlier one did.
    private(set) var contradictions: [String] = []

    mutating func take(_ receipt: Receipt) {
        guard let leaf = Digest(hex: receipt.leafHash) else { return }
        let record = RecordedEvent(number: Int(receipt.sequence), leaf: LeafHash(leaf))
        if let earlier = records[receipt.id], earlier != record {
            contradictions.append("two receipts name two records for \(receipt.id)")
        }
        records[receipt.id] = record
        repeatCount += receipt.isRepeat ? 1 : 0
    }

    /// What of it does not hold in a ledger with these events.
    func complaints(about recorded: [String: [RecordedEvent]]) -> [String] {
        let twice = recorded.filter { $0.value.count > 1 }
            .map { "\($0) is recorded \($1.count) times" }
        let lost = records.filter { id, record in recorded[id]?.first != record }
            .map { "\($0) was acknowledged as record \($1.number), and is not that" }
        return contradictions + twice + lost
    }
}
