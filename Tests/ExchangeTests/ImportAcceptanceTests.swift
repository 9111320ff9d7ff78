import Catalogue
import Digests
import Exchange
import Foundation
import Phrases
import Testing

/// The whole real event logs, where `HANQING_SHARED` says they are: `./dev accept --shared DIR`.
@Suite(.enabled(if: ImportAcceptanceTests.folder != nil))
struct ImportAcceptanceTests {
    private static let folder = ProcessInfo.processInfo.environment["HANQING_SHARED"]

    @Test(arguments: [("fines", 561_470, 150_370), ("receipt", 8_577, 1_434)])
    func `every event of a real log becomes an event that its catalogue accepts`(
        name: String, events: Int, cases: Int
    ) async throws {
        let path = try #require(ImportAcceptanceTests.folder) + "/data/\(name).xes.gz"
        let catalogue = try EventCatalogue(files: Fixture.catalogueFiles(name))
        let report = try await Importer.run(
            file: path, mapping: Fixture.mapping("\(name)-mapping.yaml"),
            sink: JudgingSink(catalogue))
        #expect(report.isComplete, "\(report.phrases.map(\.en).joined(separator: "\n"))")
        #expect(report.read == events)
        #expect(report.recorded == events)
        #expect(report.streams == cases)
    }
}
