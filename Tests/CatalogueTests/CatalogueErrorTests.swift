import Catalogue
import Phrases
import Testing

/// One slip in a file of the small catalogue and what is said of it.
struct Slip: CustomTestStringConvertible, Sendable {
    let file: String
    let old: String
    let new: String
    let place: String
    let words: String

    init(_ file: String, _ old: String, _ new: String, _ place: String, _ words: String) {
        (self.file, self.old, self.new) = (file, old, new)
        (self.place, self.words) = (place, words)
    }

    var testDescription: String { "\(file): \(old) → \(new)" }
}

private let thing = "procedures/thing.yaml"

@Suite struct CatalogueErrorTests {
    @Test(arguments: [
        Slip("laws.yaml", "verified: full", "verified: sure", "6:15", "none of full"),
        Slip("laws.yaml", "from: 2021-07-15", "from: 2021-02-30", "5:5", "a date"),
        Slip("laws.yaml", "    zh: 法\n", "", "2:5", "\"zh\" is missing"),
        Slip("laws.yaml", "zh: 法", "zh: 7", "3:9", "in quotes"),
        Slip("laws.yaml", "zh: 法", "zh:", "3:8", "missing"),
        Slip("laws.yaml", "en: Law", "en: Law\n    colour: red", "5:5", "no key \"colour\""),
        Slip("laws.yaml", "en: Law", "en: Law\n    en: Law", "", "twice"),
        Slip("laws.yaml", "laws:", "laws: [", "", "not YAML"),
        Slip("laws.yaml", "laws:", "- laws:", "1:1", "block of keys"),
        Slip(
            "catalogue.yaml", "timeZone: Asia/Shanghai",
            "timeZone: Asia/Shanghai\n  publishAt: [\"2:00\"]", "7:3", "times of day"),
        Slip(
            "catalogue.yaml", "timeZone: Asia/Shanghai",
            "timeZone: Asia/Shanghai\n  publishAt: [\"14:00\", \"02:00\"]", "7:3", "ascending"),
        Slip(
            "catalogue.yaml", "timeZone: Asia/Shanghai",
            "timeZone: Asia/Shanghai\n  publishAt: [\"24:00\"]", "7:3", "times of day"),
        Slip("roles.yaml", "id: attendee", "id: officer", "3:10", "given twice"),
        Slip("roles.yaml", "id: attendee", "id: Attendee", "3:6", "lower-case"),
        Slip("enumerations.yaml", "values: [红, 绿]", "values: [红, 红]", "2:38", "twice"),
        Slip("enumerations.yaml", "\"330105\"", "\"33010\"", "4:6", "six digits"),
        Slip(thing, "zh: 事项", "zh: &a 事项\nnote: *a", "3:1", "no key \"note\""),
        Slip(thing, "procedure: thing\n", "procedure: other\n", "1:12", "procedures/other.yaml"),
        Slip(thing, "[\"5.1\"]", "[\"5.9\"]", "4:8", "no measure"),
        Slip(thing, "owner: officer", "owner: chief", "6:8", "no role"),
        Slip(thing, "stage: first", "stage: last", "14:5", "no stage"),
        Slip(thing, "caseTitle: [name]", "caseTitle: [names]", "15:17", "no field"),
        Slip(thing, "type: percent", "type: ratio", "21:29", "none of string"),
        Slip(thing, "{name: done,", "{name: causes,", "22:10", "all types share"),
        Slip(thing, "{name: done,", "{name: day,", "23:16", "given twice"),
        Slip(thing, "{name: done,", "{name: is-done,", "22:10", "letters and digits"),
        Slip(thing, "min: 1, max: 5", "min: 6, max: 5", "19:38", "over max"),
        Slip(thing, "type: boolean,", "type: boolean, maxBytes: 5,", "22:37", "does not go"),
        Slip(thing, "type: boolean,", "type: boolean, required: yes,", "22:47", "true or false"),
        Slip(thing, "values: colour, zh", "values: colours, zh", "25:36", "no enumeration"),
        Slip(
            thing, "class: sealed", "class: sealed, required: true", "48:53", "cannot be required"),
        Slip(thing, "class: sealed", "class: hidden", "48:45", "none of public"),
        Slip(thing, "{role: officer, min: 2}", "{role: boss, min: 2}", "57:16", "no role"),
        Slip(thing, "requires: [opened]", "requires: [open]", "60:40", "no event"),
        Slip(thing, "requires: [opened], ", "", "60:5", "exactly one of"),
        Slip(thing, "quote: 不得, ", "", "60:49", "不得"),
        Slip(thing, "'count(opened) == 1'", "'count(opened == 1'", "61:29", "do not match"),
        Slip(
            thing, "check: 'count(opened) == 1', level: flag",
            "check: {words: 一次}, level: refuse, quote: 不得", "61:49", "cannot refuse"),
        Slip(thing, "[law 4(1)]", "[lex 4(1)]", "60:83", "no law"),
        Slip(thing, "[law 4(1)]", "[law 4 1]", "60:83", "a clause"),
        Slip(
            thing, "unit: workday, clockField", "unit: weekday, clockField", "63:59", "none of hour"
        ),
        Slip(thing, "clockField: day", "clockField: week", "63:68", "no field"),
        Slip(
            thing, "clockField: day", "clockField: day, matches: week", "63:85",
            "thing.opened has no field"),
        Slip(
            thing, "clockField: day", "clockField: day, matches: day", "63:85",
            "thing.judged has no field"),
        Slip(
            thing, "ends: true", "ends: true\n    continuedIn: result", "54:5", "no reference"),
        Slip(thing, "ends: true", "ends: true\n    continues: other", "54:5", "no reference"),
        Slip(thing, "ends: true", "ends: true\n    formerly: [opened]", "54:5", "still an event"),
        Slip(thing, "to: [judged], atMost: 7", "to: [judged]", "63:5", "has a term"),
    ])
    func `a slip is reported with its file, line and column`(slip: Slip) throws {
        var files = Small.files
        let text = try #require(files[slip.file])
        #expect(text.contains(slip.old), "the slip must change the file")
        files[slip.file] = text.replacingOccurrences(slip.old, slip.new)
        let thrown = #expect(throws: CatalogueErrors.self) { try Small.load(files) }
        let error = try #require(
            thrown?.errors.first { $0.reason.en.contains(slip.words) },
            "\(thrown?.errors.map(\.phrase.en) ?? [])")
        #expect(error.file == slip.file)
        if !slip.place.isEmpty { #expect("\(error.line):\(error.column)" == slip.place) }
        #expect(error.line >= 1 && error.column >= 1)
        #expect(error.phrase.zh.hasPrefix("\(slip.file):\(error.line):\(error.column): "))
        #expect(error.reason.zh != error.reason.en)
    }

