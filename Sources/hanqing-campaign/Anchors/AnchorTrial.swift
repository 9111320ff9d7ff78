import CanonicalJSON
import Foundation
import TestKit

/// Fifteen ledgers, or as many as are asked for, minute after minute.
final class AnchorTrial {
    private let program = Program()
    private let home: URL
    private let events: Int
    private let rounds: Int
    private let districts: [District]
    private var random: Seeded
    private let city: String
    private let province: String
    /// What goes wrong, and in which minute.
    private let plan: Plan
    private var appended = 0
    /// What the city's anchoring took, each minute.
    private var costs: [(anchors: Int, bytes: Int, milliseconds: Double)] = []
    private var lastMinuteBegan = ""

    /// A district; `place` is where the city looks for it.
    private struct District {
        let name: String
        let ledger: String
        let place: String
        let key: String
        var origin: String { "\(name).example" }
    }

    /// Who does what, drawn by chance: four different districts.
    private struct Plan {
        let forking: Int
        let silent: Int
        let swapped: (Int, Int)
        let minute: Int
    }

    init(
        _ home: URL, districts count: Int, events: Int, _ rounds: Int, _ seeded: Seeded
    ) throws {
        (self.home, self.events, self.rounds, random) = (home, events, rounds, seeded)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        (city, province) = (home.path + "/city", home.path + "/province")
        var made: [District] = []
        for number in 0..<count {
            let name = "district-\(number)"
            let ledger = "\(home.path)/\(name)"
            let key = try AnchorTrial.create(program, ledger, "\(name).example", home)
            // The city knows a place, which may come to lead elsewhere.
            let place = "\(home.path)/at-\(number)"
            try FileManager.default.createSymbolicLink(
                atPath: place, withDestinationPath: ledger)
            made.append(District(name: name, ledger: ledger, place: place, key: key))
        }
        districts = made
        let chosen = Array(made.indices).shuffled(using: &random)
        plan = Plan(
            forking: chosen[0], silent: chosen[1], swapped: (chosen[2], chosen[3]),
            minute: rounds / 2)
        let cityKey = try AnchorTrial.create(program, city, "city.example", home)
        _ = try AnchorTrial.create(program, province, "province.example", home)
        for district in districts {
            try run(["anchor", district.place, city, "--key", district.key])
        }
        try run(["anchor", city, province, "--key", cityKey])
    }

    private static func create(
        _ program: Program, _ ledger: String, _ origin: String, _ home: URL
    ) throws -> String {
        let made = try program.run(["init", ledger, "--origin", origin, "--json"], home: home)
        guard let key = try? made.json["vkey"]?.string else {
            throw CampaignError("hanqing init: \(made.errors)")
        }
        return key
    }

    @discardableResult
    private func run(
        _ arguments: [String], input: [UInt8] = [], expecting codes: Set<Int32> = [0]
    ) throws -> Program.Result {
        let result = try program.run(arguments, home: home, input: input)
        guard codes.contains(result.exitCode) else {
            throw CampaignError("hanqing \(arguments): \(result.errors)\(result.output)")
        }
        return result
    }

    // MARK: - A minute

    func round(_ minute: Int, _ tally: Tally) throws {
        if minute == plan.minute { try misbehave() }
        lastMinuteBegan = AnchorTrial.now
        for (number, district) in districts.enumerated()
        where number != plan.silent || minute < plan.minute {
            try append(events, to: district.ledger)
            tally.count("events", events)
        }
        let isSound = minute < plan.minute
        let before = try AnchorTrial.byteCount(city)
        let began = ContinuousClock.now
        let result = try run(
            ["anchor"] + districts.map(\.place) + [city, "--json"], expecting: [0, 1])
        let took = (ContinuousClock.now - began) / .milliseconds(1)
        let outcomes = try result.output.split(separator: "\n").map {
            try JSONValue(parsing: $0.utf8)
        }
        judge(outcomes, isSound: isSound, tally)
        let anchors = outcomes.count { $0["outcome"]?.string == "anchored" }
        let grown = try AnchorTrial.byteCount(city) - before
        costs.append((anchors, grown, took))
        try run(["anchor", city, province])
    }

    private func judge(_ outcomes: [JSONValue], isSound: Bool, _ tally: Tally) {
        for (number, outcome) in outcomes.enumerated() {
            let expected = isSound ? "anchored" : expected(number)
            let found = outcome["outcome"]?.string ?? "none"
            if found != expected {
                tally.fail("\(districts[number].origin): \(found) instead of \(expected)")
            }
        }
    }

    /// What the city must find of a district once it goes wrong.
    private func expected(_ number: Int) -> String {
        switch number {
        case plan.forking: "forked"
        case plan.silent: "unchanged"
        case plan.swapped.0, plan.swapped.1: "other-ledger"
        default: "anchored"
        }
    }

    private func append(_ count: Int, to ledger: String) throws {
        var lines: [UInt8] = []
        for _ in 0..<count {
            let event = EventMaker.json(
                id: "E-\(appended)", stream: "report/RP-2025-\(appended)",
                type: "report.accepted", source: "urn:anchors",
                data: [
                    "operator": ["person": "P-1", "unit": "虚构单位"],
                    "acceptedOn": "2025-03-04", "reporterTold": true,
                ])
            lines += event.canonicalBytes + [0x0A]
            appended += 1
        }
        try run(["append", "-", "--ledger", ledger, "--receipts", "brief"], input: lines)
    }

