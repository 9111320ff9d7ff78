import CanonicalJSON
import Checkpoints
import Digests
import Merkle
import Phrases
package import Records

/// What a scrub writes down: Specs/scrub.md section 5.
package struct ScrubState: Sendable {
    package static let format: Int64 = 1

    package var origin: String
    /// The last pass that was finished.
    package var last: Finished?
    /// The pass on its way.
    package var pass: Saved?

    package struct Finished: Sendable {
        package var began: Timestamp
        package var finished: Timestamp
        package var records: UInt64
        package var byteCount: Int
        /// The note that had to be met.
        package var checkpoint: [UInt8]?
        package var findings: [Finding]
        package var moreFindings: Int
        package var notes: [AuditNote]

        package var isSound: Bool { findings.isEmpty }
    }

    /// A pass that waits to go on; what it claims is checked then.
    package struct Saved: Sendable {
        package var began: Timestamp
        package var records: UInt64
        package var findings: [Finding]
        package var moreFindings: Int
        /// All its members.
        let json: JSONValue

        /// The note that it has to meet.
        var checkpoint: [UInt8]? { (json["checkpoint"]?.string).map { Array($0.utf8) } }

        /// The records that it is to read.
        package var size: UInt64? {
            checkpoint.flatMap { try? SignedNote($0) }
                .flatMap { try? Checkpoint(text: $0.text) }?.size.rawValue
        }
    }

    package init(origin: String) {
        self.origin = origin
    }

    /// What was read of a file.
    package enum Reading: Sendable {
        case state(ScrubState)
        /// Not what a scrub writes: as good as none.
        case damaged
        /// A newer version wrote it: neither read nor replaced.
        case newer(format: Int64)
    }

    package static func read(_ bytes: [UInt8]) -> Reading {
        guard let file = try? JSONValue(parsing: bytes), let format = file["format"]?.integer,
            format > 0
        else { return .damaged }
        guard format == ScrubState.format else { return .newer(format: format) }
        guard let value = file["state"], let digest = file["sha256"]?.string,
            SHA256.digest(of: value.canonicalBytes).hex == digest, let state = ScrubState(value)
        else { return .damaged }
        return .state(state)
    }

    package var bytes: [UInt8] {
        let value: JSONValue = [
            "last": last?.json ?? .null, "origin": .string(origin), "pass": pass?.json ?? .null,
        ]
        let file: JSONValue = [
            "format": .integer(ScrubState.format),
            "sha256": .string(SHA256.digest(of: value.canonicalBytes).hex), "state": value,
        ]
        return file.canonicalBytes + [0x0A]
    }

    private init?(_ value: JSONValue) {
        guard let origin = value["origin"]?.string else { return nil }
        self.origin = origin
        last = value["last"].flatMap(Finished.init)
        pass = value["pass"].flatMap(Saved.init)
    }
}

// MARK: - What is finished

extension ScrubState.Finished {
    init(_ pass: ScrubPass, finished: Timestamp) {
        let report = ScrubReport(pass, finished: finished, isResumed: false)
        self.init(
            began: pass.began, finished: finished, records: report.records,
            byteCount: pass.byteCount, checkpoint: pass.target?.bytes, findings: report.findings,
            moreFindings: pass.moreFindings, notes: pass.notes)
    }

    fileprivate init?(_ json: JSONValue) {
        guard let began = json.time("began"), let finished = json.time("finished"),
            let records = json.number("records"), let byteCount = json["bytes"]?.integer,
            let findings = json.findings, let more = json["moreFindings"]?.integer
        else { return nil }
        self.init(
            began: began, finished: finished, records: records, byteCount: Int(byteCount),
            checkpoint: json["checkpoint"]?.string.map { Array($0.utf8) }, findings: findings,
            moreFindings: Int(more), notes: json.notes)
    }

    fileprivate var json: JSONValue {
        [
            "began": .string(began.text), "finished": .string(finished.text),
            "records": .integer(Int64(clamping: records)), "bytes": .integer(Int64(byteCount)),
            "checkpoint": checkpoint.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null,
            "findings": .array(findings.map(\.json)),
            "moreFindings": .integer(Int64(moreFindings)), "notes": .array(notes.map(\.json)),
        ]
    }
}

