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
        var end: LogPieces.Place
        /// Records read again because the index lagged behind.
        var replayed: UInt64
    }

    let segments: Segments
    /// What the newest checkpoint covers.
    let floor: Floor
    /// Readers stop at the checkpoint; the writer goes on to the last sound record.
    let isWriting: Bool
    let pieceBytes: Int
    let progress: (_ done: UInt64) -> Void

    private static let linesPerWrite = 4_096
    private static let linesMax = 65_536

    private struct State {
        var head: Head
        /// Where the sound log ends, so far.
        var end: LogPieces.Place
        var pending = PendingHashes()
        var pendingFirst: UInt64
        /// Where the unfinished batch began, and what the head was.
        var batchStart: (head: Head, place: LogPieces.Place)?
        let hasher = MerkleHasher()
    }

    /// Goes through the log from `start`, where `head` is the state before it.
    func run(
        from start: LogPieces.Place, head: Head, index: inout LedgerIndex
    ) throws(StoreError) -> Found {
        var state = State(head: head, end: start, pendingFirst: head.size.rawValue)
        let pieces = LogPieces(segments, from: start, byteCount: pieceBytes)
        var reader = TailReader(pieces, keys: index.keys)
        var goesOn = true
        while goesOn, wantsMore(state) {
            let pieces = try reader.next()
            goesOn = !pieces.isEmpty
            for piece in pieces where goesOn { goesOn = try take(piece, &state, &index) }
        }
        try write(&state, &index)
        if let start = state.batchStart {
            // The batch's end never reached the disk: none of it was acknowledged.
            try index.cut(to: start.head.size.rawValue)
            (state.head, state.end) = (start.head, start.place)
        }
        guard state.head.size.rawValue >= floor.size else { throw tooShort(state.head.size) }
        return Found(
            head: state.head, end: state.end,
            replayed: state.head.size.rawValue - head.size.rawValue)
    }

    private func wantsMore(_ state: State) -> Bool {
        isWriting || state.head.size.rawValue < floor.size
    }

    /// Takes a piece's lines, one after another; false if the sound log, or what is wanted of it,
    /// ends there.
    private func take(
        _ piece: TailPiece, _ state: inout State, _ index: inout LedgerIndex
    ) throws(StoreError) -> Bool {
        for line in piece.lines {
            guard wantsMore(state) else { return false }
            let place = LogPieces.Place(segment: piece.segment, offset: line.offset)
            guard follows(line, state.head) else { return try isDamage(at: place, state) }
            take(line, at: place, &state, index)
            state.end = LogPieces.Place(segment: piece.segment, offset: line.end)
            try demandRoot(state)
            if isDue(state) {
                try write(&state, &index)
                progress(state.head.size.rawValue)
            }
        }
        guard let offset = piece.unsound else { return true }
        guard wantsMore(state) else { return false }
        return try isDamage(at: LogPieces.Place(segment: piece.segment, offset: offset), state)
    }

    private func follows(_ line: TailLine, _ head: Head) -> Bool {
        line.names.sequence == head.size.rawValue && line.prev == head.lastLeaf
            && line.recorded >= head.recorded
    }

    /// What does not follow is damage below the checkpoint; beyond it the sound log ends there.
    private func isDamage(
        at place: LogPieces.Place, _ state: State
    ) throws(StoreError) -> Bool {
        guard state.head.size.rawValue >= floor.size else { throw damage(state.head.size, place) }
        return false
    }

    private func take(
        _ line: TailLine, at place: LogPieces.Place, _ state: inout State, _ index: LedgerIndex
    ) {
        if line.batch?.index == 1 { state.batchStart = (state.head, place) }
        index.add(line.names)
        state.pending.append(
            offset: line.offset, leaf: line.leaf, tree: &state.head.tree, state.hasher)
        state.head.size = TreeSize(state.head.size.rawValue + 1)
        state.head.lastLeaf = line.leaf
        state.head.recorded = line.recorded
        if let batch = line.batch, batch.index == batch.count { state.batchStart = nil }
    }

    /// Where the checkpoint ends the tree must have its root: a log that was changed and linked
    /// anew must not be signed.
    private func demandRoot(_ state: State) throws(StoreError) {
        guard let root = floor.root, state.head.size.rawValue == floor.size,
            state.head.tree.root(state.hasher) != root
        else { return }
        throw StoreError(
            .damaged,
            en:
                "records 0 to \(floor.size - 1) are not the ones that the newest checkpoint covers; "
                + "run hanqing verify, and restore from a backup",
            zh: "记录 0 至 \(floor.size - 1) 与最新检查点所覆盖的不符；请运行 hanqing verify 并从备份恢复")
    }

    /// Writing waits for the end of a batch, because only there can the index be settled, but not
    /// for the end of a huge one.
    private func isDue(_ state: State) -> Bool {
        let count = state.pending.leaves.count
        return count >= (state.batchStart == nil ? Recovery.linesPerWrite : Recovery.linesMax)
    }

    private func write(_ state: inout State, _ index: inout LedgerIndex) throws(StoreError) {
        try index.add(state.pending, first: state.pendingFirst)
        state.pending.removeAll()
        state.pendingFirst = state.head.size.rawValue
        // A run must never hold what may yet be cut.
        if state.batchStart == nil { try index.settle(through: state.head.size.rawValue) }
    }

    private func damage(_ size: TreeSize, _ place: LogPieces.Place) -> StoreError {
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
            en:
                "the log ends after \(size) records, but the newest checkpoint covers \(floor.size); "
                + "run hanqing verify, and restore from a backup",
            zh: "日志只有 \(size) 条记录，而最新检查点覆盖 \(floor.size) 条；请运行 hanqing verify 并从备份恢复")
    }
}
