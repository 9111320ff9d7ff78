import Digests
import Glibc
import LedgerStore
import Merkle
import Records

/// Opens a ledger's folder: lock, index, tail.
///
/// Specs/store.md section 5 gives the order and why.
struct StoreOpener {
    let folder: String
    let access: FileStore.Access
    let options: FileStore.Options
    let sizeOf: (_ checkpoint: [UInt8]) -> TreeSize?
    let rootOf: (_ checkpoint: [UInt8]) -> Root?
    let progress: (FileStore.Progress) -> Void

    private var oldIndex: OldIndex { OldIndex(ledger: folder) }

    /// What a store is made of.
    struct Parts {
        var segments: Segments
        var index: LedgerIndex
        var head: Head
        var lock: File?
        var report: FileStore.OpenReport
    }

    func open() throws(StoreError) -> Parts {
        switch access {
        case .write: try openForWriting()
        case .read: try openForReading()
        case .rebuildIndex: try openForRebuilding()
        }
    }

    // MARK: Writing

    private func openForWriting() throws(StoreError) -> Parts {
        let lock = try File(folder + "/LOCK", .readWrite)
        guard lock.lock() else { throw try locked() }
        try writePid(lock)
        for name in ["records", "checkpoints", "index"] { try makeFolder(folder + "/" + name) }
        try syncFolder(folder)
        var report = FileStore.OpenReport()
        let floor = try newestCheckpoint(&report)
        try demandBelievableIndex(&report)
        let parts = try recoverWhole(floor, &report)
        try rewriteTail(parts, floor)
        oldIndex.remove()
        return Parts(
            segments: parts.segments, index: parts.index, head: parts.head, lock: lock,
            report: report)
    }

    private func recoverWhole(
        _ floor: Floor?, _ report: inout FileStore.OpenReport
    ) throws(StoreError) -> Recovered {
        while true {
            if let parts = try recoverOrCut(floor, &report) { return parts }
        }
    }

    /// Nil if something was cut: then everything is opened again, because the index may have read
    /// some of it.
    ///
    /// The index ends with this call. Its background work would otherwise write runs of the same
    /// names as the next one's, and each would take the other's away.
    private func recoverOrCut(
        _ floor: Floor?, _ report: inout FileStore.OpenReport
    ) throws(StoreError) -> Recovered? {
        var parts = try recover(floor, &report)
        let isWhole =
            parts.end.offset >= parts.segments.all.last?.size ?? 0
            && parts.end.segment + 1 >= parts.segments.all.count
        if isWhole { return parts }
        // What lies beyond was never acknowledged.
        guard floor != nil else { throw uncutWithoutCheckpoint(parts) }
        try cut(&parts.segments, at: parts.end, &report)
        return nil
    }

    private func locked() throws(StoreError) -> StoreError {
        let pid = (try contents(of: folder + "/LOCK")).map {
            String(decoding: $0.prefix { $0 > 0x20 }, as: UTF8.self)
        }
        return StoreError(
            .locked,
            en: "\(folder) is being written by another process, number \(pid ?? "?"), which holds "
                + "the lock \(folder)/LOCK; wait until it has ended, or stop it",
            zh: "\(folder) 正由另一进程（进程号 \(pid ?? "?")）写入，该进程持有锁 \(folder)/LOCK；"
                + "请等待其结束，或停止该进程")
    }

    /// The lock is the system's; the number in the file only helps people.
    private func writePid(_ lock: File) throws(StoreError) {
        let text = Array("\(getpid())\n".utf8)
        try lock.truncate(to: 0)
        try text.span.bytes.withUnsafeBytes { (raw) throws(StoreError) in
            try lock.write(raw, at: 0)
        }
    }

    /// What the newest readable checkpoint covers: below it nothing is ever cut.
    ///
    /// `latest` may be lost in a power cut, because its sync lags; `durable` is at most a second
    /// older. Nil if neither can be read: then nothing may be cut at all.
    private func newestCheckpoint(
        _ report: inout FileStore.OpenReport
    ) throws(StoreError) -> Floor? {
        var floors: [Floor] = []
        for name in ["latest", "durable"] {
            guard let bytes = try contents(of: folder + "/checkpoints/" + name) else { continue }
            if let size = sizeOf(bytes) {
                floors.append(Floor(size: size.rawValue, root: rootOf(bytes)))
            }
        }
        report.lostCheckpoint = floors.isEmpty
        return floors.max { $0.size < $1.size }
    }

