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
            guard let regex = try? Regex(pattern) else { return ["not a pattern: \(pattern)"] }
            return zip(1..., inCode ? file.code : file.lines).compactMap { number, line in
                line.firstMatch(of: regex).map { "\(file.path):\(number): \(line[$0.range])" }
            }
        }
    }
}
