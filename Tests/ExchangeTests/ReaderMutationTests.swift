import Exchange
import TestKit
import Testing

/// Files with random damage: refused or read, but never the end of the program.
@Suite struct ReaderMutationTests {
    @Test(arguments: [
        ("import/small.xes", "fines-mapping.yaml"), ("import/small.xes.gz", "fines-mapping.yaml"),
        ("import/penalties-gb18030.csv", "import/penalties-mapping.yaml"),
    ])
    func `a damaged file never crashes its reader`(file: String, mapping: String) async throws {
        try await damage(Fixture.bytes(file), Fixture.mapping(mapping))
    }

    @Test func `damaged lines never crash their reader`() async throws {
        let mapping = try ImporterTests.lines()
        try await damage(Array(ImporterTests.rows(20).utf8), mapping)
    }

    @Test func `a damaged mapping never crashes its reader`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = Seeded(seed: seed)
        let sound = try Fixture.bytes("fines-mapping.yaml")
        var refused = 0
        for _ in 0..<100 {
            let bytes = mutated(sound, &random)
            do {
                _ = try ImportMapping(name: "m.yaml", yaml: bytes)
            } catch {
                #expect(!error.errors.isEmpty, "seed \(seed)")
                refused += 1
            }
        }
        #expect(refused > 0, "seed \(seed)")
    }

    private func damage(_ sound: [UInt8], _ mapping: ImportMapping) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = Seeded(seed: seed)
        var harmed = 0
        for _ in 0..<60 {
            let report = try await Imported(mutated(sound, &random), mapping).report
            let sum = report.recorded + report.repeated + report.refused + report.ignored
            #expect(report.read == sum, "seed \(seed)")
            if !report.isComplete { harmed += 1 }
        }
        #expect(harmed > 0, "seed \(seed)")
    }

    /// Bytes changed, taken out, doubled or cut off at random places.
    private func mutated(_ sound: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var bytes = sound
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...30, using: &random))
            switch Int.random(in: 0...4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 3: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            default: bytes = Array(bytes.prefix(max(1, place)))
            }
            if bytes.isEmpty { return [0] }
        }
        return bytes
    }
}
