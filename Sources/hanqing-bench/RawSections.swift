import CanonicalJSON
import Catalogue
import Digests
import Foundation
import LedgerData
import LedgerHome
import Merkle
import Sampling
import Sequencing

/// Making events, as a producer would: it costs time on the same cores.
struct SampleSection {
    private let sampler: Sampler

    init(_ sampler: Sampler) {
        self.sampler = sampler
    }

    func run(_ report: inout Report) {
        let count = 200_000
        var bytes = 0
        let time = seconds {
            for place in 0..<count / 1_000 {
                bytes += sampler.events(from: place * 1_000, count: 1_000).bytes.count
            }
        }
        report.add(Figure("sample", "making events, 1 core", Double(count) / time, "events/s"))
        report.add(Figure("sample", "bytes of an event", Double(bytes) / Double(count), "B"))
    }
}

/// SHA-256 on this machine: the raw limit of verification.
struct HashingSection {
    private let events: SampledEvents

    static let name = "hashing"
    static let leafAndNodeOnAll = "leaf and node, all cores"

    init(_ sampler: Sampler) {
        events = sampler.events(from: 0, count: 50_000)
    }

    func run(_ report: inout Report) async throws {
        let name = HashingSection.name
        report.add(Figure(name, "streamed, 1 core", streamed(), "MiB/s"))
        let hasher = MerkleHasher()
        let leaves = seconds { events.forEach { _ = hasher.leaf($0) } }
        report.add(Figure(name, "leaf, 1 core", Double(events.count) / leaves, "hashes/s"))
        let pair = (Digest.zero, Digest.emptyTree)
        let nodes = seconds { for _ in 0..<500_000 { _ = hasher.node(pair.0, pair.1) } }
        report.add(Figure(name, "node, 1 core", 500_000 / nodes, "hashes/s"))
        report.add(
            Figure(name, "leaf and node, 1 core", await leafAndNode(cores: 1), "records/s"))
        let cores = ProcessInfo.processInfo.activeProcessorCount
        report.add(
            Figure(
                name, HashingSection.leafAndNodeOnAll, await leafAndNode(cores: cores),
                "records/s"))
    }

    private func streamed() -> Double {
        let bytes = [UInt8](repeating: 0x5a, count: 64 << 20)
        let sha = SHA256()
        let time = seconds { bytes.withUnsafeBytes { _ = sha.digest(of: $0) } }
        return 64 / time
    }

    /// Hashes every record to a leaf and the leaves to a tree, four times on each core.
    private func leafAndNode(cores: Int) async -> Double {
        let events = events
        let clock = ContinuousClock()
        let start = clock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<cores {
                group.addTask {
                    let hasher = MerkleHasher()
                    var tree = CompactRange(begin: 0)
                    for _ in 0..<4 { events.forEach { tree.append(hasher.leaf($0), hasher) } }
                }
            }
        }
        return Double(events.count * 4 * cores) / (clock.now - start).inSeconds
    }
}

/// From bytes to a validated event, on one core.
struct IntakeSection {
    private let sampler: Sampler

    static let name = "json"

    init(_ sampler: Sampler) {
        self.sampler = sampler
    }

    func run(_ report: inout Report) throws {
        for isCanonical in [true, false] {
            let form = isCanonical ? "canonical" : "other order, spaces"
            let events = sampler.events(
                from: 0, count: 50_000, form: isCanonical ? .canonical : .loose)
            let mebibytes = Double(events.bytes.count) / Double(1 << 20)
            let reader = JSONReader()
            let reading = try seconds {
                try events.forEach { (raw) throws(JSONError) in
                    _ = try reader.read(raw) { $0.count }
                }
            }
            report.add(Figure(IntakeSection.name, "reading, \(form)", mebibytes / reading, "MiB/s"))
            let intake = try IntakeSection.intake()
            let whole = try seconds {
                for _ in 0..<4 { try events.forEach { _ = try intake.read($0) } }
            }
            report.add(
                Figure(
                    IntakeSection.name, "whole intake, \(form)",
                    Double(events.count * 4) / whole, "events/s"))
        }
    }

    private static func intake() throws -> Intake {
        let catalogue = try EventCatalogue(files: LedgerData.catalogueFiles)
        return Intake(catalogue, clock: .system) { _ in true }
    }
}

/// The same bytes as records, written and synced without any ledger.
struct DiskSection {
    private let events: SampledEvents
    private let folder: String

    static let name = "disk"

    /// What the ledger adds to an event: some 330 bytes in the sample's records.
    private static let frameBytes = 330

    static func figure(_ batch: Int) -> String { "write and sync, \(batch) at once" }

    init(_ sampler: Sampler, _ folder: String) {
        events = sampler.events(from: 0, count: 10_000)
        self.folder = folder
    }

    func run(_ report: inout Report) throws {
        let size = events.bytes.count / events.count + DiskSection.frameBytes
        let block = [UInt8](repeating: 0x61, count: size * 10_000)
        for batch in [1, 100, 1_000, 10_000] {
            let path = folder + "/raw"
            let file = try RawFile(creating: path)
            defer { try? FileManager.default.removeItem(atPath: path) }
            let rounds = batch == 10_000 ? 10 : batch == 1_000 ? 60 : 300
            let time = try seconds {
                for _ in 0..<rounds {
                    try block.withUnsafeBytes {
                        try file.append(UnsafeRawBufferPointer(rebasing: $0[0..<size * batch]))
                    }
                    try file.sync()
                }
            }
            report.add(
                Figure(
                    DiskSection.name, DiskSection.figure(batch),
                    Double(rounds * batch) / time, "records/s"))
        }
    }
}
