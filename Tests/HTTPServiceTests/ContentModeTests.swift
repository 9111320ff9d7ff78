import CanonicalJSON
import TestKit
import Testing

/// The CloudEvents HTTP protocol binding, section 3.
@Suite struct ContentModeTests {
    /// The headers and body of an event in binary mode.
    private func binary(_ event: JSONValue) -> (headers: [String: String], body: [UInt8]) {
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        guard case .object(let members) = event else { return ([:], []) }
        for member in members {
            switch (member.name, member.value) {
            case ("data", let value): body = value.canonicalBytes
            case ("datacontenttype", .string(let text)): headers["Content-Type"] = text
            case (let name, .string(let text)): headers["ce-\(name)"] = encoded(text)
            case (let name, let value): headers["ce-\(name)"] = value.canonicalText
            }
        }
        return (headers, body)
    }

    /// Section 3.1.3.2: what is not printable ASCII, the space, the quote and the percent sign.
    private func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = byte > 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x25
            let hex = String(byte, radix: 16, uppercase: true)
            return isPlain
                ? String(Unicode.Scalar(byte)) : "%" + (hex.count < 2 ? "0" : "") + hex
        }.joined()
    }

    private func post(
        _ service: RunningService, _ event: JSONValue, _ more: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        let (headers, body) = binary(event)
        return try await service.ask(
            "POST", "/v1/events", headers.merging(more) { $1 }, body: body)
    }

    @Test(arguments: [nil, "application/json", "application/json; charset=UTF-8"])
    func `an event in binary and in structured mode is one event`(type: String?) async throws {
        try await RunningService.with { service in
            let event = Made.report("号 1 \"%41\"", more: [JSONMember("asserted", false)])
            let first = try await post(service, event, type.map { ["Content-Type": $0] } ?? [:])
            #expect(first.status == 201, "\(first.text)")
            let again = try await service.post(event)
            #expect(again.status == 200, "\(again.text)")
            #expect(try again.json["id"]?.string == "号 1 \"%41\"")
            #expect(try again.json["seq"] == first.json["seq"])
        }
    }

    @Test func `every event of the sample is the same in all three modes`() async throws {
        try await RunningService.with { service in
            for event in try Made.sample {
                #expect(try await post(service, event).status == 201)
                let structured = try await service.post(event)
                #expect(structured.status == 200, "\(structured.text)")
                #expect(try await service.post(batch: [event]).status == 200)
            }
        }
    }

    @Test func `stating the media type or not makes no other event`() async throws {
        try await RunningService.with { service async throws in
            let stated = [
                JSONMember("datacontenttype", "application/json"),
                JSONMember("dataschema", "https://schema.example/1"),
            ]
            #expect(try await service.post(Made.report("a", more: stated)).status == 201)
            let schema = [JSONMember("dataschema", "https://schema.example/1")]
            #expect(try await service.post(Made.report("a", more: schema)).status == 200)
            #expect(try await service.post(Made.report("a")).status == 409)
            #expect(try await service.post(Made.report("b")).status == 201)
            let typed = [JSONMember("datacontenttype", "application/json")]
            #expect(try await service.post(Made.report("b", more: typed)).status == 200)
        }
    }

    @Test func `typed attributes keep their types`() async throws {
        try await RunningService.with { service in
            let expecting = [JSONMember("expectedrevision", .integer(-1))]
            #expect(try await post(service, Made.report("a", more: expecting)).status == 201)
            let late = try await post(service, Made.report("b", more: expecting))
            #expect(late.status == 409)
        }
    }

    @Test func `a quoted header is unquoted before it is decoded`() async throws {
        try await RunningService.with { service in
            let answer = try await post(
                service, Made.report("a"), ["ce-id": #""a \"quoted\" %E5%8F%B7""#])
            #expect(try answer.json["id"]?.string == "a \"quoted\" 号", "\(answer.text)")
        }
    }

    @Test func `a header that cannot be decoded is refused`() async throws {
        try await RunningService.with { service in
            for value in ["%", "%4", "%zz", "%FF", "%E5%8F", "%00", "\"open", "a\u{E9}"] {
                let answer = try await post(
                    service, Made.report("a"), ["ce-correlationid": value])
                #expect(answer.status == 400, "\(value): \(answer.text)")
            }
            #expect(try await service.size() == 2)
        }
    }

    @Test func `data cannot smuggle attributes in`() async throws {
        try await RunningService.with { service in
            let (headers, _) = binary(Made.report("a"))
            let answer = try await service.ask(
                "POST", "/v1/events", headers, body: Array(#"{},"id":"b""#.utf8))
            #expect(answer.status == 400 && answer.problem == "invalid-event")
            #expect(try answer.json["refusals"]?.array?[0]["pointer"]?.string == "/data")
        }
    }

    @Test func `what is no content mode is refused`() async throws {
        let cases: [[String: String]] = [
            ["Content-Type": "text/plain"], ["Content-Type": "application/json"],
            ["Content-Type": "application/cloudevents+json; charset=gb18030"],
            ["Content-Type": "application/cloudevents+json", "Content-Encoding": "gzip"], [:],
            ["Content-Type": "application/cloudevents+xml"],
        ]
        try await RunningService.with { service in
            for headers in cases {
                let answer = try await service.ask(
                    "POST", "/v1/events", headers, body: Made.report("a").canonicalBytes)
                #expect(answer.problem == "unsupported-media-type", "\(headers)")
                let accepted = answer.headers["accept"] ?? ""
                #expect(accepted.contains("application/cloudevents+json"), "\(headers)")
            }
        }
    }
}
