import AuditSources
import Auditing
import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import Merkle
import Records

/// Makes small ledgers line by line, by Specs/record.md alone; everything in them is fictitious.
struct LedgerMaker: Sendable {
    static let origin = "ledger.example/fictitious"
    let key: SignerKey
    var lines: [[UInt8]] = []
    /// What the lines hash to; of a withheld line what it states.
    var leaves: [LeafHash] = []
    var revisions: [String: UInt64] = [:]
    var files: [String: [UInt8]] = [:]
    var recorded = Timestamp(microseconds: 1_760_000_000_000_000)
    var linesInSegment = 60
    static func key(_ seed: UInt8) -> SignerKey {
        SignerKey(
            name: some(KeyName(origin)),
            privateKey: some(Ed25519PrivateKey(seed: Array(repeating: seed, count: 32))))
    }

    /// A ledger with records 0 and 1.
    init(key seed: UInt8 = 1, adopts: Bool = true) {
        key = LedgerMaker.key(seed)
        let compiled = Array(#"{"fictitious":true}"#.utf8)
        let source = Array("fictitious: true\n".utf8)
        let digest = SHA256.digest(of: compiled)
        files["catalogue/\(digest.hex)/compiled.json"] = compiled
        files["catalogue/\(digest.hex)/files/a/one.yaml"] = source
        own(
            "ledger.created",
            [
                "catalogue": .string(digest.hex), "format": 1, "hash": "SHA-256",
                "keys": [.string(key.verifierKey.description)], "operator": LedgerMaker.clerk,
                "origin": .string(LedgerMaker.origin), "timeZone": "Asia/Shanghai",
            ])
        guard adopts else { return }
        own(
            "ledger.catalogue-adopted",
            [
                "catalogue": .string(digest.hex),
                "files": [
                    [
                        "path": "a/one.yaml", "bytes": .integer(Int64(source.count)),
                        "sha256": .string(SHA256.digest(of: source).hex),
                    ]
                ], "operator": LedgerMaker.clerk,
            ])
    }

    static let clerk: JSONValue = ["person": "P-clerk", "unit": "U-1"]

    /// A ledger of about `count` records with everything that a record may have.
    static func varied(_ count: Int, seed: UInt64 = 1, key: UInt8 = 1) -> LedgerMaker {
        var maker = LedgerMaker(key: key)
        var random = Numbers(state: seed)
        while maker.lines.count < count {
            let number = maker.lines.count
            let stream = "penalty/C-\(random.next() % 40)"
            switch number % 25 {
            case 7:
                maker.batch(["penalty/C-1", "penalty/C-2", "penalty/C-1"])
            case 11:
                maker.attach(stream, Array("fictitious attachment \(number)".utf8))
            case 13 where number > 25:
                let target = maker.lastPlain
                maker.correct(target)
            case 17:
                maker.own(
                    "ledger.late-entries-approved",
                    [
                        "batch": .string("B-\(number)"), "approver": "P-2", "reason": "test",
                        "file": ["name": "a", "sha256": "00", "bytes": 1], "mapping": "00",
                        "operator": clerk,
                    ], stream: "ledger/late-entries")
            case 20: maker.add(stream, more: [JSONMember("precision", "day")])
            default: maker.add(stream, text: "虚构 \(random.next())")
            }
        }
        return maker
    }

    private(set) var lastPlain = (ordinal: 0, stream: "")

    // MARK: Records

    mutating func add(
        _ stream: String, text: String = "虚构", type: String = "penalty.noted",
        source: String = "urn:test", id: String? = nil, time: String = "2025-09-01T10:00:00+08:00",
        data: [JSONMember] = [], more: [JSONMember] = [], batch: BatchPlace? = nil,
        recorder: String = "svc:test", revision: UInt64? = nil
    ) {
        let number = lines.count
        let event: JSONValue = .object(
            [
                JSONMember("specversion", "1.0"), JSONMember("id", .string(id ?? "E-\(number)")),
                JSONMember("source", .string(source)), JSONMember("type", .string(type)),
                JSONMember("subject", .string(stream)), JSONMember("time", .string(time)),
                JSONMember(
                    "data",
                    .object(
                        [
                            JSONMember("operator", LedgerMaker.clerk),
                            JSONMember("text", .string(text)),
                        ] + data)),
            ] + more)
        if type == "penalty.noted" { lastPlain = (number, stream) }
        append(event, stream, batch, recorder, revision)
    }

    private mutating func append(
        _ event: JSONValue, _ stream: String, _ batch: BatchPlace?, _ recorder: String,
        _ revision: UInt64?
    ) {
        var bytes: [UInt8] = []
        var writer = RecordWriter()
        if batch.map({ $0.index == 1 }) ?? true {
            recorded = Timestamp(microseconds: recorded.microseconds + 1_000_003)
        }
        let next = revision ?? revisions[stream] ?? 0
        revisions[stream] = next + 1
        writer.write(
            RecordWriter.Frame(
                prev: leaves.last ?? .zero, recorded: recorded,
                salt: Salt(high: UInt64(lines.count), low: 7),
                sequence: SequenceNumber(UInt64(lines.count)), batch: batch, recorder: recorder,
                revision: Revision(next)),
            event: event.canonicalBytes, to: &bytes)
        push(bytes)
    }

    mutating func push(_ line: [UInt8]) {
        lines.append(line)
        leaves.append(hash(line))
    }

    func hash(_ line: [UInt8]) -> LeafHash {
        line.withUnsafeBytes { WithheldLine($0)?.leafHash }
            ?? LeafHash(SHA256.digest(of: [0] + line))
    }

    mutating func own(_ type: String, _ data: JSONValue, stream: String = "ledger/self") {
        let digits = String(lines.count, radix: 16)
        let id = "ledger-" + String(repeating: "0", count: 32 - digits.count) + digits
        let event: JSONValue = [
            "specversion": "1.0", "id": .string(id),
            "source": .string(LedgerMaker.origin), "type": .string(type),
            "subject": .string(stream), "time": "2025-09-01T10:00:00+08:00", "data": data,
        ]
        append(event, stream, nil, "ledger", nil)
    }

    mutating func batch(_ streams: [String]) {
        for (place, stream) in streams.enumerated() {
            add(stream, batch: BatchPlace(index: place + 1, count: streams.count))
        }
    }

    mutating func attach(_ stream: String, _ bytes: [UInt8]) {
        let hex = SHA256.digest(of: bytes).hex
        files["attachments/sha256/\(hex.prefix(2))/\(hex)"] = bytes
        add(
            stream,
            data: [
                JSONMember(
                    "attachments",
                    [
                        [
                            "name": "a.txt", "mediaType": "text/plain", "held": "ledger",
                            "bytes": .integer(Int64(bytes.count)), "sha256": .string(hex),
                        ]
                    ])
            ])
    }

    mutating func correct(
        _ target: (ordinal: Int, stream: String), approver: String = "P-2", stream: String? = nil,
        leaf: LeafHash? = nil
    ) {
        add(
            stream ?? target.stream, type: "entry.corrected",
            data: [
                JSONMember("approver", .string(approver)), JSONMember("corrected", ["text": "b"]),
                JSONMember(
                    "corrects",
                    [
                        "seq": .integer(Int64(target.ordinal)), "reason": "misrecorded",
                        "leafHash": .string((leaf ?? leaves[target.ordinal]).digest.hex),
                    ]),
            ])
    }

    /// Replaces a record by its stub; `backed` adds the record that allows it.
    mutating func withhold(_ ordinal: Int, backed: Bool, approvers: [JSONValue] = ["P-8", "P-9"]) {
        let value = some(try? JSONValue(parsing: lines[ordinal]))
        let batch = value["intake"]?["batch"]?.string.map { Array($0.utf8) }
        lines[ordinal] =
            WithheldLine(
                leafHash: leaves[ordinal], prev: ordinal == 0 ? .zero : leaves[ordinal - 1],
                recorded: some(
                    value["chain"]?["recorded"]?.string.flatMap { Timestamp(fixed: $0) }),
                revision: Revision(UInt64(some(value["intake"]?["revision"]?.integer))),
                sequence: SequenceNumber(UInt64(ordinal)),
                stream: some(value["event"]?["subject"]?.string.flatMap { StreamName($0) }),
                batch: batch?.withUnsafeBytes { BatchPlace($0) }
            ).bytes
        guard backed else { return }
        own(
            "ledger.entry-withheld",
            [
                "approvers": .array(approvers), "operator": LedgerMaker.clerk,
                "reason": "personal-data",
                "target": [
                    "seq": .integer(Int64(ordinal)),
                    "leafHash": .string(leaves[ordinal].digest.hex),
                ],
            ])
    }

    /// Makes the links right again in the `count` records from `first` on, as a forger would.
    mutating func relink(from first: Int, count: Int = .max) {
        leaves[first - 1] = hash(lines[first - 1])
        for place in first..<min(lines.count, count == .max ? lines.count : first + count) {
            let prev = Array(leaves[place - 1].digest.hex.utf8)
            lines[place].replaceSubrange(RecordLayout.prev, with: prev)
            leaves[place] = hash(lines[place])
        }
    }

    /// Changes one letter of what a record says.
    mutating func edit(_ ordinal: Int) {
        let place = lines[ordinal].count - 70
        lines[ordinal][place] = lines[ordinal][place] == 0x41 ? 0x42 : 0x41
    }

    // MARK: Folders

    func root(_ size: Int) -> Root {
        let hasher = MerkleHasher()
        var tree = CompactRange(begin: 0)
        for leaf in leaves.prefix(size) { tree.append(leaf, hasher) }
        return tree.root(hasher)
    }

    /// A record that names a new key.
    mutating func announce(_ type: String, _ new: SignerKey, _ more: [String: JSONValue] = [:]) {
        let data: [String: JSONValue] = [
            "approver": "P-2", "asked": ["memory"], "operator": LedgerMaker.clerk,
            "keys": [.string(new.verifierKey.description)], "reason": "test",
        ]
        own(
            type,
            .object(
                data.merging(more) { $1 }.sorted { $0.key < $1.key }
                    .map { JSONMember($0.key, $0.value) }))
    }

    func checkpoint(_ size: Int? = nil, by signer: SignerKey? = nil) -> [UInt8] {
        let size = size ?? lines.count
        return Checkpoint(
            origin: some(Origin(LedgerMaker.origin)), size: TreeSize(UInt64(size)), root: root(size)
        ).sign(with: signer ?? key)
    }

    /// The segments, checkpoint, index and kept files by path.
    func contents(index: Bool = true) -> [String: [UInt8]] {
        var result = files
        for first in stride(from: 0, to: lines.count, by: linesInSegment) {
            result[LedgerMaker.segment(first)] = lines[first...].prefix(linesInSegment)
                .flatMap { $0 + [0x0A] }
        }
        result["checkpoints/latest"] = checkpoint()
        guard index else { return result }
        var offsets: [UInt8] = []
        for (place, _) in lines.enumerated() {
            let first = place / linesInSegment * linesInSegment
            let offset = lines[first..<place].reduce(0) { $0 + $1.count + 1 }
            offsets += withUnsafeBytes(of: UInt32(offset).littleEndian) { Array($0) }
        }
        result["index/offsets"] = offsets
        result["index/level-0"] = leaves.flatMap(\.digest.bytes)
        let hasher = MerkleHasher()
        var level: [UInt8] = []
        var tree = CompactRange(begin: 0)
        for leaf in leaves {
            tree.append(leaf, hasher) { node, hash in
                if node.level == 8 { level += hash.bytes }
            }
        }
        result["index/level-1"] = level
        return result
    }

    static func segment(_ first: Int) -> String {
        "records/" + String(repeating: "0", count: 12 - "\(first)".count) + "\(first).ndjson"
    }
}

/// What must be there in a ledger that was made here.
func some<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("the maker's own ledger is not sound") }
    return value
}

