import CanonicalJSON
import Glibc
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
            .damaged,
            en: "record \(sequence) cannot be read where the index has it; run hanqing verify, "
                + "which tells whether the record is damaged or the index, which is made anew if "
                + "it is deleted",
            zh: "在索引所指位置无法读取记录 \(sequence)；请运行 hanqing verify 以判断是记录还是索引损坏，"
                + "索引删除后会重建")
    }

    /// Whether `line`, which the index led to, is one line and states this number.
    static func isRecord(_ sequence: SequenceNumber, _ line: ArraySlice<UInt8>) -> Bool {
        line.withUnsafeBytes { raw in
            guard let base = raw.baseAddress, RecordHeader(raw)?.sequence == sequence else {
                return false
            }
            return memchr(base, 0x0A, raw.count) == nil
        }
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
