package import Merkle
package import Phrases

/// Why a store could not answer.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The head is not the one that the batch was decided against; nothing was added.
        case conflict
        /// Another process holds the ledger's lock.
        case locked
        /// There is no such thing in the store.
        case notFound = "not-found"
        /// The disk or the system refused; nothing was added.
        case unavailable
        /// The disk failed in the midst of a commit: it is not known what it kept. The store takes
        /// no more commits; open it anew. Or the commit stands and its checkpoint could not be
        /// published. Either way nothing was acknowledged: send the events again.
        case unknown
        /// What is stored contradicts itself. `verify` says where.
        case damaged
        /// The format is of a newer version.
        case newerFormat = "newer-format"
    }

    package let code: Code
    package let reason: Phrase

    package init(_ code: Code, _ reason: Phrase) {
        (self.code, self.reason) = (code, reason)
    }

    package init(_ code: Code, en: String, zh: String) {
        self.init(code, Phrase(en: en, zh: zh))
    }

    package init(noRecord number: SequenceNumber) {
        self.init(.notFound, en: "there is no record \(number)", zh: "没有记录 \(number)")
    }

    package var description: String { "\(code.rawValue): \(reason.en)" }
}
