import CanonicalJSON
import CaseTracing
import Catalogue
import Foundation
import LedgerHome
import Phrases
import Projections
import Records
import Sampling
import TestKit
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// The graph as DOT and as SVG.
@Suite struct DrawingTests {
    private let story: TracedStory

    init() async throws {
        story = try await TracedStory.shared.value
    }

    @Test(arguments: [Language.chinese, .english])
    func `the picture is well-formed, and has every entry once`(language: Language) async throws {
        let trace = try await story.trace(story.story.accident)
        let svg = trace.svg(Wording(story.ledger.catalogue, language))
        let texts = try DrawnTexts(svg).texts
        for act in trace.acts {
            let count = texts.count { $0.hasPrefix("#\(act.record)  ") }
            #expect(count == 1, "\(act.record)")
        }
        for one in trace.cases { #expect(texts.contains { $0.hasPrefix(one.stream) }) }
        #expect(!svg.contains("href"))
        #expect(!svg.contains("<script"))
        let legend = language == .chinese ? "案发后补录" : "entered after the outcome"
        #expect(texts.contains(legend))
    }

    @Test func `hostile names are text, and nothing else`() async throws {
        let ledger = try await OwnLedger()
        let names = [
            "</text><script>alert(1)</script>", "\"]; } evil -> { \"", "a\\\" b", "&amp;<![CDATA[",
            "' onload='x", "\\n\\N\\l",
        ]
        for (place, name) in names.enumerated() {
            try await ledger.record(
                "hazard/HZ-2025-00000\(place)", "hazard.reported", id: "h\(place)",
                ["enterpriseName": .string(name)])
        }
        let trace = try await ledger.trace("hazard/HZ-2025-000000")
        #expect(trace.cases.count == names.count)
        for language in [Language.chinese, .english] {
            let words = Wording(ledger.catalogue, language)
            let svg = trace.svg(words)
            let texts = try DrawnTexts(svg).texts
            #expect(!svg.contains("<script"))
            #expect(texts.contains { $0.contains("<script>") })
            let dot = trace.dot(words)
            #expect(DOTCheck.isWellFormed(dot))
        }
    }

    @Test func `the DOT graph has a node for each entry and quotes all its labels`() async throws {
        let trace = try await story.trace(story.story.accident)
        let dot = trace.dot(Wording(story.ledger.catalogue, .chinese))
        #expect(DOTCheck.isWellFormed(dot))
        for act in trace.acts { #expect(dot.contains("    n\(act.record) [label=\"")) }
        #expect(dot.components(separatedBy: "subgraph cluster_").count == trace.cases.count + 1)
    }

    @Test func `the JSON has all parts, and the text in both languages`() async throws {
        let json = try await story.trace(story.story.accident).json
        #expect(json["head"]?["root"]?.string?.isEmpty == false)
        for part in ["cases", "acts", "links", "knowledge", "duties", "findings"] {
            #expect((json[part]?.array?.count ?? 0) > 0, "\(part)")
        }
        #expect(json["acts"]?.array?.first?["title"]?["zh"]?.string?.isEmpty == false)
        #expect(try JSONValue(parsing: json.bytesAsGiven) == json)
    }
}

/// The text elements of a picture, read by an XML parser of others.
private final class DrawnTexts: NSObject, XMLParserDelegate {
    private(set) var texts: [String] = []
    private var isInText = false

    init(_ svg: String) throws {
        super.init()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = self
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
    }

    func parser(
        _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        isInText = element == "text"
        if isInText { texts.append("") }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        if isInText { texts[texts.count - 1] += string }
    }

    func parser(
        _ parser: XMLParser, didEndElement element: String, namespaceURI: String?,
        qualifiedName: String?
    ) {
        isInText = false
    }
}

/// The brackets and quotes of a graph, as Graphviz's lexer sees them.
private enum DOTCheck {
    static func isWellFormed(_ text: String) -> Bool {
        var (isQuoted, isEscaped, depth) = (false, false, 0)
        for character in text.unicodeScalars {
            if isQuoted {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isQuoted = false
                } else if character == "\n" {
                    return false
                }
            } else if character == "\"" {
                isQuoted = true
            } else if character == "{" || character == "[" {
                depth += 1
            } else if character == "}" || character == "]" {
                depth -= 1
                if depth < 0 { return false }
            }
        }
        return !isQuoted && depth == 0
    }
}
