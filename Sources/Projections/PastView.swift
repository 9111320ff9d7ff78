package import Merkle
package import Records
package import Rules

/// A ledger as it was known at a moment: what every question about the past is asked of.
///
/// There are two of them, which must give the same answers: one folds the whole log anew and is
/// the reference, the other asks the read models and reads only the cases that it needs.
package protocol PastView: Sendable {
    var origin: String { get }
    /// What falls due after it is not overdue.
    var moment: Timestamp { get }
    /// So many records had been recorded.
    var size: UInt64 { get }
    var shelf: RuleShelf { get }

    /// The root hash of the first so many records, at most ``size``.
    func root(of count: UInt64) async throws(ProjectionError) -> Root

    /// The leaf hash of a record.
    func leaf(_ sequence: UInt64) async throws(ProjectionError) -> LeafHash

    /// The cases of a procedure in the order of their first records.
    func streams(of procedure: String) async throws(ProjectionError) -> [String]

    /// The cases in which something is named, in the order of their first records.
    func streams(naming key: MentionKey) async throws(ProjectionError) -> [String]

    /// The cases of some procedures in which data name a person who neither entered the record nor
    /// took part, in the order of their first records.
    func streams(
        of procedures: Set<String>, about person: String
    ) async throws(ProjectionError) -> [String]

    /// The newest entries that one of these persons entered, took part in or is named by, as they
    /// were first or were corrected to be; the newest first.
    func entries(
        naming persons: Set<String>, limit: Int
    ) async throws(ProjectionError) -> [EntryPlace]

    /// A case with all its records up to ``size``; nil if it has none.
    func prefix(of stream: String) async throws(ProjectionError) -> CasePrefix?

    /// The record with that number; nil if there is none yet.
    func record(_ sequence: UInt64) async throws(ProjectionError) -> CaseRecord?

    /// In the order of their first records, then of their start.
    func duties(_ wanted: Wanted) async throws(ProjectionError) -> [OwedDuty]

    /// In the order of days, then of ids.
    func findings(_ wanted: Wanted) async throws(ProjectionError) -> [Finding]

    /// Figures of the plan over a period of days since 1970-01-01: of all indicators, or of those
    /// called `ids`.
    func figures(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorFigure]

    /// The same without the records behind them.
    func sums(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorSum]
}

extension PastView {
    /// The root hash of the first ``size`` records.
    package func root() async throws(ProjectionError) -> Root { try await root(of: size) }

    /// By way of the records.
    package func sums(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorSum] {
        try await figures(period, of: ids).map(\.sum)
    }

    /// Figures of all indicators.
    package func figures(
        _ period: ClosedRange<Int>
    ) async throws(ProjectionError) -> [IndicatorFigure] {
        try await figures(period, of: nil)
    }

    /// By looking through the cases.
    package func streams(
        of procedures: Set<String>, about person: String
    ) async throws(ProjectionError) -> [String] {
        var found: [String] = []
        for stream in try await streams(naming: .person(person))
        where procedures.contains(String(stream.prefix { $0 != "/" })) {
            guard let prefix = try await prefix(of: stream) else { continue }
            let isAbout = prefix.records.contains { record in
                prefix.mentions(of: record).contains {
                    $0.key == .person(person) && $0.isInData
                }
            }
            if isAbout { found.append(stream) }
        }
        return found
    }

    /// By looking through the cases.
    package func entries(
        naming persons: Set<String>, limit: Int
    ) async throws(ProjectionError) -> [EntryPlace] {
        var found: Set<EntryPlace> = []
        for person in persons {
            for stream in try await streams(naming: .person(person)) {
                guard let prefix = try await prefix(of: stream) else { continue }
                for record in prefix.records where prefix.names(persons, in: record) {
                    found.insert(EntryPlace(stream: stream, record: record.sequence))
                }
            }
        }
        return Array(found.sorted { $0.record > $1.record }.prefix(limit))
    }
}

/// An entry by its record and the case that it belongs to.
package struct EntryPlace: Hashable, Sendable {
    package let stream: String
    package let record: UInt64

    package init(stream: String, record: UInt64) {
        (self.stream, self.record) = (stream, record)
    }
}

/// What a case can be found by.
package enum MentionKey: Hashable, Sendable {
    /// A person's identifier: of an operator, a participant or a person in the data.
    case person(String)
    /// A unified social credit code (统一社会信用代码, GB 32100).
    case organisation(String)
    /// A document number or another alias, normalised.
    case alias(String)
    /// The stream of a case that another refers to.
    case reference(String)
    /// The digest of an attachment, in lowercase hexadecimal.
    case attachment(String)
    /// Whose kept identity is asked for, by the pseudonymous id.
    case kept(String)

    /// The procedure in which kept identities are asked for, and the field that says whose.
    package static let vault = (procedure: "vault", field: "subject")
}

/// Which duties or findings are asked for; nil is all.
package struct Wanted: Sendable {
    package var procedures: Set<String>?
    package var streams: Set<String>?
    /// Ids of rules or of duties.
    package var ids: Set<String>?

    package init(
        procedures: Set<String>? = nil, streams: Set<String>? = nil, ids: Set<String>? = nil
    ) {
        (self.procedures, self.streams, self.ids) = (procedures, streams, ids)
    }

    package func has(stream: String, id: String) -> Bool {
        (streams?.contains(stream) ?? true) && (ids?.contains(id) ?? true)
            && (procedures?.contains(String(stream.prefix { $0 != "/" })) ?? true)
    }
}

/// A duty as it stands, and whose business it is.
package struct OwedDuty: Hashable, Sendable {
    package let standing: DutyStanding
    /// Who entered and took part in what started it.
    package let persons: [String]
    package let unit: String?

    package init(standing: DutyStanding, persons: [String], unit: String?) {
        (self.standing, self.persons, self.unit) = (standing, persons, unit)
    }
}
