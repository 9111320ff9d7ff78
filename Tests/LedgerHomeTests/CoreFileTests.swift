import LedgerHome
import Testing

@Suite struct CoreFileTests {
    @Test func `a process that forbids it is dumped nowhere`() {
        #expect(CoreFile.isDumpable)
        #expect(CoreFile.forbidDump())
        #expect(!CoreFile.isDumpable)
    }
}
