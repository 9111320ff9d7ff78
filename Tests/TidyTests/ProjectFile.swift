import Foundation

/// A text file of the project, by its path from the project's folder.
struct ProjectFile: Sendable {
    let path: String
    let lines: [String]
    /// The lines without comments and without the text of literals.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = path.hasSuffix(".swift") ? lines.map(ProjectFile.code) : lines
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isTest: Bool { path.hasPrefix("Tests/") }
    var isSource: Bool { path.hasPrefix("Sources/") }
    var name: Substring { path.split(separator: "/").last ?? "" }

    /// The target of a file in `Sources`, as Swift's `import` spells it.
    var module: String? {
        let parts = path.split(separator: "/")
        guard isSource, parts.count > 2 else { return nil }
        return String(parts[1].replacing("-", with: "_"))
    }

    /// What the file imports, with the number of the line.
    var imports: [(module: String, line: Int)] {
        lines.enumerated().compactMap { index, line in
            guard line.contains("import "),
                let match = line.firstMatch(of: /^(?:@\w+ )?(?:\w+ )?import (?:\w+ )?(\w+)/)
            else { return nil }
            return (String(match.1), index + 1)
        }
    }

    /// A line without a comment and without the text of its literals.
    ///
    /// It is not a parser: a literal that goes over several lines is taken for code.
    private static func code(_ line: String) -> String {
        let bare =
            line.contains("\"")
            ? line.replacing(/"(?:\\.|[^"\\])*"/, with: "\"\"") : line
        return bare.firstRange(of: "//").map { String(bare[..<$0.lowerBound]) } ?? bare
    }
}

/// The files that the tests of style look at.
enum Project {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let roots = ["Package.swift", "Sources", "Tests", "Ledger", "Specs", "dev", ".ci/run"]
    private static let notText = ["vectors", "Fixtures", "Corpora", "__pycache__", ".DS_Store"]

    static let files: [ProjectFile] = roots.flatMap(read)

    private static func read(_ path: String) -> [ProjectFile] {
        let url = folder.appending(path: path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            return []
        }
        guard isFolder.boolValue else {
            return (try? String(contentsOf: url, encoding: .utf8)).map {
                [ProjectFile(path: path, text: $0)]
            } ?? []
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.sorted().filter { !notText.contains($0) }.flatMap { read(path + "/" + $0) }
    }
}
