import Checkpoints
package import Digests

/// What may be in a bundle, by name: Specs/bundle.md section 1.
package enum BundleName: Hashable, Sendable {
    case sums, checkpoint, cosigned, page, keyPEM, keys, subject, reader
    case attachment(Digest)
    case catalogue(Digest)
    case record(UInt64)
    case proof(UInt64)
    case cosignedProof(UInt64)
    /// One of ``KeptTimestamp/fileLimits``.
    case timestamp(UInt64, String)
    case timestampProof(UInt64, UInt64)

    private static let folder = "bundle/"

    private static let plain: [BundleName: String] = [
        .sums: "SHA256SUMS", .checkpoint: "checkpoint", .cosigned: "cosigned/note",
        .page: "index.html", .keyPEM: "key.pem", .keys: "key.txt", .subject: "subject.json",
        .reader: "verify.py",
    ]

    package var path: String {
        func proof(_ seq: UInt64) -> String {
            "proofs/\(BundleName.digits(seq)).tlog-proof"
        }
        let name =
            switch self {
            case .attachment(let digest): "attachments/\(digest.hex)"
            case .catalogue(let digest): "catalogue/\(digest.hex).json"
            case .record(let seq): "records/\(BundleName.digits(seq)).json"
            case .proof(let seq): proof(seq)
            case .cosignedProof(let seq): "cosigned/\(proof(seq))"
            case .timestamp(let number, let file):
                "timestamps/\(KeptTimestamp.folder(number))/\(file)"
            case .timestampProof(let number, let seq):
                "timestamps/\(KeptTimestamp.folder(number))/\(proof(seq))"
            default: BundleName.plain[self] ?? ""
            }
        return BundleName.folder + name
    }

    /// A sequence number as names have it.
    package static func digits(_ seq: UInt64) -> String {
        let text = "\(seq)"
        return String(repeating: "0", count: max(0, 12 - text.utf8.count)) + text
    }

    /// Nil unless a bundle may have such a name.
    package init?(path: String) {
        guard path.hasPrefix(BundleName.folder) else { return nil }
        let parts = path.dropFirst(BundleName.folder.count).split(separator: "/").map(String.init)
        guard let found = BundleName.parse(parts), found.path == path else { return nil }
        self = found
    }

    private static func parse(_ parts: [String]) -> BundleName? {
        let stem = parts.last?.prefix { $0 != "." } ?? ""
        let last = parts.last ?? ""
        switch (parts.first ?? "", parts.count) {
        case ("attachments", 2): return Digest(hex: last).map { .attachment($0) }
        case ("catalogue", 2): return Digest(hex: stem).map { .catalogue($0) }
        case ("records", 2): return UInt64(stem).map { .record($0) }
        case ("proofs", 2): return UInt64(stem).map { .proof($0) }
        case ("cosigned", 3): return UInt64(stem).map { .cosignedProof($0) }
        case ("timestamps", 3), ("timestamps", 4):
            guard let number = KeptTimestamp.number(folder: parts[1]) else { return nil }
            if parts.count == 4 { return UInt64(stem).map { .timestampProof(number, $0) } }
            let isKnown = KeptTimestamp.fileLimits.contains { $0.name == last }
            return isKnown ? .timestamp(number, last) : nil
        default:
            let name = parts.joined(separator: "/")
            return plain.first { $0.value == name }?.key
        }
    }

    var isProof: Bool {
        switch self {
        case .proof, .cosignedProof, .timestampProof: true
        default: false
        }
    }

    /// The most bytes that such a file may have.
    package var byteCountMax: Int {
        switch self {
        case .attachment: TarEntry.byteCountMax
        case .catalogue, .sums, .page: 1 << 26
        case .record: 65_535
        case .timestamp(_, let file):
            // One less than is read to tell that there is more.
            (KeptTimestamp.fileLimits.first { $0.name == file }?.byteCountMax ?? 1) - 1
        default: SignedNote.maximumByteCount
        }
    }
}
