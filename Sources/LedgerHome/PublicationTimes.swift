package import Catalogue
package import Records
import Rules

/// When a service publishes a ledger, whatever happens in it: Specs/publishing.md section 6.
package struct PublicationTimes: Sendable {
    /// Ascending; at least one.
    package let times: [DayTime]
    /// Whether the catalogue asks for it.
    package let areAskedFor: Bool
    private let zone: LocalTime

    private static let usual = [DayTime("00:00")].compactMap(\.self)

    package init(_ catalogue: EventCatalogue) {
        zone = LocalTime(zone: catalogue.timeZone)
        areAskedFor = !catalogue.publishAt.isEmpty
        times = areAskedFor ? catalogue.publishAt : PublicationTimes.usual
    }

    /// The first moment after `moment`.
    package func next(after moment: Timestamp) -> Timestamp {
        let today = zone.day(of: moment)
        let candidates = [today, today + 1].flatMap { day in
            times.map { zone.start(of: day).advanced(bySeconds: Int64($0.minutes) * 60) }
        }
        return candidates.first { $0 > moment } ?? candidates[candidates.count - 1]
    }
}
