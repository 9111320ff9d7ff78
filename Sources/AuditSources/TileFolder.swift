package import Auditing

/// A log that is published in a folder.
package struct TileFolder: TileReader {
    private let path: String

    package init(_ path: String) {
        self.path = path
    }

    /// Whether `path` looks like one, and not like a ledger's folder.
    package static func isAt(_ path: String) -> Bool {
        func holds(_ name: String) -> Bool {
            (try? OpenFile("\(path)/\(name)", name: name)) != nil
        }
        return holds("checkpoint") && !holds("records")
    }

    package func file(_ name: String, limit: Int) throws(SourceError) -> [UInt8]? {
        try OpenFile("\(path)/\(name)", name: name)?.contents(limit: limit)
    }
}
