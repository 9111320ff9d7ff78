import AuditSources
import Auditing
import Checkpoints
import Foundation
import Merkle
import Phrases
import Records
import Synchronization
import Testing

/// A scrub of a folder that a test steers: small slices, no waiting, an end after so many of them.
final class TestScrub: Sendable {
    let folder: TestFolder
    private let options: Scrubber.Options
    private let seen = Mutex(Seen())

    struct Seen {
        var events: [String] = []
        var found: [Finding] = []
        var slices = 0
        var resumed: [Bool] = []
    }

    init(_ contents: [String: [UInt8]], slice: Int = 5000) throws {
        folder = try TestFolder(contents)
        var options = Scrubber.Options()
        options.sliceByteCount = slice
        self.options = options
    }

    var found: [Finding] { seen.withLock { $0.found } }
    var resumed: [Bool] { seen.withLock { $0.resumed } }

    /// Runs a pass, or what is left of one; `after` is called when so many slices are done, and
    /// says whether to stop.
    @discardableResult
    func run(
        reader: (any RecordReader)? = nil,
        after: @escaping @Sendable (Int) throws -> Bool = { _ in false }
    ) throws -> ScrubReport {
        let ledger = try LedgerFolder(folder.path)
        let sources = Scrubber.Sources(
            records: reader ?? ledger, index: ledger, kept: ledger,
            state: ScrubFolder(ledger: folder.path))
        let pace = Pace(bytesPerSecond: nil)
        seen.withLock { $0.slices = 0 }
        return try Scrubber(sources, options).run(pace.surroundings) { event in
            self.take(event)
            guard case .progress = event else { return }
            let count = self.seen.withLock { seen in
                seen.slices += 1
                return seen.slices
            }
            do {
                if try after(count) { pace.stop() }
            } catch {
                Issue.record(error)
            }
        }
    }

    private func take(_ event: Scrubber.Event) {
        seen.withLock { seen in
            switch event {
            case .began(let isResumed): seen.resumed.append(isResumed)
            case .found(let finding): seen.found.append(finding)
            case .noted, .progress: break
            }
        }
    }

    var state: ScrubState? {
        get throws {
            let ledger = try LedgerFolder(folder.path)
            return try Scrubber(
                Scrubber.Sources(
                    records: ledger, index: ledger, kept: ledger,
                    state: ScrubFolder(ledger: folder.path))
            ).state()
        }
    }

    /// How many slices a whole pass has.
    static func sliceCount(_ contents: [String: [UInt8]], slice: Int = 5000) throws -> Int {
        let scrub = try TestScrub(contents, slice: slice)
        try scrub.run()
        return scrub.seen.withLock { $0.slices }
    }
}

extension ScrubReport {
    var codes: [FindingCode] { findings.map(\.code) }

    /// Code and records of each finding.
    var places: Set<String> {
        Set(findings.map { "\($0.code) \($0.seq.map(String.init) ?? "-")-\($0.through ?? 0)" })
    }
}

extension AuditReport {
    /// Code and records of each finding.
    var places: Set<String> {
        Set(findings.map { "\($0.code) \($0.seq.map(String.init) ?? "-")-\($0.through ?? 0)" })
    }
}

/// Reads a ledger whose disk has gone bad in places.
struct BadDisk: RecordReader {
    let inner: LedgerFolder
    /// Of one segment.
    let file: String
    let bad: Range<Int>

    func segments() throws(SourceError) -> SegmentList { try inner.segments() }

    func read(
        _ segment: Segment, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        if segment.file == file, bad.overlaps(offset..<offset + target.count) {
            throw SourceError(
                file, .init(en: "cannot read \(file): Input/output error", zh: "无法读取"),
                isOfDisk: true)
        }
        return try inner.read(segment, at: offset, into: target)
    }
}

/// Time that passes only where somebody waits.
final class FakeTime: Sendable {
    private let time = Mutex(Duration.seconds(1000))

    var seconds: Double {
        let passed = time.withLock { $0 } - .seconds(1000)
        return Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
    }

    var clock: Pace.Clock {
        Pace.Clock(
            now: { self.time.withLock { $0 } },
            wait: { duration in self.time.withLock { $0 += duration } }, wake: {})
    }
}
