import AuditSources
import Auditing
import Checkpoints
import Foundation
import Merkle
import Phrases
import Records
import Testing

@Suite struct ScrubTests {
    let sound = LedgerMaker.varied(300)

    private func expect(
        _ report: ScrubReport, _ code: FindingCode, _ range: ClosedRange<UInt64>? = nil,
        at location: SourceLocation = #_sourceLocation
    ) {
        let hit = report.findings.contains {
            $0.code == code
                && (range == nil || $0.seq == range?.lowerBound && $0.through == range?.upperBound)
        }
        #expect(hit, "\(report.places)", sourceLocation: location)
        #expect(report.finished != nil, sourceLocation: location)
    }

    /// A pass over what `maker` makes under the sound ledger's checkpoint, after `change`.
    private func scrub(
        _ maker: LedgerMaker, index: Bool = true,
        _ change: (inout [String: [UInt8]]) -> Void = { _ in }
    ) throws -> (report: ScrubReport, told: [Finding], folder: TestFolder) {
        var contents = maker.contents(index: false)
        for (name, bytes) in sound.contents()
        where name == "checkpoints/latest" || index && name.hasPrefix("index/") {
            contents[name] = bytes
        }
        change(&contents)
        let scrub = try TestScrub(contents)
        return (try scrub.run(), scrub.found, scrub.folder)
    }

    @Test(arguments: [100, 5000, 1 << 20])
    func `a sound ledger is sound, whatever the slices`(slice: Int) throws {
        let scrub = try TestScrub(sound.contents(), slice: slice)
        let report = try scrub.run()
        #expect(report.findings == [] && report.notes == [] && report.finished != nil)
        #expect(report.records == UInt64(sound.lines.count) && report.size == report.records)
        let whole = sound.lines.reduce(0) { $0 + $1.count + 1 }
        // What is left of the last record after its beginning need not be read as a slice.
        #expect(report.byteCount <= whole && report.byteCount > whole - 1000)
        #expect(report.attachmentCount == sound.files.keys.count { $0.hasPrefix("attach") })
        let last = try #require(try scrub.state?.last)
        #expect(last.isSound && last.records == report.records)
        #expect(try scrub.state?.pass == nil)
    }

    // MARK: Every kind of damage

    @Test(arguments: [true, false])
    func `an edited record is named as verify names it, at once`(index: Bool) async throws {
        var maker = sound
        maker.edit(90)
        let (report, told, folder) = try scrub(maker, index: index)
        let audited = try await audit(folder, .quick)
        #expect(report.places == audited.places)
        expect(report, .recordAltered, 90...90)
        expect(report, .linkBroken, 90...90)
        expect(report, .rootDiffers, 90...90)
        let altered = report.findings.first { $0.code == .recordAltered }
        #expect(altered == audited.findings.first { $0.code == .recordAltered })
        // With the index the exact place comes first, in the slice itself.
        #expect(told.first?.code == (index ? .recordAltered : .linkBroken))
        #expect(told.last?.code == .rootDiffers)
    }

    @Test func `damage in several places is all found, and the pass goes on`() throws {
        var maker = sound
        for record in [5, 90, 91, 250] { maker.edit(record) }
        let (report, told, _) = try scrub(maker) { files in
            let attached = files.keys.sorted().first { $0.hasPrefix("attach") } ?? ""
            files[attached]?[0] ^= 1
        }
        let altered = report.findings.filter { $0.code == .recordAltered }
        #expect(altered.map(\.seq) == [5, 90, 250] && altered[1].through == 91)
        expect(report, .attachmentDiffers)
        #expect(Set(told.map(\.code)) == Set(report.codes))
    }

    @Test func `one sound block of the index is evidence even where another is damaged`() throws {
        let large = LedgerMaker.varied(600)
        var maker = large
        maker.edit(90)
        var contents = large.contents()
        contents[LedgerMaker.segment(60)] = maker.contents()[LedgerMaker.segment(60)]
        contents["index/level-0"]?[32 * 300] ^= 1
        let scrub = try TestScrub(contents)
        let report = try scrub.run()
        expect(report, .recordAltered, 90...90)
        #expect(scrub.found.first?.code == .recordAltered)
        #expect(report.findings.filter { $0.code == .recordAltered }.count == 1)
        #expect(!report.codes.contains(.indexDiffers))
    }

    @Test func `a wrong index is found, a missing or short one is none`() throws {
        for file in ["index/offsets", "index/level-0", "index/level-1"] {
            let (report, _, _) = try scrub(sound) { $0[file]?[9] ^= 1 }
            #expect(report.codes == [.indexDiffers])
            #expect(report.findings.first?.file == file)
        }
        let (short, _, _) = try scrub(sound) { $0["index/level-0"]?.removeLast(64) }
        #expect(short.isSound)
        let (none, _, _) = try scrub(sound, index: false)
        #expect(none.isSound)
    }

