import CanonicalJSON
import LedgerStore
import Merkle
import Projections
import TestKit
import Testing

/// Many reports that go over into one: Specs/projections.md section 2.
@Suite struct JoinedCasesTests {
    private static let count = 60

    /// Reports merged into a first one, which came before all of them.
    private static func year() async throws -> ProjectedYear {
        try await ProjectedYear { catalogue in
            let main = "700000"
            let merged = (1...count).map { "\(700_000 + $0)" }
            let steps =
                ([main] + merged).map { ReportStep("received", $0) }
                + merged.map {
                    ReportStep(
                        "merged", $0, [JSONMember("mainReport", .string("report/RP-2025-\(main)"))])
                } + [ReportStep("accepted", main)]
            return try steps.enumerated().map { try $1.event($0, catalogue) }
        }
    }

    private func source(_ year: ProjectedYear, _ store: PartialStore) -> Projector.Source {
        Projector.Source(
            origin: year.source.origin, store: store, clock: year.source.clock,
            rules: year.source.rules, effect: year.source.effect)
    }

    @Test func `a group of joined cases is not read again for each of them`() async throws {
        let year = try await JoinedCasesTests.year()
        let size = Int(try await year.source.store.head().size.rawValue)
        #expect(size > 2 * JoinedCasesTests.count)
        // Few cases at a time: those of the group that are not among them are read beside.
        let store = PartialStore(year.source.store)
        let built = try year.file("built")
        try await Projector(built, source(year, store), batchSize: 2).catchUp()
        // All once for the list of cases, once as themselves, and the first one beside each two;
        // what it is joined with beside that one. Each beside each would be thirty times all.
        #expect(store.given.count < 8 * size, "\(store.given.count) lines of \(size)")

        let followed = try year.file("followed")
        try await Projector(followed, source(year, PartialStore(year.source.store, size: 1)))
            .catchUp()
        try await Projector(followed, year.source, batchSize: 7).catchUp()
        #expect(try followed.differences(from: built, in: year.source.origin) == [])
    }
}
