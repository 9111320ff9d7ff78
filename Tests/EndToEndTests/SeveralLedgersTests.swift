import CanonicalJSON
import Foundation
import TestKit
import Testing

/// One question to the ledgers of several districts: Specs/projections.md section 8.
@Suite struct SeveralLedgersTests {
    private let city: City

    init() throws {
        city = try City.shared.get()
    }

    private func origin(_ line: JSONValue) -> String { line["ledger"]?.string ?? "" }

    // MARK: - Lists

    @Test(arguments: [["duties", "--all"], ["duties"], ["duties", "--overdue"]])
    func `duties are merged by their last day`(command: [String]) throws {
        try expectMerged(command) { line in
            [line["due"]?.string ?? "9999-12-31", line["id"]?.string ?? ""]
        }
    }

    @Test(arguments: [["findings"], ["findings", "--rule", "late-entry"]])
    func `findings are merged by their day`(command: [String]) throws {
        try expectMerged(command) { line in
            [line["day"]?.string ?? "", line["id"]?.string ?? ""]
        }
    }

    @Test func `cases are merged by when they began to be recorded`() throws {
        let begun = try city.begun()
        let all = try expectMerged(["cases", "--limit", "100000"]) { line in
            [begun["\(origin(line)) \(line["stream"]?.string ?? "")"] ?? ""]
        }
        // The ledgers were written by turns: their cases stand between each other.
        let changes = zip(all, all.dropFirst()).count { origin($0) != origin($1) }
        #expect(changes > 2)
        let few = try city.lines(["cases", "--limit", "7"])
        #expect(few.lines == Array(all.prefix(7)), "one limit for all")
    }

    /// The merge of what each ledger answers alone, made by sorting: keys, then ledgers.
    @discardableResult private func expectMerged(
        _ command: [String], key: (JSONValue) -> [String]
    ) throws -> [JSONValue] {
        let alone = try city.folders.map { try city.lines(command, [$0]) }
        #expect(alone.allSatisfy { !$0.lines.isEmpty })
        let expected = alone.enumerated().flatMap { place, own in
            own.lines.enumerated().map { (key: key($1), place: place, row: $0, line: $1) }
        }.sorted { one, other in
            one.key != other.key
                ? one.key.lexicographicallyPrecedes(other.key)
                : (one.place, one.row) < (other.place, other.row)
        }.map(\.line)
        let together = try city.lines(command)
        #expect(together.lines == expected)
        #expect(together.heads == alone.flatMap(\.heads))
        #expect(Set(together.lines.map(origin)) == Set(city.origins))
        return together.lines
    }

    @Test func `a line for people begins with the short name of its ledger`() throws {
        let text = try city.run(["duties", "--lang", "zh"]).output
        for name in ["gongshu", "yuhang", "binjiang"] {
            #expect(text.contains("\n\(name)"))
            #expect(text.contains(try Regex("\ncity.example/\(name) +截至 ")))
        }
        let alone = try city.run(["duties", "--lang", "zh"], Array(city.folders.prefix(1))).output
        #expect(!alone.contains("\ngongshu"))
    }

    // MARK: - Sums

    @Test func `numerators and denominators are added up, quotients never averaged`() throws {
        let period = ["--from", "2025-01-01", "--to", "2025-12-31"]
        let alone = try city.folders.map { try city.lines(["indicators"] + period, [$0]).lines }
        let together = try city.lines(["indicators"] + period).lines
        #expect(together.count == alone[0].count)
        var differing = 0
        for (place, line) in together.enumerated() {
            let own = alone.map { $0[place] }
            func sum(_ member: String) -> Int64 {
                own.reduce(0) { $0 + ($1[member]?.integer ?? 0) }
            }
            #expect(line["id"] == own[0]["id"])
            #expect(line["numerator"]?.integer == sum("numerator"))
            let isCount = own[0]["denominator"]?.integer == nil
            #expect(line["denominator"]?.integer == (isCount ? nil : sum("denominator")))
            #expect(line["ledgers"]?.array == own.flatMap { $0["ledgers"]?.array ?? [] })
            guard !isCount, sum("denominator") > 0 else { continue }
            let percent = Double(sum("numerator")) * 100 / Double(sum("denominator"))
            #expect(line["percent"] == .number(percent) || line["percent"]?.integer != nil)
            if Set(own.map { $0["percent"] }).count > 1 { differing += 1 }
        }
        #expect(differing > 3, "ledgers that differ, or the test could not tell")
    }

