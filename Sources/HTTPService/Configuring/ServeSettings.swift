import LedgerHome
package import Phrases

/// What `hanqing serve` was told, each with the place where it says so: Specs/serving.md section 3.
///
/// Paths are as they were written, those of a file relative to its folder.
package struct ServeSettings: Sendable {
    package struct Said<Value: Sendable>: Sendable {
        package let value: Value
        /// `--listen`, `HANQING_SERVE_LISTEN`, or `file:line:column`.
        package let place: String

        package init(_ value: Value, at place: String) {
            (self.value, self.place) = (value, place)
        }
    }

    package struct NamedLedger: Sendable {
        package let prefix: Said<String>?
        package let folder: Said<String>
        package let publish: [NamedPublication]

        package init(
            prefix: Said<String>? = nil, folder: Said<String>, publish: [NamedPublication] = []
        ) {
            (self.prefix, self.folder, self.publish) = (prefix, folder, publish)
        }
    }

    /// A folder that a ledger is published into.
    package struct NamedPublication: Sendable {
        package let folder: Said<String>
        package let policy: Said<String>?
        package let withEntries: Bool

        package init(
            folder: Said<String>, policy: Said<String>? = nil, withEntries: Bool = false
        ) {
            (self.folder, self.policy, self.withEntries) = (folder, policy, withEntries)
        }
    }

    package var listen: Said<String>?
    package var certificate: Said<String>?
    package var key: Said<String>?
    package var clientAuthorities: Said<String>?
    package var withoutTokens: Said<Bool>?
    package var scrub: Said<Bool>?
    /// A folder that the one ledger is published into, and its policy.
    package var publish: Said<String>?
    package var publishPolicy: Said<String>?
    /// Nil where nobody named one.
    package var ledgers: [NamedLedger]?

    package init() {}

    /// These, and the other's where these say nothing.
    package func over(_ other: ServeSettings) -> ServeSettings {
        var all = self
        all.listen = listen ?? other.listen
        all.certificate = certificate ?? other.certificate
        all.key = key ?? other.key
        all.clientAuthorities = clientAuthorities ?? other.clientAuthorities
        all.withoutTokens = withoutTokens ?? other.withoutTokens
        all.scrub = scrub ?? other.scrub
        all.publish = publish ?? other.publish
        all.publishPolicy = publishPolicy ?? other.publishPolicy
        all.ledgers = ledgers ?? other.ledgers
        return all
    }
}

/// What is wrong with a setting, and where.
package struct ServeFault: Hashable, Sendable {
    package let place: String
    package let reason: Phrase

    package init(_ place: String, _ reason: Phrase) {
        (self.place, self.reason) = (place, reason)
    }

    init(_ place: String, en: String, zh: String) {
        self.init(place, Phrase(en: en, zh: zh))
    }

    init(_ place: String, _ error: LedgerError) {
        self.init(
            place, en: error.phrases.map(\.en).joined(separator: "; "),
            zh: error.phrases.map(\.zh).joined(separator: "；"))
    }

    package var phrase: Phrase {
        Phrase(en: "\(place): \(reason.en)", zh: "\(place)：\(reason.zh)")
    }
}
