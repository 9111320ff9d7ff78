import Catalogue
import LedgerData
import Phrases
import Testing

@Suite struct EventCatalogueTests {
    @Test func `the shipped catalogue loads, and reads back from its compiled form`() throws {
        do {
            let catalogue = try EventCatalogue(files: LedgerData.catalogueFiles)
            let again = try EventCatalogue(compiled: catalogue.compiled)
            #expect(again.digest == catalogue.digest)
            #expect(again.eventTypes == catalogue.eventTypes)
            print(catalogue.compiled.count)
        } catch {
            for error in error.errors { print(error.phrase.zh) }
            throw error
        }
    }
}
