import Catalogue
import LedgerData
import LedgerHome
import Records
import Testing

struct CaseFileTests {
    /// Found by fuzzing: a negative number ended the program that showed the case.
    @Test(arguments: [
        (line(seq: -1, revision: 0, corrects: 0), 0),
        (line(seq: 5, revision: -1, corrects: 0), 0),
        (line(seq: 5, revision: 0, corrects: -1), 1),
        (#"{"withheld":{"recorded":"","revision":-1,"seq":-1,"stream":"penalty/A-1"}}"#, 1),
    ])
    func `lines with negative numbers end nothing`(line: String, entries: Int) throws {
        let catalogue = try EventCatalogue(files: LedgerData.catalogueFiles)
        let stream = try #require(StreamName("penalty/A-1"))
        let file = CaseFile(
            stream: stream, lines: [Array(line.utf8)], catalogue: catalogue
        ) { _ in catalogue }
        #expect(file.entries.count == entries)
        #expect(file.entries.allSatisfy { $0.mends == nil })
    }

    private static func line(seq: Int, revision: Int, corrects: Int) -> String {
        let chain = #"{"recorded":"2025-01-06T09:30:00.000000Z","seq":\#(seq)}"#
        let event =
            #"{"data":{"corrects":{"seq":\#(corrects)}},"time":"","type":"entry.corrected"}"#
        return #"{"chain":\#(chain),"event":\#(event),"intake":{"revision":\#(revision)}}"#
    }
}
