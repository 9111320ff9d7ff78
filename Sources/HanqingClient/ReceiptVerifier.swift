import CanonicalJSON
import Checkpoints
import Digests
import Merkle
import Phrases
import Records

/// Checks receipts without asking anybody: Specs/client.md section 3.
public struct ReceiptVerifier: Sendable {
    private let origin: Origin
    private let keys: [VerifierKey]

    /// `keys` are the ledger's verifier keys, `<name>+<id>+<base64>`, as
    /// `hanqing checkpoint --vkey` prints them: of a ledger that has changed its key, all that
    /// receipts may be signed with.
    public init(origin: String, keys: [String]) throws(ClientError) {
        guard let name = Origin(origin) else {
            throw ClientError.misused(
                Phrase(en: "\(origin) is no ledger's origin", zh: "\(origin) 不是账本来源名"))
        }
        self.origin = name
        do throws(KeyTextError) {
            var read: [VerifierKey] = []
            for key in keys { read.append(try VerifierKey(key)) }
            self.keys = read
        } catch {
            throw ClientError.misused(error.phrase)
        }
    }

    /// Checks that the ledger signed for a record with the receipt's leaf hash at its number.
    public func verify(_ receipt: Receipt) throws(ClientError) {
        guard let note = receipt.checkpoint, let hashes = receipt.hashes else {
            throw ClientError.unverified(
                Phrase(
                    en: "a brief receipt proves nothing: ask for a full one",
                    zh: "简要回执不能作为证明：请索取完整回执"))
        }
        let proof = TlogProof(
            sequence: SequenceNumber(receipt.sequence), hashes: hashes, note: Array(note.utf8))
        do throws(TlogProofError) {
            _ = try proof.verify(LeafHash(receipt.leaf), of: origin, by: keys, MerkleHasher())
        } catch {
            throw ClientError.unverified(error.phrase)
        }
    }

    /// Checks the receipt, and that `record` is the record it speaks of: the exact bytes, without a
    /// line feed; with `event`, also that this is what was recorded.
    public func verify(
        _ receipt: Receipt, record: some Collection<UInt8>, of event: Event? = nil
    ) throws(ClientError) {
        try verify(receipt)
        let bytes = Array(record)
        let leaf = bytes.withUnsafeBytes { MerkleHasher().leaf($0) }
        guard leaf.digest == receipt.leaf else { throw ReceiptVerifier.otherRecord }
        let stated = try ReceiptVerifier.content(of: bytes)
        guard stated.sequence == receipt.sequence, stated.revision == receipt.revision,
            stated.stream == receipt.stream, stated.source == receipt.source,
            stated.id == receipt.id
        else { throw ReceiptVerifier.otherRecord }
        guard let event else { return }
        let spellings = try ReceiptVerifier.spellings(of: event)
        guard spellings.contains(stated.event) else {
            throw ClientError.unverified(
                Phrase(
                    en: "record \(receipt.sequence) holds another event than the one sent",
                    zh: "记录 \(receipt.sequence) 所载并非所报送的事件"))
        }
    }

    private static let otherRecord = ClientError.unverified(
        Phrase(en: "the receipt speaks of another record", zh: "回执所指并非该记录"))

    /// What a record says of itself.
    private struct Content {
        let sequence: UInt64
        let revision: UInt64
        let stream: String
        let source: String
        let id: String
        let event: [UInt8]
    }

    private static func content(of record: [UInt8]) throws(ClientError) -> Content {
        let content = record.withUnsafeBytes { raw in
            try? JSONReader(byteCountMax: RecordLayout.byteCountMax).read(raw) { root -> Content? in
                guard let view = try? RecordView(root) else { return nil }
                return Content(
                    sequence: view.sequence.rawValue, revision: view.revision.rawValue,
                    stream: view.subject.string ?? "", source: view.source.string ?? "",
                    id: view.id.string ?? "", event: JSONValue(view.event).canonicalBytes)
            }
        }
        guard let content = content ?? nil else {
            throw ClientError.unverified(Phrase(en: "this is no record", zh: "这不是记录"))
        }
        return content
    }

    /// The forms in which a record may hold an event: without what is only for its delivery, with
    /// its media type or without.
    private static func spellings(of event: Event) throws(ClientError) -> [[UInt8]] {
        let read = event.json.withUnsafeBytes { raw in
            try? JSONReader().read(raw) { view in try? CloudEvent(view) }
        }
        guard let event = read ?? nil else {
            throw ClientError.misused(
                Phrase(en: "the event is not sound", zh: "事件不符合要求"))
        }
        return [event.bytes, event.otherSpelling]
    }
}
