import ArgumentParser
import CanonicalJSON
import Foundation

/// What a campaign has tried and found; it prints progress, failures and the last line.
final class Tally {
    let name: String
    let seed: UInt64
    private let isJSON: Bool
    private let total: Int?
    private let begun = ContinuousClock().now
    private var lastShown = ContinuousClock().now
    private(set) var rounds = 0
    private(set) var failures: [String] = []
    /// Figures for the last line, in the order in which they were first counted.
    private var counts: [(name: String, value: Int64)] = []

    init(_ name: String, _ options: CampaignOptions, total: Int?) {
        (self.name, seed, isJSON, self.total) = (name, options.seed, options.json, total)
        say("\(name): seed \(seed)\(total.map { ", \($0) rounds" } ?? "")")
    }

    /// Counts one round and shows about every ten seconds how far it has come.
    func round() {
        rounds += 1
        let now = ContinuousClock().now
        guard now - lastShown > .seconds(10) else { return }
        lastShown = now
        var line = "\(name): \(rounds)\(total.map { " of \($0)" } ?? "") rounds"
        line += ", \(failures.count) failed"
        if let total {
            let left = (now - begun) / rounds * max(0, total - rounds)
            line += ", about \(left.components.seconds) s left"
        }
        say(line)
    }

    func count(_ name: String, _ value: Int = 1) {
        if let place = counts.firstIndex(where: { $0.name == name }) {
            counts[place].value += Int64(value)
        } else {
            counts.append((name, Int64(value)))
        }
    }

    func value(of name: String) -> Int64 { counts.first { $0.name == name }?.value ?? 0 }

    /// Something did not hold.
    func fail(_ what: String) {
        failures.append(what)
        say("\(name): FAILED (seed \(seed), round \(rounds)): \(what)")
    }

    /// Prints the last line; throws the exit code 1 if something failed or nothing was tried.
    func end() throws {
        let seconds = (ContinuousClock().now - begun).components.seconds
        if isJSON {
            let counted = counts.map { JSONMember($0.name, .integer($0.value)) }
            let value: JSONValue = [
                "campaign": .string(name), "counts": .object(counted),
                "failures": .array(failures.map { .string($0) }),
                "rounds": .integer(Int64(rounds)), "seconds": .integer(seconds),
                "seed": .integer(Int64(seed)),
            ]
            print(value.canonicalText)
        } else {
            var line = "\(name): seed \(seed): \(rounds) rounds, \(failures.count) failed"
            for count in counts { line += ", \(count.name) \(count.value)" }
            print(line + "; \(seconds) s")
        }
        if !failures.isEmpty || rounds == 0 { throw ExitCode(1) }
    }

    private func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
