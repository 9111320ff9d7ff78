import CanonicalJSON
import Catalogue
import Phrases
import Testing

/// What a catalogue says of sealed values: Specs/catalogue.md sections 2, 3 and 5.
@Suite struct SealingRuleTests {
    private let path = "procedures/thing.yaml"

    /// The small catalogue with the procedure changed.
    private func load(_ old: String, _ new: String) throws -> EventCatalogue {
        var files = Small.files
        files[path] = files[path]?.replacingOccurrences(old, new)
        #expect(files[path] != Small.files[path])
        return try Small.load(files)
    }

    private func opened(_ keys: String) throws -> EventType {
        let catalogue = try load("    en: Opened\n", "    en: Opened\n\(keys)")
        return try #require(catalogue.eventType("thing.opened"))
    }

    private func holders(_ type: EventType, _ data: JSONValue) throws -> String {
        let bytes = data.canonicalBytes
        return try bytes.withUnsafeBytes { raw in
            try JSONReader().read(raw) { type.holders(of: .sealed, in: $0) }
        }
    }

    private func fault(_ body: () throws -> Void) -> String {
        let error = #expect(throws: CatalogueErrors.self) { try body() }
        return error?.errors.map(\.phrase.en).joined(separator: "\n") ?? ""
    }

    @Test func `keys go to the class, or to the group that the event names`() throws {
        let plain = try #require(try Small.load().eventType("thing.opened"))
        #expect(plain.sealing == nil && plain.encryptedFields.map(\.name) == ["secret"])
        #expect(try holders(plain, ["done": true]) == "sealed")
        let named = try opened("    sealing: {group: outside}\n")
        #expect(try holders(named, [:]) == "outside")
        let sometimes = try opened("    sealing: {group: outside, when: done}\n")
        #expect(try holders(sometimes, ["done": true]) == "outside")
        for data in [["done": false], ["done": "true"], [:]] as [JSONValue] {
            #expect(try holders(sometimes, data) == "sealed")
        }
    }

    @Test func `a group that is no name, and a condition on no clear truth, are errors`() {
        for (keys, words) in [
            ("{group: Outside}", "lower-case"), ("{when: done}", "\"group\" is missing"),
            ("{group: \(String(repeating: "g", count: 33))}", "32 bytes"),
            ("{group: outside, when: money}", "boolean"),
            ("{group: outside, when: secret}", "boolean"),
            ("{group: outside, if: done}", "no key \"if\""),
        ] {
            let found = fault { _ = try opened("    sealing: \(keys)\n") }
            #expect(found.contains(words), "\(keys): \(found)")
        }
    }

    @Test func `only a whole field is encrypted`() {
        let found = fault {
            _ = try load(
                "{name: due, type: date, required: true,", "{name: due, type: date, class: sealed,")
        }
        #expect(found.contains("only a whole field"))
    }

    @Test func `reporters are told fields in clear, and nothing sealed`() throws {
        #expect(try Small.load().eventType("thing.opened")?.tells == nil)
        #expect(try opened("    tells: [day, money]\n").tells == ["day", "money"])
        #expect(try opened("    tells: []\n").tells == [])
        for name in ["secret", "nothing"] {
            let found = fault { _ = try opened("    tells: [\(name)]\n") }
            #expect(found.contains("no field \"\(name)\" in clear"))
        }
    }

    @Test func `a procedure may say for how many years values are kept`() throws {
        #expect(try Small.load().procedure("thing")?.keepYears == nil)
        let kept = try load(
            "procedure: thing\n", "procedure: thing\nkeepYears: 5\n")
        #expect(kept.procedure("thing")?.keepYears == 5)
        for years in ["0", "101", "five"] {
            _ = fault {
                _ = try load(
                    "procedure: thing\n",
                    "procedure: thing\nkeepYears: \(years)\n")
            }
        }
    }
}
