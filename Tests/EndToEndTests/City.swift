import CanonicalJSON
import Foundation
import TestKit
import Testing

/// The ledgers of three districts, made once for all tests; nobody writes to them afterwards.
struct City: Sendable {
    let home: ScratchFolder
    let folders: [String]
    let origins: [String]
    /// One of another district, whose catalogue defines an indicator differently.
    let otherCatalogue: Result<String, any Error>
    /// After everything was recorded.
    private let moment: String
    private let program = Program()

    static let shared = Result { try City() }

    private init() throws {
        let home = try ScratchFolder()
        let names = ["gongshu", "yuhang", "binjiang"]
        let folders = names.map { home.path + "/" + $0 }
        let origins = names.map { "city.example/" + $0 }
        for (folder, origin) in zip(folders, origins) {
            _ = try City.made(["init", folder, "--origin", origin], home)
        }
        // By turns, so that no ledger's cases all began before another's.
        let events = try [("900", "21"), ("1200", "22"), ("900", "23")].map { count, seed in
            try City.made(
                ["sample", "--year", "2025", "--events", count, "--seed", seed], home
            ).split(separator: "\n")
        }
        for part in 0..<3 {
            for (folder, own) in zip(folders, events) {
                let (first, last) = (own.count * part / 3, own.count * (part + 1) / 3)
                try City.append(own[first..<last].joined(separator: "\n"), folder, home)
            }
        }
        otherCatalogue = Result { try City.makeOther(home) }
        moment = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 1))
        (self.home, self.folders, self.origins) = (home, folders, origins)
    }

    /// What a command that must succeed prints.
    private static func made(_ command: [String], _ home: ScratchFolder) throws -> String {
        let result = try Program().run(command, home: home.url)
        #expect(result.exitCode == 0, "\(command): \(result.errors)")
        return result.output
    }

    private static func append(_ events: String, _ folder: String, _ home: ScratchFolder) throws {
        // Attempts that the rules refuse are part of the year.
        _ = try Program().run(
            [
                "append", "-", "--ledger", folder, "--receipts", "brief", "--keep-going",
                "--may-assert",
            ], home: home.url, input: Array(events.utf8))
    }

    private static func makeOther(_ home: ScratchFolder) throws -> String {
        let catalogue = try Checkout.copyCatalogue(to: home.path + "/catalogue")
        #expect(
            try catalogue.replace(
                "met: \"channel == \\\"掌上执法\\\"\"", in: "indicators.yaml",
                with: "met: \"channel != \\\"掌上执法\\\"\""))
        let folder = home.path + "/other"
        _ = try made(
            ["init", folder, "--origin", "city.example/other", "--catalogue", catalogue.path], home)
        return folder
    }

    // MARK: - Asking

    /// Asks all of them, or these.
    func run(_ command: [String], _ folders: [String]? = nil) throws -> Program.Result {
        try program.run(
            command + (folders ?? self.folders).flatMap { ["--ledger", $0] }, home: home.url)
    }

    private func answer(_ command: [String], _ folders: [String]?) throws -> Program.Result {
        let asOf = command.contains("--as-of") ? [] : ["--as-of", moment]
        let result = try run(command + ["--json"] + asOf, folders)
        #expect(result.exitCode == 0, "\(command): \(result.errors)")
        return result
    }

    func json(_ command: [String], _ folders: [String]? = nil) throws -> JSONValue {
        try answer(command, folders).json
    }

    /// A list: its lines, and the heads on the last.
    func lines(
        _ command: [String], _ folders: [String]? = nil
    ) throws -> (lines: [JSONValue], heads: [JSONValue]) {
        let list = try answer(command, folders).list
        #expect(!list.heads.isEmpty)
        return list
    }

    // MARK: - What is in them

    /// The records of each, as they are written.
    private func records() throws -> [[JSONValue]] {
        try folders.map { folder in
            try program.run(
                ["log", "--ledger", folder, "--json", "--limit", "100000"], home: home.url
            ).output.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
        }
    }

    /// When the first record of each case was recorded, by origin and stream.
    func begun() throws -> [String: String] {
        var begun: [String: String] = [:]
        for (origin, own) in zip(origins, try records()) {
            for record in own {
                let key = "\(origin) \(record["event"]?["subject"]?.string ?? "")"
                begun[key] = begun[key] ?? record["chain"]?["recorded"]?.string
            }
        }
        return begun
    }

    /// Somebody who entered something in each of them.
    func personOfAll() throws -> String {
        let persons = try records().map { own in
            Set(own.compactMap { $0["event"]?["data"]?["operator"]?["person"]?.string })
        }
        return try #require(
            persons.dropFirst().reduce(persons[0]) { $0.intersection($1) }.sorted().last)
    }

    /// A social credit code that one of them names, and its place.
    func enterpriseOfOne() throws -> (code: String, place: Int) {
        let texts = try records().map { own in own.map(\.canonicalText).joined() }
        let code = /"uscc":"([0-9A-Z]{18})"/
        for (place, text) in texts.enumerated() {
            for match in text.matches(of: code) {
                let name = String(match.1)
                if texts.count(where: { $0.contains(name) }) == 1 { return (name, place) }
            }
        }
        throw Missing()
    }

    /// A case that stands in all of them, and one that stands in one.
    func cases(of procedure: String) throws -> (shared: String, own: String, place: Int) {
        let streams = try records().map { own in
            Set(own.compactMap { $0["event"]?["subject"]?.string })
                .filter { $0.hasPrefix(procedure + "/") }
        }
        let all = streams.dropFirst().reduce(streams[0]) { $0.intersection($1) }
        let shared = try #require(all.min())
        for (place, own) in streams.enumerated() {
            let others = streams.indices.filter { $0 != place }.map { streams[$0] }
            if let found = own.subtracting(others.joined()).min() { return (shared, found, place) }
        }
        throw Missing()
    }

    private struct Missing: Error {}
}
