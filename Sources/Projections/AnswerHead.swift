package import CanonicalJSON
package import Merkle
package import Records

/// The head of the ledger that an answer was given of: Specs/projections.md section 8.
package struct AnswerHead: Hashable, Sendable {
    package let origin: String
    package let moment: Timestamp
    /// So many records were there then, with this root hash.
    package let size: UInt64
    package let root: Root

    package init(origin: String, moment: Timestamp, size: UInt64, root: Root) {
        (self.origin, self.moment, self.size, self.root) = (origin, moment, size, root)
    }

    package init(_ view: any PastView) async throws(ProjectionError) {
        self.init(
            origin: view.origin, moment: view.moment, size: view.size, root: try await view.root())
    }

    package var json: JSONValue {
        [
            "ledger": .string(origin), "asOf": .string(moment.text),
            "size": .integer(Int64(clamping: size)), "root": .string(root.base64),
        ]
    }
}
