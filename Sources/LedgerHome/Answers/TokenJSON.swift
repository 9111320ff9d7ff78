package import Access
package import CanonicalJSON
import Merkle
package import Records

extension TokenBook {
    /// A token and what has become of it, for programs; nothing of it lets anybody in.
    package func json(_ entry: Entry, at now: Timestamp) -> JSONValue {
        [
            "id": .string(entry.grant.id.text), "state": .string(state(of: entry, at: now).name),
            "seq": entry.sequence.map { .integer(Int64($0.rawValue)) } ?? .null,
            "grant": entry.grant.json, "revoked": entry.revocation?.json ?? .null,
        ]
    }

    /// Those that may still let somebody in, or all.
    package func entries(all: Bool, at now: Timestamp) -> [Entry] {
        entries.filter { entry in
            switch state(of: entry, at: now) {
            case .revoked, .expired: all
            case .live, .neverIssued, .unrecorded: true
            }
        }
    }
}

extension Issuance {
    /// A token that was just made, for programs; nil if it was refused.
    package var json: JSONValue? {
        guard case .issued(let token, let grant, let sequence) = self else { return nil }
        return [
            "token": token.map { .string($0.secretText) } ?? .null, "id": .string(grant.id.text),
            "seq": .integer(Int64(sequence.rawValue)), "grant": grant.json,
        ]
    }
}
