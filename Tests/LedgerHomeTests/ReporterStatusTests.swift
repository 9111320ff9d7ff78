import CanonicalJSON
import Catalogue
import Digests
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Projections
import Records
import Rules
import Sealing
import Sequencing
import TestKit
import Testing

/// What the code alone tells: Specs/sealing.md section 10.
@Suite struct ReporterStatusTests {
    private let sealed: SealedLedger

    init() async throws { sealed = try await SealedLedger() }

    private func event(
        _ id: String, _ type: String, stream: String = "report/RP-9", day: String,
        _ members: [JSONMember]
    ) -> JSONValue {
        EventMaker.json(
            id: id, stream: stream, type: type, time: "\(day)T09:30:00+08:00",
            data: SealedLedger.data(by: "P-1", roles: [("P-8", "reviewer")], members))
    }

    /// A report with a code, accepted, and a reward.
    private func report() async throws -> ReporterCode {
        let (code, tag) = try await sealed.open { $0.makeReporterCode() }
        let received = sealed.received("RP-9", "91")
        let data = JSONValue.object(
            (received["data"]?.members ?? []) + [JSONMember("codeTag", .string(tag))])
        let members = (received.members ?? []).map {
            $0.name == "data" ? JSONMember("data", data) : $0
        }
        try await sealed.append([
            .object(members), sealed.identity("RP-9", "92"),
            event(
                "93", "report.accepted", day: "2025-03-06",
                [JSONMember("acceptedOn", "2025-03-06"), JSONMember("reporterTold", true)]),
            event(
                "94", "reward.eligibility-checked", stream: "reward/RW-9", day: "2025-03-07",
                [
                    JSONMember("report", "report/RP-9"), JSONMember("realName", true),
                    JSONMember("firstReporter", true), JSONMember("notKnownBefore", true),
                    JSONMember("excludedStaff", false), JSONMember("result", "符合"),
                ]),
        ])
        return code
    }

    private func told(by code: ReporterCode) async throws -> ReporterStatus? {
        try await sealed.open { ledger in
            let past = try await FoldedPast(ledger, asOf: nil)
            return try await past.reporterStatus(tag: code.tag(origin: ledger.settings.origin))
        }
    }

    @Test func `the code alone tells stages, dates, what is due and the reward`() async throws {
        let code = try await report()
        // As it was dictated.
        let typed = try #require(
            ReporterCode(SecretBytes(copying: code.shown.replacing(" ", with: "-").utf8)))
        let status = try #require(try await told(by: typed))
        #expect(status.stream.text == "report/RP-9" && !status.hasEnded)
        #expect(status.stages.map(\.title.zh) == ["接报", "受理"])
        #expect(status.stages.map(\.day) == ["2025-03-04", "2025-03-06"])
        #expect(status.told.map(\.title.zh) == ["接报登记", "受理", "奖励资格审查"])
        #expect(status.told.map(\.day) == ["2025-03-04", "2025-03-06", "2025-03-07"])
        #expect(status.told[2].values.map(\.field.name) == ["result"])
        #expect(status.due.contains { $0.title.zh.contains("核查结论") && $0.day != nil })
        // Nobody's name, and nothing sealed, not even as a box.
        let text = status.json.canonicalText
        for hidden in ["P-1", "P-8", "sealed", "赵某某", "虚构厂", "identity"] {
            #expect(!text.contains(hidden), "\(hidden)")
        }
    }

    @Test func `another code tells nothing`() async throws {
        _ = try await report()
        let other = try await sealed.open { $0.makeReporterCode().code }
        #expect(try await told(by: other) == nil)
    }

    @Test func `the code is in no file`() async throws {
        let code = try await report()
        let digits = code.shown.replacing(" ", with: "")
        let hunt = try CanaryHunt(
            [code.shown, digits, String(digits.prefix(15))], home: sealed.home.url)
        #expect(try hunt.hits(in: sealed.home.url).isEmpty)
    }
}
