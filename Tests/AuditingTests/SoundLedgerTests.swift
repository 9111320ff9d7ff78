import AuditSources
import Auditing
import Testing

@Suite struct SoundLedgerTests {
    @Test(arguments: [AuditMode.quick, .full])
    func `a sound ledger passes`(mode: AuditMode) async throws {
        var maker = LedgerMaker.varied(320)
        maker.withhold(40, backed: true)
        let report = try await audit(maker, mode)
        #expect(report.findings == [])
        #expect(report.isSound && report.notes == [])
        #expect(report.records == UInt64(maker.lines.count) && report.withheld == 1)
        #expect(report.root == maker.root(maker.lines.count))
        #expect(report.keySource == .ledger && report.beyondCheckpoint == 0)
        #expect(report.soundThrough == UInt64(maker.lines.count - 1))
        #expect(report.ledgerRecords == 16)
    }

    @Test func `neither the cuts nor the workers change what is found`() async throws {
        var maker = LedgerMaker.varied(200)
        maker.edit(90)
        maker.lines.swapAt(120, 121)
        let folder = try TestFolder(maker.contents())
        let first = try await audit(folder, chunk: 1 << 20)
        #expect(!first.isSound)
        for (workers, chunk) in [(1, 100), (2, 333), (3, 1000), (2, 65_536)] {
            let other = try await audit(folder, workers: workers, chunk: chunk)
            #expect(other.findings == first.findings)
            #expect(other.notes == first.notes && other.root == first.root)
        }
    }

    @Test func `sorting on disk finds what sorting in memory finds`() async throws {
        var maker = LedgerMaker.varied(150)
        maker.add("penalty/C-3", id: "E-30")
        maker.add("penalty/C-3", revision: 400)
        let folder = try TestFolder(maker.contents())
        let inMemory = try await audit(folder)
        let onDisk = try await audit(folder, facts: 10)
        #expect(inMemory.findings.map(\.code) == [.idRepeated, .revisionWrong])
        #expect(onDisk.findings == inMemory.findings)
    }
}
