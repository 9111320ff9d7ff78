package import Auditing
import CanonicalJSON
import Checkpoints
import Merkle
import Records

/// Compares when records say that they were recorded with when others saw the ledger's size.
///
/// What was not there when a checkpoint was anchored was not recorded before, and what was there
/// was not recorded later: Specs/anchoring.md section 4.
package struct AnchorTimes: Sendable {
    private let log: PublishedLog

    /// Clocks may differ by so much.
    package static let toleranceSeconds: Int64 = 120

    package init(_ log: PublishedLog) {
        self.log = log
    }

    /// None where no records are published.
    package func findings(
        _ anchors: [Anchored], of witness: String
    ) async throws(SourceError) -> [Finding] {
        var findings: [Finding] = []
        for anchored in anchors {
            let size = anchored.checkpoint.size.rawValue
            let moment = anchored.recorded
            let seen = "\(witness), record \(anchored.sequence): \(size) records at \(moment.text)"
            if size > 0, let time = try await recorded(size - 1),
                time > moment.advanced(bySeconds: AnchorTimes.toleranceSeconds)
            {
                findings.append(
                    Finding(
                        .timeContradicted, seq: size - 1, expected: "not after \(seen)",
                        found: time.text))
            }
            if let time = try await recorded(size),
                time.advanced(bySeconds: AnchorTimes.toleranceSeconds) < moment
            {
                findings.append(
                    Finding(
                        .timeContradicted, seq: size, expected: "not before \(seen)",
                        found: time.text))
            }
        }
        return findings
    }

    private func recorded(_ number: UInt64) async throws(SourceError) -> Timestamp? {
        guard let line = try await log.lines(from: SequenceNumber(number))?.first,
            let value = try? JSONValue(parsing: line)
        else { return nil }
        let text = value["chain"]?["recorded"] ?? value["withheld"]?["recorded"]
        return text?.string.flatMap { Timestamp(fixed: $0) }
    }
}
