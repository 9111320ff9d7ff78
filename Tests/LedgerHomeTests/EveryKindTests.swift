import CanonicalJSON
import Digests
import Foundation
import LedgerHome
import Logging
import Merkle
import Records
import Sequencing
import TestKit
import Testing

/// A ledger with every kind of line that format 1 has.
///
/// The golden ledger in `Specs/vectors/records` was made by this: with `HANQING_KEEP=FOLDER` the
/// test leaves its ledger there.
@Suite struct EveryKindTests {
    private let program = Program()
    private let home: ScratchFolder
    private var ledger: String { home.path + "/ledger" }

    init() throws {
        home = try ScratchFolder()
    }

    @discardableResult
    private func run(_ arguments: [String], input: [UInt8] = []) throws -> String {
        let result = try program.run(arguments, home: home.url, input: input)
        #expect(result.exitCode == 0, "\(arguments): \(result.errors) \(result.output)")
        return result.output
    }

    private var project: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    @Test func `a ledger with every kind of line verifies`() async throws {
        try run(["init", ledger, "--origin", "vectors.example/v1-every", "--lang", "en"])
        try appendEvents()
        try importLateEntries()
        try await appendOwn(
            "ledger.clock-noted",
            [
                "from": "2026-01-01T00:00:00.000000Z", "to": "2026-01-01T01:00:00.000000Z",
                "operator": ["person": "P-1", "unit": "虚构单位"], "reason": "clock was an hour late",
            ])
        try mendAndState()
        try grantAndRevoke()
        let who = ["--person", "P-1", "--unit", "虚构单位", "--approver", "P-2"]
        try run(["key", "rotate", "--ledger", ledger, "--reason", "test"] + who)
        try await withhold(4)
        try restore(who)
        try run(
            ["append", "-", "--ledger", ledger], input: batch("after", 2).canonicalBytes)

        let report = try JSONValue(
            parsing: run(["verify", ledger, "--json", "--no-memory"]).utf8)
        #expect(report["sound"] == true && report["withheld"]?.integer == 1)
        try expectEveryKind()
        guard let keep = ProcessInfo.processInfo.environment["HANQING_KEEP"] else { return }
        for name in ["keys", "index", "LOCK"] {
            try FileManager.default.removeItem(atPath: ledger + "/" + name)
        }
        try FileManager.default.moveItem(atPath: ledger, toPath: keep)
    }

