extension FileStore {
    /// Who opens the store.
    package enum Access: Sendable {
        /// The one writer; takes the lock, mends the tail, makes the index whole.
        case write
        /// Reads up to the newest checkpoint and changes nothing.
        case read
        /// Makes a lost index anew, up to the newest checkpoint, and changes nothing else.
        case rebuildIndex
    }

    /// Sizes that tests make small.
    package struct Options: Sendable {
        /// A segment is closed before it would grow beyond this.
        package var segmentBytes = 64 << 20
        /// Entries that the index keeps in memory before it writes a sorted run.
        package var entriesPerRun = 131_072
        /// One read of lines ends after this many bytes.
        package var readBytesMax = 8 << 20

        /// A piece of the log that one core takes apart when a store opens.
        ///
        /// A longer line is no record.
        package var pieceBytes = 1 << 20

        package init() {}
    }

    /// Start-up work that takes long.
    package struct Progress: Sendable {
        package let done: UInt64
        /// The size of the newest checkpoint, where there is one.
        package let total: UInt64?
    }

    /// What start-up found and did.
    package struct OpenReport: Hashable, Sendable {
        /// Bytes cut off behind the last sound record: they were never acknowledged.
        package var cutBytes = 0
        /// Where they began.
        package var cutAt = ""
        /// Records that were read again because the index lagged behind.
        package var replayed: UInt64 = 0
        /// The index was missing or not to be believed, and was made from the whole log.
        package var rebuiltIndex = false
        /// The newest checkpoint could not be read.
        package var lostCheckpoint = false
    }
}
