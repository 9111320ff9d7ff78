import Foundation
import LedgerHome
import Merkle
import Records
import Sealing
import TestKit
import Testing
import VaultStore

/// A hold stands by its record, and the vault follows: Specs/sealing.md section 8.
@Suite struct HoldTests {
    private let sealed: SealedLedger
    private let subject: StreamName
    private let order = ApprovedOrder(
        person: "P-1", unit: "-", approver: "P-2", reason: "诉讼保全（虚构）")

    init() async throws {
        sealed = try await SealedLedger()
        subject = try #require(StreamName("report/RP-1"))
    }

    private func standing() async throws -> [Hold] {
        let obstacles = try await sealed.open { try await $0.obstacles(to: subject) }
        return obstacles.compactMap { if case .hold(let hold) = $0 { hold } else { nil } }
    }

    private func vault<Result>(_ body: (VaultStore) async throws -> Result) async throws -> Result {
        let vault = try VaultStore(sealed.folder + "/vault", origin: SealedLedger.origin)
        let result = try await body(vault)
        try await vault.close()
        return result
    }

    @Test func `it is named by its record, stands in both, and ends in both`() async throws {
        let hold = try await sealed.open { try await $0.hold(subject, order) }
        #expect(hold.subject == subject.text && hold.reason == order.reason)
        #expect(try await standing() == [hold])
        #expect(try await vault { try await $0.holds(on: subject.text) } == [hold])
        let end = try await sealed.open { try await $0.release(holdWith: hold.id, order) }
        #expect("H-\(end.rawValue - 1)" == hold.id)
        #expect(try await standing().isEmpty)
        #expect(try await vault { try await $0.holds(on: subject.text) }.isEmpty)
        #expect(try await sealed.open { try await $0.holdBook().all } == [hold])
        await #expect(throws: LedgerError.self) {
            try await sealed.open { _ = try await $0.release(holdWith: hold.id, order) }
        }
    }

    @Test func `a vault that was put back does not lose it, nor keep what was released`()
        async throws
    {
        let folder = sealed.folder + "/vault"
        let (before, during) = (sealed.home.path + "/before", sealed.home.path + "/during")
        try FileManager.default.copyItem(atPath: folder, toPath: before)
        let hold = try await sealed.open { try await $0.hold(subject, order) }
        try FileManager.default.copyItem(atPath: folder, toPath: during)
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.moveItem(atPath: before, toPath: folder)
        #expect(try await vault { try await $0.holds(on: subject.text) }.isEmpty)
        #expect(try await standing() == [hold])
        #expect(try await vault { try await $0.holds(on: subject.text) } == [hold])

        _ = try await sealed.open { try await $0.release(holdWith: hold.id, order) }
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.moveItem(atPath: during, toPath: folder)
        #expect(try await vault { try await $0.holds(on: subject.text) } == [hold])
        #expect(try await standing().isEmpty)
    }

    @Test func `what cannot be held is refused and not recorded`() async throws {
        let own = ApprovedOrder(person: "P-1", unit: "-", approver: "P-1", reason: "虚构")
        await #expect(throws: LedgerError.self) {
            try await sealed.open { _ = try await $0.hold(subject, own) }
        }
        let none = try #require(StreamName("report/RP-9"))
        await #expect(throws: LedgerError.self) {
            try await sealed.open { _ = try await $0.hold(none, order) }
        }
        #expect(try await sealed.open { try await $0.holdBook().all }.isEmpty)
    }
}
