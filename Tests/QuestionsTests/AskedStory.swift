import CanonicalJSON
import Catalogue
import Digests
import Foundation
import LedgerHome
import Logging
import Merkle
import Projections
import Records
import Sequencing
import TestKit
import Testing

/// A small ledger written by hand, in which everything happens that a generated year seldom has: a
/// unit that is reported again and again, a power that ended, a dissent, a draw, an accident.
struct AskedStory: Sendable {
    let home: ScratchFolder
    let ledger: Ledger
    /// Read models that have followed it all.
    let file: ProjectionFile
    /// Every line, read.
    let lines: [JSONValue]

    static let shared = Task { try await AskedStory() }

    private init() async throws {
        home = try ScratchFolder()
        let folder = home.path + "/ledger"
        let clock = EntryClock("2025-01-01T00:00:00+08:00")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let plan = Ledger.Plan(
            LedgerSettings(origin: "story.example"), person: "P-1", unit: "虚构单位")
        _ = try await Ledger.create(folder, plan, clock: clock.ledgerClock, logger: logger)
        ledger = try await Ledger.open(folder, .write, clock: clock.ledgerClock, logger: logger)
        var script = StoryScript(ledger.catalogue)
        script.write()
        let events = script.events
        var places = try await ledger.enter(events.map(\.canonicalBytes), clock, byDay: false)
        let refused = events.compactMap { $0["id"]?.string }.filter { places[$0] == nil }
        #expect(refused == [], "refused")
        for mend in script.mends {
            let place = try #require(places[mend.target])
            let event = mend.event(Int64(place.sequence.rawValue), place.leafHash.digest.hex)
            places.merge(try await ledger.enter([event.canonicalBytes], clock, byDay: false)) { $1 }
        }
        clock.advance(to: "2026-03-01T00:00:00+08:00")
        lines = try await ledger.allLines()
        file = try ProjectionFile(home.path + "/story.sqlite")
        try await Projector(file, try ledger.projectionSource()).catchUp()
        #expect(lines.count == 2 + events.count + script.mends.count)
    }

    func moment(_ cut: AskedYear.Cut) throws -> Timestamp {
        switch cut {
        case .middle: return try #require(lines[lines.count / 2].recorded)
        case .end: return try #require(Timestamp(fixed: "2026-02-28T16:00:00.000000Z"))
        case .beforeCorrection:
            let first = lines.first { $0["event"]?["type"]?.string == "entry.corrected" }
            return try #require(first?.recorded).advanced(bySeconds: -1)
        }
    }

    /// The views that are tested: all must give the same answers.
    func pasts(_ cut: AskedYear.Cut) async throws -> [any PastView] {
        let moment = try moment(cut)
        return [
            try await FoldedPast(ledger, asOf: moment),
            try await ProjectedPast(ledger, file, asOf: moment),
        ]
    }

    func raw(_ cut: AskedYear.Cut) throws -> RawLedger {
        let moment = try moment(cut)
        return RawLedger(lines.prefix { ($0.recorded ?? moment) <= moment }, moment)
    }
}
