package import Digests

/// A timestamp's files, as they were found: Specs/timestamp.md section 2.
///
/// Nobody has judged them; ``VerifiedTimestamp`` does.
package struct KeptTimestamp: Hashable, Sendable {
    /// From 1.
    package let number: UInt64
    package let note: [UInt8]
    package let message: [UInt8]
    package let query: [UInt8]
    package let reply: [UInt8]
    /// The PEM that was trusted when it was made; nil if that were the system's certificates.
    package let authorities: [UInt8]?

    package init(
        number: UInt64, note: [UInt8], message: [UInt8], query: [UInt8], reply: [UInt8],
        authorities: [UInt8]?
    ) {
        (self.number, self.note, self.message) = (number, note, message)
        (self.query, self.reply, self.authorities) = (query, reply, authorities)
    }

    package static let authoritiesByteCountMax = 1 << 20

    /// What the next one's message holds.
    package var digest: Digest { SHA256.digest(of: reply) }

    /// Its folder's name: six digits.
    package var folder: String { KeptTimestamp.folder(number) }

    package static func folder(_ number: UInt64) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
    }

    /// The number of the timestamp in a folder of this name; nil if it has no such name.
    package static func number(folder name: String) -> UInt64? {
        guard let number = UInt64(name), number > 0, folder(number) == name else { return nil }
        return number
    }

    /// The files by name; what is to be there and is not, is empty.
    package init(number: UInt64, files: [String: [UInt8]]) {
        func file(_ name: String) -> [UInt8] { files[name] ?? [] }
        self.init(
            number: number, note: file("note"), message: file("message"), query: file("query.tsq"),
            reply: file("reply.tsr"), authorities: files["ca.pem"])
    }

    /// The files in the order in which they are written.
    package var files: [(name: String, bytes: [UInt8])] {
        [("note", note), ("message", message), ("query.tsq", query), ("reply.tsr", reply)]
            + (authorities.map { [("ca.pem", $0)] } ?? [])
    }

    /// The names that ``init(number:files:)`` knows, each with the most bytes that count.
    package static let fileLimits: [(name: String, byteCountMax: Int)] = [
        ("note", SignedNote.maximumByteCount + 1), ("message", StampedMessage.byteCountMax + 1),
        ("query.tsq", TimestampQuery.byteCount + 1),
        ("reply.tsr", TimestampToken.replyByteCountMax + 1),
        ("ca.pem", authoritiesByteCountMax + 1),
    ]
}

/// A timestamp all parts of which were checked: Specs/timestamp.md section 4.
package struct VerifiedTimestamp: Hashable, Sendable {
    package let number: UInt64
    package let checkpoint: VerifiedCheckpoint
    package let token: TimestampToken
    package let renews: Digest?

    /// Whom somebody trusts who says nothing: the certificates kept with it, else the system's.
    private static func usualTrust(_ kept: KeptTimestamp) -> TimestampToken.Trust {
        kept.authorities.map { .certificates(pem: $0) } ?? .system
    }

    /// `keys` are the ledger's; with `trust` nil, ``KeptTimestamp/authorities`` count.
    package init(
        verifying kept: KeptTimestamp, of origin: Origin, by keys: [VerifierKey],
        trusting trust: TimestampToken.Trust? = nil, at moment: TimestampToken.Moment = .stated
    ) throws(TimestampError) {
        guard let message = StampedMessage(kept.message) else { throw .badMessage }
        do throws(CheckpointError) {
            checkpoint = try VerifiedCheckpoint(verifying: kept.note, of: origin, by: keys)
        } catch {
            throw .checkpoint(error)
        }
        guard message.checkpoint == checkpoint.checkpoint else { throw .otherCheckpoint }
        guard let query = TimestampQuery(kept.query),
            query.digest == SHA256.digest(of: kept.message)
        else { throw .otherQuery }
        let trusted = trust ?? VerifiedTimestamp.usualTrust(kept)
        do throws(TimestampFault) {
            token = try TimestampToken(
                reply: kept.reply, answering: query, trusting: trusted, at: moment)
        } catch {
            throw .token(error, isOfSystem: trusted == .system)
        }
        (number, renews) = (kept.number, message.renews)
    }
}
