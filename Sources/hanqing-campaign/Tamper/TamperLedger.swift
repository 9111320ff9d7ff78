import CanonicalJSON
import Digests
import Foundation
import Merkle
import Records
import TestKit

/// Makes the ledger that is going to be tampered with, by the shipped program.
struct TamperLedger {
    let program = Program()
    let home: URL
    let folder: String
    let repository: URL

    init(home: URL, repository: URL) {
        (self.home, self.repository) = (home, repository)
        folder = home.appending(path: "ledger").path
    }

    /// A ledger of invented events in small segments.
    func generate(events: Int) throws {
        try run(
            [
                "init", folder, "--origin", "tamper.example", "--segment-bytes", "65536",
                "--index-run-entries", "64",
            ])
        try append((0..<events).map { event("E-\($0)", case: $0 % 97) })
    }

    /// A real event log, imported with the repository's mapping.
    func importLog(_ name: String, shared: String) throws {
        let fixtures = repository.appending(path: "Tests/Fixtures")
        let (segment, run) = name == "fines" ? (16 << 20, 16_384) : (1 << 19, 1024)
        try self.run(
            [
                "init", folder, "--origin", "\(name).example", "--catalogue",
                fixtures.appending(path: name).path, "--segment-bytes", "\(segment)",
                "--index-run-entries", "\(run)",
            ])
        try self.run(
            [
                "import", "\(shared)/data/\(name).xes.gz", "--mapping",
                fixtures.appending(path: "\(name)-mapping.yaml").path, "--approver", "P-9",
                "--ledger", folder,
            ])
    }

    private func event(_ id: String, case number: Int) -> JSONValue {
        EventMaker.json(
            id: id, stream: "report/RP-2025-\(number)", type: "report.accepted",
            source: "urn:tamper",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ])
    }

    @discardableResult
    func run(_ arguments: [String], input: [UInt8] = []) throws -> Program.Result {
        let result = try program.run(arguments, home: home, input: input)
        guard result.exitCode == 0 else {
            throw CampaignError("hanqing \(arguments[0]): \(result.errors)\(result.output)")
        }
        return result
    }

    private func append(_ events: [JSONValue], attaching files: [String] = []) throws {
        var lines: [UInt8] = []
        for event in events { lines += event.canonicalBytes + [0x0A] }
        try run(
            ["append", "-", "--ledger", folder, "--receipts", "brief"]
                + files.flatMap { ["--attach", $0] }, input: lines)
    }
}

// MARK: - What a ledger may have

extension TamperLedger {
    /// Adds attachments, atomic batches and corrections, and withholds two lines.
    func dress() throws -> SoundLedger {
        let bare = try SoundLedger(folder: folder)
        let models = bare.lines.indices.filter { !bare.isOwn($0) }.suffix(40)
        for (number, record) in models.enumerated() {
            let model = try Model(bare, record)
            switch number % 4 {
            case 0: try attach(model, number)
            case 1: try batch(model, number)
            case 2 where number < 20: try append([model.correction("tamper-c\(number)")])
            default: try append([model.event("tamper-e\(number)")])
            }
        }
        let clear = try withhold()
        try append([try Model(bare, models[models.startIndex]).event("tamper-last")])
        var sound = try SoundLedger(folder: folder)
        sound.clear = clear
        return sound
    }

    private func attach(_ model: Model, _ number: Int) throws {
        let bytes = Array("虚构附件 \(number)\n".utf8)
        let file = home.appending(path: "a-\(number).txt")
        try Data(bytes).write(to: file)
        let attachment: JSONValue = [
            "name": .string(file.lastPathComponent), "mediaType": "text/plain", "held": "ledger",
            "bytes": .integer(Int64(bytes.count)),
            "sha256": .string(SHA256.digest(of: bytes).hex),
        ]
        try append(
            [model.event("tamper-a\(number)", data: ["attachments": [attachment]])],
            attaching: [file.path])
    }

    private func batch(_ model: Model, _ number: Int) throws {
        let events = (0..<2 + number % 6).map { model.event("tamper-b\(number)-\($0)") }
        try run(
            ["append", "-", "--ledger", folder, "--receipts", "brief"],
            input: JSONValue.array(events).canonicalBytes)
    }

