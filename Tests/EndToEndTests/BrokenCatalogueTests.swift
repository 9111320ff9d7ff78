import CanonicalJSON
import Foundation
import TestKit
import Testing

/// The table of deliberately broken catalogues: what `hanqing catalogue check` says of each.
@Suite struct BrokenCatalogueTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Specs/vectors/broken-catalogues").standardizedFileURL

    private let program = Program()
    private let home: ScratchFolder

    init() throws {
        home = try ScratchFolder()
    }

    private func table() throws -> [JSONValue] {
        let file = BrokenCatalogueTests.folder.appending(path: "table.json")
        return try #require(try JSONValue(parsing: Data(contentsOf: file)).array)
    }

    private func check(_ folder: String, exercise: Bool) throws -> (code: Int32, lines: [String]) {
        let more = exercise ? ["--exercise"] : []
        let checked = try program.run(
            ["catalogue", "check", "--catalogue", folder] + more, home: home.url)
        let lines = checked.output.split(separator: "\n").map(String.init)
        return (
            checked.exitCode,
            lines.filter { $0.contains(": error: ") || $0.contains(": warning: ") }
        )
    }

    @Test func `the catalogue that is broken in the table is whole`() throws {
        let (code, lines) = try check(
            BrokenCatalogueTests.folder.appending(path: "base").path, exercise: false)
        #expect(code == 0 && lines.isEmpty, "\(lines)")
    }

    @Test func `each broken catalogue is told of at its place`() throws {
        let rows = try table()
        #expect(rows.count >= 45)
        for (number, row) in rows.enumerated() {
            let what = row["what"]?.string ?? ""
            let folder = home.path + "/\(number)"
            try FileManager.default.copyItem(
                atPath: BrokenCatalogueTests.folder.appending(path: "base").path, toPath: folder)
            let file = URL(filePath: folder + "/" + (row["file"]?.string ?? ""))
            if let old = row["replace"]?.string, let new = row["by"]?.string {
                let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                #expect(text.components(separatedBy: old).count == 2, "\(what)")
                try Data(text.replacing(old, with: new).utf8).write(to: file)
            } else {
                try FileManager.default.removeItem(at: file)
            }
            let exercised = row["exercise"]?.bool ?? false
            let (code, lines) = try check(folder, exercise: exercised)
            #expect(row["exitCode"]?.integer == Int64(code), "\(what)")
            let expected = try #require(row["problems"]?.array).compactMap(\.string)
            #expect(!expected.isEmpty)
            // What is said of the whole base when everything is exercised stays the same.
            #expect(lines.filter { !exercised || !$0.contains("P.decided") } == expected, "\(what)")
        }
    }
}
