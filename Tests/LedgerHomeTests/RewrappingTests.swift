import CanonicalJSON
import Digests
import Foundation
import LedgerHome
import LedgerStore
import Merkle
import Records
import Sealing
import TestKit
import Testing
import VaultStore

/// A holder's new key in the place of the old one: Specs/sealing.md section 4.
@Suite struct RewrappingTests {
    private let sealed: SealedLedger
    private let next = VaultMaker.holder("纪检 2027")
    private let order = ApprovedOrder(person: "P-1", unit: "-", approver: "P-2", reason: "更换")

    init() async throws { sealed = try await SealedLedger() }

    private func join(_ groups: [String] = ["sealed", "sensitive"]) async throws {
        let holder = Holder(
            name: "纪检 2027", publicKey: next.holder.publicKey,
            groups: Set(groups.compactMap { HolderGroup($0) }))
        try await sealed.open { _ = try await $0.add(holder, order) }
    }

    private func rewrap(_ key: X25519PrivateKey? = nil) async throws -> Rewrapping {
        try await sealed.open {
            try await LocalVault($0).rewrap(
                from: key ?? sealed.keeper.key, to: next.holder.id, order)
        }
    }

    private func opened(_ key: X25519PrivateKey, _ id: String) async throws -> [String] {
        let access = try #require(StreamName("vault/VA-1"))
        try await sealed.append([SealedLedger.requested("r\(id)"), SealedLedger.approved("a\(id)")])
        return try await sealed.open { ledger in
            let opening = try await ledger.recordOpening(
                access, by: Viewer(person: "P-7", unit: "-", recorder: "cli:test"),
                holder: key.publicKey)
            return opening.values(with: key).map { value in
                guard case .value(let secret) = value.outcome else { return "\(value.outcome)" }
                return secret.withBytes { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    private func records() async throws -> [JSONValue] {
        try await sealed.open { ledger in
            try await ledger.store.lines(of: [StreamName.vault])[0]
                .compactMap { try JSONValue(parsing: $0)["event"] }
                .filter { $0["type"] == "ledger.keys-rewrapped" }
        }
    }

    @Test func `the new key opens what the old one did, and the old one nothing`() async throws {
        try await join()
        await #expect(throws: OpeningError.self) { try await opened(next.key, "0") }
        let done = try await rewrap()
        #expect(done.handleCount == 2)
        #expect(try await opened(next.key, "1") == [#""赵某某""#, #""13900000000""#])
        await #expect(throws: OpeningError.self) { try await opened(sealed.keeper.key, "2") }
        let record = try #require(try await records().first?["data"])
        #expect(record["from"]?.string == sealed.keeper.holder.id.text)
        #expect(record["to"]?.string == next.holder.id.text && record["approver"] == "P-2")
        // Nothing is left, and it is not recorded twice.
        let again = try await rewrap()
        #expect(again.handleCount == 0 && again.sequence == done.sequence)
        #expect(try await records().count == 1)
        let status = try await sealed.open { try await $0.vaultStatus() }
        #expect(status.isSound && status.counts.assigned == 2)
    }

    @Test func `interrupted after its record, the same command goes on`() async throws {
        try await join()
        let vault = sealed.folder + "/vault"
        let copy = sealed.home.path + "/copy"
        try FileManager.default.copyItem(atPath: vault, toPath: copy)
        let first = try await rewrap()
        try FileManager.default.removeItem(atPath: vault)
        try FileManager.default.moveItem(atPath: copy, toPath: vault)
        let second = try await rewrap()
        #expect(second.handleCount == 2 && second.sequence == first.sequence)
        #expect(try await opened(next.key, "1").count == 2)
    }

    @Test func `only a recorded holder of the same groups, and only the old key`() async throws {
        await #expect(throws: VaultRefusal.self) { try await rewrap() }
        try await join(["sealed"])
        await #expect(throws: VaultRefusal.self) { try await rewrap() }
        await #expect(throws: VaultRefusal.self) { try await rewrap(sealed.outside.key) }
        #expect(try await records().isEmpty)
        let own = ApprovedOrder(person: "P-1", unit: "-", approver: "P-1", reason: "r")
        await #expect(throws: VaultRefusal.self) {
            try await sealed.open {
                _ = try await LocalVault($0).rewrap(
                    from: sealed.keeper.key, to: next.holder.id, own)
            }
        }
    }
}
