import CanonicalJSON
import Checkpoints
import Digests
import Merkle
import Phrases
import Records

extension SignedPoints {
    /// Reads the checkpoint that has an SM2 line: by the log's own signature one as any other.
    mutating func readSM2(_ note: [UInt8], _ chain: KeyChain?) {
        guard let origin, let key else { return }
        let keys = [key] + (chain?.links.map(\.key) ?? [])
        do throws(CheckpointError) {
            let verified = try VerifiedCheckpoint(verifying: note, of: origin, by: keys)
            older.append(Older(name: Audit.sm2File, checkpoint: verified.checkpoint))
        } catch {
            refuse(
                .sm2Refused, file: Audit.sm2File, expected: "a checkpoint of \(origin)",
                found: error.phrase.en)
        }
    }
}

extension Audit {
    static let sm2File = "checkpoints/sm2"

    /// Verifies the SM2 line and computes the SM3 root that it signs: Specs/shangmi.md section 4.
    mutating func judge(sm2 bytes: [UInt8]) throws(SourceError) {
        let name = Audit.sm2File
        guard let note = try? SignedNote(bytes), let size = try? Checkpoint(text: note.text).size,
            !signed.findings.contains(where: { $0.code == .sm2Refused })
        else { return }
        var root: Digest?
        do throws(NoteError) {
            for key in sm2Keys {
                if let signed = try key.root(in: note) { root = signed }
            }
        } catch {
            findings.append(
                Finding(
                    .sm2Refused, file: name, expected: "a valid SM2 line", found: error.phrase.en))
            return
        }
        guard let root else {
            findings.append(
                Finding(
                    .sm2Refused, file: name, expected: "a line by an SM2 key of the ledger",
                    found: "none"))
            return
        }
        guard size.rawValue <= state.count else { return }
        guard let computed = try sm3Root(over: size.rawValue) else {
            notes.append(
                AuditNote(
                    "sm3-not-computed",
                    en: "a record is withheld and its SM3 hash was not kept: the SM3 root cannot "
                        + "be computed", zh: "有记录已遮蔽且未留存其 SM3 哈希：无法计算 SM3 树根"))
            return
        }
        guard computed == root else {
            findings.append(
                Finding(
                    .sm3RootDiffers, seq: 0, through: max(1, size.rawValue) - 1, file: name,
                    expected: "SM3 root \(root.hex) at size \(size)",
                    found: "SM3 root \(computed.hex)"))
            return
        }
        notes.append(
            AuditNote(
                "sm2-verified",
                en: "signed with SM2 over \(size) records, whose SM3 root is \(root.hex)",
                zh: "SM2 签名覆盖 \(size) 条记录，其 SM3 树根为 \(root.hex)"))
    }

    /// The SM2 keys that the ledger announced.
    private var sm2Keys: [SM2VerifierKey] {
        state.own.filter { OwnRecord.announcing.contains($0.type) && $0.fault == nil }
            .flatMap { $0.data["keys"]?.array?.compactMap(\.string) ?? [] }
            .compactMap { try? SM2VerifierKey($0) }
    }

    /// Nil if what a withheld line hashed to is not known.
    private func sm3Root(over size: UInt64) throws(SourceError) -> Digest? {
        let tree = SM3Tree()
        let buffer = LineBuffer(chunkByteCount: auditor.options.chunkByteCount)
        for piece in pieces where tree.count < size {
            guard var offset = try buffer.load(piece, sources.records) else { continue }
            while offset < piece.to, tree.count < size {
                let (line, _) = try buffer.line(at: offset, of: piece, sources.records)
                if WithheldLine(line) != nil {
                    guard let leaf = try sources.kept.sm3Leaf(tree.count) else { return nil }
                    tree.append(leaf: leaf)
                } else {
                    tree.append(line)
                }
                offset += line.count + 1
            }
        }
        return tree.root
    }
}
