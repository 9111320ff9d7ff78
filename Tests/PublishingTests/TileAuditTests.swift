import Auditing
import Checkpoints
import Digests
import Foundation
import Merkle
import Publishing
import TestKit
import Testing

/// What the auditor finds in a published folder.
@Suite struct TileAuditTests {
    private let place: Publication
    private let source: MemorySource
    private var key: VerifierKey { source.key.verifierKey }

    init() async throws {
        place = try Publication()
        source = try MemorySource.numbered(70_000, key: MemorySource.key())
    }

    private func codes(_ report: AuditReport) -> Set<FindingCode> {
        Set(report.findings.map(\.code))
    }

    @Test func `a byte changed in any tile is found, and where`() async throws {
        try await place.publish(source, at: 70_000)
        let files = try place.files()
        var random = Seeded(seed: 5)
        let some = files.keys.filter { $0 != "checkpoint" }.sorted().filter {
            !$0.hasPrefix("tile/0/") || Int.random(in: 0..<30, using: &random) == 0
        }
        #expect(some.count >= 4)
        for name in some {
            let bytes = try #require(files[name])
            var changed = bytes
            let offset = Int.random(in: 0..<bytes.count, using: &random)
            changed[offset] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
            try place.write(name, changed)
            let report = try await place.audit(key)
            #expect(!report.isSound, "\(name), byte \(offset)")
            #expect(
                codes(report).isSubset(of: [.tileDiffers, .rootDiffers]),
                "\(name): \(report.findings)")
            try place.write(name, bytes)
        }
        #expect(try await place.audit(key).isSound)
    }

    @Test func `a missing or short tile is found`() async throws {
        try await place.publish(source, at: 1_000)
        let bytes = try #require(try place.files()["tile/0/001"])
        try place.write("tile/0/001", Array(bytes.dropLast()))
        #expect(codes(try await place.audit(key)) == [.tileDiffers])
        try FileManager.default.removeItem(atPath: place.path + "/tile/0/001")
        let report = try await place.audit(key)
        #expect(codes(report) == [.tileMissing])
        #expect(report.findings[0].seq == 256)
        #expect(report.findings[0].through == 511)
    }

    @Test func `a partial tile that was collected is cut from the full one`() async throws {
        try await place.publish(source, at: 300)
        let old = try #require(try place.files()["checkpoint"])
        try await place.publish(source, at: 1_000)
        // A reader who got the checkpoint before the new one was there.
        try place.write("checkpoint", old)
        #expect(try place.files()["tile/0/001.p/44"] == nil)
        #expect(try await place.audit(key).isSound)
    }

    @Test func `memory and given checkpoints expose forks and rollbacks`() async throws {
        try await place.publish(source, at: 5_000)
        #expect(try await place.audit(key, memory: true).memory == .first)
        try await place.publish(source, at: 6_000)
        #expect(
            try await place.audit(key, sinceLast: true, memory: true).memory
                == .compared(size: 5_000))
        for sinceLast in [false, true] {
            let fork = try MemorySource.numbered(7_000, key: source.key, forkedAt: 5_500)
            try FileManager.default.removeItem(atPath: place.path)
            try await place.publish(fork)
            let forked = try await place.audit(nil, sinceLast: sinceLast, memory: true)
            #expect(codes(forked) == [.forked])
            try FileManager.default.removeItem(atPath: place.path)
            try await place.publish(source, at: 5_999)
            let back = try await place.audit(nil, sinceLast: sinceLast, memory: true)
            #expect(codes(back) == [.rolledBack])
        }
        // Both notes are in somebody's hands: evidence.
        let given = GivenCheckpoint(
            name: "kept",
            note: try MemorySource.numbered(5_999, key: source.key, forkedAt: 3)
                .checkpoint(at: 4_000).bytes)
        #expect(codes(try await place.audit(key, checkpoints: [given])) == [.forked])
        #expect(
            codes(try await place.audit(key, sinceLast: true, memory: true, checkpoints: [given]))
                == [.forked, .rolledBack])
    }

    @Test func `only what is new is read, and it is tied to what was seen`() async throws {
        try await place.publish(source, at: 5_000)
        #expect(try await place.audit(key, memory: true).isSound)
        try await place.publish(source, at: 70_000)
        // Damage in what was read before is not read again.
        let bytes = try #require(try place.files()["tile/0/003"])
        try place.write("tile/0/003", [UInt8](repeating: 0, count: 8_192))
        let report = try await place.audit(key, sinceLast: true, memory: true)
        #expect(report.isSound, "\(report.findings)")
        #expect(report.tiles?.since == 5_000)
        #expect(!(try await place.audit(key)).isSound)
        try place.write("tile/0/003", bytes)
        // The tile in which the last audit ended is read, and its old part too.
        var joint = try #require(try place.files()["tile/0/019"])
        joint[0] ^= 1
        try place.write("tile/0/019", joint)
        #expect(try await place.audit(key).isSound == false)
    }

    @Test func `a server that answers one place in two ways gains nothing`() async throws {
        // The partial tile of the size that was seen is the true one; the full one is a fork's.
        try await place.publish(source, at: 300)
        #expect(try await place.audit(key, memory: true).isSound)
        let seen = try #require(try place.files()["tile/0/001.p/44"])
        try FileManager.default.removeItem(atPath: place.path)
        let fork = try MemorySource.numbered(1_000, key: source.key, forkedAt: 280)
        try await place.publish(fork)
        try FileManager.default.createDirectory(
            atPath: place.path + "/tile/0/001.p", withIntermediateDirectories: true)
        try place.write("tile/0/001.p/44", seen)
        for sinceLast in [false, true] {
            let report = try await place.audit(key, sinceLast: sinceLast, memory: true)
            #expect(codes(report) == [.forked])
        }
    }

    @Test func `hashes name no key: without one there is no verdict`() async throws {
        try await place.publish(source, at: 300)
        await #expect(throws: SourceError.self) { try await place.audit(nil) }
        let other = try MemorySource.key()
        let report = try await place.audit(other.verifierKey)
        #expect(codes(report) == [.checkpointRefused])
        #expect(report.tiles == nil)
    }

    @Test func `records are compared with the hashes that were signed`() async throws {
        try await place.publish(source, at: 300, entries: true)
        #expect(
            try await place.audit(key, memory: true).findings.allSatisfy {
                $0.code != .bundleDiffers
            })
        let bytes = try #require(try place.files()["tile/entries/000"])
        var changed = bytes
        changed[2] ^= 1
        try place.write("tile/entries/000", changed)
        let report = try await place.audit(key)
        #expect(report.findings.contains { $0.code == .bundleDiffers && $0.seq == 0 })
        try place.write("tile/entries/000", Array(bytes.dropLast()))
        #expect(codes(try await place.audit(key)).contains(.bundleDiffers))
        try FileManager.default.removeItem(atPath: place.path + "/tile/entries/001.p/44")
        #expect(codes(try await place.audit(key)).contains(.bundleMissing))
    }
}
