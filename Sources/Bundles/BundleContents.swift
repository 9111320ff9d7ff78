package import Checkpoints
package import Digests
import Merkle
package import Phrases
import Records

/// All that goes into a bundle, gathered from a ledger: Specs/bundle.md section 1.
package struct BundleContents: Sendable {
    package let subject: BundleSubject
    package let checkpoint: VerifiedCheckpoint
    /// All that the ledger has had, the one in force last.
    package let keys: [VerifierKey]
    package var records: [BundledRecord] = []
    package var cosigned: VerifiedCheckpoint?
    package var timestamps: [KeptTimestamp] = []
    package var catalogues: [Digest: [UInt8]] = [:]
    package var attachments: [BundledAttachment] = []
    /// The second reader, `verify.py`.
    package let reader: [UInt8]

    package init(
        _ subject: BundleSubject, _ checkpoint: VerifiedCheckpoint, keys: [VerifierKey],
        reader: [UInt8]
    ) {
        (self.subject, self.checkpoint, self.keys) = (subject, checkpoint, keys)
        self.reader = reader
    }

    /// The files but attachments, by name.
    private var files: [BundleName: [UInt8]] {
        var files: [BundleName: [UInt8]] = [
            .checkpoint: checkpoint.bytes, .subject: subject.bytes, .reader: reader,
            .keys: Array(keys.map { "\($0)\n" }.joined().utf8),
            .keyPEM: Array(checkpoint.key.pem.utf8), .page: BundlePage(self).bytes,
        ]
        if let cosigned { files[.cosigned] = cosigned.bytes }
        for record in records {
            files[.record(record.sequence)] = record.line
            files[.proof(record.sequence)] = record.proof
            if let proof = record.cosignedProof { files[.cosignedProof(record.sequence)] = proof }
            if let stamped = record.stamped {
                files[.timestampProof(stamped.number, record.sequence)] = stamped.proof
            }
        }
        for timestamp in timestamps {
            for (name, bytes) in timestamp.files {
                files[.timestamp(timestamp.number, name)] = bytes
            }
        }
        for (digest, bytes) in catalogues { files[.catalogue(digest)] = bytes }
        return files
    }

    /// Writes the archive, piece by piece.
    ///
    /// `read` gives an attachment's bytes from an offset on, as many as asked for or as there are.
    package func write<Failure: Error>(
        reading read: (BundledAttachment, Int, Int) throws(Failure) -> [UInt8],
        to sink: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var files = files
        let held = Dictionary(
            attachments.map { (BundleName.attachment($0.digest), $0) }, uniquingKeysWith: { $1 })
        files[.sums] = sums(files, held)
        let names = (Array(files.keys) + Array(held.keys)).map { (path: $0.path, name: $0) }
            .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        for (path, name) in names {
            if let bytes = files[name] {
                let entry = TarEntry(name: path, byteCount: bytes.count)
                try sink(entry.header + bytes + entry.padding)
            } else if let attachment = held[name] {
                let entry = TarEntry(name: path, byteCount: attachment.byteCount)
                try sink(entry.header)
                var done = 0
                while done < attachment.byteCount {
                    let piece = try read(
                        attachment, done, min(1 << 20, attachment.byteCount - done))
                    try sink(piece)
                    done += piece.count
                }
                try sink(entry.padding)
            }
        }
        try sink(TarEntry.end)
    }

    private func sums(
        _ files: [BundleName: [UInt8]], _ held: [BundleName: BundledAttachment]
    ) -> [UInt8] {
        let digests =
            files.map { (path: $0.key.path, digest: SHA256.digest(of: $0.value)) }
            + held.map { (path: $0.key.path, digest: $0.value.digest) }
        let lines = digests.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
            .map { "\($0.digest.hex)  \($0.path)\n" }
        return Array(lines.joined().utf8)
    }
}

/// A record in a bundle, with its proofs as files.
package struct BundledRecord: Sendable {
    package let sequence: UInt64
    package let line: [UInt8]
    package let proof: [UInt8]
    package var cosignedProof: [UInt8]?
    /// Under the first timestamp that covers it.
    package var stamped: (number: UInt64, proof: [UInt8])?
    /// What of it names persons: Specs/bundle.md.
    package var persons: [Phrase] = []
    /// The type's title in the catalogue in force.
    package var title: Phrase?

    package init(sequence: UInt64, line: [UInt8], proof: [UInt8]) {
        (self.sequence, self.line, self.proof) = (sequence, line, proof)
    }
}

/// An attachment that the ledger holds.
package struct BundledAttachment: Hashable, Sendable {
    package let digest: Digest
    package let byteCount: Int

    package init(digest: Digest, byteCount: Int) {
        (self.digest, self.byteCount) = (digest, byteCount)
    }
}

extension TarEntry {
    fileprivate var padding: [UInt8] { [UInt8](repeating: 0, count: paddingByteCount) }
}

extension VerifierKey {
    /// SubjectPublicKeyInfo of an Ed25519 key, RFC 8410, as `openssl` reads it.
    var pem: String {
        let head: [UInt8] = [
            0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
        ]
        let text = Base64.encode(head + publicKey.rawBytes)
        return "-----BEGIN PUBLIC KEY-----\n\(text)\n-----END PUBLIC KEY-----\n"
    }
}
