import CanonicalJSON
import Foundation
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Projections
import Records
import Sealing
import Sequencing
import TestKit
import Testing
import VaultStore

/// Keys are destroyed by order and approval, and not while something stands against it:
/// Specs/sealing.md section 8.
@Suite struct CaseShreddingTests {
    private let sealed: SealedLedger
    private let subject: StreamName
    private let order = ApprovedOrder(person: "P-1", unit: "-", approver: "P-2", reason: "虚构理由")

    init() async throws {
        sealed = try await SealedLedger()
        subject = try #require(StreamName("report/RP-1"))
    }

    private func event(
        _ id: String, _ type: String, stream: String = "report/RP-1", time: String,
        _ members: [JSONMember]
    ) -> JSONValue {
        EventMaker.json(
            id: id, stream: stream, type: type, time: time,
            data: SealedLedger.data(by: "P-1", members))
    }

    /// The case ends before it was accepted.
    private func endCase() async throws {
        try await sealed.append([
            event(
                "n", "report.not-accepted", time: "2025-03-05T09:30:00+08:00",
                [JSONMember("ground", "重复举报"), JSONMember("reporterTold", true)])
        ])
    }

    private func obstacles() async throws -> [Obstacle] {
        try await sealed.open { try await $0.obstacles(to: subject) }
    }

    private func shred(yearsOn: Int64 = 0) async throws -> Shredding {
        try await sealed.open(yearsOn: yearsOn) {
            try await $0.shred(subject, .retentionOver, order)
        }
    }

    private func refusal() async throws -> [Obstacle] {
        let error = await #expect(throws: ShredError.self) { try await shred() }
        guard case .refused(let obstacles) = error else { return [] }
        for obstacle in obstacles {
            #expect(obstacle.phrase.zh.utf8.contains { $0 >= 0x80 })
        }
        // Nothing was recorded, and the keys are there.
        let recorded = try await sealed.open { try await $0.keysDestroyed(of: subject) }
        #expect(recorded.isEmpty)
        #expect(try await states().allSatisfy { $0 == .assigned })
        return obstacles
    }

    private func behind<Result>(_ body: (VaultStore) async throws -> Result) async throws -> Result
    {
        let vault = try VaultStore(sealed.folder + "/vault", origin: SealedLedger.origin)
        let result = try await body(vault)
        try await vault.close()
        return result
    }

    /// Of the handles in the case's records.
    private func states() async throws -> [HandleState] {
        let lines = try await sealed.open { try await $0.store.lines(of: [subject])[0] }
        var handles: [KeyHandle] = []
        for line in lines {
            for member in try JSONValue(parsing: line)["event"]?["data"]?.members ?? [] {
                if let box = try? SealedBox(member.value) { handles.append(box.handle) }
            }
        }
        #expect(handles.count == 3)
        return try await behind { vault in
            var states: [HandleState] = []
            for handle in handles { states.append(try await vault.state(of: handle)) }
            return states
        }
    }

    @Test func `an open case, what is owed in it and its retention are named`() async throws {
        let open = try await refusal()
        #expect(open.contains(.notEnded))
        #expect(open.contains { if case .duty = $0 { true } else { false } })
        #expect(open.contains { if case .retention = $0 { true } else { false } })
        try await endCase()
        let ended = try await refusal()
        #expect(!ended.contains(.notEnded))
        #expect(!ended.contains { if case .duty = $0 { true } else { false } })
        guard case .retention(let day) = ended.first else {
            Issue.record("its retention runs")
            return
        }
        #expect(day.count == 10 && ended.count == 1)
    }

