import Checkpoints
import Foundation
import LedgerHome
import Merkle
import Publishing

/// Publishing a ledger as tiles: its hashes, and with its records.
struct PublishingSection {
    static let name = "publishing"

    private let ledger: Ledger
    private let place: String
    private let size: Int

    /// Folders with more records would fill the disk, and tell nothing new.
    private static let entriesMax = 1_000_000

    /// `place` is a folder that is not there yet.
    init(_ ledger: Ledger, _ place: String, size: Int) {
        (self.ledger, self.place, self.size) = (ledger, place, size)
    }

    func run(_ report: inout Report) async throws {
        try await publish("hashes", withEntries: false, &report)
        guard size <= PublishingSection.entriesMax else { return }
        try await publish("hashes and records", withEntries: true, &report)
    }

    private func publish(
        _ what: String, withEntries: Bool, _ report: inout Report
    ) async throws {
        let name = "at \(Report.number(Double(size))): \(what)"
        let watch = ContinuousClock()
        let start = watch.now
        let published = try await PublishingSection.publish(
            ledger, place, withEntries: withEntries)
        let time = (watch.now - start).inSeconds
        try FileManager.default.removeItem(atPath: place)
        report.add(
            Figure(
                PublishingSection.name, name, Double(published.size) / time, "records/s",
                of: withEntries
                    ? report.limit(
                        PublishingSection.name, "at \(Report.number(Double(size))): hashes") : nil))
        report.add(
            Figure(PublishingSection.name, "\(name), files", Double(published.files), "files"))
        report.add(
            Figure(
                PublishingSection.name, "\(name), a record",
                Double(published.byteCount) / Double(published.size), "B"))
    }

    /// Publishes what is new.
    static func publish(
        _ ledger: Ledger, _ place: String, withEntries: Bool
    ) async throws -> PublicationReport {
        var options = Publisher.Options()
        options.withEntries = withEntries
        let publisher = Publisher(
            try PublicationFolder(place), LedgerPublication(ledger), keys: ledger.keys, options)
        let checkpoint = try await ledger.checkpoint()
        _ = try await publisher.writeTiles(for: checkpoint) { _, _ in }
        return try publisher.finish(checkpoint)
    }
}
