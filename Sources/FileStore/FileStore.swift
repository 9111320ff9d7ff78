package import Digests
package import LedgerStore
package import Merkle
import Phrases
package import Records

/// The embedded store: append-only segments of lines, and an index that can be thrown away.
///
/// Specs/store.md. One process writes, as the system's lock decides; any number read beside it.
/// System calls that wait for the disk run on a queue of their own, not on the shared threads.
package actor FileStore: EventStore {
    private let folder: String
    private let options: Options
    private var segments: Segments
    private var index: LedgerIndex
    private var current: Head
    private var isLed = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Set when the disk failed in a way after which nothing can be promised.
    private var stopReason: StoreError?
    private var lock: File?
    private let isWriter: Bool
    private var checkpointSync = CheckpointSync()
    /// What the newest checkpoint covers of those that were published since the opening.
    private var published = TreeSize.zero
    /// What start-up found and did.
    package nonisolated let report: OpenReport
    private let executor = QueueExecutor(label: "hanqing.store")

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Opens the ledger in `folder`.
    ///
    /// `sizeOf` and `rootOf` read a checkpoint, which is another module's knowledge; `progress` is
    /// told of long work such as making the index anew.
    package init(
        opening folder: String, _ access: Access, options: Options = Options(),
        sizeOf: @escaping @Sendable (_ checkpoint: [UInt8]) -> TreeSize?,
        rootOf: @escaping @Sendable (_ checkpoint: [UInt8]) -> Root? = { _ in nil },
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(StoreError) {
        let opener = StoreOpener(
            folder: folder, access: access, options: options, sizeOf: sizeOf, rootOf: rootOf,
            progress: progress)
        let parts = try opener.open()
        (self.folder, self.options, isWriter) = (folder, options, access == .write)
        (segments, index, current) = (parts.segments, parts.index, parts.head)
        (lock, report) = (parts.lock, parts.report)
    }

    package func head() -> Head { current }

    package func lead() async throws(StoreError) -> Head {
        if let stopReason { throw stopReason }
        guard isWriter else {
            throw StoreError(.unavailable, en: "opened for reading only", zh: "以只读方式打开")
        }
        if isLed { await withCheckedContinuation { waiting.append($0) } }
        isLed = true
        return current
    }

    package func yield() {
        isLed = !waiting.isEmpty
        if isLed { waiting.removeFirst().resume() }
    }

    package func look(up queries: [LookUp]) throws(StoreError) -> [Known] {
        var answers: [Known] = []
        answers.reserveCapacity(queries.count)
        for query in queries {
            var known = index.known(query)
            if let tail = known.tail, tail.revision.rawValue == LedgerIndex.revisionMax {
                known.tail = try exactTail(tail)
            }
            answers.append(known)
        }
        return answers
    }

    /// The tail of a stream whose revision is too large for the index: the record tells it.
    private func exactTail(_ tail: StreamTail) throws(StoreError) -> StreamTail {
        guard let line = try lines(from: tail.sequence, limit: 1).first,
            let revision = RecordLines.revision(of: line)
        else { throw RecordLines.unreadable(tail.sequence) }
        return StreamTail(sequence: tail.sequence, revision: revision)
    }
}

// MARK: - Committing

extension FileStore {
    package func commit(_ batch: CommitBatch, at head: Head) throws(StoreError) {
        defer { yield() }
        if let stopReason { throw stopReason }
        guard head.size == current.size, head.lastLeaf == current.lastLeaf else {
            throw StoreError(.conflict, en: "the ledger has grown", zh: "账本已有新记录")
        }
        guard !batch.entries.isEmpty else { return }
        try makeRoom(for: batch)
        let offset = segments.last?.size ?? 0
        try append(batch, at: offset)
        // Durable from here on. A crash now leaves records that nobody was told of; start-up keeps
        // them, and a producer that asks again gets a receipt for what is there.
        segments.setLastSize(offset + batch.bytes.count)
        current = batch.newHead
        do throws(StoreError) {
            try indexBatch(batch, at: offset)
        } catch {
            // The log is sound and the batch is in it; the index is made anew at the next start.
            stopReason = error
        }
    }

    private func makeRoom(for batch: CommitBatch) throws(StoreError) {
        let isFull = (segments.last?.size ?? 0) + batch.bytes.count > options.segmentBytes
        guard segments.last == nil || isFull && (segments.last?.size ?? 0) > 0 else { return }
        try segments.roll(first: batch.first.rawValue)
    }

    /// One write and one sync.
    ///
    /// What a failed write left behind is cut off at once, or the store stops; after a failed sync
    /// it stops for good, because nobody knows what the disk kept.
    private func append(_ batch: CommitBatch, at offset: Int) throws(StoreError) {
        guard let file = segments.last?.file else { return }
        do throws(StoreError) {
            try batch.bytes.span.bytes.withUnsafeBytes { (raw) throws(StoreError) in
                try file.write(raw, at: offset)
            }
        } catch {
            do throws(StoreError) {
                try file.truncate(to: offset)
            } catch {
                throw stop(error)
            }
            throw error
        }
        do throws(StoreError) {
            try file.sync()
        } catch {
            throw stop(error)
        }
    }

    private func stop(_ error: StoreError) -> StoreError {
        let unknown = StoreError(
            .unknown,
            en: "\(error.reason.en); it is not known whether the events were kept. Nothing more is "
                + "written until the ledger is opened again; send the events again then",
            zh: "\(error.reason.zh)；无法确定这些事件是否已保存。重新打开账本之前不再写入；请届时重发事件")
        stopReason = unknown
        return unknown
    }

    private func indexBatch(_ batch: CommitBatch, at offset: Int) throws(StoreError) {
        let first = batch.first.rawValue
        let keys = index.keys
        batch.bytes.span.bytes.withUnsafeBytes { raw in
            for (place, entry) in batch.entries.enumerated() {
                func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
                    UnsafeRawBufferPointer(rebasing: raw[range])
                }
                index.add(
                    LedgerIndex.Entry(
                        sequence: first + UInt64(place), revision: entry.revision,
                        id: keys.id(part(entry.source), part(entry.id)),
                        stream: keys.stream(part(entry.stream))))
            }
        }
        let pending = PendingHashes(
            offsets: batch.entries.map { UInt32(truncatingIfNeeded: offset + $0.line.lowerBound) },
            leaves: batch.entries.map(\.leafHash.digest), nodes: batch.nodes)
        try index.add(pending, first: first)
        try index.settle(through: current.size.rawValue)
    }

    package func publish(_ checkpoint: [UInt8], size: TreeSize) throws(StoreError) {
        guard size <= current.size else {
            throw StoreError(
                .damaged, en: "a checkpoint over more than is stored", zh: "检查点超出已存记录")
        }
        guard size >= published else { return }
        let isDue = checkpointSync.isDue()
        if isDue {
            try replaceFile(folder + "/checkpoints/durable", with: checkpoint, syncing: true)
        }
        try replaceFile(folder + "/checkpoints/latest", with: checkpoint, syncing: isDue)
        if isDue { try syncFolder(folder + "/checkpoints") }
        published = size
    }

    /// Writes out what is only in memory, so that the next start has nothing to read again.
    package func close() throws(StoreError) {
        guard lock != nil, stopReason == nil else { return }
        stopReason = StoreError(.unavailable, en: "the ledger is closed", zh: "账本已关闭")
        if isWriter, let newest = try contents(of: folder + "/checkpoints/latest") {
            try replaceFile(folder + "/checkpoints/durable", with: newest, syncing: true)
            try replaceFile(folder + "/checkpoints/latest", with: newest, syncing: true)
            try syncFolder(folder + "/checkpoints")
        }
        try index.close()
        try StoreOpener.markClosed(folder)
        letGoOfLock()
    }

    /// Lets go of the ledger as a killed process would: nothing more is written.
    package func abandon() {
        stopReason = StoreError(.unavailable, en: "the ledger is closed", zh: "账本已关闭")
        letGoOfLock()
    }

    private func letGoOfLock() {
        lock?.unlock()
        lock = nil
    }
}

