import CanonicalJSON
import Foundation
import TestKit
import Testing

/// A generated year, recorded and judged by the program as a user runs it.
@Suite struct SampledYearTests {
    private let program = Program()
    private let home: ScratchFolder
    private let ledger: String

    init() throws {
        home = try ScratchFolder()
        ledger = home.path + "/ledger"
    }

    private func lines(_ text: some StringProtocol) throws -> [JSONValue] {
        try text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }

    private func truth() throws -> [JSONValue] {
        let file = URL(filePath: home.path + "/truth.ndjson")
        return try lines(String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }

    private func sample(_ more: [String] = []) throws -> String {
        let sampled = try program.run(
            [
                "sample", "--year", "2025", "--events", "20000", "--seed", "5",
                "--truth", home.path + "/truth.ndjson",
            ] + more, home: home.url)
        #expect(sampled.exitCode == 0, "\(sampled.errors)")
        return sampled.output
    }

    /// Records the year; gives the numbers of its events by their ids.
    private func record() throws -> [String: Int64] {
        let events = try sample()
        let made = try program.run(["init", ledger, "--origin", "year.example"], home: home.url)
        #expect(made.exitCode == 0, "\(made.errors)")
        let appended = try program.run(
            [
                "append", "-", "--ledger", ledger, "--receipts", "brief", "--keep-going",
                "--may-assert",
            ], home: home.url, input: Array(events.utf8))
        try Data(appended.output.utf8).write(to: URL(filePath: home.path + "/receipts.ndjson"))
        var numbers: [String: Int64] = [:]
        for receipt in try lines(appended.output) {
            if let id = receipt["id"]?.string { numbers[id] = receipt["seq"]?.integer }
        }
        return numbers
    }

    @Test func `every finding in the truth file is found, and no other`() throws {
        let numbers = try record()
        #expect(try found() == known(numbers))
        #expect(try found().count > 500)
        try expectAttempts(numbers)
        try expectFigures()

        let mends = try sample(["--mend", home.path + "/receipts.ndjson"])
        for type in ["entry.corrected", "entry.withdrawn", "participant.confirmed"] {
            #expect(mends.contains("\"type\":\"\(type)\""), "\(type)")
        }
        let mended = try program.run(
            ["append", "-", "--ledger", ledger, "--receipts", "brief"], home: home.url,
            input: Array(mends.utf8))
        #expect(mended.exitCode == 0, "\(mended.errors)")
        #expect(try found() == known(numbers))
        #expect(try found().contains { !$0.hasSuffix(" open") })
        try expectFigures()
        let verified = try program.run(["verify", ledger], home: home.url)
        #expect(verified.exitCode == 0, "\(verified.output)")
    }

    /// Ids and states of findings, but for what is said of the time of record.
    private func found() throws -> Set<String> {
        let findings = try program.run(["findings", "--ledger", ledger, "--json"], home: home.url)
        return Set(
            try findings.list.lines.filter { $0["rule"]?.string != "late-entry" }
                .map { "\($0["id"]?.string ?? "") \($0["state"]?.string ?? "")" })
    }

    private func known(_ numbers: [String: Int64]) throws -> Set<String> {
        let today = Date().ISO8601Format().prefix(10)
        return Set(
            try truth().filter {
                $0["kind"]?.string == "finding" && ($0["overdueAfter"]?.string ?? "") < today
            }.map { truth in
                let event = truth["event"]?.string ?? ""
                let id = numbers[event].map { "\($0)" } ?? event
                return "\(truth["rule"]?.string ?? "")@\(id) \(truth["state"]?.string ?? "open")"
            })
    }

    /// Indicators are as the truth file says, each with as many records as it counts.
    private func expectFigures() throws {
        let known = try truth().filter { $0["kind"]?.string == "indicator" }
        #expect(known.count > 50)
        let printed = try program.run(
            [
                "indicators", "--from", "2025-01-01", "--to", "2025-12-31", "--ledger", ledger,
                "--json",
            ], home: home.url)
        #expect(printed.exitCode == 0, "\(printed.errors)")
        var figures: [String: JSONValue] = [:]
        for figure in try printed.list.lines { figures[figure["id"]?.string ?? ""] = figure }
        for truth in known {
            let id = truth["indicator"]?.string ?? ""
            let figure = try #require(figures[id], "\(id)")
            #expect(figure["numerator"] == truth["numerator"], "\(id)")
            #expect(figure["denominator"] == truth["denominator"], "\(id)")
            let unknown = figure["ledgers"]?.array?.first?["unknown"]?.array?.count ?? -1
            #expect(truth["unknown"]?.integer == Int64(unknown), "\(id)")
        }
        let total = known.reduce(Int64(0)) { $0 + ($1["numerator"]?.integer ?? 0) }
        #expect(total > 1_000)
    }

    private func expectAttempts(_ numbers: [String: Int64]) throws {
        let attempts = try truth().filter { $0["kind"]?.string == "attempt" }
        #expect(attempts.count > 5)
        #expect(attempts.allSatisfy { numbers[$0["event"]?.string ?? ""] == nil })
        let refused = try program.run(
            [
                "log", "--ledger", ledger, "--type", "ledger.attempt-refused", "--json",
                "--limit", "1000",
            ], home: home.url)
        let recorded = Set(
            try lines(refused.output).compactMap { $0["event"]?["data"]?["id"]?.string })
        #expect(recorded == Set(attempts.compactMap { $0["event"]?.string }))
    }
}