    @Test func `lines deleted, inserted and unreadable are found as verify finds them`()
        async throws
    {
        var deleted = sound
        deleted.lines.remove(at: 90)
        var inserted = sound
        inserted.lines.insert(sound.lines[10], at: 90)
        var unreadable = sound
        unreadable.lines[90] = Array("nothing".utf8)
        var long = sound
        long.lines[90] += Array(repeating: 0x20, count: 70_000)
        for maker in [deleted, inserted, unreadable, long] {
            for index in [true, false] {
                let (report, _, folder) = try scrub(maker, index: index)
                #expect(report.places == (try await audit(folder, .quick)).places)
                #expect(!report.isSound)
            }
        }
    }

    @Test func `segments missing, misnamed, truncated are found as verify finds them`()
        async throws
    {
        let changes: [(inout [String: [UInt8]]) -> Void] = [
            { $0[LedgerMaker.segment(60)] = nil }, { $0[LedgerMaker.segment(240)] = nil },
            { $0[LedgerMaker.segment(0)] = nil },
            { $0["records/60.ndjson"] = $0.removeValue(forKey: LedgerMaker.segment(60)) },
            { $0[LedgerMaker.segment(240)]?.removeLast(40) },
            { $0[LedgerMaker.segment(240)]?.removeLast() },
            { files in
                for first in [0, 60, 120, 180, 240] { files[LedgerMaker.segment(first)] = nil }
            },
        ]
        for (number, change) in changes.enumerated() {
            let (report, _, folder) = try scrub(sound, change)
            let audited = try await audit(folder, .quick)
            #expect(report.places == audited.places, "\(number)")
            #expect(!report.isSound, "\(number)")
        }
    }

    @Test func `a missing or damaged checkpoint is found, and the links are checked`() throws {
        var maker = sound
        maker.edit(90)
        let (none, _, _) = try scrub(maker) { $0["checkpoints/latest"] = nil }
        expect(none, .checkpointMissing)
        expect(none, .linkBroken, 90...91)
        let (bad, _, _) = try scrub(sound) { $0["checkpoints/latest"]?[30] ^= 1 }
        #expect(bad.codes == [.checkpointRefused])
    }

    @Test func `catalogues and attachments are found missing or changed`() throws {
        for (part, missing, differs): (String, FindingCode, FindingCode) in [
            ("compiled.json", .catalogueMissing, .catalogueDiffers),
            ("one.yaml", .catalogueMissing, .catalogueDiffers),
            ("attach", .attachmentMissing, .attachmentDiffers),
        ] {
            let name = sound.files.keys.sorted().first { $0.contains(part) } ?? ""
            #expect(try scrub(sound) { $0[name] = nil }.report.codes == [missing])
            #expect(try scrub(sound) { $0[name]?[0] ^= 1 }.report.codes == [differs])
        }
    }

    @Test func `a withheld line needs a record that backs it`() throws {
        var backed = sound
        backed.withhold(90, backed: true)
        #expect(try TestScrub(backed.contents()).run().isSound)
        var unbacked = sound
        unbacked.withhold(90, backed: false)
        let report = try TestScrub(unbacked.contents()).run()
        #expect(report.codes == [.withheldUnbacked] && report.findings.first?.seq == 90)
    }

    @Test func `a sector that cannot be read is named, and what comes after is judged`() throws {
        var maker = sound
        maker.edit(250)
        var contents = maker.contents(index: false)
        contents["checkpoints/latest"] = sound.checkpoint()
        let scrub = try TestScrub(contents)
        let disk = BadDisk(
            inner: try LedgerFolder(scrub.folder.path), file: LedgerMaker.segment(60),
            bad: 9000..<9001)
        let report = try scrub.run(reader: disk)
        expect(report, .lineUnreadable)
        #expect(report.findings.contains { $0.code == .linkBroken && $0.seq == 250 })
        #expect(report.notes.map(\.code) == ["unreadable"])
        #expect(report.notes.first?.phrase.en.contains("byte 8192") ?? false)
    }

    @Test func `a disk that gives nothing any more is no verdict`() throws {
        let scrub = try TestScrub(LedgerMaker.varied(900).contents(), slice: 1 << 20)
        let disk = BadDisk(
            inner: try LedgerFolder(scrub.folder.path), file: LedgerMaker.segment(60),
            bad: 1..<2)
        #expect(try !scrub.run(reader: disk).isSound)
        let gone = DeadDisk(inner: try LedgerFolder(scrub.folder.path))
        #expect(throws: SourceError.self) { try scrub.run(reader: gone) }
    }
}

/// Lists its files and reads none.
private struct DeadDisk: RecordReader {
    let inner: LedgerFolder

    func segments() throws(SourceError) -> SegmentList { try inner.segments() }

    func read(
        _ segment: Segment, at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        throw SourceError(segment.file, .init(en: "error", zh: "错误"), isOfDisk: true)
    }
}
