package import Foundation

/// A README of the project, whose examples are run as they are written.
package struct Readme: Sendable {
    private let text: String

    /// The project's folder, of which this file is a part.
    package static let project = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    package init(_ name: String) throws {
        text = try String(contentsOf: Readme.project.appending(path: name), encoding: .utf8)
    }

    /// The examples in a language of the section under `heading`, in order.
    package func examples(of language: String, under heading: String) -> [String] {
        guard let start = text.range(of: "\n\(heading)\n") else { return [] }
        let rest = text[start.upperBound...]
        let section = rest.range(of: "\n## ").map { rest[..<$0.lowerBound] } ?? rest
        return section.components(separatedBy: "```\(language)\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
    }
}
