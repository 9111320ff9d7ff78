import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing anchor`, as a city runs it over a district.
@Suite struct AnchorTests {
    private let world: TwoHistories
    private var home: UserHome { world.home }
    private var city: String { home.path + "/city" }
    /// Where the city looks for the district.
    private var place: String { home.path + "/district" }

    init() throws {
        world = try TwoHistories()
        _ = try home.expectSuccess(["init", city, "--origin", "city.example"])
        try lead(to: world.earlier)
    }

    private func lead(to ledger: String) throws {
        try? FileManager.default.removeItem(atPath: place)
        try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: ledger)
    }

    private func anchor(_ more: [String] = []) throws -> (code: Int32, json: JSONValue) {
        let result = try home.run(["anchor", place, city, "--json"] + more)
        return (result.exitCode, try result.json)
    }

    private func status(
        _ more: [String] = []
    ) throws -> (code: Int32, district: JSONValue) {
        let result = try home.run(["anchor", "status", city, "--json"] + more)
        return (result.exitCode, try result.json["ledgers"]?.array?.first ?? .null)
    }

    private func outcome(_ json: JSONValue) -> String? { json["outcome"]?.string }

    @Test func `a district is anchored as it grows, and each proof holds`() throws {
        #expect(try home.run(["anchor", place, city]).exitCode == 2, "its key is not known")
        let first = try anchor(["--key", world.key])
        #expect(first.code == 0)
        #expect(first.json["size"]?.integer == 22)
        #expect(outcome(try anchor().json) == "unchanged")
        try lead(to: home.ledger)
        let second = try anchor()
        #expect(outcome(second.json) == "anchored")
        #expect(second.json["size"]?.integer == 42)
        let standing = try status([place])
        #expect(standing.code == 0)
        #expect(standing.district["state"]?.string == "anchored")
        #expect(standing.district["behind"]?.integer == 0)
        try appendReports(40..<43, to: home.ledger, home)
        let behind = try status([place])
        #expect(behind.district["state"]?.string == "behind")
        #expect(behind.district["behind"]?.integer == 3)
        #expect(try status(["--silent-after", "0", "--as-of", "2100-01-01"]).code == 3)
        // The city's own audit knows these records.
        #expect(try home.run(["verify", city]).exitCode == 0)
        #expect(
            try home.run(["verify", place, "--anchors", city, "--no-memory"]).exitCode == 0)
        #expect(try home.run(["verify", place, "--anchors", home.ledger]).exitCode == 2)
    }

    @Test func `a rollback and a fork are refused, recorded once, and stay as evidence`() throws {
        try lead(to: home.ledger)
        #expect(try anchor(["--key", world.key]).code == 0)
        try lead(to: world.earlier)
        let back = try anchor()
        #expect(back.code == 1)
        #expect(outcome(back.json) == "rolled-back")
        let verified = try home.run(
            ["verify", place, "--anchors", city, "--no-memory", "--json"])
        #expect(verified.exitCode == 1)
        #expect(verified.output.contains(#""code":"rolled-back""#))
        try lead(to: world.other)
        let fork = try anchor()
        #expect(fork.code == 1)
        #expect(outcome(fork.json) == "forked")
        let record = try #require(fork.json["record"]?.integer)
        #expect(try anchor().json["record"] == .null, "the same is recorded once")
        let line = try home.expectSuccess(["show", "\(record)", "--ledger", city])
        #expect(
            try home.run(["evidence", "-", "--key", world.key], input: line).exitCode == 0)
        // The true ledger is anchored again, and the fork is not forgotten.
        try lead(to: home.ledger)
        try appendReports(40..<52, to: home.ledger, home)
        #expect(outcome(try anchor().json) == "anchored")
        let standing = try status()
        #expect(standing.code == 1)
        #expect(standing.district["state"]?.string == "forked")
        #expect(standing.district["refusals"]?.array?.count == 1)
        let report = try home.run(
            ["verify", place, "--anchors", city, "--no-memory", "--json"])
        #expect(report.output.contains(#""code":"forked""#), "two histories were signed")
        #expect(try home.run(["verify", city]).exitCode == 0)
    }

    @Test func `another ledger, another key and nobody are told apart`() async throws {
        try lead(to: home.ledger)
        #expect(try anchor(["--key", world.key]).code == 0)
        try lead(to: city)
        #expect(outcome(try anchor().json) == "other-ledger")
        let stranger = home.path + "/stranger"
        _ = try home.expectSuccess(["init", stranger, "--origin", "demo.example"])
        try lead(to: stranger)
        #expect(outcome(try anchor().json) == "key-unknown")
        try lead(to: home.path + "/nowhere")
        let silent = try anchor()
        #expect(silent.code == 2)
        #expect(outcome(silent.json) == "unavailable")
        #expect(silent.json["record"] == .null, "nothing is said against anybody")
        #expect(try status([place]).district["state"]?.string == "other-ledger")
    }

    @Test func `a changed key is taken when it is given`() throws {
        try lead(to: home.ledger)
        #expect(try anchor(["--key", world.key]).code == 0)
        _ = try home.expectSuccess(
            [
                "key", "rotate", "--person", "P-1", "--approver", "P-2", "--reason", "演练",
                "--ledger", home.ledger,
            ])
        let new = try home.expectSuccess(["checkpoint", "--vkey", "--ledger", home.ledger])
            .trimmingCharacters(in: .newlines)
        #expect(outcome(try anchor().json) == "key-unknown")
        #expect(outcome(try anchor(["--key", new]).json) == "anchored")
        try appendReports(40..<41, to: home.ledger, home)
        #expect(outcome(try anchor().json) == "anchored")
        #expect(try status().code == 0)
    }

    @Test func `what was edited in the city's records is found by its audit or its status`() throws
    {
        try lead(to: world.earlier)
        #expect(try anchor(["--key", world.key]).code == 0)
        try lead(to: home.ledger)
        #expect(try anchor().code == 0)
        // The city's keeper drops the first anchoring and signs anew.
        try forge([city, "--drop", "2"], home)
        let standing = try home.run(["anchor", "status", city, "--json"])
        #expect(standing.exitCode == 1)
        #expect(try standing.json["faults"]?.array?.count == 1)
    }
}
