import CanonicalJSON
import Digests
package import Merkle

/// A stub that stands where a record's clear text had to leave: Specs/record.md section 7.
package struct WithheldLine: Hashable, Sendable {
    package var leafHash: LeafHash
    package var prev: LeafHash
    package var recorded: Timestamp
    package var revision: Revision
    package var sequence: SequenceNumber
    package var stream: StreamName
    package var batch: BatchPlace?

    package init(
        leafHash: LeafHash, prev: LeafHash, recorded: Timestamp, revision: Revision,
        sequence: SequenceNumber, stream: StreamName, batch: BatchPlace?
    ) {
        (self.leafHash, self.prev, self.recorded) = (leafHash, prev, recorded)
        (self.revision, self.sequence, self.stream) = (revision, sequence, stream)
        self.batch = batch
    }

    /// Reads a stub, or nil unless `line` is exactly what ``bytes`` would write.
    package init?(_ line: UnsafeRawBufferPointer) {
        guard line.starts(with: #"{"withheld":{"#.utf8), line.count <= 1024,
            let stub = try? JSONValue(parsing: line)["withheld"],
            let leaf = stub["leafHash"]?.string.flatMap({ Digest(hex: $0) }),
            let prev = stub["prev"]?.string.flatMap({ Digest(hex: $0) }),
            let recorded = stub["recorded"]?.string.flatMap({ Timestamp(fixed: $0) }),
            let revision = stub["revision"]?.integer, revision >= 0,
            let sequence = stub["seq"]?.integer, sequence >= 0,
            let stream = stub["stream"]?.string.flatMap({ StreamName($0) })
        else { return nil }
        let batch = stub["batch"]?.string.map { Array($0.utf8) }
        self.init(
            leafHash: LeafHash(leaf), prev: LeafHash(prev), recorded: recorded,
            revision: Revision(UInt64(revision)), sequence: SequenceNumber(UInt64(sequence)),
            stream: stream, batch: batch?.withUnsafeBytes { BatchPlace($0) })
        guard bytes.elementsEqual(line) else { return nil }
    }

    /// The line without its LF.
    package var bytes: [UInt8] {
        var members: [JSONMember] = [
            JSONMember("leafHash", .string(leafHash.digest.hex)),
            JSONMember("prev", .string(prev.digest.hex)),
            JSONMember("recorded", .string(recorded.text)),
            JSONMember("revision", .integer(Int64(revision.rawValue))),
            JSONMember("seq", .integer(Int64(sequence.rawValue))),
            JSONMember("stream", .string(stream.text)),
            JSONMember("v", 1),
        ]
        if let batch {
            members.append(JSONMember("batch", .string("\(batch.index)/\(batch.count)")))
        }
        return JSONValue.object([JSONMember("withheld", .object(members))]).canonicalBytes
    }
}
