package import Digests
package import Merkle
package import Records

/// Records that are committed together or not at all, linked and hashed.
package struct CommitBatch: Sendable {
    /// The lines, each with its LF.
    package private(set) var bytes: [UInt8] = []
    package private(set) var entries: [Entry] = []
    /// The head after this batch.
    package private(set) var newHead: Head
    package let first: SequenceNumber
    /// The complete subtrees of 256, 65,536 and so on leaves that this batch finished.
    package private(set) var nodes: [(node: NodeID, hash: Digest)] = []

    /// One line of the batch.
    package struct Entry: Sendable {
        /// Where the line begins and ends (without LF) in ``CommitBatch/bytes``.
        package var line: Range<Int>
        package var leafHash: LeafHash
        package var revision: Revision
        /// Where source, id and stream stand in ``CommitBatch/bytes``.
        package var source: Range<Int>
        package var id: Range<Int>
        package var stream: Range<Int>
    }

    /// An empty batch that will follow `head`.
    package init(at head: Head) {
        newHead = head
        first = head.size.next
    }

    package var count: Int { entries.count }

    /// Makes room for so many more bytes.
    package mutating func reserve(_ byteCount: Int) {
        bytes.reserveCapacity(bytes.count + byteCount)
    }
}

extension CommitBatch {
    /// Links one event as the next record.
    ///
    /// `tools` hashes and formats; `place` tells a client's batch. The caller has checked that the
    /// record is not too long.
    package mutating func append(
        _ event: CloudEvent, _ frame: RecordWriter.Frame, tools: LinkTools
    ) {
        let start = bytes.count
        tools.writer.write(frame, event: event.bytes, to: &bytes)
        let end = bytes.count
        let leaf = bytes.withUnsafeBytes {
            tools.hasher.leaf(UnsafeRawBufferPointer(rebasing: $0[start..<end]))
        }
        bytes.append(UInt8(ascii: "\n"))
        let origin = start + tools.writer.eventStart
        func place(_ span: CloudEvent.Span) -> Range<Int> {
            origin + span.start..<origin + span.start + span.count
        }
        entries.append(
            Entry(
                line: start..<end, leafHash: leaf, revision: frame.revision,
                source: place(event.source), id: place(event.id), stream: place(event.subject)))
        newHead.tree.append(leaf, tools.hasher) { node, hash in
            if StoredLevels.contains(node) { nodes.append((node, hash)) }
        }
        newHead.size = TreeSize(newHead.size.rawValue + 1)
        newHead.lastLeaf = leaf
        newHead.recorded = frame.recorded
    }
}

/// What linking needs again and again: a hasher and a writer.
///
/// One task's own.
package final class LinkTools {
    package let hasher = MerkleHasher()
    package var writer = RecordWriter()

    package init() {}
}
