package import Auditing

extension Auditor.Sources {
    /// A ledger's folder, this machine's memory, and room for sorting in `scratch`.
    package init(
        ledger: String, memory: (any CheckpointMemory)?, scratch: String
    ) throws(SourceError) {
        let folder = try LedgerFolder(ledger)
        self.init(
            records: folder, index: folder, kept: folder, memory: memory,
            scratch: { () throws(SourceError) in try ScratchFile(in: scratch) })
    }
}