    @Test func `what catalogues define differently is not added up`() throws {
        let other = try city.otherCatalogue.get()
        let folders = [city.folders[0], other]
        let lines = try city.lines(["indicators"], folders).lines
        for line in lines {
            let isOther = line["id"]?.string == "I.mobile"
            #expect((line["numerator"] == .null) == isOther, "\(line["id"]?.string ?? "")")
            let definitions = (line["ledgers"]?.array ?? []).map { $0["definition"] }
            #expect(definitions.count == 2)
            #expect((definitions[0] != definitions[1]) == isOther)
        }
        let text = try city.run(["indicators", "I.mobile", "--lang", "en"], folders).output
        #expect(text.contains("not added up"))
    }

    @Test func `variants are added up by the order of types`() throws {
        let command = ["variants", "--procedure", "penalty", "--limit", "100000"]
        func counts(_ json: JSONValue) -> [String: Int64] {
            var found: [String: Int64] = [:]
            for one in json["mostFrequent"]?.array ?? [] {
                found[one["types"]?.canonicalText ?? ""] = one["count"]?.integer
            }
            return found
        }
        let alone = try city.folders.map { try city.json(command, [$0]) }
        let together = try city.json(command)
        let expected = alone.map(counts).reduce(into: [:]) { all, one in
            all.merge(one, uniquingKeysWith: +)
        }
        #expect(counts(together) == expected)
        for member in ["cases", "events", "open"] {
            let sum = alone.reduce(0) { $0 + ($1[member]?.integer ?? 0) }
            #expect(together[member]?.integer == sum)
        }
    }

    // MARK: - Persons and enterprises

    @Test func `a person is one over all ledgers`() throws {
        let person = try city.personOfAll()
        let alone = try city.folders.map { try city.json(["person", person], [$0]) }
        let together = try city.json(["person", person])
        for part in ["posts", "acts", "named", "duties", "findings", "for", "against", "looks"] {
            let expected = alone.flatMap { $0[part]?.array ?? [] }
            let found = together[part]?.array ?? []
            #expect(Set(found) == Set(expected) && found.count == expected.count, "\(part)")
        }
        let acts = together["acts"]?.array ?? []
        #expect(Set(acts.map(origin)).count == 3)
        let days = acts.map { $0["day"]?.string ?? "" }
        #expect(days == days.sorted())
        #expect(together["heads"]?.array?.compactMap { $0["ledger"]?.string } == city.origins)
        let nobody = try city.run(["person", "P-none", "--lang", "en"])
        #expect(nobody.exitCode == 2 && nobody.errors.contains("nobody called P-none"))
    }

    @Test func `an enterprise that one ledger knows is told from that one, under all heads`() throws
    {
        let (code, place) = try city.enterpriseOfOne()
        let alone = try city.json(["enterprise", code, "--years", "9"], [city.folders[place]])
        let together = try city.json(["enterprise", code, "--years", "9"])
        for part in ["cases", "acts", "duties", "findings", "enterprise"] {
            #expect(together[part] == alone[part], "\(part)")
        }
        #expect(together["heads"]?.array?.count == 3)
    }

    // MARK: - Questions

    @Test(arguments: [11, 14, 20, 21, 24, 31])
    func `a question is answered by each, and counts and money are added up`(number: Int) throws {
        let alone = try city.folders.map { try city.json(["ask", "\(number)"], [$0]) }
        let together = try city.json(["ask", "\(number)"])
        #expect(together["rows"]?.array == alone.flatMap { $0["rows"]?.array ?? [] })
        #expect(together["records"]?.array == alone.flatMap { $0["records"]?.array ?? [] })
        for figure in together["figures"]?.array ?? [] {
            let own = alone.compactMap { one in
                one["figures"]?.array?.first { $0["id"] == figure["id"] }
            }
            #expect(figure["value"]?.integer == own.reduce(0) { $0 + ($1["value"]?.integer ?? 0) })
        }
        let notes = (together["notes"]?.array ?? []).compactMap { $0["en"]?.string }
        #expect(notes.contains { $0.contains("each ledger was asked for itself") })
    }

    @Test func `a case is asked of the one ledger that has it, and refused where several do`()
        throws
    {
        let (shared, own, place) = try city.cases(of: "penalty")
        let found = try city.json(["ask", "15", "--case", own])
        let alone = try city.json(["ask", "15", "--case", own], [city.folders[place]])
        #expect(found["rows"] == alone["rows"])
        #expect(found["heads"]?.array?.count == 3)
        for command in [
            ["ask", "15", "--case", shared], ["findings", "--stream", shared],
            ["export", "csv", "--table", "events", "--case", shared],
            ["ask", "41", "--record", "5"],
        ] {
            let refused = try city.run(command + ["--lang", "en"])
            #expect(refused.exitCode == 2, "\(command)")
            #expect(refused.errors.contains("in several of the ledgers"), "\(refused.errors)")
            #expect(refused.output.isEmpty)
        }
        let none = try city.run(["ask", "15", "--case", "penalty/none", "--lang", "en"])
        #expect(none.exitCode == 2 && none.errors.contains("no case penalty/none"))
    }

