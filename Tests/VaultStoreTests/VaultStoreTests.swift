import Digests
import Foundation
import Sealing
import TestKit
import Testing
import VaultStore

@Suite struct VaultStoreTests {
    @Test(arguments: KeyVaultContract.names)
    func `the vault keeps the contract`(name: String) async throws {
        let folder = try VaultFolder()
        try await KeyVaultContract { try folder.open() }.check(name)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `the vault answers as the model does`(seed: UInt64) async throws {
        let folder = try VaultFolder()
        try await KeyVaultContract { try folder.open() }.check("random", seed: seed)
    }

    @Test func `what is kept is there when it is opened again, and what nobody has is not`()
        async throws
    {
        let folder = try VaultFolder()
        let keeper = VaultMaker.holder("discipline")
        let keys = (0..<4).map { _ in DataKey(VaultMaker.chance) }
        let wrapped = keys.map { VaultMaker.wrap($0, to: keeper) }
        let box = try VaultMaker.box(keys[1])
        let hold = Hold(id: "h", subject: "P-1", reason: "诉讼", placed: "2026-01-01")
        do {
            let vault = try folder.open()
            try await vault.add(keeper.holder)
            try await vault.keep(wrapped)
            try await vault.assign([
                SubjectLink(keys[1].handle, to: "P-1"), SubjectLink(keys[2].handle, to: "P-2"),
            ])
            try await vault.place(hold)
            #expect(try await vault.shred("P-2", on: "2026-02-02") == 1)
            try await vault.close()
        }
        let vault = try folder.open()
        #expect(vault.report.unassigned == 2)
        #expect(vault.report.leftovers == 0)
        #expect(try await vault.holders() == [keeper.holder])
        #expect(try await vault.holds(on: "P-1") == [hold])
        #expect(try await vault.state(of: keys[0].handle) == .unknown)
        #expect(try await vault.state(of: keys[2].handle) == .shredded("2026-02-02"))
        let found = try await vault.wrappedKey(of: keys[1].handle, for: keeper.holder.id)
        #expect(found == wrapped[1])
        let key = try #require(try found?.unwrap(with: keeper.key, origin: VaultMaker.origin))
        #expect(VaultMaker.opens(box, key))
    }

    /// Between the start of another program and its first step it has all files that this one has.
    @Test func `a program that is being started does not keep the vault locked`() async throws {
        let folder = try VaultFolder()
        let copy: Int32
        do {
            let vault = try folder.open()
            let own = "/proc/self/fd"
            let numbers = try FileManager.default.contentsOfDirectory(atPath: own)
            let number = numbers.first { number in
                let path = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: own + "/" + number)
                return path == folder.path + "/LOCK"
            }
            copy = dup(try #require(number.flatMap { Int32($0) }))
            try await vault.close()
        }
        #expect(copy >= 0)
        try await folder.open().close()
        close(copy)
    }

    @Test func `one program has it open, and only its owner may`() async throws {
        let folder = try VaultFolder()
        let first = try folder.open()
        #expect(throws: VaultError.self) { try folder.open() }
        for name in ["", "/keys", "/vault.sqlite", "/LOCK"] {
            var status = stat()
            #expect(stat(folder.path + name, &status) == 0)
            #expect(status.st_mode & 0o077 == 0, "\(name)")
        }
        try await first.close()
    }

    @Test(arguments: ["", "/keys", "/vault.sqlite", "/vault.sqlite-journal"])
    func `a vault that others may read is not opened`(name: String) async throws {
        let folder = try VaultFolder()
        do { try await folder.open().close() }
        #expect(chmod(folder.path + name, 0o750) == 0)
        let error = #expect(throws: VaultError.self) { try folder.open() }
        #expect(error?.code == .exposed)
        #expect(chmod(folder.path + name, 0o700) == 0)
        #expect(throws: Never.self) { try folder.open() }
    }

    @Test func `the vault of another ledger, and of a newer version, is refused`() async throws {
        let folder = try VaultFolder()
        do { try await folder.open().close() }
        let other = #expect(throws: VaultError.self) {
            try VaultStore(folder.path, origin: "other.example")
        }
        #expect(other?.code == .conflict)
        try folder.sql("UPDATE vault SET format = 2")
        let newer = #expect(throws: VaultError.self) { try folder.open() }
        #expect(newer?.code == .newerFormat)
    }

    @Test(arguments: [0, 16, 32, 64, 111, 112, 127])
    func `a slot that was changed is damage, and no key`(place: Int) async throws {
        let folder = try VaultFolder()
        let keeper = VaultMaker.holder("one")
        let key = DataKey(VaultMaker.chance)
        do {
            let vault = try folder.open()
            try await vault.add(keeper.holder)
            try await vault.keep([VaultMaker.wrap(key, to: keeper)])
            try await vault.assign([SubjectLink(key.handle, to: "P-1")])
            try await vault.close()
        }
        var bytes = try folder.bytes("keys")
        #expect(bytes.count == 128)
        bytes[place] ^= 1
        try folder.write(bytes, "keys")
        let vault = try folder.open()
        let error = await #expect(throws: VaultError.self) {
            try await vault.wrappedKey(of: key.handle, for: keeper.holder.id)
        }
        #expect(error?.code == .damaged)
        // It can be shredded all the same.
        #expect(try await vault.shred("P-1", on: "2026-01-01") == 1)
    }
}

/// A vault's folder, which is gone with the object.
final class VaultFolder: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "hanqing-vault-\(UUID().uuidString)").path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func open() throws -> VaultStore { try VaultStore(path, origin: VaultMaker.origin) }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(path)/\(name)")))
    }

    func write(_ bytes: [UInt8], _ name: String) throws {
        let url = URL(filePath: "\(path)/\(name)")
        let file = try FileHandle(forWritingTo: url)
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    /// Everything in the folder, file by file.
    func files() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            files[name] = try bytes(name)
        }
        return files
    }
}
