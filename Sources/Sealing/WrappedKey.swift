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

    fileprivate init(
        _ key: DataKey, _ holder: HolderID, _ info: WrappingInfo, _ sender: HPKE.Sender
    ) {
        (handle, self.holder) = (key.handle, holder)
        sealed = sender.seal(key.secret, info: info.bytes(key.handle))
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
        let info = WrappingInfo(origin, holder).bytes(handle)
        guard HolderID(key.publicKey) == holder,
            let secret = HPKE.open(sealed, with: key, info: info),
            secret.count == DataKey.byteCount
        else { throw .notForThisHolder }
        return DataKey(handle: handle, secret: secret)
    }
}

/// What keys of one ledger are wrapped to one holder for.
private struct WrappingInfo {
    private let start: [UInt8]
    private let end: [UInt8]

    init(_ origin: String, _ holder: HolderID) {
        // A handle is 22 characters that JSON has as they are: what stands around it stays.
        let list = JSONValue.array(["hanqing-wrap/v1", .string(origin)]).canonicalBytes
        start = list.dropLast() + Array(#",""#.utf8)
        end = Array("\",\"\(holder.text)\"]".utf8)
    }

    func bytes(_ handle: KeyHandle) -> [UInt8] { start + Array(handle.text.utf8) + end }
}

/// Wraps keys that are made together to one holder: the costly part is done once.
///
/// Each key's handle is in what its wrapping is derived from, so none serves twice.
package struct KeyWrapper: Sendable {
    private let holder: HolderID
    private let info: WrappingInfo
    private let sender: HPKE.Sender

    package init(to holder: X25519PublicKey, origin: String, _ chance: Chance) {
        self.holder = HolderID(holder)
        info = WrappingInfo(origin, self.holder)
        sender = HPKE.Sender(
            to: holder, ephemeral: HPKE.keyPair(chance(X25519PrivateKey.byteCount)))
    }

    package func wrap(_ key: DataKey) -> WrappedKey { WrappedKey(key, holder, info, sender) }
}
