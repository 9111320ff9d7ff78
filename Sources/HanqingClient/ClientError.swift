import Phrases

/// Why something could not be done.
public struct ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; it decides what a producer does next.
    public enum Kind: Hashable, Sendable {
        /// The service refused: sent again as it is, it will be refused again.
        case refused(Problem)
        /// Patience ended; the problem if the last try was answered with one.
        case unavailable(Problem?)
        /// An answer that no service of ours gives.
        case unreadable
        /// A receipt or a record proves nothing, or something else. Keep it: it may be evidence.
        case unverified
        /// The task was cancelled.
        case cancelled
        /// What was given to this library is wrong; nothing was sent.
        case misused
    }

    /// What kind of failure it is.
    public let kind: Kind
    /// Whether what was to be appended may be recorded all the same.
    ///
    /// Then send the same events again later: they are recorded once.
    public internal(set) var mayBeRecorded = false
    private let phrase: Phrase

    init(_ kind: Kind, _ phrase: Phrase, mayBeRecorded: Bool = false) {
        (self.kind, self.phrase, self.mayBeRecorded) = (kind, phrase, mayBeRecorded)
    }

    /// The problem that the service answered with.
    public var problem: Problem? {
        switch kind {
        case .refused(let problem): problem
        case .unavailable(let problem): problem
        default: nil
        }
    }

    /// The reason for people; the service's words are in the language that was asked for.
    public var english: String { phrase.en }
    /// The same in Chinese.
    public var chinese: String { phrase.zh }
    /// The reason in both languages.
    public var description: String {
        phrase.en == phrase.zh ? phrase.en : "\(phrase.en) \(phrase.zh)"
    }

    static func misused(_ phrase: Phrase) -> ClientError { ClientError(.misused, phrase) }
    static func unreadable(_ phrase: Phrase) -> ClientError { ClientError(.unreadable, phrase) }
    static func unverified(_ phrase: Phrase) -> ClientError { ClientError(.unverified, phrase) }

    static func refused(_ problem: Problem) -> ClientError {
        ClientError(.refused(problem), problem.phrase)
    }

    static func unavailable(_ problem: Problem) -> ClientError {
        ClientError(.unavailable(problem), problem.phrase)
    }

    static func unanswered(_ error: any Error) -> ClientError {
        ClientError(
            .unavailable(nil),
            Phrase(en: "the service did not answer: \(error)", zh: "服务没有应答：\(error)"))
    }

    static let cancelled = ClientError(
        .cancelled, Phrase(en: "it was cancelled", zh: "操作已取消"))
}
