import Foundation
import Testing

/// A rule of style, and a text that breaks it.
struct Rule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// So that a rule which finds nothing any more is noticed.
    let broken: ProjectFile
    /// Places and reasons.
    let offences: @Sendable (ProjectFile) -> [String]

    /// A rule over whole files.
    init(
        _ name: String, broken path: String, _ text: String,
        offences: @escaping @Sendable (ProjectFile) -> [String]
    ) {
        testDescription = name
        broken = ProjectFile(path: path, text: text + "\n")
        self.offences = offences
    }

    /// A rule that `pattern` occurs in no line of the files that `applies` takes; with `inCode`,
    /// comments and the text of literals are left out.
    init(
        _ name: String, no pattern: String, inCode: Bool = true, broken path: String,
        _ text: String, in applies: @escaping @Sendable (ProjectFile) -> Bool
    ) {
        self.init(name, broken: path, text) { file in
            guard applies(file) else { return [] }
            return places(of: pattern, in: inCode ? file.code : file.lines).map {
                "\(file.path):\($0)"
            }
        }
    }
}

/// Where `pattern` occurs, as line and text.
///
/// Foundation's matcher takes a file at once and is many times faster than Swift's line by line.
private func places(of pattern: String, in lines: [String]) -> [String] {
    let text = lines.joined(separator: "\n") as NSString
    guard
        let matcher = try? NSRegularExpression(pattern: pattern, options: .anchorsMatchLines)
    else { return ["not a pattern: \(pattern)"] }
    let matches = matcher.matches(
        in: text as String, range: NSRange(location: 0, length: text.length))
    return matches.map { match in
        let before = text.substring(to: match.range.location)
        return "\(before.utf8.count { $0 == 0x0A } + 1): \(text.substring(with: match.range))"
    }
}
