package import CanonicalJSON
package import Digests

/// What opens an encrypted attachment; it stands in a sealed field of the event that names the
/// file, and nowhere else: Specs/sealing.md section 6.
package struct SealedFileKey: Sendable {
    /// Of what is stored.
    package let digest: Digest
    package let key: DataKey
    package let name: String
    package let mediaType: String

    package init(digest: Digest, key: DataKey, name: String, mediaType: String) {
        (self.digest, self.key) = (digest, key)
        (self.name, self.mediaType) = (name, mediaType)
    }

    package var json: JSONValue {
        [
            "handle": .string(key.handle.text),
            "key": .string(key.secret.withBytes { Base64URL.encode(Array($0)) }),
            "mediaType": .string(mediaType), "name": .string(name), "sha256": .string(digest.hex),
        ]
    }

    /// What ``json`` writes, or nil.
    package init?(_ json: JSONValue) {
        guard case .object(let members) = json, members.count == 5,
            let handle = json["handle"]?.string.flatMap({ KeyHandle(text: $0) }),
            let secret = json["key"]?.string.flatMap({ Base64URL.decode($0) }),
            secret.count == DataKey.byteCount,
            let digest = json["sha256"]?.string.flatMap({ Digest(hex: $0) }),
            let name = json["name"]?.string, let mediaType = json["mediaType"]?.string
        else { return nil }
        self.init(
            digest: digest, key: DataKey(handle: handle, secret: SecretBytes(copying: secret)),
            name: name, mediaType: mediaType)
    }

    /// Those that a value of a sealed field holds: one, or a list.
    package static func all(in value: JSONValue) -> [SealedFileKey] {
        (value.array ?? [value]).compactMap { SealedFileKey($0) }
    }
}