    private func appendEvents() throws {
        let sample = try Data(contentsOf: project.appending(path: "Ledger/samples/sample.ndjson"))
        try run(["append", "-", "--ledger", ledger, "--receipts", "brief"], input: [UInt8](sample))
        try run(["append", "-", "--ledger", ledger], input: batch("first", 3).canonicalBytes)
        let file = home.path + "/photo.txt"
        let bytes = Array("a fictitious photograph\n".utf8)
        try Data(bytes).write(to: URL(filePath: file))
        let event = EventMaker.json(
            id: "with-attachment", stream: "report/RP-2025-900", type: "report.accepted",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
                "attachments": [
                    [
                        "name": "photo.txt", "mediaType": "text/plain",
                        "bytes": .integer(Int64(bytes.count)), "held": "ledger",
                        "sha256": .string(SHA256.digest(of: bytes).hex),
                    ]
                ],
            ])
        try run(
            ["append", "-", "--ledger", ledger, "--attach", file], input: event.canonicalBytes)
    }

    /// A correction, a withdrawal, and what two participants say of records.
    private func mendAndState() throws {
        let log = try run(["log", "--ledger", ledger, "--json", "--limit", "1000"])
        let places = try log.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
            .enumerated().filter { $1["event"]?["id"]?.string?.hasPrefix("first-") == true }
        for (number, (seq, record)) in places.enumerated() {
            let target: [JSONMember] = [
                JSONMember("seq", .integer(Int64(seq))),
                JSONMember(
                    "leafHash",
                    try JSONValue(
                        parsing: run(["prove", "\(seq)", "--ledger", ledger, "--json"]).utf8)[
                            "leafHash"] ?? .null),
            ]
            let reason = [JSONMember("reason", "misrecorded")]
            let stream = record["event"]?["subject"]?.string ?? ""
            let corrected: JSONValue = ["acceptedOn": "2025-03-05", "reporterTold": true]
            let all: [(String, [JSONMember])] = [
                (
                    "entry.corrected",
                    [
                        JSONMember("approver", "P-2"), JSONMember("corrected", corrected),
                        JSONMember("corrects", .object(target + reason)),
                    ]
                ),
                (
                    "entry.withdrawn",
                    [
                        JSONMember("approver", "P-2"),
                        JSONMember("withdraws", .object(target + reason)),
                    ]
                ),
                (
                    "participant.disputed",
                    [JSONMember("statement", "虚构"), JSONMember("target", .object(target))]
                ),
                (
                    "participant.confirmed",
                    [JSONMember("statement", "虚构"), JSONMember("target", .object(target))]
                ),
            ]
            let chosen = number == 2 ? all[2...] : all[number...number]
            for (type, members) in chosen {
                let person: JSONValue = ["person": "P-1", "unit": "虚构单位"]
                let event = EventMaker.json(
                    id: "\(type)-\(seq)", stream: stream, type: type,
                    time: "2025-11-23T10:00:00+08:00",
                    data: .object(members + [JSONMember("operator", person)]))
                try run(["append", "-", "--ledger", ledger], input: event.canonicalBytes)
            }
        }
    }

    private func grantAndRevoke() throws {
        let made = try run([
            "token", "create", "--ledger", ledger, "--name", "虚构系统", "--system", "test-system",
            "--right", "append:report", "--json",
        ])
        let id = try JSONValue(parsing: made.utf8)["id"]?.string ?? ""
        try run(["token", "revoke", id, "--ledger", ledger, "--by", "P-1", "--reason", "test"])
    }

    private func batch(_ name: String, _ count: Int) -> JSONValue {
        .array(
            (0..<count).map { number in
                EventMaker.json(
                    id: "\(name)-\(number)", stream: "report/RP-2025-90\(number)",
                    type: "report.accepted",
                    data: [
                        "operator": ["person": "P-1", "unit": "虚构单位"],
                        "acceptedOn": "2025-03-04", "reporterTold": true,
                    ])
            })
    }

    private func importLateEntries() throws {
        let data = "案号,活动,日期,告知\nRP-2019-1,受理,2019-05-08,true\n"
        let mapping = """
            import: 1
            form: csv
            csv: {encoding: utf-8}
            source: https://archive.example/report-2019
            stream: "report/{案号}"
            id: "{案号}-{@n}"
            activity: "{活动}"
            time: {from: "{日期}", formats: [yyyy-MM-dd], zone: "+08:00"}
            operator: {person: P-3, unit: 虚构单位}
            events:
              受理:
                type: report.accepted
                fields:
                  acceptedOn: {from: 日期, as: date}
                  reporterTold: {from: 告知, as: boolean}

            """
        let (file, map) = (home.path + "/late.csv", home.path + "/late.yaml")
        try Data(data.utf8).write(to: URL(filePath: file))
        try Data(mapping.utf8).write(to: URL(filePath: map))
        try run(["import", file, "--mapping", map, "--approver", "P-2", "--ledger", ledger])
    }

    private func appendOwn(_ type: String, _ data: JSONValue) async throws {
        let opened = try await Ledger.open(
            ledger, .write, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let event = OwnEvents(origin: "vectors.example/v1-every").event(
            type: type, stream: .ledgerSelf, time: opened.clock.wall(), data: data)
        let sequencer = try #require(opened.sequencer)
        _ = try await sequencer.submit(
            Submission([try #require(event)], recorder: Recorder.ledger))
        try await opened.close()
    }

    /// Puts a stub in the place of a record, after the record that backs it: record.md section 7.
    private func withhold(_ sequence: Int) async throws {
        let file = URL(filePath: ledger + "/records/000000000000.ndjson")
        var lines = try Data(contentsOf: file).split(separator: 0x0A).map { [UInt8]($0) }
        let record = try JSONValue(parsing: lines[sequence])
        let leaf = lines[sequence].withUnsafeBytes { MerkleHasher().leaf($0).digest.hex }
        try await appendOwn(
            "ledger.entry-withheld",
            [
                "approvers": ["P-2", "P-4"], "reason": "personal-data",
                "operator": ["person": "P-1", "unit": "虚构单位"],
                "target": ["leafHash": .string(leaf), "seq": .integer(Int64(sequence))],
            ])
        lines = try Data(contentsOf: file).split(separator: 0x0A).map { [UInt8]($0) }
        let stub: JSONValue = [
            "withheld": [
                "leafHash": .string(leaf), "prev": record["chain"]?["prev"] ?? .null,
                "recorded": record["chain"]?["recorded"] ?? .null,
                "revision": record["intake"]?["revision"] ?? .null,
                "seq": .integer(Int64(sequence)), "stream": record["event"]?["subject"] ?? .null,
                "v": 1,
            ]
        ]
        lines[sequence] = stub.canonicalBytes
        try Data(lines.joined(separator: [0x0A]) + [0x0A]).write(to: file)
        try FileManager.default.removeItem(atPath: ledger + "/index")
    }

    private func restore(_ who: [String]) throws {
        let backup = home.path + "/backup"
        try run(["backup", backup, "--ledger", ledger, "--with-keys"])
        let kept = home.path + "/kept"
        try run(["append", "-", "--ledger", ledger], input: batch("lost", 2).canonicalBytes)
        try Data(run(["checkpoint", "--ledger", ledger]).utf8).write(to: URL(filePath: kept))
        try FileManager.default.removeItem(atPath: ledger)
        try run(["restore", backup, ledger])
        try run(
            ["restore", "finish", ledger, "--checkpoint", kept, "--reason", "test"] + who)
    }

    private func expectEveryKind() throws {
        let log = try run(["log", "--ledger", ledger, "--json", "--limit", "1000"])
        var types: Set<String> = []
        var hasBatch = false
        for line in log.split(separator: "\n") {
            let record = try JSONValue(parsing: line.utf8)
            if let type = record["event"]?["type"]?.string { types.insert(type) }
            if record["intake"]?["batch"] != nil { hasBatch = true }
        }
        let wanted: Set = [
            "ledger.created", "ledger.catalogue-adopted", "ledger.late-entries-approved",
            "ledger.entry-withheld", "ledger.clock-noted", "ledger.key-rotated",
            "ledger.restored", "ledger.token-created", "ledger.token-revoked", "entry.corrected",
            "entry.withdrawn", "participant.confirmed",
            "participant.disputed",
        ]
        #expect(wanted.subtracting(types) == [])
        #expect(hasBatch && log.contains(#"{"withheld":"#))
    }
}