    @Test func `all slips of all files are reported at once, in order of place`() throws {
        var files = Small.files
        files["laws.yaml"] = files["laws.yaml"]?.replacingOccurrences("full", "sure")
        files["roles.yaml"] = files["roles.yaml"]?.replacingOccurrences("kind: act", "kind: post")
        files["plan.yaml"] = nil
        files["notes.txt"] = "?"
        let thrown = #expect(throws: CatalogueErrors.self) { try Small.load(files) }
        #expect(thrown?.errors.map(\.file) == ["notes.txt", "plan.yaml"])
        files["plan.yaml"] = Small.files["plan.yaml"]
        files["notes.txt"] = nil
        let others = #expect(throws: CatalogueErrors.self) { try Small.load(files) }
        #expect(others?.errors.map(\.file) == ["laws.yaml", "roles.yaml"])
    }

    @Test func `a file of invalid UTF-8, an empty one and a huge one are refused`() {
        for bytes in [[0x61, 0xFF], [], [UInt8](repeating: 0x20, count: 5 << 20)] as [[UInt8]] {
            var files = Small.bytes(Small.files)
            files["laws.yaml"] = bytes
            let thrown = #expect(throws: CatalogueErrors.self) { try EventCatalogue(files: files) }
            #expect(thrown?.errors.map(\.file) == ["laws.yaml"])
        }
    }

    @Test func `nested aliases end in an error, not in memory`() {
        var files = Small.files
        var text = "laws:\n  - &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let alias = "*a\(level - 1)"
            text += "  - &a\(level) [\((0..<10).map { _ in alias }.joined(separator: ", "))]\n"
        }
        files["laws.yaml"] = text
        let thrown = #expect(throws: CatalogueErrors.self) { try Small.load(files) }
        #expect(thrown?.errors.first?.reason.en.contains("too many values") == true)
    }
}
