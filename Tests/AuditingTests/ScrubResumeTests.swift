import AuditSources
import Auditing
import CanonicalJSON
import Checkpoints
import Foundation
import Merkle
import Records
import Testing

/// A pass that is stopped, and a ledger that lives on meanwhile.
@Suite struct ScrubResumeTests {
    let sound = LedgerMaker.varied(300)

    @Test func `a pass stopped after any slice ends as one that was not`() throws {
        let count = try TestScrub.sliceCount(sound.contents())
        #expect(count > 20)
        for stop in 1..<count {
            let scrub = try TestScrub(sound.contents())
            let first = try scrub.run { $0 == stop }
            #expect(first.finished == nil && first.isSound, "\(stop)")
            #expect(try scrub.state?.pass?.records == first.records)
            let second = try scrub.run()
            #expect(second.isResumed && second.isSound && second.finished != nil, "\(stop)")
            #expect(second.byteCount == sound.lines.reduce(0) { $0 + $1.count + 1 })
        }
    }

    @Test func `random damage, stopped at random, is found as in one go`() throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var random = Numbers(state: seed)
        for round in 0..<60 {
            var maker = sound
            for _ in 0...random.next() % 3 { maker.edit(2 + Int(random.next() % 298)) }
            var contents = maker.contents(index: false)
            for (name, bytes) in sound.contents() where !name.hasPrefix("records/") {
                if !name.hasPrefix("index/") || round % 2 == 0 { contents[name] = bytes }
            }
            let slice = 1000 + Int(random.next() % 20_000)
            let whole = try TestScrub(contents, slice: slice).run()
            let scrub = try TestScrub(contents, slice: slice)
            var report = try scrub.run { _ in true }
            var runs = 1
            while report.finished == nil {
                let slices = 1 + Int(random.next() % 9)
                report = try scrub.run { $0 >= slices }
                runs += 1
            }
            #expect(report.places == whole.places, "seed \(seed), round \(round), \(runs) runs")
            #expect(!report.isSound, "seed \(seed), round \(round)")
            #expect(runs > 2 || slice > 10_000)
        }
    }

    @Test func `damage before the place is found in this pass, behind it in the next`() throws {
        var maker = sound
        maker.edit(10)
        let segment = LedgerMaker.segment(0)
        let damaged = maker.contents()[segment] ?? []
        let behind = try TestScrub(sound.contents())
        let path = behind.folder
        let first = try behind.run { slice in
            if slice == 20 { try path.write(segment, damaged) }
            return false
        }
        #expect(first.isSound)
        let next = try behind.run()
        #expect(next.findings.contains { $0.code == .recordAltered && $0.seq == 10 })

        maker = sound
        maker.edit(290)
        let late = LedgerMaker.segment(240)
        let ahead = try TestScrub(sound.contents())
        let report = try ahead.run { [maker] slice in
            if slice == 20 { try ahead.folder.write(late, maker.contents()[late] ?? []) }
            return false
        }
        #expect(report.findings.contains { $0.code == .recordAltered && $0.seq == 290 })
    }

    @Test func `damage behind the place of a stopped pass is found in the next`() throws {
        let scrub = try TestScrub(sound.contents())
        try scrub.run { $0 == 20 }
        var maker = sound
        maker.edit(10)
        try scrub.folder.write(
            LedgerMaker.segment(0), maker.contents()[LedgerMaker.segment(0)] ?? [])
        #expect(try scrub.run().isSound && scrub.resumed == [false, true])
        #expect(try !scrub.run().isSound)
    }

    @Test func `a record before the place that is another now makes the pass begin anew`() throws {
        let scrub = try TestScrub(sound.contents())
        let stopped = try scrub.run { $0 == 20 }
        var maker = sound
        maker.edit(Int(stopped.records) - 1)
        for (name, bytes) in maker.contents() where name.hasPrefix("records/") {
            try scrub.folder.write(name, bytes)
        }
        let report = try scrub.run()
        #expect(scrub.resumed == [false, false])
        #expect(
            report.findings.contains { $0.code == .recordAltered && $0.seq == stopped.records - 1 })
    }

    // MARK: A ledger that lives

    @Test func `appends and rolls during a pass change nothing for it`() throws {
        var maker = sound
        let scrub = try TestScrub(sound.contents())
        for number in 0..<100 { maker.add("penalty/C-\(number % 7)") }
        let grown = maker
        let report = try scrub.run { slice in
            guard slice == 10 else { return false }
            for (name, bytes) in grown.contents() { try scrub.folder.write(name, bytes) }
            return false
        }
        #expect(report.isSound && report.records == UInt64(sound.lines.count))
        #expect(try scrub.run().records == UInt64(grown.lines.count))
        #expect(scrub.found == [])
    }

    @Test func `a stopped pass goes on under its own checkpoint after appends and rolls`() throws {
        var maker = sound
        let scrub = try TestScrub(sound.contents())
        try scrub.run { $0 == 15 }
        for number in 0..<100 { maker.add("penalty/C-\(number % 7)") }
        for (name, bytes) in maker.contents() { try scrub.folder.write(name, bytes) }
        let report = try scrub.run()
        #expect(report.isResumed && report.isSound)
        #expect(report.size == UInt64(sound.lines.count))
    }

    @Test func `a line that is being written after the checkpoint is no damage`() throws {
        var contents = sound.contents()
        contents[LedgerMaker.segment(240)]? += Array("{\"chain\":{\"prev\":\"".utf8)
        #expect(try TestScrub(contents).run().isSound)
    }

    @Test func `a line withheld ahead of the place is backed by a record after the pass`() throws {
        var maker = sound
        let scrub = try TestScrub(sound.contents())
        maker.withhold(250, backed: true)
        let withheld = maker
        let report = try scrub.run { slice in
            guard slice == 10 else { return false }
            for (name, bytes) in withheld.contents() { try scrub.folder.write(name, bytes) }
            return false
        }
        #expect(report.isSound, "\(report.places)")
    }

    @Test func `a checkpoint that lags behind the last pass is no damage, lost records are`()
        throws
    {
        let scrub = try TestScrub(sound.contents())
        try scrub.run()
        try scrub.folder.write("checkpoints/latest", sound.checkpoint(280))
        let lagging = try scrub.run()
        #expect(lagging.isSound && lagging.size == UInt64(sound.lines.count))
        let whole = sound.contents()[LedgerMaker.segment(240)] ?? []
        let kept = sound.lines[240..<280].reduce(0) { $0 + $1.count + 1 }
        try scrub.folder.write(LedgerMaker.segment(240), Array(whole.prefix(kept)))
        let lost = try scrub.run()
        #expect(lost.codes == [.rolledBack] && lost.findings.first?.seq == 280)
    }

    @Test func `another history under a larger checkpoint is a fork`() throws {
        let scrub = try TestScrub(sound.contents())
        try scrub.run()
        var maker = sound
        maker.edit(90)
        maker.relink(from: 91)
        maker.add("penalty/C-1")
        for (name, bytes) in maker.contents() { try scrub.folder.write(name, bytes) }
        #expect(try scrub.run().codes == [.forked])
    }
}
