package import CanonicalJSON
package import Checkpoints
import Digests
package import Merkle
package import Phrases
import Records

/// A receipt as somebody kept it: the JSON of an append or of `hanqing prove`, or a proof file
/// (c2sp.org/tlog-proof).
package struct KeptReceipt: Sendable {
    package let proof: TlogProof
    /// The leaf hash that it states; a proof file leaves that to the record.
    package let leaf: LeafHash?
    /// What it says of the record; a proof says nothing of it.
    package let stated: Statement?

    package struct Statement: Hashable, Sendable {
        package let stream: String
        package let revision: UInt64
        package let source: String
        package let id: String
    }

    package init(_ proof: TlogProof) {
        (self.proof, leaf, stated) = (proof, nil, nil)
    }

    /// Nil unless it has `seq`, `leafHash`, `checkpoint` and `proof`: a brief receipt has not.
    package init?(_ value: JSONValue) {
        guard let number = value["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let leaf = value["leafHash"]?.string.flatMap({ Digest(hex: $0) }),
            let note = value["checkpoint"]?.string, let texts = value["proof"]?.array
        else { return nil }
        let hashes = texts.compactMap { $0.string.flatMap { Digest(hex: $0) } }
        guard hashes.count == texts.count else { return nil }
        proof = TlogProof(
            sequence: SequenceNumber(number), hashes: hashes, note: Array(note.utf8))
        self.leaf = LeafHash(leaf)
        stated = Statement(value)
    }
}

extension KeptReceipt.Statement {
    fileprivate init?(_ value: JSONValue) {
        guard let stream = value["stream"]?.string,
            let revision = value["revision"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let source = value["source"]?.string, let id = value["id"]?.string
        else { return nil }
        self.init(stream: stream, revision: revision, source: source, id: id)
    }
}

extension KeptReceipt {
    /// What a file of receipts holds: one JSON value or an array, JSON one a line, or a proof file.
    package struct File: Sendable {
        /// In order; nil for what is no full receipt.
        package let receipts: [KeptReceipt?]
    }
}

extension KeptReceipt.File {
    package init(_ bytes: [UInt8]) throws(ReceiptFileError) {
        if bytes.starts(with: "c2sp.org/tlog-proof@".utf8) {
            do throws(TlogProofError) {
                receipts = [KeptReceipt(try TlogProof(bytes))]
            } catch {
                throw .badProof(error)
            }
            return
        }
        if let value = try? JSONValue(parsing: bytes) {
            receipts = (value.array ?? [value]).map { KeptReceipt($0) }
            return
        }
        var receipts: [KeptReceipt?] = []
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (place, line) in lines.enumerated() where line.contains(where: { $0 > 0x20 }) {
            guard let value = try? JSONValue(parsing: line) else { throw .notJSON(line: place + 1) }
            receipts.append(KeptReceipt(value))
        }
        self.receipts = receipts
    }
}

/// Why a file holds no receipts.
package enum ReceiptFileError: Error, Hashable, Sendable {
    case badProof(TlogProofError)
    /// Counted from 1.
    case notJSON(line: Int)

    package var phrase: Phrase {
        switch self {
        case .badProof(let error): error.phrase
        case .notJSON(let line):
            Phrase(
                en: "line \(line) is not JSON, and the file is no proof file",
                zh: "第 \(line) 行不是 JSON，且该文件不是证明文件")
        }
    }
}
