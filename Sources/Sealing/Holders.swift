package import Digests

/// Names a holder's key: the first 16 bytes of the SHA-256 of the public key.
package struct HolderID: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package static let byteCount = 16

    package init(_ key: X25519PublicKey) {
        bytes = Array(SHA256.digest(of: key.rawBytes).bytes.prefix(HolderID.byteCount))
    }

    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == HolderID.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// The id written as 32 lower-case hexadecimal digits, or nil.
    package init?(text: some StringProtocol) {
        guard let bytes = Hex.decode(text) else { return nil }
        self.init(bytes)
    }

    package var text: String { Hex.encode(bytes) }
    package var description: String { text }
}

/// Who holds keys of one kind: Specs/sealing.md section 1.
package struct HolderGroup: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let name: String

    package static let byteCountMax = 32

    /// `[a-z][a-z0-9-]*`, at most 32 bytes, or nil.
    package init?(_ name: String) {
        let bytes = Array(name.utf8)
        guard 1...HolderGroup.byteCountMax ~= bytes.count, 0x61...0x7A ~= bytes[0],
            bytes.allSatisfy({ 0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x2D })
        else { return nil }
        self.name = name
    }

    package var description: String { name }

    package static func < (left: HolderGroup, right: HolderGroup) -> Bool {
        left.name < right.name
    }
}

/// Who may open, and of what kind.
package struct Holder: Hashable, Sendable {
    package let name: String
    package let publicKey: X25519PublicKey
    package let groups: Set<HolderGroup>
    /// No key is wrapped to him any more; what was, he can still open.
    package var isRetired = false

    package static let nameByteCountMax = 255

    package init(
        name: String, publicKey: X25519PublicKey, groups: Set<HolderGroup>,
        isRetired: Bool = false
    ) {
        (self.name, self.publicKey) = (name, publicKey)
        (self.groups, self.isRetired) = (groups, isRetired)
    }

    package var id: HolderID { HolderID(publicKey) }
}
