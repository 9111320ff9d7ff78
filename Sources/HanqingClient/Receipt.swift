import CanonicalJSON
import Digests
import Merkle
import Phrases
import Records

/// That an event is a record of the ledger, and with ``checkpoint`` and ``proof`` evidence of it.
public struct Receipt: Hashable, Sendable {
    /// The record's number, from 0.
    public let sequence: UInt64
    /// The record's leaf hash (RFC 6962), 64 lower-case hexadecimal digits.
    public let leafHash: String
    /// `<procedure>/<case id>`.
    public let stream: String
    /// The record's place in its stream, from 0.
    public let revision: UInt64
    /// The event's source.
    public let source: String
    /// The event's id.
    public let id: String
    /// The event had been recorded before.
    public let isRepeat: Bool
    /// The signed checkpoint, a C2SP note; nil in a brief receipt.
    public let checkpoint: String?
    /// The inclusion proof, hexadecimal, leaf's sibling first; nil in a brief receipt.
    public let proof: [String]?

    /// A receipt from its JSON, as the service and `hanqing append` give it.
    public init(json: some Sequence<UInt8>) throws(ClientError) {
        guard let value = try? JSONValue(parsing: json), let receipt = Receipt(value) else {
            throw ClientError.unreadable(
                Phrase(en: "this is no receipt", zh: "这不是回执"))
        }
        self = receipt
    }

    init?(_ value: JSONValue) {
        let proof = value["proof"].map { $0.array?.compactMap(\.string) ?? [] }
        guard let sequence = value["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let leafHash = value["leafHash"]?.string, Digest(hex: leafHash) != nil,
            let stream = value["stream"]?.string,
            let revision = value["revision"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let source = value["source"]?.string, let id = value["id"]?.string,
            proof?.count == value["proof"]?.array?.count,
            proof?.allSatisfy({ Digest(hex: $0) != nil }) ?? true
        else { return nil }
        (self.sequence, self.leafHash, self.stream) = (sequence, leafHash, stream)
        (self.revision, self.source, self.id) = (revision, source, id)
        isRepeat = value["repeat"]?.bool ?? false
        (checkpoint, self.proof) = (value["checkpoint"]?.string, proof)
    }

    /// The receipt as one line of JSON, to be kept.
    public var json: [UInt8] {
        var bytes: [UInt8] = []
        Records.Receipt(
            sequence: SequenceNumber(sequence), leafHash: LeafHash(leaf), stream: stream,
            revision: Revision(revision), source: source, id: id, isRepeat: isRepeat,
            checkpoint: checkpoint, proof: hashes
        ).write(to: &bytes)
        return bytes
    }

    // A receipt is made only of texts that are digests.
    var leaf: Digest { Digest(hex: leafHash) ?? .zero }
    var hashes: [Digest]? { proof?.compactMap { Digest(hex: $0) } }
}
