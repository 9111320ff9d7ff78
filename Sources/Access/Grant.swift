package import Digests
package import Phrases
package import Records

/// Whose a token is.
package enum Owner: Hashable, Sendable {
    /// By a pseudonym.
    case person(String)
    case system(String)

    package var name: String {
        switch self {
        case .person(let name), .system(let name): name
        }
    }

    package var isPerson: Bool {
        if case .person = self { true } else { false }
    }

    package var phrase: Phrase {
        switch self {
        case .person(let name): Phrase(en: "person \(name)", zh: "人员 \(name)")
        case .system(let name): Phrase(en: "system \(name)", zh: "系统 \(name)")
        }
    }
}

/// For whom a token speaks beside its owner: Specs/access.md section 4.
package enum Speakers: Hashable, Sendable {
    case persons([String])
    /// Of a system whose own users log in to it.
    case anybody

    package static let ownerAlone = Speakers.persons([])

    /// `*`, or persons, sorted and none twice.
    package init(_ texts: [String]) {
        self = texts == ["*"] ? .anybody : .persons(sortedByBytes(Set(texts)))
    }

    package var texts: [String] {
        switch self {
        case .persons(let persons): persons
        case .anybody: ["*"]
        }
    }

    func cover(_ person: String) -> Bool {
        switch self {
        case .persons(let persons): persons.contains(person)
        case .anybody: true
        }
    }
}

/// What a token stands for: Specs/access.md section 2.
package struct Grant: Hashable, Sendable {
    package var id: TokenID
    package var name: String
    package var owner: Owner
    /// In normal form.
    package var rights: [Right]
    /// Sorted; none: any.
    package var roles: [String]
    package var speaksFor: Speakers
    package var rate: Rate
    /// Who granted it.
    package var by: String
    package var created: Timestamp
    /// From this moment on it is good no more.
    package var expires: Timestamp
    package var reason: String?
    /// SHA-256 of the client's certificate that it stands for; nil if for a token.
    package var certificate: Digest?

    package static let nameBytesMax = 64
    package static let reasonBytesMax = 600
    package static let daysDefault = 90
    package static let daysMax = 366

    package init(
        id: TokenID, name: String, owner: Owner, rights: [Right], roles: [String] = [],
        speaksFor: Speakers = .ownerAlone, rate: Rate? = nil, by: String, created: Timestamp,
        expires: Timestamp, reason: String? = nil, certificate: Digest? = nil
    ) {
        (self.id, self.name, self.owner) = (id, name, owner)
        self.rights = Right.normal(rights)
        self.roles = sortedByBytes(Set(roles))
        self.speaksFor = speaksFor
        self.rate = rate ?? .usual(for: owner)
        (self.by, self.created, self.expires, self.reason) = (by, created, expires, reason)
        self.certificate = certificate
    }
}

/// Until when a token shall be good, as it is typed: Specs/access.md section 2.
package enum Expiry: Hashable, Sendable {
    case days(Int)
    /// Through this day.
    case day(CivilDate)

    package static let usual = Expiry.days(Grant.daysDefault)
    /// The ledger's time zone is UTC+8.
    private static let zoneSeconds: Int64 = 8 * 3600

    package init(_ text: String) throws(AccessError) {
        if text.hasSuffix("d"), let days = Int(text.dropLast()), 1...Grant.daysMax ~= days {
            self = .days(days)
        } else if let day = CivilDate(text) {
            self = .day(day)
        } else {
            throw AccessError(
                en: "\"\(text)\" is no expiry: write days, from 1d to \(Grant.daysMax)d, or the "
                    + "last day, such as 2027-03-31",
                zh: "“\(text)”不是有效的期限：可写天数（1d 至 \(Grant.daysMax)d）或截止日（如 2027-03-31）")
        }
    }

    package func moment(from created: Timestamp) -> Timestamp {
        switch self {
        case .days(let days): created.advanced(bySeconds: Int64(days) * 86_400)
        case .day(let day):
            Timestamp(microseconds: Int64(day.dayNumber + 1) * 86_400_000_000)
                .advanced(bySeconds: -Expiry.zoneSeconds)
        }
    }
}

extension CivilDate {
    /// The day written as `YYYY-MM-DD`.
    fileprivate init?(_ text: String) {
        let midnight = Array((text + "T00:00:00Z").utf8)
        guard let date = midnight.withUnsafeBytes({ ZonedTime($0)?.date }), date.text == text
        else { return nil }
        self = date
    }
}

func sortedByBytes(_ texts: some Sequence<String>) -> [String] {
    texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}
