import CanonicalJSON
import CaseTracing
import Catalogue
import LedgerHome
import Logging
import Merkle
import Projections
import Records
import Sequencing
import TestKit
import Testing

/// A ledger of a test's own, filled with examples of types and what the test says.
struct OwnLedger: Sendable {
    let home: ScratchFolder
    let ledger: Ledger
    var catalogue: EventCatalogue { ledger.catalogue }

    init() async throws {
        home = try ScratchFolder()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let folder = home.path + "/ledger"
        let plan = Ledger.Plan(
            LedgerSettings(origin: "own.example"), person: "P-1", unit: "虚构单位")
        _ = try await Ledger.create(folder, plan, logger: logger)
        ledger = try await Ledger.open(folder, .write, logger: logger)
    }

    /// Records an example of the type with these members of data in the place of its own.
    @discardableResult
    func record(
        _ stream: String, _ type: String, id: String, on day: String = "2025-03-04",
        _ data: [String: JSONValue] = [:]
    ) async throws -> Acceptance.Place {
        let example = catalogue.example(of: try #require(catalogue.eventType(type)))
        let own = (example["data"]?.members ?? []).filter { data[$0.name] == nil }
        let event: JSONValue = .object(
            (example.members ?? []).map { member in
                switch member.name {
                case "subject": JSONMember("subject", .string(stream))
                case "id": JSONMember("id", .string(id))
                case "time": JSONMember("time", .string("\(day)T09:30:00+08:00"))
                case "data":
                    JSONMember(
                        "data",
                        .object(
                            own
                                + data.sorted { $0.key < $1.key }.map {
                                    JSONMember($0.key, $0.value)
                                }))
                default: member
                }
            })
        let intake = ledger.intake(.explained)
        let read = try event.canonicalBytes.withUnsafeBytes { try intake.read($0) }
        let sequencer = try #require(ledger.sequencer)
        let answers = try await sequencer.submit(all: [Submission([read], recorder: "svc:test")])
        guard case .accepted(let acceptance)? = answers.first else {
            Issue.record("\(id) was not recorded: \(answers)")
            throw NotRecorded()
        }
        return try #require(acceptance.places.first)
    }

    private struct NotRecorded: Error {}

    func past() async throws -> FoldedPast { try await FoldedPast(ledger, asOf: nil) }

    func trace(_ name: String, _ limits: TraceLimits = TraceLimits()) async throws -> Trace {
        let ledger = ledger
        return try await Tracer(try await past(), limits) {
            source, id throws(ProjectionError) in
            try await ledger.sequence(source: source, id: id)
        }.trace(name)
    }
}
