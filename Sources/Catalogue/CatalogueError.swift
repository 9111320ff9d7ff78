package import Phrases

/// Where something stands in a catalogue's files.
package struct CataloguePlace: Hashable, Sendable, Comparable {
    package let file: String
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        (self.file, self.line, self.column) = (file, line, column)
    }

    package static func < (left: CataloguePlace, right: CataloguePlace) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

/// One thing that is wrong with a catalogue.
package struct CatalogueError: Error, Hashable, Sendable {
    package let place: CataloguePlace
    package let reason: Phrase

    package init(_ place: CataloguePlace, _ reason: Phrase) {
        (self.place, self.reason) = (place, reason)
    }

    package var file: String { place.file }
    package var line: Int { place.line }
    package var column: Int { place.column }

    /// `file:line:column: reason`, as compilers print it, so that editors can jump to it.
    package var phrase: Phrase {
        let position = "\(file):\(line):\(column): "
        return Phrase(en: position + reason.en, zh: position + reason.zh)
    }
}

/// Everything that is wrong with a catalogue, in order of place.
package struct CatalogueErrors: Error, Hashable, Sendable {
    package let errors: [CatalogueError]

    package init(_ errors: [CatalogueError]) {
        self.errors = errors.sorted { $0.place < $1.place }
    }
}