    // MARK: - Exports and reports

    @Test(arguments: ["events", "cases", "participants", "duties", "findings"])
    func `a table of several ledgers is their tables under one header`(table: String) throws {
        func csv(_ folders: [String]) throws -> [String] {
            try city.run(["export", "csv", "--table", table], folders).output
                .components(separatedBy: "\r\n")
        }
        let alone = try city.folders.map { try csv([$0]) }
        let together = try csv(city.folders)
        #expect(together == [alone[0][0]] + alone.flatMap { $0.dropFirst().dropLast() } + [""])
        #expect(together[1].hasPrefix("city.example/"))
    }

    @Test func `indicators have a row for each ledger and one for the sum`() throws {
        let rows = try city.run([
            "export", "csv", "--table", "indicators", "--year", "2025", "--lang", "zh",
        ])
        .output.components(separatedBy: "\r\n").dropFirst().filter { !$0.isEmpty }
        #expect(rows.count % 4 == 0 && !rows.isEmpty)
        for start in stride(from: 0, to: rows.count, by: 4) {
            let own = rows[start..<start + 4].map { $0.components(separatedBy: ",") }
            #expect(own.map { $0[0] } == city.origins + [""])
            // ledger, id, title, from, to, numerator: no title of the catalogue has a comma.
            let numbers = own.compactMap { Int64($0[5]) }
            #expect(numbers.count == 4 && numbers.prefix(3).reduce(0, +) == numbers[3])
        }
    }

    @Test func `a report has a folder for each ledger and a page over them`() throws {
        let folder = city.home.path + "/report"
        let made = try city.run(["report", folder, "--year", "2025"])
        #expect(made.exitCode == 0, "\(made.errors)")
        let page = try String(contentsOfFile: folder + "/index.html", encoding: .utf8)
        for (place, name) in ["gongshu", "yuhang", "binjiang"].enumerated() {
            let own = "\(place + 1)-\(name)/index.html"
            #expect(page.contains("href=\"\(own)\""))
            #expect(FileManager.default.fileExists(atPath: "\(folder)/\(own)"))
        }
        let again = try city.run(["report", folder])
        #expect(again.exitCode == 2)
    }

    @Test func `the projection of each is told of`() throws {
        let lines = try city.run(["projection", "status", "--json"]).output
            .split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
        #expect(lines.map(origin) == city.origins)
    }

    // MARK: - Refusals

    @Test func `what cannot be read refuses the whole answer and is named`() throws {
        let (first, none) = (city.folders[0], city.home.path + "/none")
        let copy = city.home.path + "/copy"
        if !FileManager.default.fileExists(atPath: copy) {
            try FileManager.default.copyItem(atPath: first, toPath: copy)
        }
        for (folders, words) in [
            ([first, none], none), ([none, first], none), ([first, first], "named twice"),
            ([first, first + "/../" + URL(filePath: first).lastPathComponent], "named twice"),
            ([first, city.folders[1], copy], "the same origin"),
        ] {
            for command in [
                ["duties"], ["cases"], ["indicators"], ["person", "P-1002"], ["ask", "14"],
                ["export", "csv", "--table", "events"], ["projection", "status"],
            ] {
                let refused = try city.run(command + ["--lang", "en"], folders)
                #expect(refused.exitCode == 2, "\(command) \(folders)")
                #expect(refused.errors.contains(words), "\(refused.errors)")
                #expect(refused.output.isEmpty)
            }
        }
    }

    @Test func `a moment is one for all, and a number is none`() throws {
        let before = try city.lines(["duties", "--as-of", "2020-01-01"])
        #expect(before.lines.isEmpty)
        #expect(before.heads.map { $0["size"]?.integer } == [0, 0, 0])
        #expect(Set(before.heads.map { $0["asOf"] }).count == 1)
        #expect(try city.run(["duties", "--as-of", "57"]).exitCode == 64)
    }

    @Test(arguments: [
        ["log"], ["case", "penalty/PN-2025-000001"], ["trace", "3"], ["append", "-"],
        ["checkpoint"], ["projection", "rebuild"], ["export", "ocel"], ["prove", "3"],
    ])
    func `what takes one ledger says so`(command: [String]) throws {
        let refused = try city.run(command)
        #expect(refused.exitCode == 64)
        #expect(refused.errors.contains("one --ledger"), "\(refused.errors)")
    }
}
