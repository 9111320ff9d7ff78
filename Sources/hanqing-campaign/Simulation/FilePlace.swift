import CFileFaults
import Checkpoints
import FileStore
import Foundation
import LedgerData
import LedgerHome
import LedgerStore
import Logging
import Merkle
import Simulation
import TestKit

/// A whole ledger in a folder, as `hanqing init` makes it, with small segments and runs.
final class FilePlace: StorePlace {
    let origin: Origin
    let key: SignerKey
    let folder: String
    private let clock: SteppedClock
    private var options: FileStore.Options
    private var store: FileStore?
    private var random: Seeded
    private var openings = 0
    private var inspections = 0
    private let verifiesNowAndThen: Bool

    private static let logger = Logger(label: "simulate") { _ in SwiftLogNoOpLogHandler() }

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes the ledger; its sizes are drawn from the seed.
    init(_ folder: String, clock: SteppedClock, seed: UInt64) async throws {
        (self.folder, self.clock) = (folder, clock)
        random = Seeded(seed: ~seed)
        var settings = LedgerSettings(origin: "simulated.example/\(seed)")
        settings.segmentBytes = [65_536, 200_000, 1_000_000].randomElement(using: &random)
        settings.indexRunEntries = [64, 100, 1_000].randomElement(using: &random)
        verifiesNowAndThen = Int.random(in: 0..<4, using: &random) == 0
        let plan = Ledger.Plan(
            settings, catalogueFiles: LedgerData.catalogueFiles, person: "P-0", unit: "虚构单位")
        _ = try await Ledger.create(
            folder, plan, clock: clock.ledgerClock, logger: FilePlace.logger)
        guard let origin = Origin(plan.origin) else { throw Broken(description: "origin") }
        self.origin = origin
        let text = try String(contentsOfFile: folder + "/keys/ledger.key", encoding: .utf8)
        key = try SignerKey(secretText: text.trimmingCharacters(in: .newlines))
        options = settings.storeOptions
        if Bool.random(using: &random) { options.readBytesMax = 4_000 }
    }

    // MARK: Opening and closing

    func open() async throws -> any EventStore {
        openings += 1
        if openings % 5 == 0 { try await openAsPrograms() }
        let store = try FileStore(opening: folder, .write, options: options, sizeOf: FilePlace.size)
        self.store = store
        return store
    }

    /// Opens and closes by the way that programs go.
    private func openAsPrograms() async throws {
        let ledger = try await Ledger.open(
            folder, .write, clock: clock.ledgerClock, logger: FilePlace.logger)
        try await ledger.close()
    }

    @Sendable private static func size(_ checkpoint: [UInt8]) -> TreeSize? {
        guard let note = try? SignedNote(checkpoint) else { return nil }
        return try? Checkpoint(text: note.text).size
    }

    func close() async throws {
        try await store?.close()
        try await letGo()
    }

    func abandon(_ loss: TailLoss, unsureBytes: Int) async throws -> Bool {
        await store?.abandon()
        try await letGo()
        try lose(loss, unsureBytes)
        if Int.random(in: 0..<6, using: &random) == 0 {
            try FileManager.default.removeItem(atPath: folder + "/index")
        }
        guard Int.random(in: 0..<6, using: &random) == 0 else { return false }
        // Its sync lags: a power cut may lose it, but not the durable one before it.
        try FileManager.default.removeItem(atPath: folder + "/checkpoints/latest")
        return true
    }

    /// Returns when nothing of the store is left: its background work ends with it.
    private func letGo() async throws {
        weak let last = store
        store = nil
        for _ in 0..<100_000 where last != nil { try await Task.sleep(for: .microseconds(100)) }
        if last != nil { throw Broken(description: "the store lives on after it was let go") }
    }

    private func lose(_ loss: TailLoss, _ unsureBytes: Int) throws {
        let (path, size) = try lastSegment()
        let file = try FileHandle(forUpdating: URL(filePath: path))
        defer { try? file.close() }
        let first = UInt64(size - unsureBytes)
        switch loss {
        case .nothing: break
        case .cut(let kept): try file.truncate(atOffset: first + UInt64(kept))
        case .hole(let kept, let count):
            try file.seek(toOffset: first + UInt64(kept))
            try file.write(contentsOf: Data(repeating: 0, count: count))
        }
    }

    private func lastSegment() throws -> (path: String, size: Int) {
        let records = folder + "/records"
        guard let name = try FileManager.default.contentsOfDirectory(atPath: records).max() else {
            throw Broken(description: "\(records) is empty")
        }
        let path = records + "/" + name
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        return (path, size ?? 0)
    }

    // MARK: Faults below

    var hasFaultsBelow: Bool { true }

    func wouldRoll(_ byteCount: Int) throws -> Bool {
        let size = try lastSegment().size
        return size > 0 && size + byteCount > options.segmentBytes
    }

    func arm(_ fault: FaultBelow) {
        switch fault {
        case .write(let done): file_fault_arm(file_fault_write, ".ndjson", ENOSPC, done)
        case .writeAndCut(let done):
            file_fault_arm(file_fault_write, ".ndjson", EIO, done)
            file_fault_arm(file_fault_truncate, ".ndjson", EIO, 0)
        case .sync: file_fault_arm(file_fault_sync, ".ndjson", EIO, 0)
        case .rename(let isDone):
            file_fault_arm(file_fault_rename, "/checkpoints/latest", EIO, isDone ? 1 : 0)
        case .index: file_fault_arm(file_fault_write, "/index/offsets", ENOSPC, 0)
        }
    }

    func disarm() {
        file_fault_disarm()
    }

    // MARK: Looking by other means

    func inspect(size: Int, isCovered: Bool, isLast: Bool) async throws {
        inspections += 1
        let reader = try await Ledger.open(
            folder, .read, clock: clock.ledgerClock, logger: FilePlace.logger)
        let found = try await reader.store.head().size.rawValue
        let covered = try await reader.checkpoint().size.rawValue
        guard found == UInt64(size), covered == UInt64(size) else {
            throw Broken(
                description: "a reader sees \(found) records, covered \(covered), not \(size)")
        }
        if isLast || isCovered && verifiesNowAndThen && inspections % 4 == 0 { try verify() }
    }

    /// The shipped auditor derives everything again from the bytes.
    private func verify() throws {
        let home = URL(filePath: folder + "-home", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let result = try Program().run(["verify", "--ledger", folder], home: home)
        guard result.exitCode == 0 else {
            throw Broken(
                description: "hanqing verify ends with \(result.exitCode): \(result.output)"
                    + result.errors)
        }
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
        try? FileManager.default.removeItem(atPath: folder + "-home")
    }
}
