import Checkpoints
import Digests
import FileStore
import LedgerStore
import Merkle
import Records

extension FuzzTarget {
    /// A store's start over the golden ledger with edits, also to its index, then what readers ask.
    static let store = FuzzTarget("store", byteCountMax: 1024) { (bytes) throws(Broken) in
        guard let golden = storedGolden else { throw Broken("the golden ledger is opened") }
        var ledger = golden
        var edits = LedgerEdits(bytes)
        edits.apply(to: &ledger)
        let access = bytes.count % 4 == 3 ? FileStore.Access.read : .write
        let folder = ScratchFolder.shared
        write(ledger, to: folder)
        let answer = Answer<Verdict>()
        Task { answer.give(try? await ask(folder.path + "/ledger", access)) }
        let verdict = answer.take()
        let after = folder.read("ledger/" + MemoryLedger.segment) ?? []
        try demand(access != .read || after == ledger.records, "a reader changes nothing")
        if ledger.note == golden.note, ledger.records.starts(with: golden.records) {
            try demand(after.starts(with: golden.records), "what was acknowledged is never cut")
            try demand(access == .read || verdict == .read, "an index that is damaged is made anew")
        }
        return verdict ?? .refused
    }

    private static func write(_ ledger: MemoryLedger, to folder: ScratchFolder) {
        folder.remove("ledger")
        folder.write(ledger.records, to: "ledger/" + MemoryLedger.segment)
        if let note = ledger.note { folder.write(note, to: "ledger/checkpoints/latest") }
        for (path, bytes) in ledger.others { folder.write(bytes, to: "ledger/" + path) }
    }

    /// Everything that a reader of the store may ask.
    private static func ask(_ folder: String, _ access: FileStore.Access) async throws -> Verdict {
        let store = try FileStore(opening: folder, access, sizeOf: size)
        let size = await store.head().size.rawValue
        for first in [0, size / 2, size - min(size, 1), size, .max] {
            _ = try? await store.lines(from: SequenceNumber(first), limit: 1)
            _ = try? await store.lines(from: SequenceNumber(first), limit: 1000)
        }
        for name in ["ledger/self", "ledger/late-entries", "penalty/PN-2025-000020"] {
            guard let stream = StreamName(name) else { continue }
            let numbers = await store.sequence(of: stream, from: Revision(0), limit: 100)
            for number in numbers { _ = try? await store.lines(from: number, limit: 1) }
        }
        _ = try? await store.hashes(level: 0, 0..<size)
        _ = try? await store.checkpoint()
        try? await store.close()
        return .read
    }

    private static let size: @Sendable ([UInt8]) -> TreeSize? = { bytes in
        (try? SignedNote(bytes)).flatMap { try? Checkpoint(text: $0.text) }?.size
    }

    /// The golden ledger with the index that the store itself made.
    static let storedGolden: MemoryLedger? = {
        guard var ledger = MemoryLedger.golden else { return nil }
        ledger.others = [:]
        let folder = ScratchFolder.shared
        write(ledger, to: folder)
        let answer = Answer<Verdict>()
        Task { answer.give(try? await ask(folder.path + "/ledger", .write)) }
        guard answer.take() != nil else { return nil }
        for path in folder.files(under: "ledger/index") {
            ledger.others[String(path.dropFirst("ledger/".count))] = folder.read(path)
        }
        return ledger
    }()
}