    @Test func `a hold and an open case that names it are named`() async throws {
        try await endCase()
        try await behind {
            try await $0.place(
                Hold(
                    id: "H-1", subject: subject.text, reason: "诉讼保全（虚构）", placed: "2025-04-01"))
        }
        try await sealed.append([
            // An opening has no end: it does not stand against it for ever.
            SealedLedger.requested("r"), SealedLedger.eligible("e", of: subject.text),
        ])
        let standing = try await refusal()
        #expect(
            standing.contains { obstacle in
                if case .hold(let hold) = obstacle { hold.id == "H-1" } else { false }
            })
        let linked = standing.compactMap { obstacle -> String? in
            if case .linked(let stream, _) = obstacle { stream } else { nil }
        }
        #expect(linked == ["reward/RW-1"])
    }

    @Test func `nobody approves for himself`() async throws {
        let own = ApprovedOrder(person: "P-1", unit: "-", approver: "P-1", reason: "虚构")
        let error = await #expect(throws: ShredError.self) {
            try await sealed.open { try await $0.shred(subject, .unlawful, own) }
        }
        if case .refused = error { Issue.record("it is no order") }
        #expect(try await states().allSatisfy { $0 == .assigned })
    }

    /// Whose time of keeping is over, seen so many years on.
    private func due(yearsOn: Int64) async throws -> [RetentionEnd] {
        try await sealed.open(yearsOn: yearsOn) { ledger in
            let past = try await FoldedPast(ledger, asOf: nil)
            return try await past.retentionEnds(but: try await ledger.keysDestroyed())
        }
    }

    @Test func `what has been kept long enough is due, until it is destroyed`() async throws {
        try await endCase()
        // A case with nothing sealed is never due, and one of today is not yet.
        try await sealed.append([
            event(
                "p", "report.accepted", stream: "report/RP-0", time: "2025-03-05T09:30:00+08:00",
                [JSONMember("acceptedOn", "2025-03-05"), JSONMember("reporterTold", true)])
        ])
        for years: Int64 in [0, 4] { #expect(try await due(yearsOn: years).isEmpty) }
        let found = try await due(yearsOn: 6)
        #expect(found.map(\.stream) == ["report/RP-1"])
        #expect(found.first?.fields == ["content", "reporterName", "reporterPhone"])
        #expect((300...400).contains(found.first?.daysOver ?? 0))
        _ = try await shred(yearsOn: 6)
        #expect(try await due(yearsOn: 6).isEmpty)
    }

    @Test func `when nothing stands against it the keys are gone, and the case says so`()
        async throws
    {
        try await endCase()
        let shredding = try await shred(yearsOn: 6)
        #expect(shredding.handleCount == 2)
        for state in try await states() {
            guard case .shredded(let day) = state else {
                Issue.record("\(state)")
                continue
            }
            #expect(day.count == 10)
        }
        let file = try #require(
            try await sealed.open(yearsOn: 6) { try await $0.caseFile("report/RP-1") })
        let entries = file.entries.filter { !$0.sealed.isEmpty }
        #expect(entries.map(\.sealed) == [["content"], ["reporterName", "reporterPhone"]])
        for entry in entries {
            let gone = try #require(file.destroyed(entry))
            #expect(gone.sequence == shredding.sequence)
            #expect(gone.ground == .retentionOver && gone.reason == "虚构理由")
        }
        let timeline = file.json["timeline"]?.array ?? []
        #expect(timeline.compactMap { $0["destroyed"]?["ground"]?.string }.count == 2)
        let again = await #expect(throws: ShredError.self) { try await shred(yearsOn: 6) }
        if case .refused = again { Issue.record("there is nothing left") }
    }

    @Test func `interrupted after its record, the same order goes on`() async throws {
        try await endCase()
        // The vault as it was when the record was written and nothing else was.
        let vault = sealed.folder + "/vault"
        let copy = sealed.home.path + "/copy"
        try FileManager.default.copyItem(atPath: vault, toPath: copy)
        let first = try await shred(yearsOn: 6)
        try FileManager.default.removeItem(atPath: vault)
        try FileManager.default.moveItem(atPath: copy, toPath: vault)
        #expect(try await states().allSatisfy { $0 == .assigned })
        let second = try await shred(yearsOn: 6)
        #expect(second.sequence == first.sequence && second.handleCount == 2)
        let recorded = try await sealed.open(yearsOn: 6) {
            try await $0.keysDestroyed(of: subject)
        }
        #expect(recorded.count == 1)
        #expect(try await states().allSatisfy { $0 != .assigned })
    }

    @Test func `what is sealed afterwards is sealed anew, and shredded by a record of its own`()
        async throws
    {
        try await endCase()
        let first = try await shred(yearsOn: 6)
        try await sealed.open(yearsOn: 6) {
            _ = try await SealedLedger.append([sealed.identity("RP-1", "late")], to: $0)
        }
        let file = try #require(
            try await sealed.open(yearsOn: 6) { try await $0.caseFile("report/RP-1") })
        let late = try #require(file.entries.last)
        #expect(!late.sealed.isEmpty && file.destroyed(late) == nil)
        let second = try await shred(yearsOn: 13)
        #expect(second.sequence > first.sequence && second.handleCount == 1)
    }
}
