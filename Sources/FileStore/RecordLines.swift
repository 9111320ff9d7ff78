import CanonicalJSON
import LedgerStore
import Merkle
import Records

/// Small questions about one line.
enum RecordLines {
    static func revision(of line: [UInt8]) -> Revision? {
        line.withUnsafeBytes { raw in
            let revision = try? JSONReader(byteCountMax: RecordLayout.byteCountMax)
                .read(raw) { root in try? RecordView(root).revision }
            return (revision ?? nil) ?? WithheldLine(raw)?.revision
        }
    }

    static func unreadable(_ sequence: SequenceNumber) -> StoreError {
        StoreError(
            .damaged, en: "record \(sequence) cannot be read; run hanqing verify",
            zh: "无法读取记录 \(sequence)；请运行 hanqing verify")
    }
}

extension RecordLines {
    /// When `line` was recorded, if it is record `sequence` with this leaf hash.
    static func recorded(
        of line: UnsafeRawBufferPointer, sequence: UInt64, leaf: LeafHash
    ) -> Timestamp? {
        guard let header = RecordHeader(line), header.sequence.rawValue == sequence,
            header.withheldLeaf ?? MerkleHasher().leaf(line) == leaf
        else { return nil }
        if header.withheldLeaf != nil { return WithheldLine(line)?.recorded }
        return Timestamp(
            fixed: UnsafeRawBufferPointer(rebasing: line[RecordLayout.recorded]))
    }
}