    private func uncutWithoutCheckpoint(_ parts: Recovered) -> StoreError {
        let place = "\(parts.segments.all[parts.end.segment].file.path), byte \(parts.end.offset)"
        return StoreError(
            .damaged,
            en:
                "the newest checkpoint cannot be read and the log does not go on soundly at \(place): "
                + "nothing is cut, because it cannot be told what was acknowledged. Run hanqing "
                + "verify, and put back checkpoints/latest or restore from a backup",
            zh: "最新检查点无法读取，而日志在 \(place) 处不相连：无法判断哪些记录已出具回执，故未作任何截断。"
                + "请运行 hanqing verify，并放回 checkpoints/latest 或从备份恢复")
    }

    /// Throws away an index that cannot be believed.
    ///
    /// One that can is marked as open, durably and before anything is written to it: after a power
    /// cut the mark of the last clean close must not vouch for what came later.
    private func demandBelievableIndex(
        _ report: inout FileStore.OpenReport
    ) throws(StoreError) {
        guard let state = try IndexState.read(folder + "/index"), state.isBelievable else {
            return try replaceIndex(&report)
        }
        try IndexState(boot: IndexState.currentBoot, isClosed: false).save(folder + "/index")
    }

    private func replaceIndex(_ report: inout FileStore.OpenReport) throws(StoreError) {
        report.rebuiltIndex = try !names(in: folder + "/records").isEmpty
        try oldIndex.putAside()
        try IndexState(boot: IndexState.currentBoot, isClosed: false).save(folder + "/index")
    }

    private struct Recovered {
        var segments: Segments
        var index: LedgerIndex
        var head: Head
        var end: LogPieces.Place
    }

    /// Reads the tail that the index lacks.
    ///
    /// An index that does not fit the log is made anew once.
    private func recover(
        _ floor: Floor?, _ report: inout FileStore.OpenReport
    ) throws(StoreError) -> Recovered {
        do throws(StoreError) {
            return try recoverOnce(floor, &report)
        } catch {
            guard error.code == .damaged else { throw error }
            if report.rebuiltIndex { oldIndex.putBack() }
            guard !report.rebuiltIndex else { throw error }
            return try recoverAnew(floor, &report)
        }
    }

    private func recoverAnew(
        _ floor: Floor?, _ report: inout FileStore.OpenReport
    ) throws(StoreError) -> Recovered {
        try replaceIndex(&report)
        do throws(StoreError) {
            return try recoverOnce(floor, &report)
        } catch {
            if error.code == .damaged { oldIndex.putBack() }
            throw error
        }
    }

    private func recoverOnce(
        _ floor: Floor?, _ report: inout FileStore.OpenReport
    ) throws(StoreError) -> Recovered {
        let segments = try Segments(folder: folder + "/records", writing: access == .write)
        let isWriting = access == .write
        var index = try openIndex()
        if let floor, index.covered >= floor.size { try demandRoot(floor, index) }
        let (start, head) = try startOfTail(index, segments)
        let recovery = Recovery(
            segments: segments, floor: floor ?? Floor(size: 0, root: nil), isWriting: isWriting,
            pieceBytes: options.pieceBytes
        ) { done in
            progress(FileStore.Progress(done: done, total: floor?.size))
        }
        let found = try recovery.run(from: start, head: head, index: &index)
        report.replayed = max(report.replayed, found.replayed)
        return Recovered(segments: segments, index: index, head: found.head, end: found.end)
    }

    private func openIndex() throws(StoreError) -> LedgerIndex {
        let boot = IndexState.currentBoot
        guard access != .read else {
            do throws(StoreError) {
                return try LedgerIndex(folder: folder + "/index", readingAfter: boot)
            } catch {
                guard error.code == .notFound else { throw error }
                throw StoreError(.damaged, error.reason)
            }
        }
        let random = RandomBytes.make(count: 16).withUnsafeBytes {
            $0.load(as: (UInt64, UInt64).self)
        }
        var runOptions = SortedRuns.Options(
            boot: boot, newHashKey: ShortHash(high: random.0, low: random.1))
        runOptions.tableEntries = options.entriesPerRun
        return try LedgerIndex(folder: folder + "/index", writing: runOptions)
    }

    /// The stored hashes must give the root that was signed: new roots are made from them.
    private func demandRoot(_ floor: Floor, _ index: LedgerIndex) throws(StoreError) {
        guard let root = floor.root, floor.size > 0 else { return }
        guard try tree(of: floor.size, index).root(MerkleHasher()) == root else { throw misfit() }
    }

    private func tree(
        of size: UInt64, _ index: LedgerIndex
    ) throws(StoreError) -> CompactRange {
        let hasher = MerkleHasher()
        return try compactRange(of: TreeSize(size), hasher) {
            (node) throws(StoreError) -> Digest in
            try StoredLevels.hash(of: node, hasher) { (level, range) throws(StoreError) in
                try index.files.hashes(level: level, range)
            }
        }
    }

