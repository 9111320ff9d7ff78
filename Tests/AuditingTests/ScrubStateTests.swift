import AuditSources
import Auditing
import CanonicalJSON
import Digests
import Foundation
import Phrases
import Records
import Testing

/// The state's file, and the pace.
@Suite struct ScrubStateTests {
    let sound = LedgerMaker.varied(200)
    private static let file = "scrub/state.json"

    /// A scrub that was stopped in the midst.
    private func stopped() throws -> TestScrub {
        let scrub = try TestScrub(sound.contents())
        #expect(try scrub.run { $0 == 10 }.finished == nil)
        return scrub
    }

    private func bytes(_ scrub: TestScrub) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: "\(scrub.folder.path)/\(Self.file)")))
    }

    @Test func `a state that is lost costs a new pass and nothing else`() throws {
        let scrub = try stopped()
        try FileManager.default.removeItem(atPath: scrub.folder.path + "/scrub")
        #expect(try scrub.state == nil)
        let report = try scrub.run()
        #expect(report.isSound && !report.isResumed && report.finished != nil)
    }

    @Test func `a state with any byte changed is not believed`() throws {
        let scrub = try stopped()
        let whole = try bytes(scrub)
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var random = Numbers(state: seed)
        for _ in 0..<40 {
            var damaged = whole
            // Not the number of the format, whose change is another case.
            let place = 12 + Int(random.next() % UInt64(whole.count - 13))
            damaged[place] ^= 1 << UInt8(random.next() % 8)
            try scrub.folder.write(Self.file, damaged)
            let report = try scrub.run { $0 == 1 }
            #expect(!report.isResumed, "seed \(seed), byte \(place)")
            #expect(report.notes.map(\.code) == ["state-damaged"], "seed \(seed), byte \(place)")
        }
        try scrub.folder.write(Self.file, Array(whole.prefix(whole.count / 2)))
        #expect(try !scrub.run { $0 == 1 }.isResumed)
        try scrub.folder.write(Self.file, [])
        #expect(try scrub.run().isSound)
    }

    @Test func `a state of a newer format is refused in words and not replaced`() throws {
        let scrub = try stopped()
        let newer = Array(#"{"format":2,"anything":[]}"#.utf8)
        try scrub.folder.write(Self.file, newer)
        let error = #expect(throws: SourceError.self) { try scrub.run() }
        #expect(error?.phrase.en.contains("newer version") ?? false)
        #expect(throws: SourceError.self) { try scrub.state }
        #expect(try bytes(scrub) == newer)
    }

    @Test func `the state of another ledger is not believed`() throws {
        let scrub = try stopped()
        let other = try TestScrub(LedgerMaker.varied(100, seed: 9, key: 7).contents())
        try other.folder.write(Self.file, try bytes(scrub))
        let report = try other.run()
        #expect(!report.isResumed && report.isSound)
    }

    @Test func `a forged tree does not lead to the signed root`() throws {
        let scrub = try stopped()
        let value = try JSONValue(parsing: bytes(scrub))
        var text = value["state"]?.canonicalText ?? ""
        let node = try #require(value["state"]?["pass"]?["nodes"]?.array?.first?.string)
        text = text.replacing(node, with: String(repeating: "0", count: 64))
        let state = try JSONValue(parsing: text.utf8)
        let digest = SHA256.digest(of: state.canonicalBytes).hex
        let file: JSONValue = ["format": 1, "sha256": .string(digest), "state": state]
        try scrub.folder.write(Self.file, file.canonicalBytes)
        let report = try scrub.run()
        #expect(report.isResumed && report.codes == [.rootDiffers])
        #expect(try scrub.run().isSound)
    }

    @Test func `where nothing can be written a pass runs in one go`() throws {
        let scrub = try TestScrub(sound.contents())
        // A file in the folder's place: that keeps out the administrator too.
        try scrub.folder.write("scrub", [])
        let report = try scrub.run()
        #expect(report.isSound && report.finished != nil)
        #expect(report.notes.map(\.code).contains("state-not-kept"))
    }

    @Test func `findings survive a stop, and are not said twice`() throws {
        var maker = sound
        maker.edit(20)
        var contents = maker.contents()
        contents["checkpoints/latest"] = sound.checkpoint()
        for (name, bytes) in sound.contents() where name.hasPrefix("index/") {
            contents[name] = bytes
        }
        let scrub = try TestScrub(contents)
        let first = try scrub.run { $0 == 12 }
        #expect(first.codes.contains(.recordAltered))
        #expect(try scrub.state?.pass?.findings.contains { $0.seq == 20 } == true)
        let second = try scrub.run()
        #expect(second.codes.count { $0 == .recordAltered } == 1)
        #expect(scrub.found.count { $0.code == .recordAltered } == 1)
    }

    // MARK: Pace

    @Test func `the limiter waits as long as the bytes are worth`() {
        var limiter = RateLimiter(bytesPerSecond: 1000)
        #expect(limiter.delay(after: 500, at: .seconds(100)) == .milliseconds(500))
        // Half of it has passed: the rest, and the new bytes.
        #expect(limiter.delay(after: 250, at: .milliseconds(100_250)) == .milliseconds(500))
        // Exactly paid for.
        #expect(limiter.delay(after: 1000, at: .milliseconds(100_750)) == .seconds(1))
    }

    @Test func `time that was not used is credited for a fifth of a second and no longer`() {
        var limiter = RateLimiter(bytesPerSecond: 1000)
        _ = limiter.delay(after: 1, at: .zero)
        #expect(limiter.delay(after: 100, at: .seconds(3600)) == .zero)
        #expect(limiter.delay(after: 100, at: .seconds(3600)) == .zero)
        #expect(limiter.delay(after: 100, at: .seconds(3600)) == .milliseconds(100))
        var free = RateLimiter(bytesPerSecond: nil)
        #expect(free.delay(after: 1 << 40, at: .zero) == .zero)
    }

    @Test func `a pace keeps the rate over many reads, by its clock`() {
        let time = FakeTime()
        let pace = Pace(bytesPerSecond: 1 << 20, clock: time.clock)
        for _ in 0..<1000 { #expect(pace.spend(10_000)) }
        let worth = 10_000_000.0 / Double(1 << 20)
        #expect(abs(time.seconds - worth) < 0.011, "\(time.seconds) s")
        pace.stop()
        #expect(!pace.spend(1 << 30) && pace.isStopped)
        #expect(abs(time.seconds - worth) < 0.011, "a stopped pace does not wait")
        #expect(!pace.pause(.seconds(3600)))
    }
}
