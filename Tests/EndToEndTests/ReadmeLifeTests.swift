import Foundation
import TestKit
import Testing

/// The section "A report's life" of the README, as it is written.
@Suite struct ReadmeLifeTests {
    @Test(arguments: [("README.md", "## A report's life"), ("README.zh.md", "## 一件举报的始末")])
    func `a report's life goes by the README's commands`(file: String, heading: String) throws {
        let examples = try Readme(file).examples(of: "sh", under: heading)
        #expect(examples.count == 2)
        let home = try UserHome()
        let work = home.folder.url
        try FileManager.default.createSymbolicLink(
            at: work.appending(path: "Ledger"),
            withDestinationURL: Readme.project.appending(path: "Ledger"))
        let tools = Program().folder
        // A line that begins with ! must fail: sh -e does not see to that.
        let script = "set -e; PATH=\(tools):$PATH\n" + examples.joined(separator: "\n")
        let must = script.replacing(
            #/(?m)^! (.*(?:\\\n.*)*)$/#, with: { "if\n\($0.1)\nthen exit 9; fi" })
        let result = try Program(tool: "sh").run(
            ["-c", "cd '\(work.path)'\n" + must], home: work)
        #expect(result.exitCode == 0, "\(result.errors)")
        for word in ["虚构样例·赵某某", "执法队某人", "RP-2025-000901"] {
            #expect(result.output.contains(word), "\(word)")
        }
        // What was opened was shown, and is nowhere.
        let hunt = try CanaryHunt(["虚构样例·赵某某", "执法队某人", "10012345678"], home: work)
        #expect(try hunt.hits(in: work.appending(path: "life")).isEmpty)
    }
}
