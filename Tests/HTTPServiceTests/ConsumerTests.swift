import Access
import CanonicalJSON
import TestKit
import Testing

@Suite struct ConsumerTests {
    private static func next(_ number: Int64) -> [UInt8] {
        (["next": .integer(number)] as JSONValue).canonicalBytes
    }

    @Test func `a place is kept for its owner, and nobody else sees it`() async throws {
        try await RunningService.with(tokens: true) { service in
            let mine = try await service.token("audit").header
            let other = try await service.token("audit", owner: .system("other")).header
            let path = "/v1/consumers/%E6%A1%88%E4%BB%B6%2Fa"
            #expect(try await service.get(path, mine).problem == "not-found")
            let set = try await service.ask("PUT", path, mine, body: Self.next(2))
            #expect(try set.json["next"]?.integer == 2, "\(set.text)")
            let kept = try await service.get(path, mine).json
            #expect(kept["name"]?.string == "案件/a")
            #expect(kept["owner"]?.string == "P-1")
            #expect(try await service.get(path, other).problem == "not-found")
            let list = try await service.get("/v1/consumers", mine).json
            #expect(list["items"]?.array == [kept])
            #expect(try await service.get("/v1/consumers", other).json["items"]?.array == [])
            #expect(try await service.ask("DELETE", path, other).problem == "not-found")
            #expect(try await service.ask("DELETE", path, mine).status == 204)
            #expect(try await service.get(path, mine).problem == "not-found")
        }
    }

    @Test func `a place beyond the head is refused`() async throws {
        try await RunningService.with { service in
            let size = Int64(try await service.size())
            for (number, problem) in [(-1, "malformed-request"), (size + 1, "conflict")] {
                let answer = try await service.ask(
                    "PUT", "/v1/consumers/a", body: Self.next(number))
                #expect(answer.problem == problem)
            }
            let last = try await service.ask("PUT", "/v1/consumers/a", body: Self.next(size))
            #expect(last.status == 200)
        }
    }
}
