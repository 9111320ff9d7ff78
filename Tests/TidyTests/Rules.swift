extension Rule {
    /// Every rule but that of imports, which is in Layers.swift.
    static let all = shape + leftovers + safety

    /// Words are put together here, or this file would break its own rules.
    private static func word(_ parts: String...) -> String { parts.joined() }

    private static let swiftLineCountMax = 400

    private static let shape = [
        Rule("a file fits on a few screens", broken: "Sources/A/B.swift", text(lines: 401)) {
            let count = $0.lines.count - 1
            return $0.isSwift && count > swiftLineCountMax ? ["\($0.path): \(count) lines"] : []
        },
        // A line that is one literal, a sentence for people, is easier to read whole.
        Rule(
            "a line has at most 100 columns", no: #"^(?! *(?:\+ )?#*").{101,}$"#, inCode: false,
            broken: "dev", String(repeating: "x", count: 101)
        ) { !$0.path.hasSuffix(".md") && ($0.isSwift || !$0.path.hasPrefix("Ledger/")) },
        Rule(
            "no tab, carriage return or space at a line's end", no: #"\t|\r| $"#, inCode: false,
            broken: "Specs/a.md", "two  "
        ) { _ in true },
        Rule(
            "a command's help has at most 79 columns", broken: "Sources/hanqing/A.swift",
            "    discussion: \"\"\"\n        " + String(repeating: "字", count: 40)
                + "\n        \"\"\",",
            offences: HelpWidth.offences),
        Rule("a file ends with one line feed", broken: "Specs/a.md", "text\n") {
            $0.path.hasSuffix(".json") || $0.lines.last == "" && $0.lines.dropLast().last != ""
                ? [] : [$0.path]
        },
    ]

    private static let leftovers = [
        Rule(
            "nothing is left for later", no: word(#"\b(?:TO"#, "DO|FIX", #"ME|XX"#, #"X)\b"#),
            inCode: false, broken: "Sources/A/B.swift", word("// TO", "DO: more")
        ) { _ in true },
        Rule(
            "no path of one machine",
            no: word("/wo", "rk/|/ro", "ot/|/ho", "me/[a-z]|/tm", "p/h/|/opt/swift-", "packages"),
            inCode: false, broken: "dev", word("cd /ho", "me/me/hanqing")
        ) { _ in true },
        Rule(
            "the project speaks of itself alone",
            no: word(
                #"(?i)\b(?:cl"#, "aude|anth", "ropic|open", "ai|chat", "gpt|cop", "ilot|l",
                "lm|language mo", "del|ai assis", "tant|sub", #"agent|coding ag"#, #"ent)\b"#),
            inCode: false, broken: "Specs/a.md", word("written by a language mo", "del")
        ) { _ in true },
        Rule(
            "a library prints nothing", no: #"\b(?:debugP|p)rint\("#,
            broken: "Sources/A/B.swift", "print(1)"
        ) { $0.isSource && !($0.module ?? "").hasPrefix("hanqing") },
    ]

    private static let safety = [
        Rule(
            "no forced try or cast", no: #"\b(?:try|as)!"#, broken: "Sources/A/B.swift",
            "let a = try! f()"
        ) { $0.isSource },
        Rule(
            "no forced unwrap", no: #"[\w)\]}>]!(?!=)"#, broken: "Sources/A/B.swift",
            "return a[0]!.count"
        ) { $0.isSource && $0.isSwift },
        Rule(
            "no way out but an error", no: #"\bfatalError\b"#, broken: "Sources/A/B.swift",
            "fatalError()"
        ) { $0.isSource },
        Rule(
            "what the compiler does not check is argued for in a comment",
            broken: "Sources/A/B.swift", "let a = 1\nfinal class C: @unchecked Sendable {}"
        ) { file in
            guard file.isSource else { return [] }
            let claims = /@unchecked|nonisolated\(unsafe\)|@preconcurrency/
            return file.code.enumerated().compactMap { index, line in
                guard line.contains(claims), !hasComment(above: index, in: file) else { return nil }
                return "\(file.path):\(index + 1): \(line)"
            }
        },
        Rule(
            "a test does not sleep", no: #"\bu?sleep\(|\bnanosleep\(|\.sleep\("#,
            broken: "Tests/ATests/B.swift", "try await Task.sleep(for: .seconds(1))"
        ) { $0.isTest },
        Rule(
            "outside data are for the acceptance tests alone",
            no: word("HANQING_", "SHARED"), inCode: false,
            broken: "Tests/ATests/B.swift", word("environment[\"HANQING_", "SHARED\"]")
        ) { $0.isTest && !$0.path.hasPrefix("Tests/AcceptanceTests/") },
    ]

    /// Whether a comment stands above the line, attributes between them or not.
    private static func hasComment(above index: Int, in file: ProjectFile) -> Bool {
        let above = file.lines[..<index].reversed().map { $0.drop { $0 == " " } }
        return above.first { !$0.hasPrefix("@") }?.hasPrefix("//") ?? false
    }

    private static func text(lines count: Int) -> String {
        Array(repeating: "let a = 1", count: count).joined(separator: "\n")
    }
}
