package import Phrases

/// What carries a request to a witness and its answer back.
package protocol WitnessLine: Sendable {
    /// Sends `body` to `url`, `<submission prefix>/add-checkpoint`; whatever it throws means that
    /// the witness is not to be had.
    func post(_ body: [UInt8], to url: String) async throws -> WitnessAnswer
}

/// An answer of a witness.
package struct WitnessAnswer: Sendable {
    package let status: Int
    /// At most some thousand bytes are needed.
    package let body: [UInt8]

    package static let byteCountMax = 1 << 16

    package init(status: Int, body: [UInt8]) {
        (self.status, self.body) = (status, body)
    }
}

/// What came of asking one witness.
package enum WitnessOutcome: Hashable, Sendable {
    case cosigned
    /// It could not be asked, or answered something else than it should: later may do.
    case unavailable(Phrase)
    /// It cosigned more, or another history, than this ledger has: evidence.
    case contradicts(Phrase)
}
