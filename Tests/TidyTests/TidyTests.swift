import Foundation
import Testing

/// Style is a test: what a machine can see, nobody has to remember.
@Suite struct TidyTests {
    @Test(arguments: Rule.all)
    func `the project keeps the rule`(rule: Rule) {
        for offence in Project.files.flatMap(rule.offences) { Issue.record("\(offence)") }
    }

    @Test(arguments: Rule.all)
    func `the rule finds what breaks it`(rule: Rule) {
        #expect(rule.offences(rule.broken).count == 1)
    }

    @Test func `a module imports only what stands below it`() {
        for offence in Project.files.flatMap(Layers.offences) { Issue.record("\(offence)") }
    }

    @Test(arguments: [
        ("Sources/Merkle/A.swift", "package import Records"),
        ("Sources/Auditing/A.swift", "import LedgerStore"),
        ("Sources/AuditSources/A.swift", "private import FileStore"),
        ("Sources/Checkpoints/A.swift", "import struct Foundation.Date"),
        ("Sources/Records/A.swift", "private import Foundation"),
        ("Sources/Sequencing/A.swift", "@preconcurrency import FileStore"),
        ("Sources/Unplaced/A.swift", ""),
    ])
    func `an import that points up is found`(path: String, text: String) {
        #expect(Layers.offences(ProjectFile(path: path, text: text)).count == 1)
    }

    @Test func `every part of the project is looked at`() {
        for root in Project.roots {
            #expect(Project.files.contains { $0.path.hasPrefix(root) }, "\(root)")
        }
    }

    @Test func `every folder of sources has a layer, and every layer a folder`() {
        let folders = Set(Project.files.compactMap(\.module))
        let placed = Set(Layers.modules.flatMap(\.names))
        #expect(folders.subtracting(placed) == [])
        #expect(placed.subtracting(folders) == ["LedgerData"], "its folder is Ledger")
    }

    @Test func `what is in quotes or comments is not code`() {
        let file = ProjectFile(path: "a.swift", text: #"let a = "\"b!" + c  // d!"#)
        #expect(file.code == [#"let a = "" + c  "#])
    }
}
