import AuditSources
import Auditing
import Checkpoints
import Digests
import Merkle
import Records
import Testing

@Suite struct DamageTests {
    let sound = LedgerMaker.varied(200)

    private func expect(
        _ report: AuditReport, _ code: FindingCode, _ range: ClosedRange<UInt64>?,
        at location: SourceLocation = #_sourceLocation
    ) {
        let places = report.findings.map { "\($0.code) \($0.seq ?? 0)-\($0.through ?? 0)" }
        let hit = report.findings.contains {
            $0.code == code
                && (range == nil || $0.seq == range?.lowerBound && $0.through == range?.upperBound)
        }
        #expect(hit, "\(places)", sourceLocation: location)
        #expect(!report.isSound, sourceLocation: location)
    }

    // MARK: Records

    @Test(arguments: [AuditMode.quick, .full], [true, false])
    func `an edited record is named exactly`(mode: AuditMode, index: Bool) async throws {
        var maker = sound
        maker.edit(90)
        let report = try await audit(maker, mode, index: index) {
            $0["checkpoints/latest"] = sound.checkpoint()
        }
        // The maker's leaves are those of the records before the edit: so is its index.
        expect(report, .linkBroken, 90...90)
        expect(report, .recordAltered, 90...90)
        expect(report, .rootDiffers, 90...90)
        #expect(report.soundThrough == 89)
        let finding = report.findings.first { $0.code == .recordAltered }
        #expect(finding?.file == LedgerMaker.segment(60))
        let offset = sound.lines[60..<90].reduce(0) { $0 + $1.count + 1 }
        if index { #expect(finding?.offset == offset) }
    }

    @Test func `an edited last record is found by the root alone`() async throws {
        var maker = sound
        maker.edit(maker.lines.count - 1)
        let last = UInt64(maker.lines.count - 1)
        expect(try await audit(maker, .quick, index: false), .rootDiffers, 0...last)
        expect(try await audit(maker, .quick), .recordAltered, last...last)
    }

    @Test func `an edit with the next link made right is found`() async throws {
        var maker = sound
        maker.edit(90)
        maker.relink(from: 91, count: 1)
        let without = try await audit(maker, .quick, index: false) {
            $0["checkpoints/latest"] = sound.checkpoint()
        }
        expect(without, .linkBroken, 91...92)
        expect(without, .rootDiffers, 0...UInt64(maker.lines.count - 1))
        #expect(without.soundThrough == nil)
        let with = try await audit(maker, .quick) { files in
            files["checkpoints/latest"] = sound.checkpoint()
            files["index/level-0"] = sound.contents()["index/level-0"]
        }
        expect(with, .recordAltered, 90...91)
        #expect(with.soundThrough == 89)
    }

    @Test func `an edit with everything after made right is found`() async throws {
        var maker = sound
        maker.edit(90)
        maker.relink(from: 91)
        let last = UInt64(maker.lines.count - 1)
        let forged = maker.contents(index: false)
        let folder = try TestFolder(forged)
        try folder.write("checkpoints/latest", sound.checkpoint())
        expect(try await audit(folder, .quick), .rootDiffers, 0...last)
        let seen = GivenCheckpoint(name: "seen", note: sound.checkpoint(80))
        let bounded = try await audit(folder, .quick, checkpoints: [seen])
        expect(bounded, .rootDiffers, 80...last)
        #expect(bounded.soundThrough == 79)
        try folder.write("index/level-0", sound.contents()["index/level-0"] ?? [])
        expect(try await audit(folder, .quick), .recordAltered, 90...last)
        // Signed anew by whoever has the key, only what others saw before tells.
        try folder.write("checkpoints/latest", maker.checkpoint())
        #expect(try await audit(folder, .quick).isSound)
        let late = GivenCheckpoint(name: "seen", note: sound.checkpoint(150))
        expect(try await audit(folder, .quick, checkpoints: [late]), .forked, 0...149)
        let same = GivenCheckpoint(name: "seen", note: sound.checkpoint())
        let forked = try await audit(folder, .quick, checkpoints: [same])
        expect(forked, .forked, 0...last)
        #expect(forked.soundThrough == nil)
    }

    @Test func `a deleted line is found`() async throws {
        var maker = sound
        maker.lines.remove(at: 90)
        let report = try await audit(maker, .quick) {
            $0["checkpoints/latest"] = sound.checkpoint()
        }
        expect(report, .sequenceWrong, 90...90)
        expect(report, .recordsMissing, 199...199)
        #expect(report.soundThrough == 89)
        #expect(report.findings.count { $0.code == .sequenceWrong } < 4)
    }

    @Test func `swapped, repeated and inserted lines are found`() async throws {
        let checkpoint = sound.checkpoint()
        var swapped = sound
        swapped.lines.swapAt(90, 91)
        var repeated = sound
        repeated.lines.insert(sound.lines[90], at: 91)
        var inserted = sound
        inserted.lines.insert(sound.lines[10], at: 90)
        for (maker, place): (LedgerMaker, UInt64) in [
            (swapped, 90), (repeated, 91), (inserted, 90),
        ] {
            let report = try await audit(maker, .quick, index: false) {
                $0["checkpoints/latest"] = checkpoint
            }
            expect(report, .sequenceWrong, place...place)
            expect(report, .linkBroken, nil)
        }
    }

    @Test func `a line too long, not UTF-8 or without LF is found`() async throws {
        var long = sound
        long.lines[90] += Array(repeating: 0x20, count: 70_000)
        expect(try await audit(long, .quick), .lineTooLong, 90...90)
        var bytes = sound
        bytes.lines[90][bytes.lines[90].count - 70] = 0xFF
        expect(try await audit(bytes), .recordMalformed, 90...90)
        let report = try await audit(sound, .quick) { files in
            files[LedgerMaker.segment(180)]?.removeLast()
        }
        #expect(report.findings.map(\.code) == [.lineUnterminated])
        #expect(report.findings.first?.seq == 199)
    }

    // MARK: Segments

    @Test func `missing, exchanged and misnamed segments are found`() async throws {
        let missing = try await audit(sound, .quick) { $0[LedgerMaker.segment(60)] = nil }
        expect(missing, .segmentMissing, 60...119)
        let last = try await audit(sound, .quick) { $0[LedgerMaker.segment(180)] = nil }
        expect(last, .recordsMissing, 180...199)
        #expect(last.soundThrough == 179)
        let first = try await audit(sound, .quick) { $0[LedgerMaker.segment(0)] = nil }
        expect(first, .segmentMissing, 0...59)
        let exchanged = try await audit(sound, .quick) { files in
            let one = files[LedgerMaker.segment(60)]
            files[LedgerMaker.segment(60)] = files[LedgerMaker.segment(120)]
            files[LedgerMaker.segment(120)] = one
        }
        expect(exchanged, .sequenceWrong, 60...60)
        let misnamed = try await audit(sound, .quick) { files in
            files["records/000000000061.ndjson"] = files.removeValue(
                forKey: LedgerMaker.segment(60))
        }
        expect(misnamed, .segmentMisnamed, 60...60)
        let odd = try await audit(sound, .quick) { files in
            files["records/60.ndjson"] = files.removeValue(forKey: LedgerMaker.segment(60))
        }
        expect(odd, .segmentMisnamed, nil)
        expect(odd, .segmentMissing, 60...119)
        let none = try await audit(sound, .quick) { files in
            for first in [0, 60, 120, 180] { files[LedgerMaker.segment(first)] = nil }
        }
        expect(none, .genesisWrong, 0...0)
        expect(none, .checkpointRefused, nil)
    }

    @Test func `what follows a missing segment is not sound, whatever the index says`() async throws
    {
        for index in [true, false] {
            let report = try await audit(sound, .quick, index: index) {
                $0[LedgerMaker.segment(60)] = nil
            }
            expect(report, .segmentMissing, 60...119)
            #expect(report.soundThrough ?? 0 < 60, "with the index \(index)")
        }
    }

    @Test func `a record back at its place after two that were swapped is not accused`()
        async throws
    {
        var swapped = sound
        swapped.lines.swapAt(90, 95)
        let report = try await audit(swapped, .quick) {
            $0["checkpoints/latest"] = sound.checkpoint()
        }
        let accused = report.findings.filter { $0.code == .sequenceWrong }.map(\.seq)
        #expect(accused == [90, 95])
    }

    @Test func `truncation is found at every kind of place`() async throws {
        for keep in [0, 1, 5000, 17_000] {
            let report = try await audit(sound, .full) { files in
                let whole = files[LedgerMaker.segment(120)] ?? []
                files[LedgerMaker.segment(120)] = Array(whole.prefix(keep))
                files[LedgerMaker.segment(180)] = nil
            }
            #expect(!report.isSound)
            #expect(report.findings.contains { $0.code == .recordsMissing && $0.through == 199 })
            #expect(report.soundThrough ?? 0 >= 119)
        }
    }

    // MARK: Checkpoints

    @Test func `a missing, altered or foreign checkpoint is found`() async throws {
        expect(
            try await audit(sound, .quick) { $0["checkpoints/latest"] = nil }, .checkpointMissing,
            nil)
        for place in [0, 30, 40, 60, 150] {
            let report = try await audit(sound, .quick) { $0["checkpoints/latest"]?[place] ^= 1 }
            expect(report, .checkpointRefused, nil)
        }
        let foreign = try await audit(sound, .quick) {
            $0["checkpoints/latest"] = sound.checkpoint(by: LedgerMaker.key(2))
        }
        expect(foreign, .checkpointRefused, nil)
        let older = try await audit(sound, .quick) {
            $0["checkpoints/latest"] = sound.checkpoint(150)
        }
        #expect(older.isSound && older.beyondCheckpoint == 50)
        #expect(older.notes.map(\.code) == ["beyond-checkpoint"])
    }

    @Test func `what lies beyond the checkpoint is a note and no finding`() async throws {
        var maker = sound
        maker.edit(180)
        let folder = try TestFolder(maker.contents(index: false))
        try folder.write("checkpoints/latest", sound.checkpoint(150))
        let text: [UInt8] = maker.lines[180...].flatMap { $0 + [0x0A] }
        try folder.write(LedgerMaker.segment(180), Array(text.dropLast(30)))
        let report = try await audit(folder)
        #expect(report.isSound && report.findings == [])
        #expect(report.beyondCheckpoint == 49)
        #expect(
            report.notes.map(\.code)
                == ["index-missing", "beyond-checkpoint", "beyond-damaged", "torn-tail"])
    }

