import TestKit

/// One file of a disk: everything that was done to it, by the number of the event.
///
/// `@unchecked Sendable` holds because it is changed while its disk is made and only read later.
final class DiskFile: @unchecked Sendable {
    enum Change: Sendable {
        case write(offset: Int, bytes: ArraySlice<UInt8>)
        case truncate(size: Int)
    }

    static let pageBytes = 4096

    private(set) var mode: Int64
    /// What it had when the trace began; all of that is on the disk.
    private let base: [UInt8]
    private var changes: [(event: Int, change: Change)] = []
    private var syncs: [Int] = []

    init(base: [UInt8] = [], mode: Int64) {
        (self.base, self.mode) = (base, mode)
    }

    func add(_ change: Change, at event: Int) { changes.append((event, change)) }

    func sync(at event: Int) { syncs.append(event) }

    func change(mode: Int64) { self.mode = mode }

    /// How much of what was not synced has reached the disk.
    enum Survival: Sendable {
        case nothing, everything
        /// The changes in their order up to one, of which some pages in their order.
        case prefix
        /// Each page as it was at some moment since the last sync, and the size of some moment.
        case pages(probability: Double)
    }

    /// What the file has after a power cut just before event `end`.
    func content(
        at end: Int, _ survival: Survival, _ random: inout Seeded
    ) -> [UInt8] {
        let synced = syncs.last { $0 < end } ?? -1
        var bytes = base
        for (event, change) in changes where event < synced { DiskFile.apply(change, to: &bytes) }
        let pending = changes.filter { $0.event > synced && $0.event < end }.map(\.change)
        guard !pending.isEmpty else { return bytes }
        switch survival {
        case .nothing: break
        case .everything: for change in pending { DiskFile.apply(change, to: &bytes) }
        case .prefix: applyPrefix(of: pending, to: &bytes, &random)
        case .pages(let probability):
            bytes = pages(bytes, pending, probability, &random)
        }
        return bytes
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .truncate(let size): resize(&bytes, to: size)
        case .write(let offset, let new):
            if bytes.count < offset + new.count { resize(&bytes, to: offset + new.count) }
            bytes.replaceSubrange(offset..<offset + new.count, with: new)
        }
    }

    private static func resize(_ bytes: inout [UInt8], to size: Int) {
        if bytes.count > size { bytes.removeLast(bytes.count - size) }
        if bytes.count < size { bytes += [UInt8](repeating: 0, count: size - bytes.count) }
    }

    private func applyPrefix(
        of pending: [Change], to bytes: inout [UInt8], _ random: inout Seeded
    ) {
        let count = Int.random(in: 0...pending.count, using: &random)
        for change in pending[..<count] { DiskFile.apply(change, to: &bytes) }
        guard count < pending.count, case .write(let offset, let new) = pending[count]
        else { return }
        // The torn one ends where a page does.
        let page = offset / DiskFile.pageBytes
        let torn = page + Int.random(in: 0...(new.count / DiskFile.pageBytes + 1), using: &random)
        let end = min(offset + new.count, torn * DiskFile.pageBytes)
        if end > offset {
            DiskFile.apply(.write(offset: offset, bytes: new.prefix(end - offset)), to: &bytes)
        }
    }

    /// The pages that a change touches, when the file has `size`.
    private static func touched(by change: Change, _ size: Int) -> Range<Int> {
        switch change {
        case .truncate(let new):
            let (low, high) = (min(size, new), max(size, new))
            return low / pageBytes..<(high + pageBytes - 1) / pageBytes
        case .write(let offset, let new):
            let low = min(offset, max(size, 0))
            let high = (offset + new.count + pageBytes - 1) / pageBytes
            return (offset > size ? low : offset) / pageBytes..<high
        }
    }

    private func pages(
        _ durable: [UInt8], _ pending: [Change], _ probability: Double, _ random: inout Seeded
    ) -> [UInt8] {
        var (current, sizes) = (durable, [durable.count])
        var versions: [Int: [[UInt8]]] = [:]
        for change in pending {
            let pages = DiskFile.touched(by: change, current.count)
            DiskFile.apply(change, to: &current)
            sizes.append(current.count)
            for page in pages { versions[page, default: []].append(DiskFile.page(page, current)) }
        }
        var result = durable
        // A larger size without its pages reads as zeros.
        DiskFile.resize(&result, to: sizes.randomElement(using: &random) ?? durable.count)
        for (page, kept) in versions.sorted(by: { $0.key < $1.key }) {
            let survives = Double.random(in: 0..<1, using: &random) < probability
            let start = page * DiskFile.pageBytes
            guard survives, start < result.count, let bytes = kept.randomElement(using: &random)
            else { continue }
            let count = min(DiskFile.pageBytes, result.count - start)
            let filled = bytes + [UInt8](repeating: 0, count: max(0, count - bytes.count))
            result.replaceSubrange(start..<start + count, with: filled.prefix(count))
        }
        return result
    }

    private static func page(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        let start = min(number * pageBytes, bytes.count)
        return Array(bytes[start..<min(start + pageBytes, bytes.count)])
    }
}
