import CanonicalJSON
import CaseTracing
import Digests
import LedgerHome
import Merkle
import Phrases
import Projections
import Sequencing
import Testing

/// What is followed, one link at a time.
@Suite struct LinkTests {
    private let ledger: OwnLedger
    private let code = "91330109MA27A1B2C7"

    init() async throws {
        ledger = try await OwnLedger()
    }

    private func case_(_ number: Int) -> String { "penalty/PN-2025-00000\(number)" }

    /// A penalty without a party's code, that refers to another.
    private func record(_ number: Int, from: Int? = nil) async throws {
        var data: [String: JSONValue] = [:]
        if let from { data["sourceRef"] = .string(case_(from)) }
        try await ledger.record(case_(number), "penalty.clue-registered", id: "c\(number)", data)
    }

    private func streams(_ trace: Trace) -> [String] { trace.cases.map(\.stream) }

    @Test func `a cycle of references is a cycle in the graph and no loop`() async throws {
        try await record(1, from: 3)
        try await record(2, from: 1)
        try await record(3, from: 2)
        for start in 1...3 {
            let trace = try await ledger.trace(case_(start))
            #expect(streams(trace).sorted() == [case_(1), case_(2), case_(3)])
            #expect(trace.links.map(\.kind) == [.reference, .reference, .reference])
            #expect(trace.acts.count == 3)
            #expect(trace.svg(Wording(ledger.catalogue, .english)).hasSuffix("</svg>"))
        }
    }

    @Test func `a case that names itself has no link`() async throws {
        try await record(1, from: 1)
        #expect(try await ledger.trace(case_(1)).links == [])
    }

    @Test func `a name of no case is told`() async throws {
        try await record(1, from: 9)
        let trace = try await ledger.trace(case_(1))
        #expect(trace.cuts.missing == [case_(9)])
        #expect(streams(trace) == [case_(1)])
    }

    @Test func `causes lead to records by number and by id`() async throws {
        let first = try await ledger.record("hazard/HZ-1", "hazard.reported", id: "h1")
        try await ledger.record("hazard/HZ-2", "hazard.reported", id: "h2")
        try await ledger.record(
            case_(1), "penalty.clue-registered", id: "c1",
            [
                "causes": [
                    [
                        "seq": .integer(Int64(first.sequence.rawValue)),
                        "leafHash": .string(first.leafHash.digest.hex),
                    ],
                    ["source": "https://example.org/producer", "id": "h2"],
                    ["source": "https://example.org/producer", "id": "nobody"],
                ]
            ])
        let trace = try await ledger.trace(case_(1), TraceLimits(depth: 1))
        #expect(trace.links.map(\.kind) == [.cause, .cause])
        #expect(trace.links.map(\.to) == ["hazard/HZ-1", "hazard/HZ-2"])
        #expect(trace.links.first?.target == first.sequence.rawValue)
    }

    @Test func `joined cases are followed both ways`() async throws {
        try await record(1)
        try await record(2)
        try await ledger.record(
            case_(1), "penalty.joined", id: "j", ["mainCase": .string(case_(2))])
        for start in 1...2 {
            let trace = try await ledger.trace(case_(start))
            #expect(streams(trace).sorted() == [case_(1), case_(2)])
            #expect(trace.links.map(\.kind) == [.joined])
        }
    }

    /// A benchmark is named by every penalty; they have nothing to do with each other.
    @Test func `what many cases name does not lead to all of them`() async throws {
        let benchmark = JSONValue.string("discretion/DB-1")
        try await ledger.record("discretion/DB-1", "discretion.drafted", id: "b")
        for number in 1...5 {
            try await record(number)
            try await ledger.record(
                case_(number), "penalty.investigation-ended", id: "i\(number)",
                ["benchmark": benchmark])
        }
        #expect(
            streams(try await ledger.trace(case_(2))).sorted() == ["discretion/DB-1", case_(2)])
        #expect(streams(try await ledger.trace("discretion/DB-1")).count == 6)
    }

    @Test func `the same enterprise is followed, once`() async throws {
        for number in 1...3 {
            try await ledger.record(
                "hazard/HZ-\(number)", "hazard.reported", id: "h\(number)",
                ["enterpriseUscc": .string(code)])
        }
        let trace = try await ledger.trace("hazard/HZ-2")
        #expect(streams(trace).count == 3)
        #expect(Set(trace.links.map(\.kind)) == [.enterprise])
        #expect(trace.links.count == 2)
    }
}
