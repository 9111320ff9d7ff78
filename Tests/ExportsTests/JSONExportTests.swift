import CanonicalJSON
import Digests
import Exports
import GRDB
import TestKit
import Testing

@Suite struct OCELTests {
    @Test func `every record is an event and every relation has an object`() throws {
        let cases = try Sample.cases()
        let log = try json(cases)
        let events = try #require(log["events"]?.array)
        let objects = try #require(log["objects"]?.array)
        #expect(events.count == cases.flatMap(\.entries).count)
        let ids = objects.compactMap { $0["id"]?.string }
        #expect(Set(ids).count == ids.count)
        let named = (events + objects).flatMap { $0["relationships"]?.array ?? [] }
            .compactMap { $0["objectId"]?.string }
        #expect(Set(named).isSubset(of: ids))
        #expect(Set(cases.map(\.stream)).isSubset(of: ids))
        let types = Set((log["objectTypes"]?.array ?? []).compactMap { $0["name"]?.string })
        #expect(types.isSuperset(of: ["penalty", "person", "document"]))
    }

    @Test func `participants are related by their role`() throws {
        let event = try json(try Sample.cases())["events"]?.array?.first
        let relations = (event?["relationships"]?.array ?? []).map(\.canonicalText)
        #expect(relations.contains(#"{"objectId":"person:P-1040","qualifier":"proposer"}"#))
        #expect(relations.contains(#"{"objectId":"person:P-1041","qualifier":"operator"}"#))
    }

    @Test func `a mended record says what became of it`() throws {
        let events = try #require(try json([try Sample.mended()])["events"]?.array)
        #expect(events.count == 4)
        func value(_ place: Int, _ name: String) -> String? {
            events[place]["attributes"]?.array?.first { $0["name"]?.string == name }?["value"]?
                .string
        }
        #expect(value(0, "fate") == "corrected")
        #expect(value(0, "fateBy") == "4")
        #expect(value(1, "fate") == "withdrawn")
        #expect(value(2, "mends") == "2")
    }

    @Test func `the database holds what the JSON holds`() throws {
        let home = try ScratchFolder()
        let path = home.path + "/log.sqlite"
        let cases = try Sample.cases()
        let export = try OCELExport(sqlite: path, try Sample.source())
        try run(export, cases)
        let log = try json(cases)
        let database = try DatabaseQueue(path: path)
        try database.read { db in
            func count(_ table: String) throws -> Int? {
                try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)")
            }
            func relations(_ kind: String) -> Int {
                (log[kind]?.array ?? []).reduce(0) { $0 + ($1["relationships"]?.array?.count ?? 0) }
            }
            #expect(try count("event") == log["events"]?.array?.count)
            #expect(try count("object") == log["objects"]?.array?.count)
            #expect(try count("event_object") == relations("events"))
            #expect(try count("object_object") == relations("objects"))
            #expect(try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").isEmpty)
            let map = try Row.fetchAll(db, sql: "SELECT * FROM event_map_type")
            let mapped = try map.reduce(0) { try $0 + (count("event_\($1[1] as String)") ?? 0) }
            #expect(mapped == log["events"]?.array?.count)
        }
    }

    private func json(_ cases: [ExportedCase]) throws -> JSONValue {
        let sink = MemorySink()
        try run(OCELExport(json: sink, try Sample.source()), cases)
        return try JSONValue(parsing: sink.bytes)
    }
}

@Suite struct PROVTests {
    @Test func `a case is a bundle of activities, states and agents`() throws {
        let cases = try Sample.cases()
        let sink = MemorySink()
        try run(PROVExport(try Sample.source(), to: sink), cases)
        let bundles = try JSONValue(parsing: sink.bytes)["bundle"]?.members
        #expect(bundles?.map(\.name) == cases.map { "hq:case/" + $0.stream })
        for (file, bundle) in zip(cases, bundles ?? []) {
            #expect(bundle.value["activity"]?.members?.count == file.entries.count)
            #expect(bundle.value["wasGeneratedBy"]?.members?.count == file.entries.count)
        }
    }

    @Test func `what was mended is invalidated, and informs the mending record`() throws {
        let sink = MemorySink()
        try run(PROVExport(try Sample.source(), to: sink), [try Sample.mended()])
        let bundle = try JSONValue(parsing: sink.bytes)["bundle"]?.members?.first?.value
        #expect(bundle?["wasInvalidatedBy"]?.members?.count == 2)
        let informed = bundle?["wasInformedBy"]?.members?.map(\.value.canonicalText)
        #expect(
            informed?.first
                == #"{"prov:informant":"hq:record/2","prov:informed":"hq:record/4"}"#)
    }
}

@Suite struct OCSFTests {
    @Test func `each line carries its fingerprint and that of the line before`() throws {
        let sink = MemorySink()
        let export = OCSFExport(
            try Sample.source(), authority: "key", part: nil, productVersion: "1", to: sink)
        let stream = "penalty/PN-1"
        for place in 0..<3 {
            let event = Sample.event("penalty.filed", stream, day: place + 1)
            let line = Sample.line(event, place + 2, revision: place)
            try export.take(line, try Sample.catalogue.get())
        }
        var before: JSONValue?
        for line in sink.text.split(separator: "\n") {
            let event = try JSONValue(parsing: line.utf8)
            let attestation = try #require(event["attestation_list"]?.array?.first)
            #expect(attestation["prev_event"]?["fingerprint"] == before)
            let stated = try #require(attestation["fingerprint"])
            let bare = attestation.members?.filter { $0.name != "fingerprint" } ?? []
            let members = event.members?.filter { $0.name != "attestation_list" } ?? []
            let list = JSONMember("attestation_list", [.object(bare)])
            let digest = SHA256.digest(of: JSONValue.object(members + [list]).canonicalBytes)
            #expect(stated["value"]?.string == digest.hex)
            before = stated
        }
        #expect(export.lineCount == 3)
    }
}
