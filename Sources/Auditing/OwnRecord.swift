import CanonicalJSON
import Checkpoints
import Digests
import Merkle
import Records

/// A record that the ledger wrote of itself: Specs/record.md section 5.
struct OwnRecord: Sendable {
    let ordinal: UInt64
    let type: String
    let stream: String
    let data: JSONValue
    let file: String
    let offset: Int

    init(_ record: RecordView, ordinal: UInt64, file: String, offset: Int) {
        (self.ordinal, self.file, self.offset) = (ordinal, file, offset)
        type = record.type.string ?? ""
        stream = record.subject.string ?? ""
        data = record.event["data"].map(JSONValue.init) ?? .null
    }

    /// Whether a line says at its end that the ledger itself wrote it; nothing is parsed.
    @inline(__always)
    static func isOwn(_ line: UnsafeRawBufferPointer) -> Bool {
        let mark = #""recorder":"ledger","revision":"# as StaticString
        var place = line.count - 3
        guard place > RecordLayout.seq, line[place + 1] == UInt8(ascii: "}") else { return false }
        while line[place] &- 0x30 < 10, place > RecordLayout.seq { place -= 1 }
        let start = place + 1 - mark.utf8CodeUnitCount
        guard start > 0 else { return false }
        for index in 0..<mark.utf8CodeUnitCount where line[start + index] != mark.utf8Start[index] {
            return false
        }
        return true
    }

    @inline(__always)
    static func hasOwnStream(_ subject: JSONView) -> Bool {
        subject.hasPrefix("ledger/")
    }

    /// Which stream each type has, and the members of its data beside `operator`.
    private static let shapes: [String: (stream: String, members: [String])] = [
        "ledger.created": (
            "ledger/self", ["origin", "format", "hash", "timeZone", "keys", "catalogue"]
        ),
        "ledger.catalogue-adopted": ("ledger/self", ["catalogue", "files"]),
        "ledger.late-entries-approved": (
            "ledger/late-entries", ["batch", "approver", "reason", "file", "mapping"]
        ),
        "ledger.entry-withheld": ("ledger/self", ["target", "reason", "approvers"]),
        "ledger.attempt-refused": ("ledger/attempts", []),
        "ledger.attempts-suppressed": ("ledger/attempts", []),
        "ledger.clock-noted": ("ledger/self", ["from", "to", "reason"]),
        "ledger.key-rotated": ("ledger/self", ["keys", "approver", "reason"]),
        "ledger.hash-added": (
            "ledger/self", ["hash", "size", "root", "approver", "reason"]
        ),
        "ledger.restored": ("ledger/self", ["keys", "approver", "reason", "asked"]),
        "ledger.anchored": (
            "ledger/anchors", ["origin", "key", "place", "note", "since", "proof"]
        ),
        "ledger.anchor-refused": ("ledger/anchors", ["origin", "key", "place", "reason"]),
        "ledger.token-created": ("ledger/access", ["grant", "digest"]),
        "ledger.token-revoked": ("ledger/access", ["token", "reason"]),
        "ledger.holder-added": ("ledger/vault", ["holder", "approver", "reason"]),
        "ledger.holder-retired": ("ledger/vault", ["holder", "approver", "reason"]),
        "ledger.keys-rewrapped": ("ledger/vault", ["from", "to", "approver", "reason"]),
        "ledger.keys-destroyed": (
            "ledger/vault", ["subject", "day", "ground", "approver", "reason"]
        ),
        "ledger.hold-placed": ("ledger/vault", ["subject", "day", "approver", "reason"]),
        "ledger.hold-released": ("ledger/vault", ["hold", "approver", "reason"]),
        "ledger.vault-copied": ("ledger/vault", ["day", "approver", "reason"]),
        "ledger.vault-restored": ("ledger/vault", ["copy", "approver", "reason"]),
    ]

    /// Types that announce a key.
    static let announcing: Set<String> = [
        "ledger.created", "ledger.key-rotated", "ledger.restored",
    ]

    /// What is wrong with it by itself.
    var fault: (code: FindingCode, expected: String, found: String)? {
        if (type == "ledger.created") != (ordinal == 0) {
            return (.genesisWrong, "ledger.created in record 0 and nowhere else", type)
        }
        if ordinal == 1, type != "ledger.catalogue-adopted" {
            return (.genesisWrong, "ledger.catalogue-adopted in record 1", type)
        }
        guard let shape = OwnRecord.shapes[type] else {
            return (.ownRecordWrong, "a type that format 1 has", type)
        }
        guard stream == shape.stream else {
            return (.ownRecordWrong, "stream \(shape.stream)", stream)
        }
        for member in shape.members + ["operator"] where data[member] == nil {
            return (.ownRecordWrong, "data.\(member)", "none")
        }
        switch type {
        case "ledger.entry-withheld": return withheldFault
        case "ledger.key-rotated", "ledger.restored": return announcementFault
        case "ledger.hash-added": return hashFault
        case "ledger.holder-added", "ledger.holder-retired": return holderFault
        case "ledger.keys-destroyed": return keysFault("day", "ground", "subject")
        case "ledger.keys-rewrapped": return keysFault("from", "to")
        case "ledger.hold-placed": return keysFault("day", "subject")
        case "ledger.hold-released": return keysFault("hold")
        case "ledger.vault-copied": return keysFault("day")
        case "ledger.vault-restored": return keysFault("copy")
        default: return createdFault
        }
    }