/// SplitMix64.
struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A folder of its own that is gone with the test.
final class TestFolder: Sendable {
    let path: String

    init(_ contents: [String: [UInt8]] = [:]) throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "hanqing-audit-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path + "/records", withIntermediateDirectories: true)
        for (name, bytes) in contents { try write(name, bytes) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}

/// Audits a folder with small pieces, so that joints are everywhere.
func audit(
    _ folder: TestFolder, _ mode: AuditMode = .full, memory: MemoryFolder? = nil,
    key: VerifierKey? = nil, checkpoints: [GivenCheckpoint] = [], loss: UInt64? = nil,
    workers: Int = 2,
    chunk: Int = 5000, facts: Int = 2_000_000
) async throws -> AuditReport {
    var options = Auditor.Options(hashKey: ShortHash(high: 1, low: 2))
    (options.key, options.checkpoints, options.acceptedLoss) = (key, checkpoints, loss)
    (options.workers, options.chunkByteCount, options.factsInMemory) = (workers, chunk, facts)
    let sources = try Auditor.Sources(
        ledger: folder.path, memory: memory, scratch: NSTemporaryDirectory())
    return try await Auditor(sources, options).run(mode: mode)
}

/// Audits what `maker` makes, after `change` has had its way with the files.
func audit(
    _ maker: LedgerMaker, _ mode: AuditMode = .full, index: Bool = true,
    chunk: Int = 5000, change: (inout [String: [UInt8]]) -> Void = { _ in }
) async throws -> AuditReport {
    var contents = maker.contents(index: index)
    change(&contents)
    return try await audit(TestFolder(contents), mode, chunk: chunk)
}
