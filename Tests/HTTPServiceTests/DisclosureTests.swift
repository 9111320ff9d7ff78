import Access
import CanonicalJSON
import TestKit
import Testing

@Suite struct DisclosureTests {
    @Test func `whoever has no token sees what was published, and only that of it`() async throws {
        try await RunningService.with(tokens: true) { service in
            let clerk = try await service.token(
                "append", owner: .system("all"), speaksFor: ["*"]
            ).header
            #expect(try await service.post(batch: try Made.sample, clerk).status == 201)
            let answer = try await service.get("/v1/disclosures")
            #expect(answer.status == 200, "\(answer.text)")
            let items = try answer.json["items"]?.array ?? []
            let penalty = try #require(items.first { $0["disclosure"]?.string == "P.pn" })
            #expect(penalty["type"]?.string == "penalty.published")
            #expect(penalty["fields"]?["url"]?.string != nil, "\(penalty)")
            // Who entered it, in which unit, is not for the public.
            #expect(!answer.text.contains("operator") && !answer.text.contains("P-1"))
            // What was taken down is not to be had by asking for an earlier day.
            #expect(try await service.get("/v1/disclosures?asOf=2099-01-01").status == 400)
            let none = try await service.get("/v1/disclosures?procedure=permit").json
            #expect(none["items"]?.array == [])
        }
    }
}