    /// A second person, a key, and a loss that begins here.
    private var announcementFault: (code: FindingCode, expected: String, found: String)? {
        guard data["approver"]?.string != data["operator"]?["person"]?.string else {
            return (.ownRecordWrong, "an approver other than the operator", data.canonicalText)
        }
        guard let key = data["keys"]?.array?.first?.string, (try? VerifierKey(key)) != nil else {
            return (.ownRecordWrong, "a verifier key", data["keys"]?.canonicalText ?? "none")
        }
        if let fault = revocationFault { return fault }
        guard let lost = data["lost"] else { return nil }
        guard let from = lost["from"]?.integer, let through = lost["through"]?.integer,
            from == Int64(clamping: ordinal), through >= from
        else {
            return (.ownRecordWrong, "a loss from record \(ordinal)", lost.canonicalText)
        }
        return nil
    }

    /// What a change of key says of the key before it.
    private var revocationFault: (code: FindingCode, expected: String, found: String)? {
        if let overlap = data["overlap"] {
            guard overlap["until"]?.string.flatMap(Timestamp.init(fixed:)) != nil else {
                return (.ownRecordWrong, "overlap with until", overlap.canonicalText)
            }
        }
        guard let revoked = data["revoked"] else { return nil }
        guard ["lost", "stolen"].contains(revoked["cause"]?.string),
            revoked["key"]?.string.flatMap({ try? VerifierKey($0) }) != nil,
            data["overlap"] == nil
        else {
            return (
                .ownRecordWrong, "revoked with cause and key, and no overlap",
                revoked.canonicalText
            )
        }
        return nil
    }

    /// Specs/longevity.md section 3.
    private var hashFault: (code: FindingCode, expected: String, found: String)? {
        guard data["approver"]?.string != data["operator"]?["person"]?.string else {
            return (.ownRecordWrong, "an approver other than the operator", data.canonicalText)
        }
        let byteCounts = ["SHA-512": 64, "SHA3-256": 32, "SM3": 32]
        guard let hash = data["hash"]?.string, let byteCount = byteCounts[hash],
            let root = data["root"]?.string, Hex.decode(root)?.count == byteCount,
            root == root.lowercased(), data["size"]?.integer == Int64(clamping: ordinal)
        else {
            return (
                .ownRecordWrong, "a known hash, its root, and size \(ordinal)", data.canonicalText
            )
        }
        return nil
    }

    /// Specs/sealing.md section 4: who joins is named with his key, and approved.
    private var holderFault: (code: FindingCode, expected: String, found: String)? {
        guard data["approver"]?.string != data["operator"]?["person"]?.string else {
            return (.ownRecordWrong, "an approver other than the operator", data.canonicalText)
        }
        let holder = data["holder"]
        let isNamed: Bool
        if type == "ledger.holder-added" {
            let key = holder?["publicKey"]?.string.flatMap { Hex.decode($0) }
            isNamed =
                holder?["id"]?.string
                == key.map { Hex.encode(SHA256.digest(of: $0).bytes.prefix(16)) }
                && key?.count == 32 && holder?["name"]?.string?.isEmpty == false
                && holder?["groups"]?.array?.isEmpty == false
        } else {
            isNamed = holder?.string.flatMap { Hex.decode($0) }?.count == 16
        }
        guard isNamed else {
            return (.ownRecordWrong, "a holder, by the id of his key", data.canonicalText)
        }
        return nil
    }

    /// Specs/sealing.md sections 4 and 8: whose keys, and approved.
    private func keysFault(
        _ names: String...
    ) -> (code: FindingCode, expected: String, found: String)? {
        guard data["approver"]?.string != data["operator"]?["person"]?.string else {
            return (.ownRecordWrong, "an approver other than the operator", data.canonicalText)
        }
        guard names.allSatisfy({ data[$0]?.string?.isEmpty == false }) else {
            return (.ownRecordWrong, names.joined(separator: ", "), data.canonicalText)
        }
        return nil
    }

    private var createdFault: (code: FindingCode, expected: String, found: String)? {
        guard type == "ledger.created" else { return nil }
        guard data["format"]?.integer == 1, data["hash"]?.string == "SHA-256" else {
            return (.genesisWrong, "format 1 and SHA-256", data.canonicalText)
        }
        return nil
    }

    private var withheldFault: (code: FindingCode, expected: String, found: String)? {
        let approvers = data["approvers"]?.array?.compactMap(\.string) ?? []
        let names = Set(approvers + [data["operator"]?["person"]?.string ?? ""])
        guard approvers.count == 2, names.count == 3, target != nil else {
            return (
                .ownRecordWrong, "a target and two approvers, neither the operator",
                data.canonicalText
            )
        }
        return nil
    }

    /// Whether it says something that is needed when the whole log has been seen.
    var isKept: Bool {
        ordinal < 2 || type == "ledger.catalogue-adopted" || type == "ledger.entry-withheld"
            || type == "ledger.key-rotated" || type == "ledger.restored"
    }

    /// What a `ledger.entry-withheld` names.
    var target: (ordinal: UInt64, leafHash: LeafHash)? {
        guard let target = data["target"], let seq = target["seq"]?.integer, seq >= 0,
            let leaf = target["leafHash"]?.string.flatMap({ Digest(hex: $0) })
        else { return nil }
        return (UInt64(seq), LeafHash(leaf))
    }
}