/// The checkpoint's own sync may lag; this says when it has lagged enough.
private struct CheckpointSync {
    private var last = ContinuousClock.now

    mutating func isDue() -> Bool {
        let now = ContinuousClock.now
        guard now - last > .seconds(1) else { return false }
        last = now
        return true
    }
}

// MARK: - Reading

extension FileStore {
    package func checkpoint() throws(StoreError) -> [UInt8]? {
        try contents(of: folder + "/checkpoints/latest")
    }

    package func lines(from first: SequenceNumber, limit: Int) throws(StoreError) -> [[UInt8]] {
        let left = current.size.rawValue - min(current.size.rawValue, first.rawValue)
        guard left > 0, limit > 0, let place = segments.index(of: first.rawValue) else { return [] }
        let segment = segments.all[place]
        let segmentEnd =
            place + 1 < segments.all.count ? segments.all[place + 1].first : current.size.rawValue
        let count = min(UInt64(limit), left, segmentEnd - first.rawValue, 65_536)
        let end = first.rawValue + count
        var offsets = try index.files.offsets(first.rawValue..<min(end + 1, current.size.rawValue))
        if end == segmentEnd {
            offsets = Array(offsets.prefix(Int(count))) + [segment.size]
        }
        let shown = offsets.dropFirst().prefix { $0 - offsets[0] <= options.readBytesMax }.count
        return try lines(at: Array(offsets[...max(shown, 1)]), of: segment, first)
    }

