import Foundation

/// Files of the project, where the tests were built.
enum Checkout {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A copy of a catalogue to be changed: the shipped one, or another of the project's.
    static func copyCatalogue(
        _ path: String = "Ledger/catalogue", to copy: String
    ) throws -> CatalogueCopy {
        try FileManager.default.copyItem(atPath: folder.appending(path: path).path, toPath: copy)
        return CatalogueCopy(path: copy)
    }
}

struct CatalogueCopy {
    let path: String

    /// Replaces all of a text in one of its files; false if it is not there.
    func replace(_ text: String, in file: String, with other: String) throws -> Bool {
        let place = URL(filePath: path + "/" + file)
        let whole = try String(contentsOf: place, encoding: .utf8)
        try whole.replacing(text, with: other).write(to: place, atomically: true, encoding: .utf8)
        return whole.contains(text)
    }
}
