import Foundation

/// How long the shipped program takes for commands that read a catalogue and do little else.
struct StartingSection {
    private let bench: BenchLedgers

    private static let runCount = 21

    init(bench: BenchLedgers) {
        self.bench = bench
    }

    func run(_ report: inout Report) async throws {
        guard let program = ShippedProgram() else {
            Progress.say("starting: hanqing is not beside this program: left out")
            return
        }
        let ledger = try await bench.make("starting")
        let commands: [(String, [String])] = [
            ("--version", ["--version"]), ("catalogue list", ["catalogue", "list"]),
            ("catalogue show", ["catalogue", "show", "penalty.decided"]),
            ("sample --events 1", ["sample", "--events", "1"]),
            ("catalogue list --ledger", ["catalogue", "list", "--ledger", ledger]),
            ("duties --ledger, empty", ["duties", "--ledger", ledger]),
        ]
        for (name, arguments) in commands {
            var times: [Double] = []
            for _ in 0..<StartingSection.runCount {
                times.append(try seconds { try program.run(arguments) } * 1_000)
            }
            let middle = times.sorted()[times.count / 2]
            report.add(
                Figure(
                    "starting", "\(name), the middle of \(times.count)", middle, "ms",
                    target: name == "--version" ? nil : "under 50 ms"))
        }
    }
}
