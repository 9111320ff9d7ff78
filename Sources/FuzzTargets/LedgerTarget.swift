import Auditing
import CanonicalJSON
import Checkpoints
import Digests
import Merkle

extension FuzzTarget {
    /// The auditor over the golden ledger with edits: it must bear all of them, and find those that
    /// change a record.
    static let ledger = FuzzTarget("ledger", byteCountMax: 2048, dictionary: ledgerWords) {
        (bytes) throws(Broken) in
        guard let golden = indexedGolden, let key = goldenKey else {
            throw Broken("the golden ledger is in Specs/vectors")
        }
        var ledger = golden
        var edits = LedgerEdits(bytes)
        edits.apply(to: &ledger)
        // The full mode does all that the quick one does, but for the way through it.
        let mode = bytes.count % 4 == 3 ? AuditMode.quick : .full
        var options = Auditor.Options(hashKey: ShortHash(high: 1, low: 2))
        (options.key, options.workers) = (key, 1)
        (options.chunkByteCount, options.factsInMemory) = (3000, 32)
        let sources = Auditor.Sources(
            records: ledger, index: ledger, kept: ledger, memory: nil
        ) { MemoryScratch() }
        let report = try wait(Auditor(sources, options), mode)
        try judge(report, ledger, golden, mode)
        return report.isSound ? .read : .refused
    }

    /// With the index that the store made.
    private static let indexedGolden: MemoryLedger? = {
        guard var ledger = MemoryLedger.golden, let stored = storedGolden else { return nil }
        ledger.others.merge(stored.others) { _, stored in stored }
        return ledger
    }()

    private static let goldenKey = try? VerifierKey(
        "vectors.example/v1-every+74ac5c8f+AVJKTHOng9VpfYCEobeLmfoUtgHCSHSI85FO99QDAczl")

    /// What the key has signed is found changed, whatever else was done.
    private static func judge(
        _ report: AuditReport, _ ledger: MemoryLedger, _ golden: MemoryLedger, _ mode: AuditMode
    ) throws(Broken) {
        if ledger.records == golden.records, ledger.note == golden.note,
            ledger.others == golden.others
                || mode == .quick && ledger.keyNotesByPath == golden.keyNotesByPath
        {
            try demand(report.isSound, "the golden ledger is sound: \(report.findings)")
        }
        try demand(report.json.canonicalBytes.count > 2, "a report is written")
        guard report.isSound, let checkpoint = report.checkpoint else { return }
        let size = checkpoint.size.rawValue
        try demand(size <= 61, "only what was signed is sound")
        try demand(
            lines(ledger.records, size) == lines(golden.records, size),
            "no change to a signed record is sound")
    }

    private static func lines(_ bytes: [UInt8], _ count: UInt64) -> [ArraySlice<UInt8>] {
        bytes.split(separator: 0x0A, maxSplits: Int(count)).prefix(Int(count)).map { $0 }
    }

    /// Audits in a task while the caller's thread waits.
    private static func wait(_ auditor: Auditor, _ mode: AuditMode) throws(Broken) -> AuditReport {
        let answer = Answer<AuditReport>()
        Task {
            answer.give(try? await auditor.run(mode: mode))
        }
        guard let report = answer.take() else {
            throw Broken("an audit from memory has an answer")
        }
        return report
    }

    private static let ledgerWords = [
        "\u{09}\u{00}\u{00}\u{00}\u{FF}", #"{"withheld":{"#, #"{"chain":{"prev":""#,
        "ledger.key-rotated", "ledger.catalogue-adopted", "entry.withdrawn",
    ]
}
