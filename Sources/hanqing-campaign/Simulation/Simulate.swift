import ArgumentParser
import Catalogue
import Foundation
import LedgerData
import Simulation
import TestKit

/// Worlds of producers, clocks, faults and crashes, each drawn from its seed.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Producers, faults and crashes against a model. 以模型预测每一答复的模拟。",
        discussion: """
            A round is a step of a simulated ledger's life. A model foretells each answer; the
            file store's ledgers are verified by hanqing verify at their end. The last line but one
            is a digest of all that was asked and answered: the same seed and options give the same.
            """)

    enum Store: String, ExpressibleByArgument, CaseIterable {
        case memory, file, both
    }

    @OptionGroup var options: CampaignOptions

    @Option(help: "Where the simulated ledgers are kept. 存储方式。")
    var store = Store.both

    @Option(help: "Steps in the life of one ledger. 每个账本的步数。")
    var worldSteps: Int?

    @Option(help: "Only the world of this number, as a failure names it. 只重放该编号的账本。")
    var world: Int?

    private static let failuresMax = 5

    func run() async throws {
        let total = options.rounds ?? 1_000_000
        let steps = worldSteps ?? min(5_000, max(1, total / 8))
        let tally = Tally("simulate", options, total: world == nil ? total : steps)
        let catalogue = try EventCatalogue(files: LedgerData.catalogueFiles)
        var trace = Trace()
        var number = world ?? 0
        var left = total
        while left > 0, tally.failures.count < Simulate.failuresMax {
            let plan = World(
                number: number, seed: seed(number), isInFiles: isInFiles(number),
                steps: min(steps, left))
            if let lived = await live(plan, catalogue, tally) {
                trace.add(lived)
                if number < 2 { await replay(plan, catalogue, lived, tally) }
            }
            (left, number) = (left - plan.steps, number + 1)
            if world != nil { break }
        }
        for count in trace.counts { tally.count(count.kind, count.number) }
        print(to: options.json ? .standardError : .standardOutput, "simulate: trace \(trace.text)")
        try tally.end()
    }

    private struct World {
        let number: Int
        let seed: UInt64
        let isInFiles: Bool
        let steps: Int
    }

    private func seed(_ number: Int) -> UInt64 {
        var mixed = Seeded(seed: options.seed &* 1_000_003 &+ UInt64(number))
        return mixed.next() % 1_000_000_000
    }

    private func isInFiles(_ number: Int) -> Bool {
        switch store {
        case .memory: false
        case .file: true
        // A step in files costs three times as much.
        case .both: number % 3 == 0
        }
    }

    private func live(
        _ plan: World, _ catalogue: EventCatalogue, _ tally: Tally
    ) async -> Trace? {
        do {
            return try await life(plan, catalogue) { tally.round() }
        } catch {
            tally.fail("world \(plan.number): \(error); again: --world \(plan.number)")
            return nil
        }
    }

    /// The same seed must give the same life.
    private func replay(
        _ plan: World, _ catalogue: EventCatalogue, _ lived: Trace, _ tally: Tally
    ) async {
        do {
            let again = try await life(plan, catalogue) {}
            tally.count("replayed")
            if again.text != lived.text {
                tally.fail("world \(plan.number) went otherwise when it was replayed")
            }
        } catch {
            tally.fail("world \(plan.number), replayed: \(error)")
        }
    }

    private func life(
        _ plan: World, _ catalogue: EventCatalogue, onStep: () -> Void
    ) async throws -> Trace {
        let simulation = Simulation(
            Simulation.Options(seed: plan.seed, steps: plan.steps), catalogue: catalogue)
        let clock = Simulation.clock()
        guard plan.isInFiles else {
            return try await simulation.run(at: MemoryPlace(), clock: clock, onStep: onStep)
        }
        let name = "simulate-\(options.seed)-\(plan.number)-\(UUID().uuidString.prefix(8))"
        let folder = URL(filePath: options.folder).appending(path: name).path
        let place = try await FilePlace(folder, clock: clock, seed: plan.seed)
        do {
            let trace = try await simulation.run(at: place, clock: clock, onStep: onStep)
            place.remove()
            return trace
        } catch {
            if !options.keep { place.remove() }
            throw error
        }
    }

    private func print(to handle: FileHandle, _ text: String) {
        handle.write(Data((text + "\n").utf8))
    }
}
