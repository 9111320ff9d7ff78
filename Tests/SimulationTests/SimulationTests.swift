import Catalogue
import LedgerData
import LedgerStore
import Simulation
import Testing

@Suite struct SimulationTests {
    @Test func `the same seed gives the same life, another seed another`() async throws {
        let first = try await life(seed: 7)
        #expect(try await life(seed: 7) == first)
        #expect(try await life(seed: 8) != first)
    }

    @Test func `the model foretells every answer of the memory store`() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        await #expect(throws: Never.self, "seed \(seed)") {
            _ = try await life(seed: seed, steps: 1_500)
        }
    }

    @Test(arguments: WrongStore.Lie.allCases)
    func `a store that lies is found out`(lie: WrongStore.Lie) async throws {
        let error = await #expect(throws: Simulation.Unexpected.self) {
            _ = try await life(
                seed: 3, steps: 3_000, place: MemoryPlace(WrongStore(lie)))
        }
        // It must be the model that says so, at a step that can be replayed.
        #expect(error?.description.contains("world seed 3, step") == true)
    }

    private func life(
        seed: UInt64, steps: Int = 600, place: MemoryPlace? = nil
    ) async throws -> String {
        let catalogue = try EventCatalogue(files: LedgerData.catalogueFiles)
        let simulation = Simulation(
            Simulation.Options(seed: seed, steps: steps), catalogue: catalogue)
        let trace = try await simulation.run(
            at: place ?? MemoryPlace(), clock: Simulation.clock())
        #expect(trace.steps == steps)
        return trace.text
    }
}
