import CanonicalJSON
import Checkpoints
import Digests
import HTTPService
import LedgerHome
import Merkle
import Sequencing
import TestKit
import Testing

@Suite struct RecordTests {
    /// A service with the sample.
    private func withSample(_ body: (RunningService) async throws -> Void) async throws {
        try await RunningService.with { service in
            let answer = try await service.post(batch: try Made.sample)
            #expect(answer.status == 201, "\(answer.text.prefix(300))")
            try await body(service)
        }
    }

    @Test func `a record comes as its exact bytes, and its tag is its leaf hash`() async throws {
        try await withSample { service in
            let lines = try ReceiptCheck.lines(of: service.ledger.folder)
            for number in [0, 7, 44] {
                let answer = try await service.get("/v1/events/\(number)")
                #expect(answer.status == 200 && answer.body == Array(lines[number]))
                let tag = "\"\(leafHash(of: answer.body).digest.hex)\""
                #expect(answer.headers["etag"] == tag)
                #expect(answer.headers["cache-control"]?.contains("immutable") == true)
                let known = try await service.get(
                    "/v1/events/\(number)", ["If-None-Match": "\"x\", \(tag)"])
                #expect(known.status == 304 && known.headers["etag"] == tag)
            }
            #expect(try await service.get("/v1/events/45").problem == "not-found")
        }
    }

    @Test func `what the checkpoint covers can be read, whoever recorded it`() async throws {
        try await withSample { service in
            // Not by a request: nobody told the service that there is more.
            let event = try Made.report("own").canonicalBytes.withUnsafeBytes {
                try service.ledger.intake().read($0)
            }
            _ = try await service.ledger.submit(Submission([event], recorder: "cli:test"))
            let note = try await service.get("/checkpoint").text
            let size = try #require(note.split(separator: "\n").dropFirst().first.map { Int($0) })
            let last = try #require(size) - 1
            #expect(last == 45)
            #expect(try await service.get("/v1/events/\(last)").status == 200)
            #expect(try await service.get("/v1/events/\(last)/proof").status == 200)
            #expect(try await service.get("/v1/events/\(last + 1)").status == 404)
        }
    }

    @Test func `what is no record number is refused`() async throws {
        let numbers = [
            "01", "-1", "+1", "1.0", "abc", "99999999999999999999", "%31%00", "%ff",
        ]
        try await RunningService.with { service in
            for number in numbers {
                let answer = try await service.get("/v1/events/\(number)")
                #expect(answer.status == 400 && answer.problem == "malformed-request", "\(number)")
            }
        }
    }

    @Test func `a proof verifies in both forms`() async throws {
        try await withSample { service in
            let record = try await service.get("/v1/events/9").body
            let text = try await service.get("/v1/events/9/proof", ["Accept": "text/plain"])
            let proof = try TlogProof(text.body)
            let key = service.ledger.verifierKey
            _ = try proof.verify(
                leafHash(of: record), of: service.ledger.origin, by: [key], MerkleHasher())
            let json = try await service.get("/v1/events/9/proof").json
            try ReceiptCheck(vkey: key.description, origin: RunningService.origin)
                .checkProof(json)
            let shown = try await runProgram(
                ["prove", "9", "--ledger", service.ledger.folder], home: service.home)
            #expect(shown.output == text.text)
        }
    }

    @Test func `pages cover everything once and in order`() async throws {
        try await withSample { service in
            var target = "/v1/events?limit=7"
            var seqs: [Int64] = []
            var pageCount = 0
            while true {
                let page = try await service.get(target).json
                #expect(page["size"]?.integer == 45)
                seqs += (page["events"]?.array ?? []).compactMap { $0["chain"]?["seq"]?.integer }
                pageCount += 1
                guard let next = page["next"]?.string else { break }
                target = next
            }
            #expect(seqs == Array(0..<45) && pageCount == 7)
        }
    }

    @Test func `filters find by stream, type and document number`() async throws {
        try await withSample { service in
            let streams = { (target: String) in
                try await service.get(target).json["events"]?.array?
                    .compactMap { $0["event"]?["subject"]?.string } ?? []
            }
            let own = try await streams("/v1/events?stream=penalty/PN-2025-000012")
            let expected = try Made.sample.compactMap { $0["subject"]?.string }
                .filter { $0 == "penalty/PN-2025-000012" }
            #expect(own == expected && own.count > 5)
            let alias = "%E6%9D%AD%E5%BA%94%E6%80%A5%E7%BD%9A%5B2025%5D12%E5%8F%B7"
            #expect(try await streams("/v1/events?alias=\(alias)") == own)
            #expect(try await streams("/v1/events?type=penalty.decided").count == 1)
            let both = "/v1/events?stream=penalty/PN-2025-000012&type=penalty.closed"
            #expect(try await streams(both).count == 1)
            #expect(try await streams("/v1/events?stream=penalty/none").isEmpty)
            let pages = try await service.get(
                "/v1/events?stream=penalty/PN-2025-000012&limit=5"
            ).json
            #expect(pages["events"]?.array?.count == 5)
            #expect(pages["next"]?.string?.contains("stream=penalty%2FPN-2025-000012") == true)
        }
    }

    @Test func `lines are the exact bytes of all`() async throws {
        try await withSample { service in
            let answer = try await service.get("/v1/events", ["Accept": "application/x-ndjson"])
            let lines = try ReceiptCheck.lines(of: service.ledger.folder)
            #expect(answer.body == lines.flatMap { $0 + [0x0A] })
            let some = try await service.get(
                "/v1/events?from=10&limit=3", ["Accept": "application/x-ndjson"])
            #expect(some.body == lines[10..<13].flatMap { $0 + [0x0A] })
        }
    }

    @Test func `a parameter that cannot be read is refused`() async throws {
        let queries = [
            "limit=0", "limit=1001", "limit=x", "from=-1", "stream=x", "nope=1", "from=1&from=2",
            "type=%FF", "stream=%E0%80%80",
        ]
        try await RunningService.with { service in
            for query in queries {
                let answer = try await service.get("/v1/events?\(query)")
                #expect(answer.status == 400 && answer.problem == "malformed-request", "\(query)")
            }
        }
    }

    @Test func `HEAD has the head of GET and no body`() async throws {
        try await RunningService.with { service in
            let get = try await service.get("/v1/events/0")
            let head = try await service.ask("HEAD", "/v1/events/0")
            #expect(head.status == 200 && head.headers["etag"] == get.headers["etag"])
            #expect(head.headers["content-length"] == "\(get.body.count)")
        }
    }

    @Test func `an unknown path is not found and an unknown method is told the known ones`()
        async throws
    {
        try await RunningService.with { service in
            #expect(try await service.get("/v2/events").problem == "not-found")
            #expect(try await service.get("/v1/events/").problem == "not-found")
            #expect(try await service.get("//v1/events").problem == "not-found")
            let answer = try await service.ask("DELETE", "/v1/events/3")
            #expect(answer.problem == "method-not-allowed")
            #expect(answer.headers["allow"] == "GET, HEAD")
            let check = try await service.get("/v1/events/check")
            #expect(check.problem == "method-not-allowed" && check.headers["allow"] == "POST")
        }
    }
}
