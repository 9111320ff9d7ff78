package import Auditing
import DurableFiles
package import Phrases

/// Why there is no new backup, or no restored ledger.
package struct BackupError: Error, Sendable {
    package enum Kind: Sendable {
        /// What would be copied, or what is there, is not as it must be.
        case refused
        /// The system, or a missing thing, stood in the way; nothing is known against the ledger.
        case failed
    }

    package let kind: Kind
    package let phrase: Phrase
    /// What the audit of the copy found.
    package let report: AuditReport?

    package init(_ kind: Kind, _ phrase: Phrase, report: AuditReport? = nil) {
        (self.kind, self.phrase, self.report) = (kind, phrase, report)
    }

    init(_ kind: Kind, en: String, zh: String) {
        self.init(kind, Phrase(en: en, zh: zh))
    }

    /// What any error that comes out of copying and auditing means here.
    init(_ error: any Error) {
        switch error {
        case let error as BackupError: self = error
        case let error as FileError: self.init(.failed, error.phrase)
        case let error as SourceError: self.init(.failed, error.phrase)
        default: self.init(.failed, en: "\(error)", zh: "\(error)")
        }
    }
}
