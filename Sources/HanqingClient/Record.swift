import Digests
import Merkle
import Records

/// A record as the service gives it.
public struct Record: Hashable, Sendable {
    /// Its number, from 0.
    public let sequence: UInt64
    /// Its exact bytes, canonical JSON: what was hashed.
    public let bytes: [UInt8]
    /// SHA-256 of a zero byte and ``bytes`` (RFC 6962), hexadecimal; of a withheld record what it
    /// states.
    public let leafHash: String
    /// Its text had to leave: Specs/record.md section 7.
    public let isWithheld: Bool
    /// The leaf hash of the record before it, as it states it.
    let previous: LeafHash
    let leaf: LeafHash

    /// Nil if the bytes do not begin as a record does.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= RecordLayout.byteCountMax,
            let header = bytes.withUnsafeBytes({ RecordHeader($0) })
        else { return nil }
        (self.bytes, sequence, previous) = (bytes, header.sequence.rawValue, header.prev)
        isWithheld = header.withheldLeaf != nil
        leaf = header.withheldLeaf ?? bytes.withUnsafeBytes { MerkleHasher().leaf($0) }
        leafHash = leaf.digest.hex
    }
}

/// Which records are wanted; those that the caller may not read are left out.
public struct Selection: Hashable, Sendable {
    /// `<procedure>/<case id>`.
    public var stream: String?
    /// A document number of the case.
    public var alias: String?
    /// `<procedure>.<event>`.
    public var type: String?

    /// All records, but for what is stated.
    public init(stream: String? = nil, alias: String? = nil, type: String? = nil) {
        (self.stream, self.alias, self.type) = (stream, alias, type)
    }

    var isAll: Bool { self == Selection() }

    /// As parameters of a query, each with an ampersand before it.
    var query: String {
        [("stream", stream), ("alias", alias), ("type", type)].compactMap { name, value in
            value.map { "&\(name)=\(Selection.percentEncoded($0))" }
        }.joined()
    }

    /// All but unreserved characters encoded: RFC 3986 section 2.3.
    private static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
