import CanonicalJSON
import Foundation
import Glibc
import TestKit

/// One round: a load, kills, and what must hold afterwards.
struct KillRound {
    private var ledger: KillLedger
    private let number: Int
    private var random: Seeded
    private(set) var load = Load.lines
    private(set) var kills = 0
    private(set) var startKills = 0
    private(set) var rebuildKills = 0
    private(set) var complaints: [String] = []
    /// What ended by itself, for want of memory.
    private(set) var starved = 0
    private(set) var secondWriters = 0
    private var receipts: [JSONValue] = []
    /// Whether a rebuild of the index was cut short, so that the next start may go on with one.
    private var mayRebuild = false

    /// Under what the program is killed.
    enum Load: String, CaseIterable {
        case lines, batch, importLines, importCSV, secondWriter, starvedOfMemory
    }

    init(_ ledger: KillLedger, _ number: Int, _ random: Seeded) {
        (self.ledger, self.number, self.random) = (ledger, number, random)
    }

    /// Does the round and gives the ledger back.
    mutating func run() throws -> KillLedger {
        load = Load.allCases.randomElement(using: &random) ?? .lines
        switch load {
        case .lines, .batch, .starvedOfMemory: try append()
        case .importLines, .importCSV: try importing()
        case .secondWriter: try secondWriter()
        }
        if Int.random(in: 0..<3, using: &random) == 0 { try killStarts() }
        if Int.random(in: 0..<8, using: &random) == 0 { try killRebuild() }
        try check()
        return ledger
    }

    private mutating func demand(_ holds: Bool, _ what: @autoclosure () -> String) {
        if !holds { complaints.append(what()) }
    }

    private mutating func wait(upTo milliseconds: Double) {
        // Short times as often as long ones.
        let most = milliseconds * 1000
        let chosen = exp(Double.random(in: 0...log(most), using: &random))
        usleep(UInt32(chosen))
    }

    private mutating func take(_ ended: Victim.Ended) throws {
        kills += ended.wasKilled ? 1 : 0
        receipts += try ended.receipts
    }

    // MARK: Loads

    private mutating func append() throws {
        let isBatch = load == .batch || load == .starvedOfMemory && Bool.random(using: &random)
        let size = Int.random(in: 2...600, using: &random)
        let bytes =
            isBatch ? ledger.batch("b\(number)", size) : ledger.lines("l\(number)", 2000)
        let limit = load == .starvedOfMemory ? drawLimit() : nil
        let victim = try ledger.victim(ledger.appending, feeding: bytes, limit: limit)
        // Half of the time by what was printed, half of the time by the clock.
        if Bool.random(using: &random) {
            victim.read(Int.random(in: 0..<400_000, using: &random))
        } else {
            wait(upTo: 300)
        }
        let ended = limit == nil || Bool.random(using: &random) ? victim.kill() : victim.end()
        if limit != nil, !ended.wasKilled, ended.exitCode != 0 { starved += 1 }
        try take(ended)
    }

    /// So little memory that it may run out anywhere, from loading to the last receipt.
    private mutating func drawLimit() -> Program.Limit {
        Bool.random(using: &random)
            ? .addressSpace(kibibytes: Int.random(in: 90_000...420_000, using: &random))
            : .data(kibibytes: Int.random(in: 4_000...60_000, using: &random))
    }

    private mutating func importing() throws {
        let arguments = try ledger.importing(
            "i\(number)", Int.random(in: 100...3000, using: &random), asCSV: load == .importCSV)
        let victim = try ledger.victim(arguments)
        wait(upTo: 500)
        kills += victim.kill().wasKilled ? 1 : 0
        guard Bool.random(using: &random) else { return }
        // Run again, it goes on where it was interrupted.
        let again = try ledger.run(arguments)
        demandStart(again.exitCode, again.errors, "the import run again")
        let report = try again.json
        demand(report["refused"]?.integer == 0, "the import run again: \(again.output)")
    }

