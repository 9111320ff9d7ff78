import CanonicalJSON
package import Digests

/// A data key encrypted to one holder: Specs/sealing.md section 3.
package struct WrappedKey: Hashable, Sendable {
    package let handle: KeyHandle
    package let holder: HolderID
    package let sealed: HPKE.Sealed

    package static let encapsulatedByteCount = X25519PublicKey.byteCount
    package static let ciphertextByteCount = DataKey.byteCount + AES256GCM.tagByteCount

    /// Wraps `key` to `holder`, for the ledger `origin`.
    package init(
        _ key: DataKey, to holder: X25519PublicKey, origin: String, _ chance: Chance
    ) {
        self = KeyWrapper(to: holder, origin: origin, chance).wrap(key)
    }

    fileprivate init(_ key: DataKey, _ holder: HolderID, _ origin: String, _ sender: HPKE.Sender) {
        (handle, self.holder) = (key.handle, holder)
        sealed = sender.seal(key.secret, info: WrappedKey.info(origin, key.handle, holder))
    }

    /// As it lies in a vault; nil unless both parts have their length.
    package init?(
        handle: KeyHandle, holder: HolderID, encapsulated: [UInt8], ciphertext: [UInt8]
    ) {
        guard encapsulated.count == WrappedKey.encapsulatedByteCount,
            ciphertext.count == WrappedKey.ciphertextByteCount
        else { return nil }
        (self.handle, self.holder) = (handle, holder)
        sealed = HPKE.Sealed(encapsulated: encapsulated, ciphertext: ciphertext)
    }

    /// The data key.
    ///
    /// Whether it is the one that a box was sealed with, the box's commitment says.
    package func unwrap(
        with key: X25519PrivateKey, origin: String
    ) throws(SealingError) -> DataKey {
        let info = WrappedKey.info(origin, handle, holder)
        guard HolderID(key.publicKey) == holder,
            let secret = HPKE.open(sealed, with: key, info: info),
            secret.count == DataKey.byteCount
        else { throw .notForThisHolder }
        return DataKey(handle: handle, secret: secret)
    }

    private static func info(
        _ origin: String, _ handle: KeyHandle, _ holder: HolderID
    ) -> [UInt8] {
        JSONValue.array([
            "hanqing-wrap/v1", .string(origin), .string(handle.text), .string(holder.text),
        ]).canonicalBytes
    }
}

/// Wraps keys that are made together to one holder: the costly part is done once.
///
/// Each key's handle is in what its wrapping is derived from, so none serves twice.
package struct KeyWrapper: Sendable {
    private let holder: HolderID
    private let origin: String
    private let sender: HPKE.Sender

    package init(to holder: X25519PublicKey, origin: String, _ chance: Chance) {
        (self.holder, self.origin) = (HolderID(holder), origin)
        sender = HPKE.Sender(
            to: holder, ephemeral: HPKE.keyPair(chance(X25519PrivateKey.byteCount)))
    }

    package func wrap(_ key: DataKey) -> WrappedKey { WrappedKey(key, holder, origin, sender) }
}
