package import Digests
package import Sealing

/// Holders, keys and boxes for tests.
package enum VaultMaker {
    package static let origin = "vault.example"
    package static let chance: Chance = { RandomBytes.secret(count: $0) }

    package static var group: HolderGroup {
        guard let group = HolderGroup("sealed") else { preconditionFailure("it is a name") }
        return group
    }

    /// A holder and what only he has.
    package struct Keeper: Sendable {
        package let holder: Holder
        package let key: X25519PrivateKey
    }

    package static func holder(_ name: String) -> Keeper { holder(name, groups: [group]) }

    package static func holder(_ name: String, groups: Set<HolderGroup>) -> Keeper {
        let key = X25519PrivateKey.generate()
        return Keeper(
            holder: Holder(name: name, publicKey: key.publicKey, groups: groups), key: key)
    }

    package static func wrap(_ key: DataKey, to keeper: Keeper) -> WrappedKey {
        WrappedKey(key, to: keeper.holder.publicKey, origin: origin, chance)
    }

    package static let place = BoxPlace(
        origin: origin, source: "urn:hotline", id: "e1", pointer: "/data/reporterName")

    package static func box(_ key: DataKey) throws -> SealedBox {
        try Array(#""张三""#.utf8).withUnsafeBytes {
            try SealedBox(sealing: $0, with: key, at: place)
        }
    }

    package static func opens(_ box: SealedBox, _ key: DataKey) -> Bool {
        let value = try? box.open(with: key, at: place)
        return value?.withBytes { $0.elementsEqual(#""张三""#.utf8) } ?? false
    }
}
