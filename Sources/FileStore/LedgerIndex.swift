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
    private let ids: NameIndex
    private let streams: NameIndex

    /// How many bits of a stream entry's value tell the revision; the rest are the sequence number.
    private static let revisionBits: UInt64 = 24
    /// Stands for this revision and all above it.
    static let revisionMax: UInt64 = (1 << revisionBits) - 1

    /// Opens the index for its one writer.
    init(folder: String, writing options: SortedRuns.Options) throws(StoreError) {
        files = try HashFiles(folder: folder, writing: true)
        do throws(IndexError) {
            ids = try NameIndex(folder: folder, name: "ids", writing: options)
            streams = try NameIndex(folder: folder, name: "streams", writing: options)
        } catch {
            throw StoreError(error)
        }
    }

    /// Opens the index beside the writer.
    init(folder: String, readingAfter boot: String) throws(StoreError) {
        files = try HashFiles(folder: folder, writing: false)
        do throws(IndexError) {
            ids = try NameIndex(folder: folder, name: "ids", readingAfter: boot)
            streams = try NameIndex(folder: folder, name: "streams", readingAfter: boot)
        } catch {
            throw StoreError(error)
        }
    }

    /// Records that every part covers; what follows must be added again.
    var covered: UInt64 { min(files.count, ids.covered, streams.covered) }

    /// The furthest that any part reaches; beyond the log's end the index belongs to another log.
    var furthest: UInt64 { max(ids.covered, streams.covered) }

    // MARK: Asking

    func known(_ query: LookUp) -> Known {
        query.withNames { source, id, stream in
            Known(
                event: ids.find(keys.id(source, id)).map(SequenceNumber.init),
                tail: streams.find(keys.stream(stream)).map(LedgerIndex.tail))
        }
    }

    func sequence(of stream: StreamName) -> [SequenceNumber] {
        let key = Array(stream.text.utf8).withUnsafeBytes { keys.stream($0) }
        return streams.values(key).map { SequenceNumber($0 >> LedgerIndex.revisionBits) }
    }

    private static func tail(_ value: UInt64) -> StreamTail {
        StreamTail(
            sequence: SequenceNumber(value >> revisionBits),
            revision: Revision(value & revisionMax))
    }

    /// Makes of names what the index keeps of them; any thread may have its own.
    struct Keys: Sendable {
        fileprivate let ids: ShortHash
        fileprivate let streams: ShortHash

        @inline(__always)
        func id(_ source: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer) -> ShortHash {
            var hash = SipHash(key: ids)
            hash.update(source)
            hash.update(0)
            hash.update(id)
            return hash.finish()
        }

        @inline(__always)
        func stream(_ name: UnsafeRawBufferPointer) -> ShortHash {
            SipHash.hash(name, key: streams)
        }
    }

    var keys: Keys { Keys(ids: ids.hashKey, streams: streams.hashKey) }

    // MARK: Adding

    /// One record as the index wants it.
    struct Entry: Sendable {
        let sequence: UInt64
        let revision: Revision
        /// Of its source and id; a withheld line has none.
        let id: ShortHash?
        /// Of its stream's name.
        let stream: ShortHash
    }

    /// Adds a record's names, where they are not in a run already.
    @inline(__always)
    func add(_ entry: Entry) {
        if let id = entry.id, entry.sequence >= ids.covered { ids.insert(id, entry.sequence) }
        if entry.sequence >= streams.covered {
            let revision = min(entry.revision.rawValue, LedgerIndex.revisionMax)
            streams.insert(entry.stream, entry.sequence << LedgerIndex.revisionBits | revision)
        }
    }

    /// Adds the positions and hashes of the lines from `first` on, where they are missing.
    mutating func add(_ hashes: PendingHashes, first: UInt64) throws(StoreError) {
        let skipped = Int(min(UInt64(hashes.leaves.count), files.count - min(files.count, first)))
        let from = first + UInt64(skipped)
        let nodes = hashes.nodes.filter { $0.node.leaves.upperBound > from }
        try files.append(
            offsets: Array(hashes.offsets.dropFirst(skipped)),
            leaves: Array(hashes.leaves.dropFirst(skipped)),
            nodes: nodes.map { (level: $0.node.level / StoredLevels.step, hash: $0.hash) })
    }

    /// Says that everything before `count` has been added.
    func settle(through count: UInt64) throws(StoreError) {
        do throws(IndexError) {
            try ids.settle(through: count)
            try streams.settle(through: count)
        } catch {
            throw StoreError(error)
        }
    }

    // MARK: Ending

    /// Leaves the index so that the next start has little to read, even after a power cut.
    func close() throws(StoreError) {
        do throws(IndexError) {
            try ids.close()
            try streams.close()
        } catch {
            throw StoreError(error)
        }
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
            if StoredLevels.contains(node) { nodes.append((node, hash)) }
        }
    }

    mutating func removeAll() {
        offsets.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        nodes.removeAll(keepingCapacity: true)
    }
}

/// What `index/state.json` says: whether the index may be believed.
package struct IndexState {
    /// The system's boot during which the index was opened; after another one, an index that was
    /// not closed may have lost pages.
    var boot: String
    var isClosed: Bool

    static func read(_ folder: String) throws(StoreError) -> IndexState? {
        try contents(of: folder + "/state.json").flatMap(IndexState.init)
    }

    /// The state in `bytes`, nil if they are none that we can use.
    package init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), value["format"]?.integer == 1,
            let boot = value["boot"]?.string, let isClosed = value["closed"]?.bool
        else { return nil }
        self.init(boot: boot, isClosed: isClosed)
    }

    init(boot: String, isClosed: Bool) {
        (self.boot, self.isClosed) = (boot, isClosed)
    }

    /// Writes it durably, its name too.
    func save(_ folder: String) throws(StoreError) {
        let value = JSONValue.object([
            JSONMember("boot", .string(boot)), JSONMember("closed", .bool(isClosed)),
            JSONMember("format", 1),
        ])
        try replaceFile(folder + "/state.json", with: value.canonicalBytes, syncing: true)
        try syncFolder(folder)
    }

    /// Nobody will believe the index any more.
    static func remove(_ folder: String) {
        unlink(folder + "/state.json")
    }

    var isBelievable: Bool { isClosed || boot == IndexState.currentBoot }

    static let currentBoot: String = {
        let bytes = (try? File("/proc/sys/kernel/random/boot_id", .read).read(64, at: 0)) ?? []
        return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    }()
}

extension StoreError {
    init(_ error: IndexError) {
        self.init(error.code == .unavailable ? .unavailable : .damaged, error.reason)
    }
}
