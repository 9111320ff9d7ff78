import CanonicalJSON
import Digests
import Glibc
import LedgerStore
import Merkle
import Records

/// Everything beside the log that can be made from it: positions, tree hashes, ids and streams.
///
/// Specs/store.md section 4. It may lag behind the log; what it lacks is added when a store opens.
struct LedgerIndex {
    private(set) var files: HashFiles
    private let ids: SortedRuns
    private let streams: SortedRuns
    private let hash: SipHash

    /// Bits of a stream entry's value that tell the revision; the sequence number stands above them.
    private static let revisionBits: UInt64 = 24
    /// Stands for this revision and all above it.
    static let revisionMax: UInt64 = (1 << revisionBits) - 1

    /// Opens the index in `folder`; with `entriesPerRun` nil no run is ever written.
    init(folder: String, key: [UInt8], entriesPerRun: Int?) throws(StoreError) {
        guard let hash = SipHash(key: key) else { throw MappedRun.damaged(folder + "/state.json") }
        self.hash = hash
        files = try HashFiles(folder: folder)
        ids = try SortedRuns(folder: folder, name: "ids", entriesPerRun: entriesPerRun)
        streams = try SortedRuns(folder: folder, name: "streams", entriesPerRun: entriesPerRun)
    }

    /// Records that every part covers; what follows must be added again.
    var covered: UInt64 { min(files.count, ids.covered, streams.covered) }

    /// The furthest that any part reaches; beyond the log's end the index belongs to another log.
    var furthest: UInt64 { max(ids.covered, streams.covered) }

    // MARK: Asking

    func known(_ query: LookUp) -> Known {
        query.source.withUnsafeBytes { source in
            query.id.withUnsafeBytes { id in
                query.stream.withUnsafeBytes { stream in
                    Known(
                        event: ids.newest(key(source, id)).map(SequenceNumber.init),
                        tail: streams.newest(hash.hash(stream)).map(LedgerIndex.tail))
                }
            }
        }
    }

    func sequence(of stream: StreamName) -> [SequenceNumber] {
        let key = Array(stream.text.utf8).withUnsafeBytes { hash.hash($0) }
        return streams.values(key).map { SequenceNumber($0 >> LedgerIndex.revisionBits) }
    }

    private static func tail(_ value: UInt64) -> StreamTail {
        StreamTail(
            sequence: SequenceNumber(value >> revisionBits),
            revision: Revision(value & revisionMax))
    }

    private func key(
        _ source: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer
    ) -> SipHash.Value {
        let byteCount = source.count + id.count + 1
        return withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { raw in
            raw.copyBytes(from: source)
            raw[source.count] = 0
            UnsafeMutableRawBufferPointer(rebasing: raw[(source.count + 1)...]).copyBytes(from: id)
            return hash.hash(UnsafeRawBufferPointer(raw))
        }
    }

    // MARK: Adding

    /// One line as the index wants it; it borrows the line.
    struct Line {
        let sequence: UInt64
        let revision: Revision
        let source: UnsafeRawBufferPointer
        let id: UnsafeRawBufferPointer
        let stream: UnsafeRawBufferPointer
    }

    /// Adds a line's names, where they are not in a run already.
    @inline(__always)
    func add(_ line: Line) {
        if line.sequence >= ids.covered, !line.id.isEmpty {
            ids.insert(key(line.source, line.id), line.sequence)
        }
        if line.sequence >= streams.covered {
            let revision = min(line.revision.rawValue, LedgerIndex.revisionMax)
            streams.insert(
                hash.hash(line.stream), line.sequence << LedgerIndex.revisionBits | revision)
        }
    }

    /// Adds the positions and hashes of the lines from `first` on, where they are not there already.
    mutating func add(_ hashes: PendingHashes, first: UInt64) throws(StoreError) {
        let skipped = Int(min(UInt64(hashes.leaves.count), files.count - min(files.count, first)))
        let from = first + UInt64(skipped)
        let nodes = hashes.nodes.filter { $0.node.leaves.upperBound > from }
        try files.append(
            offsets: Array(hashes.offsets.dropFirst(skipped)),
            leaves: Array(hashes.leaves.dropFirst(skipped)),
            nodes: nodes.map { (level: $0.node.level / 8, hash: $0.hash) })
    }

    /// Says that everything before `count` has been added.
    func advance(to count: UInt64) throws(StoreError) {
        try ids.advance(to: count)
        try streams.advance(to: count)
    }

    // MARK: Ending

    /// Entries in memory alone, which the next start would have to read again.
    var unwrittenCount: Int { max(ids.unwrittenCount, streams.unwrittenCount) }

    func flush(upTo count: UInt64) throws(StoreError) {
        try ids.flush(upTo: count)
        try streams.flush(upTo: count)
        try files.sync()
    }

    mutating func cut(to count: UInt64) throws(StoreError) {
        if files.count > count { try files.cut(to: count) }
    }
}

/// Positions and hashes of consecutive lines that wait to be written to the index.
struct PendingHashes {
    private(set) var offsets: [UInt32] = []
    private(set) var leaves: [Digest] = []
    /// Completed subtrees of 256, 65,536 and so on leaves.
    private(set) var nodes: [(node: NodeID, hash: Digest)] = []

    init() {}

    init(offsets: [UInt32], leaves: [Digest], nodes: [(node: NodeID, hash: Digest)]) {
        (self.offsets, self.leaves, self.nodes) = (offsets, leaves, nodes)
    }

    /// Adds a line and grows `tree` by its leaf.
    @inline(__always)
    mutating func append(
        offset: Int, leaf: LeafHash, tree: inout CompactRange, _ hasher: MerkleHasher
    ) {
        offsets.append(UInt32(truncatingIfNeeded: offset))
        leaves.append(leaf.digest)
        tree.append(leaf, hasher) { node, hash in
            if node.level % 8 == 0 { nodes.append((node, hash)) }
        }
    }

    mutating func removeAll() {
        offsets.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        nodes.removeAll(keepingCapacity: true)
    }
}

/// What `index/state.json` says: whether the index may be believed.
struct IndexState {
    /// The system's boot during which the index was opened; after another one, an index that was
    /// not closed may have lost pages.
    var boot: String
    var isClosed: Bool
    /// The key of the hashed names, 16 bytes.
    var key: [UInt8]

    static func read(_ folder: String) throws(StoreError) -> IndexState? {
        guard let bytes = try contents(of: folder + "/state.json"),
            let value = try? JSONValue(parsing: bytes), value["format"]?.integer == 1,
            let boot = value["boot"]?.string, let isClosed = value["closed"]?.bool,
            let key = value["key"]?.string.flatMap({ Hex.decode($0) }), key.count == 16
        else { return nil }
        return IndexState(boot: boot, isClosed: isClosed, key: key)
    }

    func save(_ folder: String) throws(StoreError) {
        let value = JSONValue.object([
            JSONMember("boot", .string(boot)), JSONMember("closed", .bool(isClosed)),
            JSONMember("format", 1), JSONMember("key", .string(Hex.encode(key))),
        ])
        try replaceFile(folder + "/state.json", with: value.canonicalBytes, syncing: true)
    }

    var isBelievable: Bool { isClosed || boot == IndexState.currentBoot }

    static let currentBoot: String = {
        let bytes = (try? File("/proc/sys/kernel/random/boot_id", .read).read(64, at: 0)) ?? []
        return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    }()
}