// MARK: - What is on its way

extension ScrubState.Saved {
    init(_ pass: ScrubPass) {
        self.init(
            began: pass.began, records: pass.log.count, findings: pass.findings,
            moreFindings: pass.moreFindings, json: pass.json)
    }

    fileprivate init?(_ json: JSONValue) {
        guard let began = json.time("began"), let records = json.number("records"),
            let findings = json.findings, let more = json["moreFindings"]?.integer
        else { return nil }
        self.init(
            began: began, records: records, findings: findings, moreFindings: Int(more),
            json: json)
    }
}

extension ScrubPass {
    fileprivate var json: JSONValue {
        let standing = log.standing
        let roots = log.roots.sorted { $0.key < $1.key }.map { size, root -> JSONValue in
            ["root": .string(root.description), "size": .integer(Int64(clamping: size))]
        }
        let members: [JSONMember] = [
            JSONMember("began", .string(began.text)),
            JSONMember("file", .string(place.file)),
            JSONMember("offset", .integer(Int64(place.offset))),
            JSONMember("records", .integer(Int64(clamping: standing.ordinal))),
            JSONMember("shift", .integer(standing.shift)),
            JSONMember("lastLeaf", (standing.lastLeaf?.digest.hex).map(JSONValue.string) ?? .null),
            JSONMember(
                "nodes", (log.tree?.nodes).map { .array($0.map { .string($0.hex) }) } ?? .null),
            JSONMember("roots", .array(roots)), JSONMember("bytes", .integer(Int64(byteCount))),
            JSONMember("attachments", .integer(Int64(attachmentCount))),
            JSONMember("stubs", .array(stubs.map(\.json))),
            JSONMember("indexDifferences", .array(differences.map(\.json))),
            JSONMember("moreIndexDifferences", .integer(Int64(differenceCount))),
            JSONMember("findings", .array(findings.map(\.json))),
            JSONMember("moreFindings", .integer(Int64(moreFindings))),
            JSONMember("notes", .array(notes.map(\.json))),
            JSONMember(
                "checkpoint",
                target.map { .string(String(decoding: $0.bytes, as: UTF8.self)) } ?? .null),
        ]
        return .object(members)
    }

    /// The pass that was saved, under a checkpoint that was verified again; nil if it is not whole.
    init?(_ saved: ScrubState.Saved, target: VerifiedCheckpoint) {
        let json = saved.json
        self.init(began: saved.began, target: target)
        guard let file = json["file"]?.string, let offset = json["offset"]?.integer, offset > 0,
            let shift = json["shift"]?.integer, let bytes = json["bytes"]?.integer,
            let attachments = json["attachments"]?.integer, let stubs = json["stubs"]?.array,
            let differences = json["indexDifferences"]?.array,
            let differenceCount = json["moreIndexDifferences"]?.integer
        else { return nil }
        place = Place(file: file, offset: Int(offset))
        log.standing = Standing(
            ordinal: saved.records, shift: shift,
            lastLeaf: json.digest("lastLeaf").map(LeafHash.init))
        log.tree = nil
        if let nodes = json["nodes"]?.array {
            let digests = nodes.compactMap { $0.string.flatMap { Digest(hex: $0) } }
            log.tree = CompactRange(begin: 0, end: saved.records, nodes: digests)
            guard log.tree != nil, digests.count == nodes.count else { return nil }
        }
        for root in json["roots"]?.array ?? [] {
            guard let size = root.number("size"), let hash = root.digest("root") else { return nil }
            log.roots[size] = Root(hash)
        }
        (byteCount, attachmentCount) = (Int(bytes), Int(attachments))
        self.stubs = stubs.compactMap(Facts.Stub.init)
        self.differences = differences.compactMap(IndexDifference.init)
        self.differenceCount = Int(differenceCount)
        (findings, moreFindings, notes) = (saved.findings, saved.moreFindings, json.notes)
        guard self.stubs.count == stubs.count, self.differences.count == differences.count else {
            return nil
        }
    }
}
