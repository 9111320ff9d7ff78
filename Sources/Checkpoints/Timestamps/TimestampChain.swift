package import Digests

/// A ledger's timestamps, each of which renews those before: Specs/timestamp.md sections 4 and 5.
package struct TimestampChain: Sendable {
    package private(set) var valid: [VerifiedTimestamp] = []
    package private(set) var refused: [(number: UInt64, error: TimestampError)] = []
    /// Numbers that are left out before the last one.
    package private(set) var missing: [UInt64] = []
    private var last: (number: UInt64, digest: Digest)?
    /// The number before the first one that is at hand.
    private let start: UInt64

    /// How long before a certificate ends a new timestamp should be asked for.
    package static let renewalSeconds: Int64 = 90 * 86_400

    /// Those after `start`; nothing can be compared with the reply of that number.
    package init(after start: UInt64 = 0) {
        self.start = start
    }

    /// Judges the next one; they come in the order of their numbers.
    package mutating func add(
        _ kept: KeptTimestamp, of origin: Origin, by keys: [VerifierKey],
        trusting trust: TimestampToken.Trust?
    ) {
        let before = last?.number ?? start
        precondition(kept.number > before, "timestamps come in order")
        // A name can be any number: the first gap says it all.
        if kept.number > before + 1 { missing.append(before + 1) }
        defer { last = (kept.number, kept.digest) }
        do throws(TimestampError) {
            let found = try VerifiedTimestamp(
                verifying: kept, of: origin, by: keys, trusting: trust)
            // Of a reply that is missing nothing can be compared.
            let isNext = kept.number == before + 1 && (last != nil || start == 0)
            guard isNext ? found.renews == last?.digest : found.renews != nil else {
                throw .otherReply
            }
            valid.append(found)
        } catch {
            refused.append((kept.number, error))
        }
    }

    /// Those that show a time at a moment, in seconds since 1970.
    package func inForce(at seconds: Int64) -> Set<UInt64> {
        var numbers: Set<UInt64> = []
        var next: VerifiedTimestamp?
        for one in valid.reversed() {
            let end = one.token.certificateEnd
            let isRenewed =
                next.map {
                    $0.number == one.number + 1 && numbers.contains($0.number)
                        && $0.token.microseconds / 1_000_000 <= end
                } ?? false
            if end >= seconds || isRenewed { numbers.insert(one.number) }
            next = one
        }
        return numbers
    }

    /// Whether a new one should be asked for, lest the newest ends before it is renewed.
    package func isRenewalDue(at seconds: Int64) -> Bool {
        guard let newest = valid.last else { return false }
        return newest.token.certificateEnd - seconds < TimestampChain.renewalSeconds
    }
}
