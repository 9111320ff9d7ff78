package import Digests

/// Names a data key in a box and in the vault: 16 random bytes.
package struct KeyHandle: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package static let byteCount = 16
    /// With which those of keys that are made together begin; ten random bytes are left to each.
    static let sharedByteCount = 6

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
    package init(_ chance: Chance) { self.init(chance, near: []) }

    /// New keys whose handles begin alike, so that a vault keeps them side by side: spread over
    /// all that it has, each would be a page of its own to read and write.
    package static func make(_ count: Int, _ chance: Chance) -> [DataKey] {
        let start = chance(KeyHandle.sharedByteCount).withBytes { Array($0) }
        return (0..<count).map { _ in DataKey(chance, near: start) }
    }

    /// A new key under a new handle that begins with these bytes.
    private init(_ chance: Chance, near start: [UInt8]) {
        let rest = chance(KeyHandle.byteCount - start.count).withBytes { Array($0) }
        guard let handle = KeyHandle(start + rest) else {
            preconditionFailure("chance gave too few bytes")
        }
        self.init(handle: handle, secret: chance(DataKey.byteCount))
    }

    init(handle: KeyHandle, secret: SecretBytes) {
        precondition(secret.count == DataKey.byteCount, "a data key has 32 bytes")
        (self.handle, self.secret) = (handle, secret)
    }
}
