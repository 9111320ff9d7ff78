import CanonicalJSON
import Catalogue
import Digests
import LedgerData
import Records
import Sampling
import Sequencing
import Testing

/// The shipped sample, grown.
enum Grown {
    static let catalogue = Result { try EventCatalogue(files: LedgerData.catalogueFiles) }

    static func sampler(seed: UInt64 = 1, lanes: Int = 8) throws -> Sampler {
        try Sampler(LedgerData.sample, catalogue: catalogue.get(), seed: seed, lanes: lanes)
    }

    static func digest(_ events: SampledEvents) -> String {
        events.bytes.span.bytes.withUnsafeBytes { SHA256().digest(of: $0).hex }
    }

    /// Each event as JSON.
    static func json(_ events: SampledEvents) throws -> [JSONValue] {
        var all: [JSONValue] = []
        try events.forEach { (raw) throws in all.append(try JSONValue(parsing: raw)) }
        return all
    }
}

@Suite struct SamplerTests {
    @Test func `the same seed gives these very bytes`() throws {
        let sampler = try Grown.sampler()
        let digests = Sampler.Form.allCases.map {
            Grown.digest(sampler.events(from: 0, count: 2_000, form: $0))
        }
        #expect(digests == Self.digestsOfSeed1)
    }

    /// SHA-256 of the first 2,000 events, canonical and loose, with nothing between them.
    private static let digestsOfSeed1 = [
        "8eeaa2b325426a8857fcb9234f001033f37ca6e9197744246104f2431c09ba1a",
        "881e433046548b82378c47bfdd787c4f637978272afffab24c42f909d5b942d7",
    ]

    @Test func `another seed gives other events, and none of their ids`() throws {
        let ids = try [1, 2].map { (seed: UInt64) in
            let events = try Grown.sampler(seed: seed).events(from: 0, count: 2_000)
            return Set(try Grown.json(events).compactMap { $0["id"]?.string })
        }
        #expect(ids[0].count == 2_000)
        #expect(ids[0].isDisjoint(with: ids[1]))
    }

    @Test func `an event is the same, alone or among others, near or far`() throws {
        let sampler = try Grown.sampler(seed: 7)
        for first in [0, 12_345, 1 << 40] {
            let together = try Grown.json(sampler.events(from: first, count: 500))
            for offset in stride(from: 499, through: 0, by: -31) {
                let alone = try Grown.json(sampler.events(from: first + offset, count: 1))
                #expect(alone == [together[offset]])
            }
        }
    }

    @Test(arguments: Sampler.Form.allCases)
    func `20,000 events pass every check of the shipped catalogue`(form: Sampler.Form) throws {
        // No event is later than this.
        let now = try #require(Timestamp(fixed: "2025-08-01T00:00:00.000000Z"))
        let clock = LedgerClock(wall: { now }, steadySeconds: { 0 })
        let intake = Intake(try Grown.catalogue.get(), clock: clock) { _ in false }
        for (seed, first) in [(UInt64(1), 0), (99, 5_000_000)] {
            let events = try Grown.sampler(seed: seed).events(
                from: first, count: 10_000, form: form)
            var refused: [String] = []
            events.forEach { raw in
                do throws(EventRefused) {
                    _ = try intake.read(raw)
                } catch {
                    refused.append("\(error.refusals.map(\.pointer)) of \(text(raw))")
                }
            }
            #expect(refused.prefix(3).isEmpty, "\(refused.count) refused")
        }
    }

    private func text(_ raw: UnsafeRawBufferPointer) -> String {
        String(decoding: raw, as: UTF8.self)
    }

    @Test func `canonical events are canonical, and loose ones say the same`() throws {
        let sampler = try Grown.sampler(seed: 3)
        let canonical = try Grown.json(sampler.events(from: 0, count: 2_000))
        let loose = sampler.events(from: 0, count: 2_000, form: .loose)
        #expect(try Grown.json(loose).map(\.canonicalBytes) == canonical.map(\.canonicalBytes))
        var place = 0
        sampler.events(from: 0, count: 2_000).forEach { raw in
            #expect(raw.elementsEqual(canonical[place].canonicalBytes))
            place += 1
        }
        #expect(loose.bytes.count > canonical.reduce(0) { $0 + $1.canonicalBytes.count })
    }

    @Test func `fewer than one lane is one lane`() throws {
        let one = try Grown.sampler(lanes: 1).events(from: 0, count: 100)
        #expect(try Grown.sampler(lanes: -5).events(from: 0, count: 100).bytes == one.bytes)
    }

    @Test func `a sample that holds no cases is refused in words`() throws {
        let catalogue = try Grown.catalogue.get()
        for sample in ["", "{}", "not JSON", #"{"id":"a","subject":"b","type":"c","time":"d"}"#] {
            #expect(throws: SamplingError.self) {
                try Sampler(Array(sample.utf8), catalogue: catalogue, seed: 1)
            }
        }
    }
}