    // MARK: - What goes wrong

    private func misbehave() throws {
        // Rewritten by who has its key: the history that was anchored is cut off, and goes on.
        try fork(districts[plan.forking].ledger)
        let (one, two) = (districts[plan.swapped.0], districts[plan.swapped.1])
        for (place, ledger) in [(one.place, two.ledger), (two.place, one.ledger)] {
            try FileManager.default.removeItem(atPath: place)
            try FileManager.default.createSymbolicLink(
                atPath: place, withDestinationPath: ledger)
        }
    }

    /// Cuts the last records off, signs, and appends more than there were.
    private func fork(_ ledger: String) throws {
        let sound = try SoundLedger(folder: ledger)
        let cut = events * 2
        var draft = LogDraft(sound)
        for record in (sound.lines.count - cut)..<sound.lines.count { draft.remove(record) }
        try draft.install(draft.leaves(), in: ledger)
        try append(cut + 1, to: ledger)
    }

    // MARK: - What is seen of it

    func end(_ tally: Tally) throws {
        try judgeStatus(tally)
        try judgeVerify(tally)
        try judgeProvince(tally)
        let anchors = costs.reduce(0) { $0 + $1.anchors }
        tally.count("anchors", anchors)
        tally.count("bytes an anchor", costs.reduce(0) { $0 + $1.bytes } / max(1, anchors))
        let sorted = costs.map(\.milliseconds).sorted()
        tally.count("ms a minute p50", Int(sorted[sorted.count / 2]))
        tally.count("ms a minute max", Int(sorted[sorted.count - 1]))
        let each = costs.reduce(0) { $0 + $1.milliseconds } / Double(max(1, anchors))
        tally.count("us an anchor", Int(each * 1000))
    }

    private func status(_ ledger: String, _ more: [String] = []) throws -> [String: String] {
        let result = try run(
            ["anchor", "status", ledger, "--json"] + more, expecting: [0, 1, 3])
        let rows = try result.json["ledgers"]?.array ?? []
        return Dictionary(
            uniqueKeysWithValues: rows.map {
                ($0["origin"]?.string ?? "", $0["state"]?.string ?? "")
            })
    }

    /// Silent is who was not anchored since the last minute began.
    private func judgeStatus(_ tally: Tally) throws {
        guard let began = ISO8601DateFormatter.fine.date(from: lastMinuteBegan) else {
            throw CampaignError("no time: \(lastMinuteBegan)")
        }
        let moment = ISO8601DateFormatter.fine.string(from: began.addingTimeInterval(3600))
        let found = try status(city, ["--as-of", moment, "--silent-after", "3600"])
        for (number, district) in districts.enumerated() {
            var expected = expected(number)
            if expected == "unchanged" { expected = "silent" }
            let state = found[district.origin] ?? "none"
            if state != expected {
                tally.fail("status of \(district.origin): \(state) instead of \(expected)")
            }
        }
    }

    /// What the city holds exposes the forked one, and no other.
    private func judgeVerify(_ tally: Tally) throws {
        for (number, district) in districts.enumerated() {
            let result = try run(
                [
                    "verify", district.ledger, "--anchors", city, "--vkey", district.key,
                    "--no-memory", "--json",
                ], expecting: [0, 1])
            let isForked = number == plan.forking
            if (result.exitCode == 1) != isForked {
                tally.fail("verify \(district.origin): \(result.output)")
            }
        }
    }

    /// The city forks too.
    private func judgeProvince(_ tally: Tally) throws {
        if try status(province)["city.example"] != "anchored" {
            tally.fail("the province holds something against the city")
        }
        let sound = try SoundLedger(folder: city)
        var draft = LogDraft(sound)
        draft.remove(sound.lines.count - 1)
        try draft.install(draft.leaves(), in: city)
        let rolledBack = try run(["anchor", city, province, "--json"], expecting: [0, 1])
        if try rolledBack.json["outcome"]?.string != "rolled-back" {
            tally.fail("the city was rolled back: \(rolledBack.output)")
        }
        for number in 0..<3 { try append(number + 1, to: city) }
        let forked = try run(["anchor", city, province, "--json"], expecting: [0, 1])
        if try forked.json["outcome"]?.string != "forked" {
            tally.fail("the city forked: \(forked.output)")
        }
        if try status(province)["city.example"] != "forked" {
            tally.fail("the province's status does not say that the city forked")
        }
    }

    // MARK: - Measures

    private static var now: String { ISO8601DateFormatter.fine.string(from: Date()) }

    private static func byteCount(_ ledger: String) throws -> Int {
        let folder = ledger + "/records"
        return try FileManager.default.contentsOfDirectory(atPath: folder).reduce(0) { sum, file in
            let facts = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(file)")
            return sum + (facts[.size] as? Int ?? 0)
        }
    }
}

extension ISO8601DateFormatter {
    /// With milliseconds.
    fileprivate static var fine: ISO8601DateFormatter {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return formatter
    }
}
