package import Catalogue

/// A ledger's life, drawn from a seed: producers, clocks, faults and crashes, and a model that
/// foretells each answer.
///
/// The same seed gives the same life, step by step: nothing depends on the machine's clock, on
/// threads, on hashing or on salts and keys.
package struct Simulation: Sendable {
    package struct Options: Sendable {
        package var seed: UInt64
        package var steps: Int
        /// Steps between two comparisons of everything.
        package var compareEvery: Int

        package init(seed: UInt64, steps: Int) {
            (self.seed, self.steps) = (seed, steps)
            compareEvery = max(400, steps / 20)
        }
    }

    /// The ledger did not do what the model foretold.
    package struct Unexpected: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }

    private let options: Options
    private let catalogue: EventCatalogue

    package init(_ options: Options, catalogue: EventCatalogue) {
        (self.options, self.catalogue) = (options, catalogue)
    }

    /// The clocks at the beginning: long ago, so that no jump ahead reaches the present.
    package static func clock() -> SteppedClock {
        SteppedClock(wall: 1_600_000_000_123_456, steady: 5_000)
    }

    /// Lives through all steps; `onStep` is told of each.
    package func run(
        at place: any StorePlace, clock: SteppedClock, onStep: () -> Void = {}
    ) async throws -> Trace {
        let world = World(options, place, catalogue, clock)
        do {
            try await world.begin()
            for _ in 0..<options.steps {
                try await world.step()
                onStep()
            }
            try await world.end()
        } catch {
            throw Unexpected("world seed \(options.seed), step \(world.trace.steps): \(error)")
        }
        return world.trace
    }
}