    @Test func `a cut through a batch is found`() async throws {
        // Record 7 begins a batch of three.
        expect(
            try await audit(sound) { $0["checkpoints/latest"] = sound.checkpoint(9) }, .batchBroken,
            8...8)
    }

    // MARK: Beside the log

    @Test func `catalogues and attachments are compared with their digests`() async throws {
        func names(_ part: String) -> String {
            sound.files.keys.sorted().first { $0.contains(part) } ?? ""
        }
        for part in ["compiled.json", "one.yaml"] {
            expect(try await audit(sound) { $0[names(part)] = nil }, .catalogueMissing, 1...1)
            expect(try await audit(sound) { $0[names(part)]?.append(1) }, .catalogueDiffers, 1...1)
        }
        expect(try await audit(sound) { $0[names("attach")] = nil }, .attachmentMissing, nil)
        expect(try await audit(sound) { $0[names("attach")]?[0] ^= 1 }, .attachmentDiffers, nil)
    }

    @Test func `a wrong index is found, a missing one is a note`() async throws {
        let wide = LedgerMaker.varied(300)
        for file in ["index/offsets", "index/level-0", "index/level-1"] {
            let report = try await audit(wide) { $0[file]?[9] ^= 1 }
            #expect(report.findings.map(\.code) == [.indexDiffers])
            #expect(report.findings.first?.file == file)
            #expect(try await audit(wide, .quick) { $0[file]?[9] ^= 1 }.isSound)
        }
        let missing = try await audit(wide, index: false)
        #expect(missing.isSound && missing.notes.map(\.code) == ["index-missing"])
        let short = try await audit(wide) { $0["index/level-0"]?.removeLast(64) }
        #expect(short.isSound && short.notes.map(\.code) == ["index-behind"])
    }
}
