import CanonicalJSON
import Records
import TestKit
import Testing

@Suite struct CloudEventTests {
    private func event(_ more: [JSONMember], without name: String? = nil) throws -> CloudEvent {
        let json = EventMaker.json(id: "a", stream: "test/A")
        let members = (json.members ?? []).filter { $0.name != name }
        return try EventMaker.event(.object(members + more))
    }

    @Test func `delivery attributes are read and not recorded`() throws {
        let event = try event([
            JSONMember("expectedrevision", 3), JSONMember("traceparent", "00-x"),
        ])
        #expect(event.expectedRevision == 3)
        #expect(try event.bytes == self.event([]).bytes)
    }

    @Test func `any spelling of an event has one canonical form`() throws {
        let spelt = #"""
            { "type":"test.noted", "time":"2025-03-04T09:30:00+08:00", "subject":"test/A",
              "source":"urn:test", "specversion":"1.0", "id":"\u0061", "data":{"note":"虚构"} }
            """#
        let bytes = Array(spelt.utf8)
        let read = try bytes.withUnsafeBytes { raw in
            try JSONReader().read(raw) { view in Result { try CloudEvent(view) } }.get()
        }
        #expect(try read.bytes == event([]).bytes)
        #expect(read.text(read.id) == "a")
        #expect(read.text(read.subject) == "test/A")
    }

    @Test(arguments: EventAttributeCase.refused)
    func `a wrong attribute is refused with its place`(example: EventAttributeCase) {
        let error = #expect(throws: EventRefused.self) {
            try event([JSONMember(example.name, example.value)], without: example.name)
        }
        #expect(error?.refusals.map(\.pointer) == ["/\(example.name)"], "\(example)")
        #expect(error?.refusals.first?.code == example.code)
    }

    @Test(arguments: ["id", "source", "type", "subject", "time", "data", "specversion"])
    func `a missing attribute is refused`(name: String) {
        let error = #expect(throws: EventRefused.self) { try event([], without: name) }
        #expect(error?.refusals.map(\.code) == [.missing])
        #expect(error?.refusals.map(\.pointer) == ["/\(name)"])
    }
}

struct EventAttributeCase: CustomTestStringConvertible, Sendable {
    let name: String
    let value: JSONValue
    var code = Refusal.Code.invalid

    var testDescription: String { "\(name) = \(value.canonicalText)" }

    static let refused: [EventAttributeCase] = [
        EventAttributeCase(name: "specversion", value: "0.3"),
        EventAttributeCase(name: "id", value: ""), EventAttributeCase(name: "id", value: " a"),
        EventAttributeCase(name: "id", value: "a\u{200B}b"),
        EventAttributeCase(name: "id", value: "e\u{301}"),
        EventAttributeCase(name: "id", value: "a\u{202E}b"),
        EventAttributeCase(name: "id", value: .string(String(repeating: "x", count: 256))),
        EventAttributeCase(name: "id", value: 7),
        EventAttributeCase(name: "source", value: "\n"),
        EventAttributeCase(name: "type", value: "Test.noted"),
        EventAttributeCase(name: "type", value: "noted"),
        EventAttributeCase(name: "type", value: "a.b.c"),
        EventAttributeCase(name: "subject", value: "test"),
        EventAttributeCase(name: "subject", value: "test/"),
        EventAttributeCase(name: "subject", value: "test/a b"),
        EventAttributeCase(name: "subject", value: "test/../x"),
        EventAttributeCase(name: "subject", value: "test/案"),
        EventAttributeCase(name: "time", value: "2025-03-04"),
        EventAttributeCase(name: "time", value: "2025-02-29T00:00:00Z"),
        EventAttributeCase(name: "time", value: "2025-03-04T24:00:00Z"),
        EventAttributeCase(name: "time", value: "2025-03-04T09:30:00"),
        EventAttributeCase(name: "time", value: "2025-03-04T09:30:00.1234567Z"),
        EventAttributeCase(name: "time", value: "2025-03-04T23:59:60Z"),
        EventAttributeCase(name: "data", value: []),
        EventAttributeCase(name: "precision", value: "hour"),
        EventAttributeCase(name: "asserted", value: "true"),
        EventAttributeCase(name: "expectedrevision", value: -2),
        EventAttributeCase(name: "datacontenttype", value: "text/xml"),
        EventAttributeCase(name: "priority", value: 1, code: .unknownMember),
        EventAttributeCase(name: "data_base64", value: "AA==", code: .unknownMember),
    ]
}
