package import Auditing
package import Checkpoints

/// Timestamps in a folder, each in one named by its number: Specs/timestamp.md section 2.
package struct TimestampFolder: Sendable {
    private let path: String
    /// What the folder is called in findings.
    private let name: String

    package init(_ path: String, called name: String? = nil) {
        (self.path, self.name) = (path, name ?? path)
    }

    package func place(of number: UInt64) -> String { "\(name)/\(KeptTimestamp.folder(number))" }

    /// In order; at most 100,000.
    package func numbers() throws(SourceError) -> [UInt64] {
        let numbers = try names(in: path, called: name).compactMap {
            KeptTimestamp.number(folder: $0)
        }
        return Array(numbers.sorted().prefix(100_000))
    }

    package func timestamp(_ number: UInt64) throws(SourceError) -> KeptTimestamp {
        var files: [String: [UInt8]] = [:]
        for (file, limit) in KeptTimestamp.fileLimits {
            let place = "\(KeptTimestamp.folder(number))/\(file)"
            files[file] = try OpenFile("\(path)/\(place)", name: "\(name)/\(place)")?
                .contents(limit: limit)
        }
        return KeptTimestamp(number: number, files: files)
    }
}
