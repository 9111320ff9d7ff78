package import CanonicalJSON
package import Digests
package import Merkle
import Phrases
package import Records

/// What the records of the stream `ledger/access` say: Specs/access.md section 9.
package struct AccessLog: Hashable, Sendable {
    /// In the order of the records.
    package private(set) var grants: [Recorded] = []
    package private(set) var revocations: [TokenID: Withdrawal] = [:]
    /// Records that this version cannot read: what they grant does not work.
    package private(set) var unreadable: [SequenceNumber] = []

    package struct Recorded: Hashable, Sendable {
        package let sequence: SequenceNumber
        package let grant: Grant
        package let digest: Digest
    }

    /// A recorded revocation.
    package struct Withdrawal: Hashable, Sendable {
        package let sequence: SequenceNumber
        package let revocation: Revocation
    }

    package static let createdType = "ledger.token-created"
    package static let revokedType = "ledger.token-revoked"

    package init() {}

    /// Takes in a record's event; `recorded` is when it was written.
    package mutating func take(
        _ event: JSONValue, _ sequence: SequenceNumber, recorded: Timestamp
    ) {
        guard let data = event["data"] else { return unreadable.append(sequence) }
        do throws(AccessError) {
            switch event["type"]?.string {
            case AccessLog.createdType:
                let grant = try Grant(try data.take("grant") { $0 })
                let digest = try data.take("digest") { $0.string.flatMap { Digest(hex: $0) } }
                grants.append(Recorded(sequence: sequence, grant: grant, digest: digest))
            case AccessLog.revokedType:
                let id = try data.take("token") { $0.string.flatMap { TokenID($0) } }
                let by = try data.take("operator") { $0["person"]?.string }
                let reason = try data.take("reason", \.string)
                // The first counts: what is revoked stays so.
                guard revocations[id] == nil else { return }
                revocations[id] = Withdrawal(
                    sequence: sequence,
                    revocation: Revocation(at: recorded, by: by, reason: reason))
            default: unreadable.append(sequence)
            }
        } catch {
            unreadable.append(sequence)
        }
    }

    /// What `ledger.token-created` says of a line, beside who ordered it.
    package static func data(of line: TokenFile.Line, unit: String) -> JSONValue {
        [
            "digest": .string(line.digest.hex), "grant": line.grant.json,
            "operator": ["person": .string(line.grant.by), "unit": .string(unit)],
        ]
    }

    /// What `ledger.token-revoked` says.
    package static func data(
        revoking id: TokenID, by person: String, unit: String, reason: String
    ) -> JSONValue {
        [
            "operator": ["person": .string(person), "unit": .string(unit)],
            "reason": .string(reason), "token": .string(id.text),
        ]
    }
}
