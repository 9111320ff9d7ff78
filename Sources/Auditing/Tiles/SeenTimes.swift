import CanonicalJSON
import Merkle
package import Records

/// That somebody outside saw a log of so many records at a moment.
package struct SeenSize: Sendable {
    package let size: UInt64
    package let moment: Timestamp
    /// Who saw it, and where that stands.
    package let by: String
    /// How far the moment may be off either way.
    package let toleranceSeconds: Int64

    /// Clocks may differ by so much, whoever saw it.
    package static let clockSeconds: Int64 = 120

    package init(
        size: UInt64, at moment: Timestamp, by who: String,
        toleranceSeconds: Int64 = SeenSize.clockSeconds
    ) {
        (self.size, self.moment, by) = (size, moment, who)
        self.toleranceSeconds = toleranceSeconds
    }

    fileprivate var words: String { "\(by): \(size) records at \(moment.text)" }
}

/// Compares when records say that they were recorded with when others saw the ledger's size.
///
/// What was not there when somebody saw it was not recorded before, and what was there was not
/// recorded later: Specs/anchoring.md section 4, Specs/timestamp.md section 5.
package struct SeenTimes: Sendable {
    private let log: PublishedLog

    package init(_ log: PublishedLog) {
        self.log = log
    }

    /// None where no records are published.
    package func findings(_ sizes: [SeenSize]) async throws(SourceError) -> [Finding] {
        var findings: [Finding] = []
        for seen in sizes {
            if seen.size > 0, let time = try await recorded(seen.size - 1),
                time > seen.moment.advanced(bySeconds: seen.toleranceSeconds)
            {
                findings.append(
                    Finding(
                        .timeContradicted, seq: seen.size - 1,
                        expected: "not after \(seen.words)", found: time.text))
            }
            if let time = try await recorded(seen.size),
                time.advanced(bySeconds: seen.toleranceSeconds) < seen.moment
            {
                findings.append(
                    Finding(
                        .timeContradicted, seq: seen.size,
                        expected: "not before \(seen.words)", found: time.text))
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
