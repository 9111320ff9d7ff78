import CanonicalJSON
import LedgerStore
import Merkle
import Phrases
import Records

/// What the newest readable checkpoint says; its signature is not the store's business.
struct Floor {
    /// How many records it covers.
    let size: UInt64
    /// Nil if it cannot be told.
    let root: Root?
}

/// Start-up: reads the log's tail into the index and finds where the sound log ends.
///
/// Specs/store.md section 5. Below the newest checkpoint nothing is ever cut: what does not link
/// there is damage, and is told. Beyond it the log is cut at the first byte that does not link,
/// whatever follows, because a torn write can leave a hole; and back to the last complete batch.
struct Recovery {
    /// What was found.
    struct Found {
        var head: Head
        /// Where the sound log ends.
        var end: LineScanner.Place
        /// Records read again because the index lagged behind.
        var replayed: UInt64
    }

    let segments: Segments
    /// What the newest checkpoint covers.
    let floor: Floor
    /// Readers stop at the checkpoint; the writer goes on to the last sound record.
    let isWriting: Bool
    let progress: (_ done: UInt64) -> Void

    private static let linesPerWrite = 4096

    private struct State {
        var head: Head
        var pending = PendingHashes()
        var pendingFirst: UInt64
        /// Where the unfinished batch began, and what the head was.
        var batchStart: (head: Head, place: LineScanner.Place)?
        let reader = JSONReader(byteCountMax: RecordLayout.byteCountMax)
        let hasher = MerkleHasher()
    }

    /// Goes through the log from `start`, where `head` is the state before it.
    func run(
        from start: LineScanner.Place, head: Head, index: inout LedgerIndex
    ) throws(StoreError) -> Found {
        var state = State(head: head, pendingFirst: head.size.rawValue)
        var scanner = LineScanner(segments, from: start)
        var end = start
        while isWriting || state.head.size.rawValue < floor.size {
            let sound = try scanner.line { (line, place) throws(StoreError) in
                try take(line, at: place, &state, index)
            }
            guard sound == true else { break }
            end = scanner.next
            try demandRoot(state)
            if state.pending.leaves.count >= Recovery.linesPerWrite {
                try write(&state, &index)
                progress(state.head.size.rawValue)
            }
        }
        try write(&state, &index)
        if let start = state.batchStart {
            // The batch's end never reached the disk: none of it was acknowledged.
            try index.cut(to: start.head.size.rawValue)
            (state.head, end) = (start.head, start.place)
        }
        guard state.head.size.rawValue >= floor.size else { throw tooShort(state.head.size) }
        return Found(
            head: state.head, end: end, replayed: state.head.size.rawValue - head.size.rawValue)
    }

    /// Where the checkpoint ends the tree must have its root: a log that was changed and linked
    /// anew must not be signed.
    private func demandRoot(_ state: State) throws(StoreError) {
        guard let root = floor.root, state.head.size.rawValue == floor.size,
            state.head.tree.root(state.hasher) != root
        else { return }
        throw StoreError(
            .damaged,
            en: "records 0 to \(floor.size - 1) are not the ones that the newest checkpoint covers; "
                + "run hanqing verify, and restore from a backup",
            zh: "记录 0 至 \(floor.size - 1) 与最新检查点所覆盖的不符；请运行 hanqing verify 并从备份恢复")
    }

    private func write(_ state: inout State, _ index: inout LedgerIndex) throws(StoreError) {
        try index.add(state.pending, first: state.pendingFirst)
        state.pending.removeAll()
        state.pendingFirst = state.head.size.rawValue
        // A run must never hold what may yet be cut.
        if state.batchStart == nil { try index.settle(through: state.head.size.rawValue) }
    }

    /// Takes one line; false if the sound log ends before it.
    private func take(
        _ line: UnsafeRawBufferPointer?, at place: LineScanner.Place, _ state: inout State,
        _ index: LedgerIndex
    ) throws(StoreError) -> Bool {
        let before = state.head
        guard let line, let taken = linked(line, state) else {
            guard before.size.rawValue < floor.size else { return false }
            throw damage(before.size, place)
        }
        index.add(taken.indexLine)
        state.pending.append(
            offset: place.offset, leaf: taken.leaf, tree: &state.head.tree, state.hasher)
        state.head.size = TreeSize(before.size.rawValue + 1)
        state.head.lastLeaf = taken.leaf
        state.head.recorded = taken.recorded
        if let batch = taken.batch {
            if batch.index == 1 { state.batchStart = (before, place) }
            if batch.index == batch.count { state.batchStart = nil }
        }
        return true
    }

    private struct Taken {
        let leaf: LeafHash
        let recorded: Timestamp
        let batch: BatchPlace?
        let indexLine: LedgerIndex.Line
    }

    /// The line, if it is a record that follows `state`.
    private func linked(_ line: UnsafeRawBufferPointer, _ state: State) -> Taken? {
        let next = state.head.size.rawValue
        if let root = try? state.reader.read(line), let record = try? RecordView(root) {
            guard record.sequence.rawValue == next, record.prev == state.head.lastLeaf,
                record.recorded >= state.head.recorded
            else { return nil }
            return Taken(
                leaf: state.hasher.leaf(line), recorded: record.recorded, batch: record.batch,
                indexLine: LedgerIndex.Line(
                    sequence: next, revision: record.revision, source: record.source.rawBytes,
                    id: record.id.rawBytes, stream: record.subject.rawBytes))
        }
        guard let stub = WithheldLine(line), stub.sequence.rawValue == next,
            stub.prev == state.head.lastLeaf
        else { return nil }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let stream = line.range(of: stub.stream.text)
        return Taken(
            leaf: stub.leafHash, recorded: stub.recorded, batch: stub.batch,
            indexLine: LedgerIndex.Line(
                sequence: next, revision: stub.revision, source: nothing, id: nothing,
                stream: stream))
    }

    private func damage(_ size: TreeSize, _ place: LineScanner.Place) -> StoreError {
        let path = segments.all[place.segment].file.path
        return StoreError(
            .damaged,
            en: "record \(size) does not follow the one before it (\(path), byte \(place.offset)); "
                + "run hanqing verify, and restore from a backup",
            zh: "记录 \(size) 与前一条不相连（\(path) 第 \(place.offset) 字节）；请运行 hanqing verify 并从备份恢复")
    }

    private func tooShort(_ size: TreeSize) -> StoreError {
        StoreError(
            .damaged,
            en: "the log ends after \(size) records, but the newest checkpoint covers \(floor.size); "
                + "run hanqing verify, and restore from a backup",
            zh: "日志只有 \(size) 条记录，而最新检查点覆盖 \(floor.size) 条；请运行 hanqing verify 并从备份恢复")
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes of `text` where they stand here first; nothing if they do not.
    fileprivate func range(of text: String) -> UnsafeRawBufferPointer {
        let wanted = Array(text.utf8)
        guard wanted.count <= count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        for start in 0...(count - wanted.count)
        where self[start..<start + wanted.count].elementsEqual(wanted) {
            return UnsafeRawBufferPointer(rebasing: self[start..<start + wanted.count])
        }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }
}
