import CanonicalJSON
import Digests
import Foundation
import Glibc
import LedgerHome
import LedgerStore
import Records
import Sealing
import TestKit
import Testing
import VaultStore

/// What the memory of a running service gives away: Specs/sealing.md section 9.
@Suite struct ServiceMemoryTests {
    private let sealed: SealedLedger

    init() async throws { sealed = try await SealedLedger() }

    /// Where these bytes are in what the process may write; nil if its memory may not be read.
    private func count(_ words: [[UInt8]], in pid: Int32) throws -> [Int]? {
        let maps = try String(contentsOfFile: "/proc/\(pid)/maps", encoding: .utf8)
        let memory = open("/proc/\(pid)/mem", O_RDONLY)
        guard memory >= 0 else { return nil }
        defer { close(memory) }
        var counts = [Int](repeating: 0, count: words.count)
        // Four bytes tell nearly all places apart.
        let firsts = Set(words.map { UInt32(bytes: $0) })
        for line in maps.split(separator: "\n") where line.contains(" rw") {
            let ends = line.prefix { $0 != " " }.split(separator: "-")
                .compactMap { UInt64($0, radix: 16) }
            guard ends.count == 2, ends[1] - ends[0] < 1 << 30 else { continue }
            var block = [UInt8](repeating: 0, count: Int(ends[1] - ends[0]))
            let got = pread(memory, &block, block.count, Int(bitPattern: UInt(ends[0])))
            guard got > 0 else { continue }
            block.withUnsafeBytes { bytes in
                let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<got])
                for start in 0..<max(0, bytes.count - 4) {
                    let first = bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)
                    guard firsts.contains(first) else { continue }
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
                    for (place, word) in words.enumerated() where rest.starts(with: word) {
                        counts[place] += 1
                    }
                }
            }
        }
        return counts
    }

    /// The data keys of all that is sealed, as their holder gets them from a copy of the vault.
    private func dataKeys() async throws -> [[UInt8]] {
        let copy = sealed.home.path + "/copy"
        try FileManager.default.copyItem(atPath: sealed.folder + "/vault", toPath: copy)
        let vault = try VaultStore(copy, origin: SealedLedger.origin)
        var keys: [[UInt8]] = []
        let holder = HolderID(sealed.keeper.holder.publicKey)
        for handle in try await vault.handles(wrappedTo: holder, limit: .max) {
            let wrapped = try #require(try await vault.wrappedKey(of: handle, for: holder))
            let key = try wrapped.unwrap(with: sealed.keeper.key, origin: SealedLedger.origin)
            // In clear it is told where a file's key is.
            let told = SealedFileKey(digest: .zero, key: key, name: "", mediaType: "").json
            keys.append(try #require(told["key"]?.string.flatMap { Base64URL.decode($0) }))
        }
        try await vault.close()
        return keys
    }

    @Test func `the running service has no key of what it has sealed`() async throws {
        let server = try await ServingProgram(sealed.folder, home: sealed.home.url)
        do {
            let events = (10..<40).flatMap {
                [sealed.received("RP-\($0)", "r-\($0)"), sealed.identity("RP-\($0)", "i-\($0)")]
            }
            let appended = try Program().run(
                ["append", "-", "--ledger", sealed.folder], home: sealed.home.url,
                input: events.flatMap { $0.canonicalBytes + [0x0A] })
            #expect(appended.exitCode == 0, "\(appended.errors)")
            let keys = try await dataKeys()
            #expect(keys.count == 62)
            let known = Array(SealedLedger.origin.utf8)
            if let counts = try count(keys + [known], in: server.pid) {
                // The search finds what is there, and none of the keys.
                #expect(counts.last ?? 0 > 0)
                #expect(counts.dropLast().allSatisfy { $0 == 0 }, "\(counts)")
            } else {
                // Who may not read it is not root.
                #expect(geteuid() != 0)
            }
        } catch {
            _ = try? await server.end(SIGKILL)
            throw error
        }
        #expect(try await server.end(SIGTERM) == 0)
    }
}

extension UInt32 {
    /// The first four, as they lie in memory.
    fileprivate init(bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }
}
