package import Checkpoints
package import Publishing
package import Records

/// Where a service publishes a ledger, and by which clock: Specs/publishing.md section 6.
package struct PublicationPlan: Sendable {
    package let targets: [Target]
    /// How witnesses are asked.
    package let line: any WitnessLine
    package let clock: PublicationClock

    package struct Target: Sendable {
        package let folder: String
        package let withEntries: Bool
        /// Whose quorum must cosign; nil: nobody's.
        package let policy: WitnessPolicy?

        package init(folder: String, withEntries: Bool = false, policy: WitnessPolicy? = nil) {
            (self.folder, self.withEntries, self.policy) = (folder, withEntries, policy)
        }
    }

    package init(
        _ targets: [Target], _ line: any WitnessLine, clock: PublicationClock = .system
    ) {
        (self.targets, self.line, self.clock) = (targets, line, clock)
    }
}

/// The clock by which is published, handed in so that tests can hold it.
package struct PublicationClock: Sendable {
    package var now: @Sendable () -> Timestamp
    /// Returns at the moment; false where it is no longer waited for.
    package var wait: @Sendable (_ moment: Timestamp) async -> Bool

    package init(
        now: @escaping @Sendable () -> Timestamp,
        wait: @escaping @Sendable (_ moment: Timestamp) async -> Bool
    ) {
        (self.now, self.wait) = (now, wait)
    }
}
