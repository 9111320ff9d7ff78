import Access
import Catalogue
import Foundation
import Phrases
import Testing

/// Section 6 of Specs/access.md: the page says what must come out.
@Suite struct AccessTableTests {
    private static let page = Result {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/access.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let section = text.components(separatedBy: "\n## ").first { $0.hasPrefix("6. ") } ?? ""
        return section.components(separatedBy: "\n\n").filter { $0.hasPrefix("|") }
            .map { table in
                table.split(separator: "\n").filter { !$0.hasPrefix("|-") }.map { line in
                    line.split(separator: "|", omittingEmptySubsequences: false)
                        .dropFirst().dropLast()
                        .map { $0.trimmingCharacters(in: .whitespaces) }
                }
            }
    }

    private func callers() throws -> [(name: String, caller: Caller)] {
        try #require(try Self.page.get().first).dropFirst().map { row in
            try #require(row.count == 5)
            guard !row[1].isEmpty else { return (row[0], Caller.nobody) }
            let words = row[1].split(separator: " ").map(String.init)
            let owner: Owner = words[0] == "person" ? .person(words[1]) : .system(words[1])
            let grant = Maker.grant(
                1, owner, row[2].split(separator: " ").map(String.init),
                roles: row[3].split(separator: " ").map(String.init),
                speaksFor: row[4].split(separator: " ").map(String.init))
            // A caller who could not be is no evidence.
            #expect(grant.faults == [], "\(row[0])")
            return (row[0], Caller(grant, apart: ["staff-report"]))
        }
    }

    private static let actions: [String: Action] = {
        func entry(
            _ procedure: String, by: [String] = ["squad"], for person: String = "P-1",
            asserted: Bool = false
        ) -> Action {
            .append(
                Action.Entry(
                    procedure: procedure, by: by, operatorID: person, isAsserted: asserted))
        }
        var actions: [String: Action] = [
            "see what anybody may": .seeWhatAnybodyMay,
            "append to penalty for P-1": entry("penalty"),
            "append to penalty for P-2": entry("penalty", for: "P-2"),
            "append to penalty for P-3": entry("penalty", for: "P-3"),
            "append to permit for P-1": entry("permit"),
            "append to penalty what hotline submits": entry("penalty", by: ["hotline"]),
            "append to penalty what any role submits": entry("penalty", by: []),
            "append to penalty asserted": entry("penalty", asserted: true),
            "append to permit asserted": entry("permit", asserted: true),
            "append to ledger": entry("ledger"),
            "append to staff-report for P-1": entry("staff-report", by: ["discipline"]),
            "read staff-report at public": .read(.open, procedure: "staff-report"),
            "read staff-report at supervisory": .read(.supervisory, procedure: "staff-report"),
            "store an attachment": .storeAttachment,
            "read permit at public": .read(.open, procedure: "permit"),
            "approve in penalty what P-2 entered":
                .approve(procedure: "penalty", enteredBy: "P-2"),
            "approve in penalty what P-1 entered":
                .approve(procedure: "penalty", enteredBy: "P-1"),
            "approve in permit what P-2 entered": .approve(procedure: "permit", enteredBy: "P-2"),
            "operate": .operate, "grant and revoke": .grantAndRevoke,
            "look over access": .lookOverAccess, "open a seal": .openSeal,
        ]
        for level in Redaction.allCases {
            actions["read penalty at \(level.rawValue)"] = .read(level, procedure: "penalty")
        }
        for procedure in ["penalty", "permit", "ledger", "staff-report"] {
            actions["read exact records of \(procedure)"] =
                .readExactRecords(procedure: procedure)
        }
        return actions
    }()

    @Test func `every action of every caller is as the page says`() throws {
        let callers = try callers()
        let table = try #require(try Self.page.get().last)
        #expect(Array(table[0].dropFirst()) == callers.map(\.name))
        #expect(table.dropFirst().map { $0[0] }.sorted() == Self.actions.keys.sorted())
        var cells = 0
        for row in table.dropFirst() {
            let action = try #require(Self.actions[row[0]])
            #expect(row.count == callers.count + 1)
            for (cell, (name, caller)) in zip(row.dropFirst(), callers) {
                let decision = caller.may(action)
                #expect(
                    (decision.isAllowed ? "yes" : "no") == cell, "\(name) would \(row[0])")
                guard case .refused(let phrase) = decision else { continue }
                #expect(phrase.en != phrase.zh && !phrase.en.isEmpty && !phrase.zh.isEmpty)
                cells += 1
            }
        }
        #expect(cells > 250)
    }

    /// One action of each kind, or the table would have a hole.
    @Test func `the page has every kind of action`() {
        let kinds = Set(
            Self.actions.values.map { action in
                String(describing: action).prefix { $0 != "(" }
            })
        #expect(kinds.count == 10)
    }

    @Test func `a refusal names the right that is missing`() {
        let caller = Caller(Maker.grant(1, .person("P-1"), ["read:public:penalty"]), apart: [])
        let decision = caller.may(.read(.internal, procedure: "penalty"))
        guard case .refused(let phrase) = decision else {
            Issue.record("allowed")
            return
        }
        #expect(phrase.en.contains("read:internal:penalty") && phrase.en.contains("tk-"))
        #expect(phrase.zh.contains("read:internal:penalty"))
    }

    @Test func `the recorder names the owner`() {
        let hotline = Maker.grant(1, .system("hotline"), ["append:*"])
        #expect(Caller(hotline, apart: []).recorder == "svc:hotline")
        #expect(Caller(Maker.grant(), apart: []).recorder == "svc:P-1")
        #expect(Caller.nobody.recorder == nil)
    }
}
