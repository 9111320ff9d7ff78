import CanonicalJSON
import Checkpoints
import Digests
import HTTPService
import LedgerData
import LedgerHome
import Merkle
import TestKit
import Testing

@Suite struct StateTests {
    @Test func `the checkpoint is signed by the ledger's key`() async throws {
        try await RunningService.with { service in
            _ = try await service.post(Made.report("a"))
            let answer = try await service.get("/checkpoint")
            #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
            let checkpoint = try VerifiedCheckpoint(
                verifying: answer.body, of: service.ledger.origin,
                by: [service.ledger.verifierKey])
            #expect(checkpoint.size == TreeSize(3))
        }
    }

    @Test func `the tiles give the root that the checkpoint signs`() async throws {
        try await RunningService.with { service in
            for start in stride(from: 0, to: 700, by: 100) {
                _ = try await service.post(
                    batch: (start..<start + 100).map { Made.report("t\($0)") },
                    ["Prefer": "receipts=brief"])
            }
            let checkpoint = try Checkpoint(
                text: try SignedNote(try await service.get("/checkpoint").body).text)
            #expect(checkpoint.size == TreeSize(702))
            var leaves: [Digest] = []
            for path in ["000", "001", "002.p/190"] {
                let tile = try await service.get("/tile/0/\(path)")
                #expect(tile.status == 200)
                #expect(tile.headers["cache-control"]?.contains("immutable") == true)
                leaves += stride(from: 0, to: tile.body.count, by: 32)
                    .compactMap { Digest(tile.body[$0..<$0 + 32]) }
            }
            let hasher = MerkleHasher()
            var range = CompactRange(begin: 0)
            for leaf in leaves { range.append(LeafHash(leaf), hasher) { _, _ in } }
            #expect(range.root(hasher) == checkpoint.root)
            let upper = try await service.get("/tile/1/000.p/2").body
            var first = CompactRange(begin: 0)
            for leaf in leaves[..<256] { first.append(LeafHash(leaf), hasher) { _, _ in } }
            #expect(Digest(upper[..<32]) == first.root(hasher).digest)
        }
    }

    @Test func `a tile that the checkpoint does not cover is not there`() async throws {
        let paths = [
            "0/002", "0/000.p/3", "0/001.p/1", "1/000.p/1", "64/000", "0/0", "0/x000/000", "00/000",
            "0/000.p/0", "0/000.p/256", "entries/000.p/2", "0/000.p/2/3", "0/%2e%2e/000",
        ]
        try await RunningService.with { service in
            #expect(try await service.get("/tile/0/000.p/2").status == 200)
            for path in paths {
                let answer = try await service.get("/tile/\(path)")
                #expect(answer.problem == "not-found", "\(path)")
            }
        }
    }

    @Test func `readiness tells head and read models`() async throws {
        try await RunningService.with { service in
            #expect(try await service.get("/healthz").text == "ok\n")
            _ = try await service.post(Made.report("a"))
            // A query waits until the read models hold what was recorded.
            let asked = try await service.get("/v1/events?alias=x")
            #expect(asked.status == 200, "\(asked.text)")
            let ready = try await service.get("/readyz")
            #expect(ready.status == 200)
            #expect(try ready.json["ready"] == true && ready.json["size"]?.integer == 3)
            #expect(try ready.json["projection"]?["behind"]?.integer == 0)
        }
    }

    @Test func `metrics count requests by route, never by what was sent`() async throws {
        try await RunningService.with { service in
            _ = try await service.post(Made.report("secret-id"))
            _ = try await service.get("/v1/events/2")
            _ = try await service.get("/nowhere/secret-path")
            let text = try await service.get("/metrics").text
            #expect(text.contains("hanqing_events_recorded_total 1"), "\(text)")
            #expect(
                text.contains(
                    #"hanqing_http_requests_total{method="GET",route="/v1/events/{seq}",status="200"} 1"#
                ), "\(text)")
            #expect(text.contains("hanqing_http_request_seconds_bucket"))
            #expect(text.contains("# TYPE hanqing_ledger_records gauge"))
            #expect(!text.contains("secret"))
        }
    }

    @Test func `the page shows every route, in both languages`() async throws {
        try await RunningService.with { service in
            let page = try await service.get("/", ["Accept-Language": "zh"])
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            for path in ["/v1/events/{seq}/proof", "/v1/stream", "/checkpoint"] {
                #expect(page.text.contains("<code>\(path)</code>"))
            }
            #expect(page.text.contains("列出记录"))
            #expect(try await service.get("/").text.contains("List records"))
            #expect(try await service.get("/openapi.yaml").body == LedgerData.openAPI)
        }
    }
}
