import Checkpoints
import Foundation
import LedgerHome
import Logging
import Records
import Sequencing
import TestKit
import Testing

/// Two keys that sign for a stated time: Specs/keys.md section 2.
@Suite struct KeyOverlapTests {
    private let home: ScratchFolder
    private var folder: String { home.path + "/ledger" }
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        home = try ScratchFolder()
    }

    private func clock(_ day: Int64) -> LedgerClock {
        let wall = Timestamp(microseconds: 1_774_000_000_000_000)
            .advanced(bySeconds: day * 86_400)
        return LedgerClock(wall: { wall }, steadySeconds: { day * 86_400 })
    }

    /// Who signs the newest checkpoint, made on that day.
    private func signers(_ day: Int64, _ keys: [VerifierKey]) async throws -> [VerifierKey] {
        let ledger = try await Ledger.open(folder, .write, clock: clock(day), logger: logger)
        try await ledger.sequencer?.signWhatIsDurable()
        let note = try await ledger.checkpoint().note
        try await ledger.close()
        return try note.verifiedKeys(among: keys)
    }

    @Test func `the old key signs until the day that the record states`() async throws {
        let old = try await Ledger.create(
            folder,
            Ledger.Plan(LedgerSettings(origin: "demo.example"), person: "P-0", unit: "-"),
            clock: clock(0), logger: logger)
        var plan = Ledger.KeyChangePlan(
            ApprovedOrder(person: "P-1", unit: "-", approver: "P-2", reason: "test"))
        plan.overlapDays = 30
        let outcome = try await Ledger.changeKey(folder, plan, clock: clock(1), logger: logger)
        #expect(outcome.isVouched && outcome.key != old)
        #expect(
            outcome.announcement.overlapUntil == clock(31).wall())
        #expect(try await signers(2, [old, outcome.key]) == [outcome.key, old])
        #expect(try await signers(30, [old, outcome.key]) == [outcome.key, old])
        #expect(try await signers(31, [old, outcome.key]) == [outcome.key])
        // A new change ends it, and one that keeps nobody waiting has none.
        plan.overlapDays = 0
        let third = try await Ledger.changeKey(folder, plan, clock: clock(5), logger: logger)
        let all = [old, outcome.key, third.key]
        #expect(try await signers(6, all) == [third.key])
    }

    @Test func `an overlap ends where the old key was destroyed`() async throws {
        let old = try await Ledger.create(
            folder,
            Ledger.Plan(LedgerSettings(origin: "demo.example"), person: "P-0", unit: "-"),
            clock: clock(0), logger: logger)
        var plan = Ledger.KeyChangePlan(
            ApprovedOrder(person: "P-1", unit: "-", approver: "P-2", reason: "test"))
        plan.overlapDays = 30
        let outcome = try await Ledger.changeKey(folder, plan, clock: clock(1), logger: logger)
        try FileManager.default.removeItem(atPath: folder + "/keys/retired")
        #expect(try await signers(2, [old, outcome.key]) == [outcome.key])
    }
}