    /// Where the index ends, and the head there.
    private func startOfTail(
        _ index: LedgerIndex, _ segments: Segments
    ) throws(StoreError) -> (LogPieces.Place, Head) {
        let covered = index.covered
        guard covered > 0 else { return (LogPieces.Place(segment: 0, offset: 0), .empty) }
        let last = covered - 1
        guard let segment = segments.index(of: last), index.furthest <= index.files.count else {
            throw misfit()
        }
        let offset = try index.files.offset(of: last)
        let line = try segments.all[segment].line(at: offset)
        let leaf = LeafHash(try index.files.hashes(level: 0, last..<covered)[0])
        let recorded = line.withUnsafeBytes {
            RecordLines.recorded(of: $0, sequence: last, leaf: leaf)
        }
        guard let recorded else { throw misfit() }
        let head = Head(
            size: TreeSize(covered), lastLeaf: leaf, recorded: recorded,
            tree: try tree(of: covered, index))
        return (LogPieces.Place(segment: segment, offset: offset + line.count + 1), head)
    }

    /// The index does not fit the log: it is another log's, or was tampered with.
    private func misfit() -> StoreError {
        StoreError(
            .damaged, en: "\(folder)/index does not fit the log; delete it, it will be rebuilt",
            zh: "\(folder)/index 与日志不符；请删除该目录，系统会重建")
    }

    private func cut(
        _ segments: inout Segments, at end: LogPieces.Place,
        _ report: inout FileStore.OpenReport
    ) throws(StoreError) {
        while segments.all.count > max(end.segment + 1, 1), let last = segments.last {
            report.cutBytes += last.size
            unlink(last.file.path)
            segments.removeLast()
        }
        if let last = segments.last {
            report.cutBytes += last.size - end.offset
            report.cutAt = "\(last.file.path), byte \(end.offset)"
            try last.file.truncate(to: end.offset)
            try last.file.sync()
        }
        try syncFolder(segments.folder)
    }

    /// After a failed sync the page cache may show bytes that the disk never got: what no
    /// checkpoint covers is written and synced again before anyone builds on it.
    private func rewriteTail(_ parts: Recovered, _ known: Floor?) throws(StoreError) {
        let floor = known?.size ?? 0
        guard parts.head.size.rawValue > floor, let last = parts.segments.last else { return }
        let begin = floor > last.first ? try parts.index.files.offset(of: floor) : 0
        var place = begin
        while place < last.size {
            let bytes = try last.file.read(min(1 << 20, last.size - place), at: place)
            try bytes.span.bytes.withUnsafeBytes { (raw) throws(StoreError) in
                try last.file.write(raw, at: place)
            }
            place += bytes.count
        }
        try last.file.sync()
    }

    static func markClosed(_ folder: String) throws(StoreError) {
        guard var state = try IndexState.read(folder + "/index") else { return }
        state.isClosed = true
        state.boot = IndexState.currentBoot
        try state.save(folder + "/index")
    }

    // MARK: Reading

    private func openForReading() throws(StoreError) -> Parts {
        guard try !names(in: folder + "/records").isEmpty else {
            throw StoreError(
                .notFound, en: "\(folder) holds no ledger; make one with hanqing init",
                zh: "\(folder) 中没有账本；请先用 hanqing init 建账")
        }
        var report = FileStore.OpenReport()
        let floor = try newestCheckpoint(&report)
        guard let state = try IndexState.read(folder + "/index"), state.isBelievable else {
            throw StoreError(
                .unavailable, en: "the index is missing or doubtful", zh: "索引缺失或不可信")
        }
        var parts = try recoverOnce(floor, &report)
        parts.segments.end(at: parts.end)
        return Parts(
            segments: parts.segments, index: parts.index, head: parts.head, lock: nil,
            report: report)
    }

    // MARK: Rebuilding

    /// A reader found no index that it can believe.
    ///
    /// Only the index is written, and only if nobody else writes; of the log not a byte is changed.
    private func openForRebuilding() throws(StoreError) -> Parts {
        let lock = try File(folder + "/LOCK", .readWrite)
        guard lock.lock() else { throw try locked() }
        try makeFolder(folder + "/index")
        var report = FileStore.OpenReport()
        let floor = try newestCheckpoint(&report)
        let parts = try recoverAnew(floor, &report)
        oldIndex.remove()
        return Parts(
            segments: parts.segments, index: parts.index, head: parts.head, lock: lock,
            report: report)
    }
}
