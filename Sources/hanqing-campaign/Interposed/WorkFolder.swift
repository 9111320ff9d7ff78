import Foundation
import Glibc

/// A campaign's folder of temporary files, by its real path, as the library wants it.
struct WorkFolder {
    let path: String
    private let keeps: Bool

    init(_ folder: String, _ name: String, keep: Bool) throws {
        let place = "\(folder)/\(name)-\(getpid())"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        guard let real = realpath(place, nil) else { throw CocoaError(.fileNoSuchFile) }
        defer { free(real) }
        (path, keeps) = (String(cString: real), keep)
    }

    /// Removes it, unless it holds what failed and shall be kept.
    func end(keeping hasFailed: Bool) throws {
        if !hasFailed || !keeps { try FileManager.default.removeItem(atPath: path) }
    }
}
