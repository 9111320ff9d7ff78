import AuditSources
import Auditing
import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import Merkle
import Testing

/// The SM3 root and its SM2 signature beside a ledger: Specs/shangmi.md.
@Suite struct SM2AuditTests {
    private let key: SM2SignerKey
    private var maker: LedgerMaker
    private var leaves: [Digest] = []

    init() throws {
        maker = LedgerMaker.varied(60)
        key = SM2SignerKey(name: maker.key.name, privateKey: .generate())
        maker.own(
            "ledger.key-rotated",
            [
                "approver": "P-2", "operator": LedgerMaker.clerk, "reason": "test",
                "keys": [
                    .string(maker.key.verifierKey.description),
                    .string(key.verifierKey.description),
                ],
            ])
        maker.add("a/b")
        leaves = maker.lines.map { SM3.digest(of: [0] + $0) }
    }

    private func folder(
        _ maker: LedgerMaker, root: Digest? = nil, by signer: SM2SignerKey? = nil
    ) throws -> TestFolder {
        let tree = SM3Tree()
        for leaf in leaves { tree.append(leaf: leaf) }
        var note = try SignedNote(self.maker.checkpoint())
        note.add((signer ?? key).sign(note.text, root: root ?? tree.root))
        let folder = try TestFolder(maker.contents())
        try folder.write("checkpoints/sm2", note.bytes)
        return folder
    }

    @Test func `it is verified in full audits, whatever came after`() async throws {
        let report = try await audit(folder(maker))
        #expect(report.findings == [] && report.notes.map(\.code) == ["sm2-verified"])
        var grown = maker
        grown.add("a/b")
        #expect(try await audit(folder(grown)).notes.map(\.code) == ["sm2-verified"])
        #expect(try await audit(folder(maker), .quick).notes == [])
    }

    @Test func `a wrong root, a stranger's key and another history are found`() async throws {
        let other = try await audit(folder(maker, root: leaves[0]))
        #expect(other.findings.map(\.code) == [.sm3RootDiffers])
        let stranger = SM2SignerKey(name: maker.key.name, privateKey: .generate())
        let unknown = try await audit(folder(maker, by: stranger))
        #expect(unknown.findings.map(\.code) == [.sm2Refused])
        var note = try SignedNote(maker.checkpoint(by: LedgerMaker.key(7)))
        note.add(key.sign(note.text, root: leaves[0]))
        let forged = try folder(maker)
        try forged.write("checkpoints/sm2", note.bytes)
        #expect(try await audit(forged).findings.map(\.code) == [.sm2Refused])
    }

    @Test func `a withheld record keeps its place by the leaf that was kept`() async throws {
        var cut = maker
        cut.withhold(30, backed: true)
        #expect(
            try await audit(folder(cut)).notes.map(\.code).contains("sm3-not-computed"))
        let kept = try folder(cut)
        try kept.write("checkpoints/sm3-leaves", leaves.flatMap(\.bytes))
        let report = try await audit(kept)
        #expect(report.findings == [] && report.notes.map(\.code).contains("sm2-verified"))
        var wrong = leaves
        wrong[30] = wrong[29]
        try kept.write("checkpoints/sm3-leaves", wrong.flatMap(\.bytes))
        #expect(try await audit(kept).findings.map(\.code) == [.sm3RootDiffers])
    }
}
