import CanonicalJSON
import Foundation
import TestKit
import Testing

/// The accident's story traced by the program, as an investigator does.
@Suite struct TraceTests {
    private let home: UserHome
    private var ledger: String { home.ledger }

    init() throws { home = try UserHome() }

    /// Records the story; gives its truths.
    private func record() throws -> [JSONValue] {
        _ = try home.expectSuccess(["init", ledger, "--origin", "story.example"])
        let truth = home.path + "/truth.ndjson"
        let sample = ["sample", "--scenario", "accident", "--seed", "3"]
        let events = try home.expectSuccess(sample + ["--truth", truth])
        #expect(try home.expectSuccess(sample) == events)
        let append = ["append", "-", "--ledger", ledger, "--receipts", "brief"]
        let receipts = try home.expectSuccess(append, input: events)
        let file = home.path + "/receipts.ndjson"
        try Data(receipts.utf8).write(to: URL(filePath: file))
        _ = try home.expectSuccess(
            append, input: try home.expectSuccess(sample + ["--mend", file]))
        return try JSONValue.lines(
            of:
                String(decoding: try Data(contentsOf: URL(filePath: truth)), as: UTF8.self))
    }

    @Test func `an accident, a person and an enterprise are traced in both languages`() throws {
        let truths = try record()
        let known = truths.filter { $0["kind"]?.string == "trace" }
        let streams = Set(known.compactMap { $0["stream"]?.string })
        let accident = try #require(streams.first { $0.hasPrefix("accident/") })
        let json = try JSONValue(
            parsing: try home.expectSuccess(["trace", accident, "--ledger", ledger, "--json"]).utf8)
        #expect(Set((json["cases"]?.array ?? []).compactMap { $0["stream"]?.string }) == streams)
        #expect(json["acts"]?.array?.count == known.count)

        for language in ["zh", "en"] {
            let common = ["--ledger", ledger, "--lang", language]
            let text = try home.expectSuccess(["trace", accident] + common)
            for stream in streams { #expect(text.contains(stream)) }
            #expect(text.contains(language == "zh" ? "谁在哪一天知道" : "Who knew since which day"))
            let picture = home.path + "/\(language).svg"
            _ = try home.expectSuccess(
                ["trace", accident, "--format", "svg", "--out", picture] + common)
            let svg = String(decoding: try Data(contentsOf: URL(filePath: picture)), as: UTF8.self)
            #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
            let dot = try home.expectSuccess(["trace", accident, "--format", "dot"] + common)
            #expect(dot.hasPrefix("digraph trace {"))
        }

        let code = try #require(json["enterprises"]?.array?.first?["code"]?.string)
        let file = try home.expectSuccess(["enterprise", code, "--years", "9", "--ledger", ledger])
        #expect(file.contains("permit/") && file.contains("accident/"))
        let person = try #require(known.last?["persons"]?.array?.first?["person"]?.string)
        let dossier = try JSONValue(
            parsing: try home.expectSuccess(["person", person, "--ledger", ledger, "--json"]).utf8)
        #expect((dossier["acts"]?.array?.count ?? 0) > 0)
        #expect(dossier["heads"]?.array?.first?["size"] == json["head"]?["size"])
    }

    @Test func `an unknown name is refused in a sentence`() throws {
        _ = try home.expectSuccess(["init", ledger, "--origin", "story.example"])
        for (arguments, words) in [
            (["trace", "accident/none"], "no case accident/none"),
            (["trace", "77"], "there is no record 77"),
            (["person", "P-none"], "nobody called P-none"),
            (["enterprise", "91330109MA27A1B2C7"], "no case names the enterprise"),
        ] {
            let result = try home.run(arguments + ["--ledger", ledger, "--lang", "en"])
            #expect(result.exitCode == 2)
            #expect(result.errors.contains(words), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
        let wrong = try home.run(["trace", "1", "--format", "svg", "--json", "--ledger", ledger])
        #expect(wrong.exitCode == 64)
    }
}
