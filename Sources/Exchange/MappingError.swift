package import Phrases

/// One thing that is wrong with a mapping.
package struct MappingError: Error, Hashable, Sendable {
    package let file: String
    /// From 1.
    package let line: Int
    package let column: Int
    package let reason: Phrase

    /// `file:line:column: reason`, as compilers print it, so that editors can jump to it.
    package var phrase: Phrase {
        let position = "\(file):\(line):\(column): "
        return Phrase(en: position + reason.en, zh: position + reason.zh)
    }
}

/// Everything that is wrong with a mapping, in order of place.
package struct MappingErrors: Error, Hashable, Sendable {
    package let errors: [MappingError]

    init(_ errors: [MappingError]) {
        self.errors = errors.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }
}
