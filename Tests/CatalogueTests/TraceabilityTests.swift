import Catalogue
import Phrases
import Testing

struct TraceabilityTests {
    @Test func `every demand of the plan is recorded and watched`() throws {
        let catalogue = try Shipped.catalogue.get()
        #expect(catalogue.plan.count == 18)
        for demand in catalogue.plan.flatMap(\.demands) {
            let watchers = demand.rules + demand.duties + demand.indicators
            #expect(!demand.procedures.isEmpty && !demand.events.isEmpty, "\(demand.text)")
            #expect(!watchers.isEmpty, "\(demand.text)")
            #expect(
                Set(demand.events.map { $0.prefix { $0 != "." } })
                    == Set(demand.procedures.map { $0[...] }),
                "\(demand.text)")
        }
    }

    @Test func `a demand that names what is not there is an error at its place`() throws {
        var files = Small.files
        files["plan.yaml"] = """
            measures:
              - id: "5.1"
                label: 四（五）1
                zh: 执法规范化
                en: Regular enforcement
                demands:
                  - {id: "5.1.1", zh: 公示, procedures: [thing], events: [thing.opened], rules: [R9]}
            """
        let error = #expect(throws: CatalogueErrors.self) { try Small.load(files) }
        #expect(error?.errors.map(\.phrase.en) == ["plan.yaml:7:76: there is no \"R9\""])
    }
}
