package import CanonicalJSON
import Digests

/// Who holds keys, as the records of `ledger/vault` say: Specs/sealing.md section 4.
///
/// Whoever is a holder reads all that is sealed to his group from then on, so the vault's word is
/// not enough: it lies beside the records, and they are proved.
package struct HolderBook: Sendable {
    package static let addedType = "ledger.holder-added"
    package static let retiredType = "ledger.holder-retired"

    /// A holder, and the number of the record that made him one.
    package struct Entry: Hashable, Sendable {
        package var holder: Holder
        package let sequence: UInt64
    }

    /// In the order in which they joined.
    package private(set) var entries: [Entry] = []

    package init() {}

    /// Takes the event of a record, in the order of records.
    package mutating func take(_ event: JSONValue, _ sequence: UInt64) {
        guard let data = event["data"] else { return }
        switch event["type"]?.string {
        case HolderBook.addedType:
            guard let holder = data["holder"].flatMap(Holder.init) else { return }
            entries.append(Entry(holder: holder, sequence: sequence))
        case HolderBook.retiredType:
            let id = data["holder"]?.string
            for place in entries.indices where entries[place].holder.id.text == id {
                entries[place].holder.isRetired = true
            }
        default: return
        }
    }

    package func entry(_ id: HolderID) -> Entry? { entries.first { $0.holder.id == id } }

    /// Whether a record made exactly this one a holder, and none made him leave.
    package func vouches(for holder: Holder) -> Bool {
        entry(holder.id)?.holder == holder && !holder.isRetired
    }

    /// How a holder in the vault, if there is one, agrees with the records, if they name him.
    package enum Standing: String, Sendable, CaseIterable {
        case sound
        /// No record made him a holder, or one of other groups or another name.
        case notRecorded = "not-recorded"
        /// A record says that he left, and the vault does not.
        case notRetired = "not-retired"
        /// A record made him a holder, and the vault does not know: it is to be said again.
        case notInVault = "not-in-vault"
    }

    /// All holders of the records and the vault, with how they agree.
    package func compared(with vault: [Holder]) -> [(holder: Holder, standing: Standing)] {
        let known = vault.map { held -> (Holder, Standing) in
            guard var recorded = entry(held.id)?.holder else { return (held, .notRecorded) }
            let isRetired = recorded.isRetired
            recorded.isRetired = held.isRetired
            guard recorded == held else { return (held, .notRecorded) }
            // Who is retired in the vault alone gets no keys, and that harms nobody.
            return (held, isRetired && !held.isRetired ? .notRetired : .sound)
        }
        let missing = entries.map(\.holder)
            .filter { holder in
                !holder.isRetired && !vault.contains { $0.id == holder.id }
            }
        return known + missing.map { ($0, .notInVault) }
    }
}

extension Holder {
    /// As a record names him.
    package var json: JSONValue {
        [
            "groups": .array(groups.sorted().map { .string($0.name) }), "id": .string(id.text),
            "name": .string(name), "publicKey": .string(Hex.encode(publicKey.rawBytes)),
        ]
    }

    package init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let groups = json["groups"]?.array,
            let bytes = json["publicKey"]?.string.flatMap({ Hex.decode($0) }),
            let key = X25519PublicKey(bytes)
        else { return nil }
        let names = groups.compactMap { $0.string.flatMap { HolderGroup($0) } }
        guard names.count == groups.count, !names.isEmpty else { return nil }
        self.init(name: name, publicKey: key, groups: Set(names))
    }
}