    /// While one writes nobody else may, and says so; after its death anybody may.
    private mutating func secondWriter() throws {
        let victim = try ledger.victim(
            ledger.appending, feeding: ledger.lines("s\(number)", 40), holding: true)
        victim.read(1)
        let second = try ledger.run(
            ledger.appending, input: ledger.lines("never\(number)", 1))
        secondWriters += 1
        demand(
            second.exitCode == 2 && second.output.isEmpty
                && second.errors.contains("\(ledger.folder)/LOCK")
                && second.errors.contains("\(victim.pid)"),
            "a second writer was not refused as it should: \(second.errors)\(second.output)")
        try take(victim.kill())
    }

    // MARK: Kills at the start

    private mutating func killStarts() throws {
        for place in 0..<Int.random(in: 1...3, using: &random) {
            let victim = try ledger.victim(
                ledger.appending, feeding: ledger.lines("k\(number)-\(place)", 3))
            wait(upTo: 60)
            let ended = victim.kill()
            startKills += ended.wasKilled ? 1 : 0
            try take(ended)
        }
    }

    /// The index is thrown away, or doubted, and the start that makes it anew is killed.
    private mutating func killRebuild() throws {
        let doubted = Bool.random(using: &random) ? "/index" : "/index/state.json"
        try? FileManager.default.removeItem(atPath: ledger.folder + doubted)
        mayRebuild = true
        let victim = try ledger.victim(
            ledger.appending, feeding: ledger.lines("r\(number)", 3))
        wait(upTo: 150)
        let ended = victim.kill()
        rebuildKills += ended.wasKilled ? 1 : 0
        try take(ended)
    }

    // MARK: What must hold

    private mutating func check() throws {
        let verified = try ledger.run(["verify", ledger.folder, "--json"])
        demand(
            verified.exitCode == 0,
            "verify: \(verified.errors) \(verified.output.prefix(1500))")
        try probe()
        complaints += try ledger.book.check(new: receipts)
    }

    /// The next start makes no whole index anew, knows what has a receipt, and goes on.
    private mutating func probe() throws {
        let known = receipts.suffix(3).compactMap { $0["id"]?.string }
        let old = ledger.book.samples.suffix(100).map(\.id)
            .filter { $0.hasPrefix("p") }.suffix(3)
        var input: [UInt8] = []
        for id in known + old {
            guard let event = event(id) else { continue }
            input += event.canonicalBytes + [0x0A]
        }
        input += ledger.event("p\(number)", case: number % 50).canonicalBytes + [0x0A]
        let result = try ledger.run(ledger.appending, input: input)
        demandStart(result.exitCode, result.errors, "the next start")
        let printed = try result.output.utf8.split(separator: 0x0A).map {
            try JSONValue(parsing: $0)
        }
        for receipt in printed.dropLast() {
            demand(
                receipt["repeat"]?.bool == true,
                "\(receipt["id"]?.string ?? "") had a receipt and was recorded again")
        }
        demand(printed.last?["repeat"] == nil, "a new event was taken for a repeat")
        receipts += printed
    }

    /// The event with this id as it was first sent.
    private func event(_ id: String) -> JSONValue? {
        guard let name = id.first else { return nil }
        let last = id.split(separator: "-").last.flatMap { Int($0) }
        switch name {
        case "p": return ledger.event(id, case: (Int(id.dropFirst()) ?? 0) % 50)
        case "b": return last.map { ledger.event(id, case: $0 % 20) }
        default: return last.map { ledger.event(id, case: $0 % 50) }
        }
    }

    private mutating func demandStart(_ exitCode: Int32, _ errors: String, _ what: String) {
        demand(exitCode == 0, "\(what): \(errors)")
        demand(
            mayRebuild || !errors.contains("made the index anew"), "\(what) after a kill: \(errors)"
        )
        mayRebuild = false
    }
}
