package import Digests

/// Names a data key in a box and in the vault: 16 random bytes.
package struct KeyHandle: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package static let byteCount = 16

    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == KeyHandle.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// The handle written in base64url, 22 characters, or nil.
    package init?(text: some StringProtocol) {
        guard let bytes = Base64URL.decode(text) else { return nil }
        self.init(bytes)
    }

    package var text: String { Base64URL.encode(bytes) }
    package var description: String { text }
}

/// Where random bytes come from; `count` of them.
package typealias Chance = @Sendable (_ count: Int) -> SecretBytes

/// What opens the boxes of one record, one subject and one group: Specs/sealing.md section 1.
package struct DataKey: Sendable {
    package let handle: KeyHandle
    let secret: SecretBytes

    package static let byteCount = 32

    /// A new key under a new handle.
    package init(_ chance: Chance) {
        let handle = chance(KeyHandle.byteCount).withBytes { KeyHandle(Array($0)) }
        guard let handle else { preconditionFailure("chance gave too few bytes") }
        self.init(handle: handle, secret: chance(DataKey.byteCount))
    }

    init(handle: KeyHandle, secret: SecretBytes) {
        precondition(secret.count == DataKey.byteCount, "a data key has 32 bytes")
        (self.handle, self.secret) = (handle, secret)
    }
}
