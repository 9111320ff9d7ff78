import AuditSources
import Auditing
import Checkpoints
import Records
import Testing

/// Random damage to a ledger: every one must be found, and its place named.
@Suite struct MutationTests {
    private static let sound = LedgerMaker.varied(300, seed: 20)
    private static let files = sound.contents()

    /// What was done, and which record's bytes it touched.
    private struct Mutation {
        var name: String
        var records: [Int]
        var maker = MutationTests.sound
        /// Done to the files afterwards.
        var change: (inout [String: [UInt8]]) -> Void = { _ in }
    }

    @Test func `three hundred random mutations are all found`() async throws {
        for seed: UInt64 in 1...300 {
            var random = Numbers(state: seed)
            let mutation = Self.mutation(seed, &random)
            var contents = mutation.maker.contents()
            // The checkpoint and, every other time, the index are those of the sound ledger.
            for (name, bytes) in Self.files where name.hasPrefix("checkpoints/") {
                contents[name] = bytes
            }
            for (name, bytes) in Self.files where name.hasPrefix("index/") {
                contents[name] = seed % 4 < 2 ? bytes : nil
            }
            mutation.change(&contents)
            let report = try await audit(
                TestFolder(contents), seed % 3 == 0 ? .full : .quick, chunk: 20_000)
            let places = report.findings.map { "\($0.code) \($0.seq ?? 0)-\($0.through ?? 0)" }
            #expect(!report.isSound, "seed \(seed): \(mutation.name)")
            for record in mutation.records {
                let isNamed = report.findings.contains { finding in
                    guard let seq = finding.seq, let through = finding.through else { return false }
                    return (seq...through).contains(UInt64(record))
                }
                #expect(isNamed, "seed \(seed): \(mutation.name) \(record) in \(places)")
            }
            if let first = mutation.records.min(), let sound = report.soundThrough {
                #expect(sound < first, "seed \(seed): \(mutation.name): \(first) is not sound")
            }
        }
    }

    private static func mutation(_ seed: UInt64, _ random: inout Numbers) -> Mutation {
        let count = sound.lines.count
        let record = Int(random.next() % UInt64(count))
        let byte = Int(random.next() % UInt64(sound.lines[record].count + 1))
        let other = Int(random.next() % UInt64(count))
        switch seed % 12 {
        case 0, 1, 2, 3: return flip(record, byte, bit: UInt8(random.next() % 8))
        case 4: return inLine("a byte deleted", record) { $0.remove(at: min(byte, $0.count - 1)) }
        case 5: return inLine("a byte inserted", record) { $0.insert(0x61, at: byte) }
        case 6: return ofLog("a line deleted", [record]) { $0.lines.remove(at: record) }
        case 7:
            return ofLog("a line repeated", [min(other, count - 1)]) {
                $0.lines.insert($0.lines[record], at: other)
            }
        case 8:
            let (one, two) = other == record ? (record, (record + 1) % count) : (record, other)
            return ofLog("two lines exchanged", [one, two]) { $0.lines.swapAt(one, two) }
        case 9:
            return ofLog("edited, one link mended", [record]) {
                $0.edit(record)
                if record + 1 < count { $0.relink(from: record + 1, count: 1) }
            }
        case 10:
            return ofLog("edited, all links mended", [record]) {
                $0.edit(record)
                if record + 1 < count { $0.relink(from: record + 1) }
            }
        default: return truncation(record, byte)
        }
    }

    private static func flip(_ record: Int, _ byte: Int, bit: UInt8) -> Mutation {
        let first = record / sound.linesInSegment * sound.linesInSegment
        let offset = sound.lines[first..<record].reduce(byte) { $0 + $1.count + 1 }
        return Mutation(name: "bit \(bit) of byte \(byte) flipped", records: [record]) { files in
            files[LedgerMaker.segment(first)]?[offset] ^= 1 << bit
        }
    }

    private static func inLine(
        _ name: String, _ record: Int, _ change: (inout [UInt8]) -> Void
    ) -> Mutation {
        var mutation = Mutation(name: name, records: [record])
        change(&mutation.maker.lines[record])
        return mutation
    }

    private static func ofLog(
        _ name: String, _ records: [Int], _ change: (inout LedgerMaker) -> Void
    ) -> Mutation {
        var mutation = Mutation(name: name, records: records)
        change(&mutation.maker)
        return mutation
    }

    private static func truncation(_ record: Int, _ byte: Int) -> Mutation {
        let first = record / sound.linesInSegment * sound.linesInSegment
        let offset = sound.lines[first..<record].reduce(byte) { $0 + $1.count + 1 }
        return Mutation(name: "cut at byte \(byte)", records: [record]) { files in
            files[LedgerMaker.segment(first)] = files[LedgerMaker.segment(first)].map {
                Array($0.prefix(offset))
            }
            for later in stride(from: first, to: 400, by: sound.linesInSegment) where later > first
            {
                files[LedgerMaker.segment(later)] = nil
            }
        }
    }
}
