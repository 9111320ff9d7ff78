import CanonicalJSON
import Digests
import Foundation
import LedgerHome
import Sealing
import TestKit
import Testing

@Suite struct AttachmentTests {
    private static let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    private static let path = "/v1/attachments/" + SHA256.digest(of: bytes).hex

    private static func event(_ id: String) -> JSONValue {
        EventMaker.json(
            id: id, stream: "report/RP-1", type: "report.accepted",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
                "attachments": [
                    [
                        "name": "照片.jpg", "mediaType": "image/jpeg",
                        "bytes": .integer(Int64(bytes.count)),
                        "sha256": .string(SHA256.digest(of: bytes).hex), "held": "ledger",
                    ]
                ],
            ])
    }

    @Test func `a file that is sealed as it comes is on the disk encrypted alone`() async throws {
        try await RunningService.with { service in
            let path = "/v1/sealed-attachments?name=call.m4a&mediaType=audio/mp4"
            let answer = try await service.ask("POST", path, body: Self.bytes)
            #expect(answer.status == 201, "\(answer.text)")
            #expect(answer.headers["cache-control"] == "no-store")
            let (attachment, sealed) = (
                try #require(try answer.json["attachment"]), try #require(try answer.json["sealed"])
            )
            let digest = try #require(attachment["sha256"]?.string)
            #expect(sealed["sha256"]?.string == digest && sealed["name"]?.string == "call.m4a")
            #expect(attachment["name"]?.string == "sealed")
            let folder = service.ledger.attachments
            let stored = try Data(
                contentsOf: URL(filePath: folder.path(of: try #require(Digest(hex: digest)))))
            #expect(SHA256.digest(of: stored).hex == digest)
            #expect(attachment["bytes"]?.integer == Int64(stored.count))
            #expect(stored.starts(with: "hanqing-file/v1\n".utf8))
            #expect(stored.range(of: Data(Self.bytes[1_000..<1_064])) == nil)
            let key = try #require(SealedFileKey(sealed))
            let opened = folder.path(of: key.digest) + ".opened"
            try folder.open(key, origin: RunningService.origin, to: opened)
            #expect(try Data(contentsOf: URL(filePath: opened)) == Data(Self.bytes))
            try FileManager.default.removeItem(atPath: opened)
            // The same file again is another one: nobody tells that they are the same.
            let again = try await service.ask("POST", path, body: Self.bytes)
            #expect(try again.json["attachment"]?["sha256"]?.string != digest)
            #expect(try await service.ask("POST", "/v1/sealed-attachments?x=1").status == 400)
            #expect(try await service.ask("POST", path).status == 422, "nothing to encrypt")
        }
    }

    @Test func `of an encrypted upload that breaks off nothing stays`() async throws {
        try await RunningService.with { service in
            let path = "/v1/sealed-attachments"
            let files = { @Sendable in
                let all = FileManager.default.enumerator(
                    at: URL(filePath: service.ledger.folder + "/attachments"),
                    includingPropertiesForKeys: nil)
                return all?.compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath } ?? []
            }
            let broken = try HTTPConnection(port: service.port)
            let request = RunningService.request("POST", path, [:], body: Self.bytes)
            try await broken.send(Array(request.prefix(2_200_000)))
            // What has come is on the disk, encrypted, until the connection ends.
            while files().isEmpty { #expect(try await service.get("/healthz").status == 200) }
            broken.finishSending()
            if let answer = try? await broken.answer() { #expect(answer.status == 400) }
            for _ in 0..<10_000 where !files().isEmpty {
                #expect(try await service.get("/healthz").status == 200)
            }
            #expect(files().isEmpty, "\(files())")
        }
    }

    @Test func `an event waits for its attachment, which may come in parts`() async throws {
        try await RunningService.with { service in
            let early = try await service.post(Self.event("a"))
            #expect(early.problem == "conflict", "\(early.text)")
            #expect(try await service.get(Self.path).status == 404)
            let total = Self.bytes.count
            var start = 0
            for end in [1_000, 1_500_000, total] {
                let answer = try await service.ask(
                    "PUT", Self.path, ["Content-Range": "bytes \(start)-\(end - 1)/\(total)"],
                    body: Array(Self.bytes[start..<end]))
                #expect(answer.status == (end < total ? 202 : 201), "\(answer.text)")
                if end < total {
                    #expect(answer.headers["upload-offset"] == "\(end)")
                    let state = try await service.ask("HEAD", Self.path)
                    #expect(state.headers["upload-offset"] == "\(end)")
                }
                start = end
            }
            #expect(try await service.get(Self.path).status == 204)
            #expect(try await service.post(Self.event("a")).status == 201)
        }
    }

    @Test func `a broken upload goes on where it was, and a wrong place is refused`()
        async throws
    {
        try await RunningService.with { service in
            let broken = try HTTPConnection(port: service.port)
            let request = RunningService.request("PUT", Self.path, [:], body: Self.bytes)
            try await broken.send(Array(request.prefix(2_200_000)))
            broken.finishSending()
            if let answer = try? await broken.answer() { #expect(answer.status == 400) }
            var state = try await service.get(Self.path)
            // The service sees the end of the connection when it does.
            while state.status == 404 { state = try await service.get(Self.path) }
            let received = try #require(state.headers["upload-offset"].flatMap { Int($0) })
            #expect(received > 0 && received < Self.bytes.count)
            let total = Self.bytes.count
            let wrong = try await service.ask(
                "PUT", Self.path,
                ["Content-Range": "bytes \(received + 1)-\(total - 1)/\(total)"],
                body: Array(Self.bytes[(received + 1)...]))
            #expect(wrong.problem == "conflict", "\(wrong.text)")
            // Nothing is lost by it.
            let offset = try #require(wrong.headers["upload-offset"].flatMap { Int($0) })
            #expect(offset >= received)
            let rest = try await service.ask(
                "PUT", Self.path, ["Content-Range": "bytes \(offset)-\(total - 1)/\(total)"],
                body: Array(Self.bytes[offset...]))
            #expect(rest.status == 201, "\(rest.text)")
            #expect(try await service.post(Self.event("a")).status == 201)
        }
    }

    @Test func `bytes with another digest are not kept`() async throws {
        try await RunningService.with { service in
            let wrong = try await service.ask("PUT", Self.path, body: Array(Self.bytes.dropLast()))
            #expect(wrong.problem == "unsuitable", "\(wrong.text)")
            #expect(try await service.get(Self.path).status == 404)
            #expect(try await service.ask("PUT", Self.path, body: Self.bytes).status == 201)
            // It is there: what is sent again is not read.
            #expect(try await service.ask("PUT", Self.path, body: Self.bytes).status == 204)
        }
    }

    @Test(arguments: [
        ["Content-Range": "bytes 0-9/*"],
        ["Content-Range": "bytes 0-99999999999999999999/999999999999999999999"],
        ["Content-Range": "items 0-9/10"],
    ])
    func `a range that cannot be read is refused`(_ headers: [String: String]) async throws {
        try await RunningService.with { service in
            let answer = try await service.ask("PUT", Self.path, headers, body: [1])
            #expect(answer.problem == "malformed-request", "\(answer.text)")
            let name = try await service.ask("PUT", "/v1/attachments/AB", body: [1])
            #expect(name.problem == "malformed-request")
            let huge = try await service.ask(
                "PUT", Self.path, ["Content-Range": "bytes 0-0/2000000000"], body: [1])
            #expect(huge.problem == "too-large")
            for range in ["5-4/10", "0-10/10"] {
                let wrong = try await service.ask(
                    "PUT", Self.path, ["Content-Range": "bytes \(range)"], body: [1])
                #expect(wrong.problem == "unsuitable", "\(range)")
            }
        }
    }
}
