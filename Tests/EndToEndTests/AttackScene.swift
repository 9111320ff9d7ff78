import CanonicalJSON
import Foundation
import TestKit
import Testing

/// A district of 42 records, as it was yesterday and today: published, cosigned by a witness and
/// anchored in a city on both days; a reporter holds a receipt of each.
struct AttackScene {
    private let home: UserHome
    private let key: String
    private let policy: String
    private let witness: ServingProgram
    private let authority: TestAuthority
    private let yesterday: Shown
    private let today: Shown
    private let neighbour: String

    /// Records before the report that the receipt of today is of.
    private static let reportRecord = 30
    private static let hour = 3600

    private var ledger: String { home.ledger }
    private func path(_ name: String) -> String { "\(home.path)/\(name)" }

    /// What is shown where nobody attacks.
    var honest: Shown { today }

    init() async throws {
        let home = try UserHome()
        self.home = home
        let made = try home.expectSuccess(
            ["init", home.ledger, "--origin", "district.example", "--json"])
        let key = try #require(JSONValue(parsing: made.utf8)["vkey"]?.string)
        self.key = key
        (witness, policy) = try await AttackScene.startWitness(key, home)
        let authority = try await TestAuthority()
        self.authority = authority
        try appendReports(0..<20, to: home.ledger, home)
        // Yesterday was two hours ago; that is no attack, and signed then.
        try forge([home.ledger, "--shift-from", "0", "--shift", "-\(2 * AttackScene.hour)"], home)
        _ = try home.expectSuccess(["init", "\(home.path)/city", "--origin", "city.example"])
        let old = try home.expectSuccess(["prove", "5", "--ledger", home.ledger, "--json"])
        yesterday = try AttackScene.day(
            "yesterday", old, key, policy, authority, home, shiftingCity: -AttackScene.hour)
        try FileManager.default.copyItem(atPath: home.ledger, toPath: "\(home.path)/backup")
        let new = try appendReports(20..<40, to: home.ledger, home)
        let report = try #require(
            new.first { $0.contains("\"seq\":\(AttackScene.reportRecord),") })
        today = try AttackScene.day("today", report, key, policy, authority, home)
        neighbour = try AttackScene.neighbour(home)
    }

    func end() async throws {
        #expect(try await witness.end(SIGTERM) == 0)
    }

    // MARK: - Before the attack

    /// A witness with its state in a folder, and a policy that demands its cosignature.
    private static func startWitness(
        _ key: String, _ home: UserHome, state: String = "witnessed"
    ) async throws -> (ServingProgram, String) {
        let file = "\(home.path)/w.key"
        let isMade = FileManager.default.fileExists(atPath: file)
        let made = try home.expectSuccess(
            ["witness", "key", file] + (isMade ? [] : ["--name", "witness.example"])
        ).trimmingCharacters(in: .newlines)
        let settings = "listen 127.0.0.1:0\nkey w.key\nstate \(state)\nlog \(key)\n"
        try Data(settings.utf8).write(to: URL(filePath: "\(home.path)/\(state).conf"))
        let witness = try await ServingProgram(
            running: ["witness", "serve", "--config", "\(home.path)/\(state).conf", "--json"],
            home: home.folder.url)
        let policy = "log \(key)\nwitness w \(made) \(witness.url)\nquorum w\n"
        try Data(policy.utf8).write(to: URL(filePath: "\(home.path)/\(state).policy"))
        return (witness, "\(home.path)/\(state).policy")
    }

    /// Publishes, has it cosigned, stamped and anchored, and keeps what everybody has seen by then.
    private static func day(
        _ name: String, _ receipt: String, _ key: String, _ policy: String,
        _ authority: TestAuthority, _ home: UserHome, shiftingCity seconds: Int? = nil
    ) throws -> Shown {
        let (tiles, city) = ("\(home.path)/tiles", "\(home.path)/city")
        _ = try home.expectSuccess(
            ["publish", tiles, "--with-entries", "--policy", policy, "--ledger", home.ledger])
        _ = try home.expectSuccess(["anchor", tiles, city, "--key", key])
        _ = try home.expectSuccess([
            "timestamp", "ask", "--tsa", authority.url(), "--ca", authority.ca, "--ledger",
            home.ledger,
        ])
        if let seconds {
            try forge([city, "--shift-from", "0", "--shift", "\(seconds)"], home)
        }
        let folder = "\(home.path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let state = "\(home.path)/witnessed"
        let files = try FileManager.default.contentsOfDirectory(atPath: state)
        let witnessed = try #require(
            files.first { $0.count == 64 && !$0.contains(".") }, "\(files)")
        let stamps = "\(home.ledger)/checkpoints/timestamped"
        for (from, to) in [
            (tiles, "tiles"), (city, "city"), (state, "state"), (stamps, "stamps"),
        ] {
            try FileManager.default.copyItem(atPath: from, toPath: "\(folder)/\(to)")
        }
        try Data(receipt.utf8).write(to: URL(filePath: "\(folder)/receipt"))
        return Shown(
            place: "\(folder)/tiles", receipt: "\(folder)/receipt",
            witnessed: "\(folder)/state/\(witnessed)", stamped: "\(folder)/stamps",
            city: "\(folder)/city")
    }

    /// Another district, published with its records.
    private static func neighbour(_ home: UserHome) throws -> String {
        let (ledger, tiles) = ("\(home.path)/neighbour", "\(home.path)/neighbour-tiles")
        _ = try home.expectSuccess(["init", ledger, "--origin", "neighbour.example"])
        try appendReports(300..<320, to: ledger, home)
        _ = try home.expectSuccess(["publish", tiles, "--with-entries", "--ledger", ledger])
        return tiles
    }

    // MARK: - The attack

    /// Performs an attack on a copy, and says what is shown to everybody then.
    func perform(_ attack: Attack) async throws -> Shown {
        let place = path("shown-\(attack)")
        switch attack {
        case .rewritten:
            return try showing(place, copy(ledger, attack)) { ledger in
                try forge(
                    [ledger, "--edit", "10", "--replace", "虚构单位", "--by", "另一单位"], home)
            }
        case .truncated:
            return try showing(place, copy(ledger, attack)) { ledger in
                try forge([ledger, "--truncate", "25"], home)
                try appendReports(100..<130, to: ledger, home)
            }
        case .twoHistories:
            return try showing(place, copy(path("backup"), attack)) { ledger in
                try appendReports(200..<230, to: ledger, home)
            }
        case .dropped:
            return try showing(place, copy(ledger, attack)) { ledger in
                try forge([ledger, "--drop", "\(AttackScene.reportRecord)"], home)
            }
        case .backdated: return try await backdate(place)
        case .rolledBack: return shown(yesterday.place)
        case .swapped: return shown(neighbour)
        case .replayed:
            try copy(today.place, to: place)
            try FileManager.default.removeItem(atPath: place + "/checkpoint")
            try copy(yesterday.place + "/checkpoint", to: place + "/checkpoint")
            return shown(place)
        case .uncosigned:
            try copy(today.place, to: place)
            let note = try String(contentsOfFile: place + "/checkpoint", encoding: .utf8)
            let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
            let without = lines.filter { !$0.hasPrefix("\u{2014} witness.example ") }
            #expect(without.count == lines.count - 1)
            try Data(without.joined(separator: "\n").utf8)
                .write(to: URL(filePath: place + "/checkpoint"))
            return shown(place)
        case .withheld, .withheldUnseen: return try withhold(attack, place)
        }
    }

    /// Nobody has seen more than yesterday's records when the new one is entered, and the witness
    /// cosigns it.
    private func backdate(_ place: String) async throws -> Shown {
        let ledger = try copy(path("backup"), .backdated)
        try appendReports(400..<401, to: ledger, home)
        let early = "-\(AttackScene.hour + AttackScene.hour / 2)"
        try forge([ledger, "--shift-from", "22", "--shift", early], home)
        try copy(path("yesterday/state"), to: path("backdated-state"))
        let (witness, policy) = try await AttackScene.startWitness(
            key, home, state: "backdated-state")
        try copy(yesterday.place, to: place)
        _ = try home.expectSuccess(
            ["publish", place, "--with-entries", "--policy", policy, "--ledger", ledger])
        #expect(try await witness.end(SIGTERM) == 0)
        return shown(place, before: yesterday)
    }

    private func withhold(_ attack: Attack, _ place: String) throws -> Shown {
        try copy(today.place, to: place)
        let ledger = try copy(ledger, attack)
        try forge([ledger, "--withhold", "\(AttackScene.reportRecord)"], home)
        _ = try home.expectSuccess(
            ["publish", place, "--with-entries", "--all", "--ledger", ledger])
        if attack == .withheldUnseen {
            try FileManager.default.removeItem(atPath: place + "/tile/entries")
        }
        return shown(place)
    }

    /// Does `change` to a copy of a ledger, and publishes what comes of it.
    private func showing(
        _ place: String, _ ledger: String, _ change: (String) throws -> Void
    ) throws -> Shown {
        try change(ledger)
        _ = try home.expectSuccess(["publish", place, "--with-entries", "--ledger", ledger])
        return shown(place)
    }

    private func shown(_ place: String, before: Shown? = nil) -> Shown {
        let before = before ?? today
        return Shown(
            place: place, receipt: before.receipt, witnessed: before.witnessed,
            stamped: before.stamped, city: before.city)
    }

    private func copy(_ ledger: String, _ attack: Attack) throws -> String {
        try copy(ledger, to: path("ledger-\(attack)"))
    }

    @discardableResult
    private func copy(_ from: String, to: String) throws -> String {
        try FileManager.default.copyItem(atPath: from, toPath: to)
        return to
    }

    // MARK: - Who finds it

    func ask(_ probe: Probe, _ shown: Shown) throws -> ProbeAnswer {
        let verify = ["verify", shown.place, "--vkey", key, "--no-memory", "--json"]
        switch probe {
        case .verify: return try findings(verify)
        case .policy: return try findings(verify + ["--policy", policy])
        case .checkpoint: return try findings(verify + ["--checkpoint", shown.witnessed])
        case .timestamps:
            return try findings(
                verify + ["--timestamps", shown.stamped, "--tsa-ca", authority.ca])
        case .anchors: return try findings(verify + ["--anchors", shown.city])
        case .receipt:
            let result = try home.run([
                "receipt", "challenge", shown.receipt, shown.place, "--key", key, "--json",
            ])
            let json = try result.json
            let words = [json["verdict"]?.string, json["evidence"]?["kind"]?.string]
            return ProbeAnswer(code: result.exitCode, words: words.compactMap(\.self))
        case .anchor:
            let city = path("city-\(UUID().uuidString)")
            try copy(shown.city, to: city)
            let result = try home.run(["anchor", shown.place, city, "--key", key, "--json"])
            let outcome = try result.json["outcome"]?.string
            return ProbeAnswer(code: result.exitCode, words: [outcome].compactMap(\.self))
        }
    }

    private func findings(_ arguments: [String]) throws -> ProbeAnswer {
        let result = try home.run(arguments)
        let codes = try result.json["findings"]?.array?.compactMap { $0["code"]?.string }
        return ProbeAnswer(code: result.exitCode, words: Set(codes ?? []).sorted())
    }
}