    /// Something that the index told was wrong: the next start makes it anew.
    package func distrustIndex() {
        if isWriter, lock != nil { IndexState.remove(folder + "/index") }
    }

    /// The lines between `offsets`, each with its LF in the file and without it here.
    ///
    /// The index may be damaged: what is not the record that was asked for ends the answer, and is
    /// told when it is asked for first.
    private func lines(
        at offsets: [Int], of segment: Segments.Segment, _ first: SequenceNumber
    ) throws(StoreError) -> [[UInt8]] {
        let (start, last) = (offsets[0], offsets[offsets.count - 1])
        guard start < last, last <= segment.size else {
            distrustIndex()
            throw RecordLines.unreadable(first)
        }
        var bytes = try segment.file.read(last - start, at: start)
        var result: [[UInt8]] = []
        result.reserveCapacity(offsets.count - 1)
        var sequence = first
        for (begin, end) in zip(offsets, offsets.dropFirst()) {
            guard begin >= start, end > begin, end - start <= bytes.count,
                bytes[end - start - 1] == 0x0A,
                RecordLines.isRecord(sequence, bytes[begin - start..<end - start - 1])
            else {
                distrustIndex()
                break
            }
            guard offsets.count > 2 else {
                bytes.removeLast()
                return [bytes]
            }
            result.append(Array(bytes[begin - start..<end - start - 1]))
            sequence = sequence.next
        }
        guard !result.isEmpty else { throw RecordLines.unreadable(first) }
        return result
    }

    package func sequence(
        of stream: StreamName, from revision: Revision, limit: Int
    ) -> [SequenceNumber] {
        let all = index.sequence(of: stream)
        guard revision.rawValue < UInt64(all.count) else { return [] }
        return Array(all[Int(revision.rawValue)...].prefix(limit))
    }

    package func lines(of streams: [StreamName]) throws(StoreError) -> [[[UInt8]]] {
        var all: [[[UInt8]]] = []
        for stream in streams {
            var found: [[UInt8]] = []
            for number in index.sequence(of: stream) { found += try lines(from: number, limit: 1) }
            all.append(found)
        }
        return all
    }

    package func lines(at numbers: [SequenceNumber]) throws(StoreError) -> [[UInt8]] {
        var all: [[UInt8]] = []
        all.reserveCapacity(numbers.count)
        for number in numbers {
            guard let line = try lines(from: number, limit: 1).first else {
                throw StoreError(noRecord: number)
            }
            all.append(line)
        }
        return all
    }

    package func hashes(level: Int, _ range: Range<UInt64>) throws(StoreError) -> [Digest] {
        try index.files.hashes(level: level, range)
    }
}
