package import Digests
package import Merkle
package import Records

/// Where a ledger's records are kept.
///
/// The contract suite in TestKit holds every store to what is written here; the memory store is the
/// reference. The port fits a file with one writer and a database with several: a writer first
/// takes the lead, decides against the head that it was given, and commits at exactly that head.
package protocol EventStore: Sendable {
    /// The newest durable head.
    func head() async throws(StoreError) -> Head

    /// Takes the right to commit until ``commit(_:at:)`` or ``yield()``, and gives the newest head.
    ///
    /// A store with one writer answers at once; a database locks its head row. Call it again only
    /// after a commit or a yield.
    func lead() async throws(StoreError) -> Head

    /// Gives the lead back without committing.
    func yield() async

    /// What is known of each event and stream. Streams and ids are exact: no false answer.
    func look(up queries: [LookUp]) async throws(StoreError) -> [Known]

    /// Adds a batch in one atomic, durable step.
    ///
    /// When it returns, the records are durable and are read by everyone. Throws `.conflict` if
    /// `head` is not the newest: nothing was added. After any other error the caller does not know
    /// whether it happened: the store refuses further commits until it is opened anew, and what it
    /// then finds decides.
    func commit(_ batch: CommitBatch, at head: Head) async throws(StoreError)

    /// Makes `checkpoint`, a signed note over `size` durable records, the newest one.
    ///
    /// Called after the commit and before anything is acknowledged. It never goes back to a smaller
    /// size. Its own durability may lag behind the records'.
    func publish(_ checkpoint: [UInt8], size: TreeSize) async throws(StoreError)

    /// The newest published checkpoint, a signed note; nil before the first.
    func checkpoint() async throws(StoreError) -> [UInt8]?

    /// The lines from `first` on, without LF, at least one and at most `limit`; fewer mean the end,
    /// the store's own bound on bytes, or damage. Past the end: none.
    ///
    /// A line is given only under the number that it states; else `.damaged` is thrown for `first`.
    func lines(from first: SequenceNumber, limit: Int) async throws(StoreError) -> [[UInt8]]

    /// The sequence numbers of a stream's records from `revision` on, ascending, at most `limit`.
    func sequence(
        of stream: StreamName, from revision: Revision, limit: Int
    ) async throws(StoreError) -> [SequenceNumber]

    /// All lines of each stream, ascending, without LF; of a stream without records none.
    ///
    /// The same as asking for each line by its number, in one step: a store that works elsewhere is
    /// asked once, not once for each line.
    func lines(of streams: [StreamName]) async throws(StoreError) -> [[[UInt8]]]

    /// The line of each of these records, without LF; `.notFound` if one is not there.
    ///
    /// In one step, as ``lines(of:)``.
    func lines(at numbers: [SequenceNumber]) async throws(StoreError) -> [[UInt8]]

    /// The stored hashes of one level of the tree: 0 are the leaves, 8 the roots of complete
    /// subtrees of 256 leaves, 16 of 65,536, and so on. Throws `.notFound` unless all of `range`
    /// exist.
    func hashes(level: Int, _ range: Range<UInt64>) async throws(StoreError) -> [Digest]
}

extension EventStore {
    package func lines(of streams: [StreamName]) async throws(StoreError) -> [[[UInt8]]] {
        var all: [[[UInt8]]] = []
        for stream in streams {
            var lines: [[UInt8]] = []
            for number in try await sequence(of: stream, from: Revision(0), limit: .max) {
                lines += try await self.lines(from: number, limit: 1)
            }
            all.append(lines)
        }
        return all
    }

    package func lines(at numbers: [SequenceNumber]) async throws(StoreError) -> [[UInt8]] {
        var all: [[UInt8]] = []
        for number in numbers {
            guard let line = try await lines(from: number, limit: 1).first else {
                throw StoreError(noRecord: number)
            }
            all.append(line)
        }
        return all
    }
}

/// The state that the next commit builds on.
package struct Head: Hashable, Sendable {
    package var size: TreeSize
    /// The leaf hash of the newest record; zero for an empty ledger.
    package var lastLeaf: LeafHash
    /// When the newest record was written; the distant past for an empty ledger.
    package var recorded: Timestamp
    /// The right edge of the tree.
    package var tree: CompactRange

    package init(size: TreeSize, lastLeaf: LeafHash, recorded: Timestamp, tree: CompactRange) {
        (self.size, self.lastLeaf, self.recorded) = (size, lastLeaf, recorded)
        self.tree = tree
    }

    /// The head of a ledger without records.
    package static let empty = Head(
        size: .zero, lastLeaf: .zero, recorded: Timestamp(microseconds: .min),
        tree: CompactRange(begin: 0))
}

/// A question about one event before it is recorded.
package struct LookUp: Sendable {
    /// The event; nothing of it is copied.
    private let event: CloudEvent

    package init(_ event: CloudEvent) {
        self.event = event
    }

    /// The event's `source` in canonical spelling, without quotes.
    package var source: ArraySlice<UInt8> { slice(event.source) }
    package var id: ArraySlice<UInt8> { slice(event.id) }
    /// The event's `subject`.
    package var stream: ArraySlice<UInt8> { slice(event.subject) }

    /// Source, id and stream at once, without a slice for each.
    package func withNames<R>(
        _ body: (
            _ source: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer,
            _ stream: UnsafeRawBufferPointer
        ) -> R
    ) -> R {
        event.bytes.withUnsafeBytes { raw in
            func part(_ span: CloudEvent.Span) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: raw[span.start..<span.start + span.count])
            }
            return body(part(event.source), part(event.id), part(event.subject))
        }
    }

    private func slice(_ span: CloudEvent.Span) -> ArraySlice<UInt8> {
        event.bytes[span.start..<span.start + span.count]
    }
}

/// The answer to a ``LookUp``.
package struct Known: Hashable, Sendable {
    /// The record that has this source and id.
    package var event: SequenceNumber?
    /// The newest record of the stream.
    package var tail: StreamTail?

    package init(event: SequenceNumber?, tail: StreamTail?) {
        (self.event, self.tail) = (event, tail)
    }
}

/// The newest record of a stream.
package struct StreamTail: Hashable, Sendable {
    package var sequence: SequenceNumber
    package var revision: Revision

    package init(sequence: SequenceNumber, revision: Revision) {
        (self.sequence, self.revision) = (sequence, revision)
    }
}