    /// Puts stubs in place of two records, with the records that allow it, and signs: there is no
    /// command for it yet.
    private func withhold() throws -> [Int: (line: [UInt8], backing: Int)] {
        let ledger = try SoundLedger(folder: folder)
        let inBatch = ledger.lines.indices.last { ledger.batch($0)?.index == 2 }
        var clear: [Int: (line: [UInt8], backing: Int)] = [:]
        var (draft, leaves) = (LogDraft(ledger), ledger.leaves)
        var writer = OwnWriter(ledger)
        var added: [[UInt8]] = []
        for record in [ledger.lines.count / 3, inBatch].compactMap(\.self) {
            guard let stub = Withholding.stub(of: ledger.lines[record], ledger.leaves[record])
            else { throw CampaignError("record \(record) cannot be withheld") }
            clear[record] = (Array(ledger.lines[record]), leaves.count)
            draft.replace(record, by: stub[...])
            let line = writer.withheld(record, ledger.leaves[record], leaves)
            added.append(line)
            leaves.append(leafHash(line[...], MerkleHasher()))
        }
        for line in added.reversed() {
            draft.insert(line[...], at: ledger.lines.count - 1, after: true)
        }
        try draft.install(leaves, in: folder)
        return clear
    }
}

/// Puts a file in place of another, also where that is read-only.
func replaceFile(_ path: String, _ bytes: [UInt8]?) throws {
    try? FileManager.default.removeItem(atPath: path)
    guard let bytes else { return }
    let made = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    guard made else { throw CampaignError("cannot write \(path)") }
}

/// An event in a ledger, as a model for others.
private struct Model {
    private let value: JSONValue
    private let record: Int
    private let leaf: LeafHash

    init(_ ledger: SoundLedger, _ record: Int) throws {
        guard let event = try JSONValue(parsing: ledger.lines[record])["event"] else {
            throw CampaignError("record \(record) has no event")
        }
        (value, self.record, leaf) = (event, record, ledger.leaves[record])
    }

    /// The same under another id, with more data.
    func event(_ id: String, data more: JSONValue = .object([])) -> JSONValue {
        let data = (value["data"]?.members ?? []) + (more.members ?? [])
        return .object(
            // An import asserts, as an approved batch; these are appended.
            (value.members ?? []).filter { $0.name != "asserted" }.map { member in
                switch member.name {
                case "id": JSONMember("id", .string(id))
                case "data": JSONMember("data", .object(data))
                default: member
                }
            })
    }

    /// A correction of the entry that changes nothing.
    func correction(_ id: String) -> JSONValue {
        let data = (value["data"]?.members ?? []).filter { $0.name != "operator" }
        return .object([
            JSONMember("specversion", "1.0"), JSONMember("id", .string(id)),
            JSONMember("source", value["source"] ?? .null), JSONMember("type", "entry.corrected"),
            JSONMember("subject", value["subject"] ?? .null),
            JSONMember("time", value["time"] ?? .null),
            JSONMember(
                "data",
                [
                    "operator": ["person": "P-1", "unit": "虚构单位"], "approver": "P-2",
                    "corrected": .object(data),
                    "corrects": [
                        "seq": .integer(Int64(record)), "leafHash": .string(leaf.digest.hex),
                        "reason": "misrecorded",
                    ],
                ]),
        ])
    }
}

/// Writes `ledger.entry-withheld` as the ledger would.
struct OwnWriter {
    private let origin: String
    private let recorded: Timestamp
    private var revision: UInt64
    private var writer = RecordWriter()

    init(_ ledger: SoundLedger) {
        origin = ledger.origin
        revision = UInt64(
            ledger.lines.count { $0.contains(#""subject":"ledger/self""#.utf8) })
        recorded =
            ledger.lines.last.flatMap { line in
                Timestamp(
                    fixed: String(
                        decoding: line.dropFirst(RecordLayout.recorded.lowerBound).prefix(27),
                        as: UTF8.self))
            } ?? Timestamp(microseconds: 0)
    }

    mutating func withheld(_ record: Int, _ leaf: LeafHash, _ leaves: [LeafHash]) -> [UInt8] {
        let digits = String(leaves.count, radix: 16)
        let event: JSONValue = [
            "specversion": "1.0", "type": "ledger.entry-withheld", "subject": "ledger/self",
            "id": .string("ledger-" + String(repeating: "0", count: 32 - digits.count) + digits),
            "source": .string(origin), "time": .string(recorded.text),
            "data": [
                "approvers": ["P-8", "P-9"], "operator": ["person": "P-1", "unit": "虚构单位"],
                "reason": "personal-data",
                "target": [
                    "seq": .integer(Int64(record)), "leafHash": .string(leaf.digest.hex),
                ],
            ],
        ]
        var bytes: [UInt8] = []
        writer.write(
            RecordWriter.Frame(
                prev: leaves.last ?? .zero, recorded: recorded,
                salt: Salt(high: UInt64(leaves.count), low: 7),
                sequence: SequenceNumber(UInt64(leaves.count)), batch: nil, recorder: "ledger",
                revision: Revision(revision)),
            event: event.canonicalBytes, to: &bytes)
        revision += 1
        return bytes
    }
}
