package import CanonicalJSON
package import Checkpoints
package import Merkle
import Phrases

/// What an audit found: Specs/verify.md section 4.
package struct AuditReport: Sendable {
    package var mode: AuditMode
    package var origin: Origin?
    /// Records that the newest checkpoint covers and that are there.
    package var records: UInt64 = 0
    /// Of these, the ledger's own.
    package var ledgerRecords: UInt64 = 0
    package var withheld: UInt64 = 0
    /// Records after the newest checkpoint: their links were checked, nobody vouches for them.
    package var beyondCheckpoint: UInt64 = 0
    package var byteCount = 0
    /// What the records give for ``records``; nil if there are gaps.
    package var root: Root?
    /// The newest checkpoint, if it is valid.
    package var checkpoint: Checkpoint?
    package var key: VerifierKey?
    package var keySource: KeySource?
    package var memory = MemoryReport.none
    /// The last record up to which all agrees with something signed; nil if none does.
    package var soundThrough: UInt64?
    package var findings: [Finding] = []
    /// Findings that are not listed because there are too many.
    package var moreFindings = 0
    package var notes: [AuditNote] = []
    /// What was read, where the ledger is published as tiles.
    package var tiles: TileFacts?
    /// Those that are valid, in order.
    package var timestamps: [TimestampFact] = []

    package init(mode: AuditMode) {
        self.mode = mode
    }

    package var isSound: Bool { findings.isEmpty }
}

package enum AuditMode: String, Sendable {
    /// Links, sequence numbers, root and signatures.
    case quick
    /// That and everything that records say.
    case full
    /// Of a ledger that is published as tiles: the tree over the records' hashes.
    case hashes
    /// Of some records in one file, with all that proves them.
    case bundle
}

/// Who vouches for the key.
package enum KeySource: String, Sendable {
    case given, memory
    /// The ledger itself: it proves that nothing changed since it was signed, not who signed.
    case ledger
}

/// What this machine knew of the ledger.
package enum MemoryReport: Hashable, Sendable {
    /// Nothing was asked.
    case none
    /// It had not seen this ledger before.
    case first
    /// It had seen this much of it.
    case compared(size: UInt64)
}

extension AuditReport {
    package var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember("sound", .bool(isSound)), JSONMember("mode", .string(mode.rawValue)),
            JSONMember("records", number(records)),
            JSONMember("ledgerRecords", number(ledgerRecords)),
            JSONMember("withheld", number(withheld)),
            JSONMember("beyondCheckpoint", number(beyondCheckpoint)),
            JSONMember("bytes", .integer(Int64(byteCount))),
            JSONMember("findings", .array(findings.map(\.json))),
            JSONMember("moreFindings", .integer(Int64(moreFindings))),
            JSONMember("notes", .array(notes.map(\.json))),
            JSONMember("soundThrough", soundThrough.map(number) ?? .null),
            JSONMember("origin", (origin?.text).map(JSONValue.string) ?? .null),
            JSONMember("root", (root?.description).map(JSONValue.string) ?? .null),
            JSONMember("key", (key?.description).map(JSONValue.string) ?? .null),
            JSONMember("keySource", (keySource?.rawValue).map(JSONValue.string) ?? .null),
        ]
        if let checkpoint {
            members.append(
                JSONMember(
                    "checkpoint",
                    [
                        "size": number(checkpoint.size.rawValue),
                        "root": .string(checkpoint.root.description),
                    ]))
        }
        if let tiles {
            members.append(
                JSONMember(
                    "tiles", ["since": number(tiles.since), "records": .bool(tiles.readsRecords)]))
        }
        if !timestamps.isEmpty {
            members.append(JSONMember("timestamps", .array(timestamps.map(\.json))))
        }
        members.append(JSONMember("memory", memory.json))
        return .object(members)
    }
}

extension MemoryReport {
    fileprivate var json: JSONValue {
        switch self {
        case .none: ["state": "not-asked"]
        case .first: ["state": "first"]
        case .compared(let size): ["state": "compared", "size": number(size)]
        }
    }
}

extension Finding {
    package var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember("code", .string(code.rawValue)),
            JSONMember("expected", .string(expected)), JSONMember("found", .string(found)),
            JSONMember("en", .string(phrase.en)), JSONMember("zh", .string(phrase.zh)),
        ]
        if let seq, let through {
            members.append(JSONMember("seq", number(seq)))
            members.append(JSONMember("through", number(through)))
        }
        if let file { members.append(JSONMember("file", .string(file))) }
        if let offset { members.append(JSONMember("offset", .integer(Int64(offset)))) }
        return .object(members)
    }
}

private func number(_ value: UInt64) -> JSONValue { .integer(Int64(clamping: value)) }
