import CanonicalJSON
import Digests
import Sealing
import TestKit
import Testing

@Suite struct WrappedKeyTests {
    @Test func `wrapped keys of the vectors are opened by their holders alone`() throws {
        let cases = try Vectors.list(try Vectors.json(), "wraps")
        #expect(cases.count == 3)
        for vector in cases {
            func bytes(_ name: String) throws -> [UInt8] {
                try #require(vector[name]?.string.flatMap { Hex.decode($0) })
            }
            let origin = try #require(vector["origin"]?.string)
            let key = try #require(X25519PrivateKey(SecretBytes(copying: bytes("privateKey"))))
            let handle = try #require(KeyHandle(bytes("handle")))
            let holder = try #require(HolderID(bytes("holder")))
            #expect(HolderID(key.publicKey) == holder)
            let wrapped = try #require(
                WrappedKey(
                    handle: handle, holder: holder, encapsulated: bytes("encapsulated"),
                    ciphertext: bytes("ciphertext")))
            let unwrapped = try wrapped.unwrap(with: key, origin: origin)
            let secret = try bytes("dataKey")
            let original = DataKey { count in
                SecretBytes(copying: count == KeyHandle.byteCount ? handle.bytes : secret)
            }
            #expect(VaultMaker.opens(try VaultMaker.box(original), unwrapped))
            #expect(throws: SealingError.notForThisHolder) {
                try wrapped.unwrap(with: .generate(), origin: origin)
            }
            #expect(throws: SealingError.notForThisHolder) {
                try wrapped.unwrap(with: key, origin: "other.example")
            }
        }
    }

    @Test func `a key is wrapped to several, and none can be put in the place of another`() throws {
        let (one, two) = (VaultMaker.holder("one"), VaultMaker.holder("two"))
        let (key, other) = (DataKey(VaultMaker.chance), DataKey(VaultMaker.chance))
        let box = try VaultMaker.box(key)
        for keeper in [one, two] {
            let wrapped = VaultMaker.wrap(key, to: keeper)
            let again = try wrapped.unwrap(with: keeper.key, origin: VaultMaker.origin)
            #expect(VaultMaker.opens(box, again))
            let moved = try #require(
                WrappedKey(
                    handle: other.handle, holder: wrapped.holder,
                    encapsulated: wrapped.sealed.encapsulated,
                    ciphertext: wrapped.sealed.ciphertext))
            #expect(throws: SealingError.notForThisHolder) {
                try moved.unwrap(with: keeper.key, origin: VaultMaker.origin)
            }
        }
        // Whoever can write to the vault can wrap another key under the box's handle: the
        // commitment in the record refuses it.
        let forged = DataKey { count in
            count == KeyHandle.byteCount
                ? SecretBytes(copying: key.handle.bytes) : RandomBytes.secret(count: count)
        }
        let planted = try VaultMaker.wrap(forged, to: one)
            .unwrap(with: one.key, origin: VaultMaker.origin)
        #expect(throws: SealingError.otherKeyOrPlace) {
            try box.open(with: planted, at: VaultMaker.place)
        }
    }

    @Test func `keys that are wrapped together share the encapsulation and nothing else`() throws {
        let keeper = VaultMaker.holder("one")
        let wrapper = KeyWrapper(
            to: keeper.holder.publicKey, origin: VaultMaker.origin, VaultMaker.chance)
        let keys = (0..<3).map { _ in DataKey(VaultMaker.chance) }
        let wrapped = keys.map { wrapper.wrap($0) }
        #expect(Set(wrapped.map(\.sealed.encapsulated)).count == 1)
        #expect(Set(wrapped.map(\.sealed.ciphertext)).count == 3)
        for (key, one) in zip(keys, wrapped) {
            let again = try one.unwrap(with: keeper.key, origin: VaultMaker.origin)
            #expect(VaultMaker.opens(try VaultMaker.box(key), again))
            // What is another's does not open under this handle.
            for other in wrapped where other.handle != one.handle {
                let moved = try #require(
                    WrappedKey(
                        handle: one.handle, holder: one.holder,
                        encapsulated: other.sealed.encapsulated,
                        ciphertext: other.sealed.ciphertext))
                #expect(throws: SealingError.notForThisHolder) {
                    try moved.unwrap(with: keeper.key, origin: VaultMaker.origin)
                }
            }
        }
    }

    @Test func `a key is never wrapped twice alike`() {
        let (keeper, key) = (VaultMaker.holder("one"), DataKey(VaultMaker.chance))
        #expect(VaultMaker.wrap(key, to: keeper) != VaultMaker.wrap(key, to: keeper))
    }

    @Test func `names are names`() {
        for name in ["sealed", "a", "outside-2"] { #expect(HolderGroup(name)?.name == name) }
        for name in ["", "A", "2a", "a b", "举报", String(repeating: "a", count: 33)] {
            #expect(HolderGroup(name) == nil)
        }
        #expect(KeyHandle(text: "AAAAAAAAAAAAAAAAAAAAAA") != nil)
        for text in ["AAAAAAAAAAAAAAAAAAAAAB", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA=="] {
            #expect(KeyHandle(text: text) == nil)
        }
    }
}

@Suite struct KeyStockTests {
    @Test func `a group without a holder has no keys`() async throws {
        let vault = MemoryVault()
        let stock = KeyStock(
            vault, origin: VaultMaker.origin, chance: VaultMaker.chance,
            isRecorded: { _ in true })
        let error = await #expect(throws: VaultError.self) {
            try await stock.draw(VaultMaker.group)
        }
        #expect(error?.code == .notFound)
        let keeper = VaultMaker.holder("one")
        try await vault.add(keeper.holder)
        _ = try await stock.draw(VaultMaker.group)
        try await vault.retire(keeper.holder.id)
        try await stock.drop()
        await #expect(throws: VaultError.self) { try await stock.draw(VaultMaker.group) }
    }

    @Test func `many who draw at once get different keys, wrapped to all holders`() async throws {
        let vault = MemoryVault()
        let keepers = ["one", "two"].map(VaultMaker.holder)
        for keeper in keepers { try await vault.add(keeper.holder) }
        let stock = KeyStock(
            vault, origin: VaultMaker.origin, batch: 5, chance: VaultMaker.chance,
            isRecorded: { _ in true })
        let handles = try await withThrowingTaskGroup { group in
            for _ in 0..<40 {
                group.addTask { try await stock.draw(VaultMaker.group).handle }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(handles).count == 40)
        for handle in handles {
            for keeper in keepers {
                let wrapped = await vault.wrappedKey(of: handle, for: keeper.holder.id)
                #expect(wrapped != nil)
            }
        }
    }

    @Test func `who joins is wrapped to from then on`() async throws {
        let vault = MemoryVault()
        try await vault.add(VaultMaker.holder("one").holder)
        let stock = KeyStock(
            vault, origin: VaultMaker.origin, batch: 5, chance: VaultMaker.chance,
            isRecorded: { _ in true })
        let before = try await stock.draw(VaultMaker.group)
        let two = VaultMaker.holder("two")
        try await vault.add(two.holder)
        try await stock.drop()
        #expect(await stock.count(VaultMaker.group) == 0)
        let after = try await stock.draw(VaultMaker.group)
        #expect(await vault.wrappedKey(of: before.handle, for: two.holder.id) == nil)
        #expect(await vault.wrappedKey(of: after.handle, for: two.holder.id) != nil)
    }
}

@Suite struct MemoryVaultTests {
    @Test(arguments: KeyVaultContract.names)
    func `the memory vault keeps the contract`(name: String) async throws {
        try await KeyVaultContract { MemoryVault() }.check(name)
    }
}
