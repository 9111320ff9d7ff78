import CanonicalJSON
import Digests
import Foundation
import LedgerHome
import Merkle
import Phrases
import Records
import Sealing
import TestKit
import Testing
import VaultStore

/// A vault that is lost comes back from a copy, and what was destroyed does not:
/// Specs/sealing.md section 4.
@Suite struct VaultCopyTests {
    private let sealed: SealedLedger
    private let order = ApprovedOrder(person: "P-1", unit: "-", approver: "P-2", reason: "备份")
    private var vault: String { sealed.folder + "/vault" }
    private var copy: String { sealed.home.path + "/copy" }

    init() async throws { sealed = try await SealedLedger() }

    private func end(_ id: String) async throws {
        try await sealed.append([
            EventMaker.json(
                id: "end-\(id)", stream: "report/\(id)", type: "report.not-accepted",
                data: SealedLedger.data(
                    by: "P-1",
                    [JSONMember("ground", "重复举报"), JSONMember("reporterTold", true)]))
        ])
    }

    private func opened(_ stream: String, _ id: String) async throws -> [String] {
        let access = try #require(StreamName("vault/VA-1"))
        try await sealed.append([
            SealedLedger.requested("r\(id)", about: stream), SealedLedger.approved("a\(id)"),
        ])
        return try await sealed.open { ledger in
            try await ledger.recordOpening(
                access, by: Viewer(person: "P-7", unit: "-", recorder: "cli:test"),
                holder: sealed.keeper.holder.publicKey
            ).values(with: sealed.keeper.key).map { value in
                switch value.outcome {
                case .value(let secret):
                    secret.withBytes { String(decoding: $0, as: UTF8.self) }
                case .shredded: "shredded"
                case .lost: "lost"
                default: "other"
                }
            }
        }
    }

    @Test func `what was there opens again, and what was destroyed since does not`() async throws {
        try await sealed.append([sealed.received("RP-2", "3"), sealed.identity("RP-2", "4")])
        let sequence = try await sealed.open { try await $0.copyVault(to: copy, order) }
        let files = try FileManager.default.contentsOfDirectory(atPath: copy).sorted()
        #expect(files == ["copy.json", "keys", "vault.sqlite"])
        for file in files {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(copy)/\(file)")[
                .posixPermissions]
            #expect(mode as? Int == 0o600, "\(file)")
        }
        try await end("RP-2")
        let subject = try #require(StreamName("report/RP-2"))
        _ = try await sealed.open(yearsOn: 6) {
            try await $0.shred(subject, .retentionOver, order)
        }
        let status = try await sealed.open { try await $0.vaultStatus() }
        #expect(status.staleCopies == 1)
        try await sealed.append([sealed.received("RP-3", "5"), sealed.identity("RP-3", "6")])

        try FileManager.default.removeItem(atPath: vault)
        let restored = try await sealed.open { try await $0.restoreVault(from: copy, order) }
        #expect(restored.sequence > sequence && restored.shreddedCount == 1)
        #expect(try await opened("report/RP-1", "1") == [#""赵某某""#, #""13900000000""#])
        for (stream, day) in [("report/RP-2", "destroyed"), ("report/RP-3", "none")] {
            let error = await #expect(throws: OpeningError.self) {
                try await opened(stream, "of-\(day)")
            }
            guard case .refused(let refused) = error else {
                Issue.record("\(stream) \(String(describing: error))")
                continue
            }
            #expect(refused.phrase.en.contains("destroyed") == (day == "destroyed"))
        }
        // And it seals again.
        try await sealed.append([sealed.received("RP-4", "7"), sealed.identity("RP-4", "8")])
        #expect(try await opened("report/RP-4", "4").count == 2)
        #expect(try await sealed.open { try await $0.vaultStatus() }.isSound)
    }

    @Test func `what is no whole copy, or of another ledger, is refused`() async throws {
        _ = try await sealed.open { try await $0.copyVault(to: copy, order) }
        await #expect(throws: LedgerError.self) {
            try await sealed.open { _ = try await $0.copyVault(to: copy, order) }
        }
        // There is a vault.
        await #expect(throws: LedgerError.self) {
            try await sealed.open { _ = try await $0.restoreVault(from: copy, order) }
        }
        try FileManager.default.removeItem(atPath: vault)
        let label = URL(filePath: copy + "/copy.json")
        let sound = try Data(contentsOf: label)
        for wrong in [
            #"{"origin":"other.example","seq":5}"#, #"{"origin":"demo.example","seq":0}"#, "{}", "",
        ] {
            try Data((wrong + "\n").utf8).write(to: label)
            await #expect(throws: LedgerError.self, "\(wrong)") {
                try await sealed.open { _ = try await $0.restoreVault(from: copy, order) }
            }
            #expect(!FileManager.default.fileExists(atPath: vault + "/vault.sqlite"))
        }
        try sound.write(to: label)
        _ = try await sealed.open { try await $0.restoreVault(from: copy, order) }
        #expect(try await opened("report/RP-1", "1").count == 2)
    }
}
