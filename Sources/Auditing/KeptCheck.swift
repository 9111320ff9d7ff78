import CanonicalJSON
import Digests
import Phrases

/// That catalogues and attachments, which the log names by digest, are there and unchanged.
struct KeptCheck {
    private(set) var findings: [Finding] = []
    private let kept: any KeptFiles

    init(_ kept: any KeptFiles) {
        self.kept = kept
    }

    /// Checks every catalogue that was adopted.
    mutating func judge(_ records: [OwnRecord]) {
        for record in records where record.type == "ledger.catalogue-adopted" {
            guard let digest = record.data["catalogue"]?.string.flatMap({ Digest(hex: $0) }) else {
                findings.append(
                    Finding(
                        .ownRecordWrong, seq: record.ordinal, file: record.file,
                        offset: record.offset, expected: "a catalogue's digest", found: "none"))
                continue
            }
            let place = "catalogue/\(digest.hex)"
            compare(record.ordinal, place + "/compiled.json", digest, nil) {
                (kept) throws(SourceError) in try kept.compiledCatalogue(digest)
            }
            for file in record.data["files"]?.array ?? [] { judge(file, of: digest, record) }
        }
    }

    private mutating func judge(_ file: JSONValue, of catalogue: Digest, _ record: OwnRecord) {
        guard let path = file["path"]?.string,
            let digest = file["sha256"]?.string.flatMap({ Digest(hex: $0) })
        else {
            findings.append(
                Finding(
                    .ownRecordWrong, seq: record.ordinal, file: record.file, offset: record.offset,
                    expected: "path and sha256 of each file", found: file.canonicalText))
            return
        }
        compare(
            record.ordinal, "catalogue/\(catalogue.hex)/files/\(path)", digest,
            file["bytes"]?.integer
        ) {
            (kept) throws(SourceError) in try kept.catalogueFile(catalogue, path: path)
        }
    }

    private mutating func compare(
        _ ordinal: UInt64, _ file: String, _ digest: Digest, _ byteCount: Int64?,
        _ read: (any KeptFiles) throws(SourceError) -> FileDigest?
    ) {
        judge(
            ordinal, file, digest, byteCount, missing: .catalogueMissing,
            differs: .catalogueDiffers, read)
    }

    /// Checks every attachment that the ledger says it holds, each file once.
    mutating func judge(_ attachments: [HeldAttachment]) {
        var seen: [Digest: Int64] = [:]
        for attachment in attachments where seen[attachment.digest] != attachment.byteCount {
            seen[attachment.digest] = attachment.byteCount
            let digest = attachment.digest
            judge(
                attachment.ordinal, "attachments/sha256/\(digest.hex.prefix(2))/\(digest.hex)",
                digest, attachment.byteCount, missing: .attachmentMissing,
                differs: .attachmentDiffers
            ) {
                (kept) throws(SourceError) in try kept.attachment(digest)
            }
        }
    }

    private mutating func judge(
        _ ordinal: UInt64, _ file: String, _ digest: Digest, _ byteCount: Int64?,
        missing: FindingCode, differs: FindingCode,
        _ read: (any KeptFiles) throws(SourceError) -> FileDigest?
    ) {
        let expected = byteCount.map { "\($0) bytes with SHA-256 \(digest)" } ?? "SHA-256 \(digest)"
        var found = "no file"
        var code = missing
        do throws(SourceError) {
            if let there = try read(kept) {
                if there.digest == digest, byteCount.map({ $0 == Int64(there.byteCount) }) ?? true {
                    return
                }
                found = "\(there.byteCount) bytes with SHA-256 \(there.digest)"
                code = differs
            }
        } catch {
            found = error.phrase.en
        }
        findings.append(
            Finding(code, seq: ordinal, file: file, expected: expected, found: found))
    }
}
