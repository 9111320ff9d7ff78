import LedgerStore
import TestKit
import Testing

@Suite struct MemoryStoreTests {
    @Test(arguments: EventStoreContract.names)
    func `the memory store keeps the contract`(name: String) async throws {
        try await EventStoreContract { MemoryStore() }.check(name)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the memory store answers as the model does`(seed: UInt64) async throws {
        try await EventStoreContract { MemoryStore() }.check("random", seed: seed)
    }
}
