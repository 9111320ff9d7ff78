import CanonicalJSON
import Catalogue
import LedgerData
import Phrases
import Records
import Testing

/// Members of an event's data, beside its operator, and what is said of them.
struct Wrong: CustomTestStringConvertible, Sendable {
    let members: String
    let pointer: String
    let code: Refusal.Code
    let words: String

    init(_ members: String, _ pointer: String, _ code: Refusal.Code, _ words: String) {
        (self.members, self.pointer, self.code, self.words) = (members, pointer, code, words)
    }

    var testDescription: String { members }
}

private let worker = #""operator":{"person":"P-1","unit":"队"}"#
private let zeros = String(repeating: "0", count: 64)
private let file =
    #""attachments":[{"name":"a","mediaType":"b","bytes":1,"sha256":""# + zeros
    + #"","held":"ledger"}]"#

@Suite struct EventValidatorTests {
    @Test(arguments: [
        #""name":"九个字九个字九个字十""#, #""story":"一行\n\t二行""#, #""count":5"#, #""count":1.0"#,
        #""money":0"#, #""share":99.5"#, #""done":false"#, #""day":"2024-02-29""#,
        #""moment":"2025-03-04T09:30:00.123456Z""#, #""colour":"红""#, #""colours":["绿","红"]"#,
        #""docNo":"杭应急罚[2025]12号""#, #""uscc":"91330109MA27A1B2C7""#,
        #""identity":"330106199001010018""#, #""badge":"浙A330100""#, #""region":"330105""#,
        #""url":"https://example.org/a?b#c""#, #""helper":"P-2""#,
        #""unit":{"name":"某局","uscc":"113301000025014902"}"#, #""other":"thing/TH-1""#,
        #""any":"else/X-1""#, #""any":{"origin":"hz/district","stream":"else/X-1"}"#,
        #""case":"PN-2025.1_a""#, #""free":{"a":[1,{"b":2}]}"#, #""parts":[{"due":"2025-01-01"}]"#,
        #""causes":[{"source":"a","id":"b"}]"#, #""legalBasis":[{"law":"a","article":"1"}]"#,
        #""name":"\u4e00""#,
    ])
    func `a right value of every type passes`(member: String) throws {
        let found = try refusals(of: "{\(worker),\(member)}", "thing.opened", in: Small.load())
        #expect(found == [])
    }

    @Test(arguments: [
        Wrong(#""nmae":"x""#, "/data/nmae", .unknownMember, "no such member"),
        Wrong(#""a/b~c":1"#, "/data/a~1b~0c", .unknownMember, "no such member"),
        Wrong(#""withdraws":{}"#, "/data/withdraws", .unknownMember, "entry.withdrawn"),
        Wrong(#""name":"""#, "/data/name", .invalid, "1 to 30 bytes"),
        Wrong(#""name":"十一个字十一个字十一个""#, "/data/name", .invalid, "found 33 bytes"),
        Wrong(#""name":" x""#, "/data/name", .invalid, "space"),
        Wrong(#""name":"a\nb""#, "/data/name", .invalid, "control characters"),
        Wrong(#""name":null"#, "/data/name", .invalid, "found null"),
        Wrong(#""story":"\u0000""#, "/data/story", .invalid, "control characters"),
        Wrong(#""count":6"#, "/data/count", .invalid, "from 1 to 5, found 6"),
        Wrong(#""count":1.5"#, "/data/count", .invalid, "found 1.5"),
        Wrong(#""count":"1""#, "/data/count", .invalid, "found \"1\""),
        Wrong(#""money":-1"#, "/data/money", .invalid, "fen"),
        Wrong(#""money":0.5"#, "/data/money", .invalid, "fen"),
        Wrong(#""share":101"#, "/data/share", .invalid, "0 to 100"),
        Wrong(#""done":"true""#, "/data/done", .invalid, "true or false"),
        Wrong(#""day":"2025-02-29""#, "/data/day", .invalid, "such as 2025-03-04"),
        Wrong(#""day":"2025/03/04""#, "/data/day", .invalid, "found \"2025/03/04\""),
        Wrong(#""moment":"2025-03-04T09:30:00""#, "/data/moment", .invalid, "offset"),
        Wrong(#""colour":"蓝""#, "/data/colour", .invalid, "one of 红, 绿"),
        Wrong(#""colours":[]"#, "/data/colours", .invalid, "a list of 1 to 2"),
        Wrong(#""colours":["红","红","红"]"#, "/data/colours", .invalid, "a list of 1 to 2"),
        Wrong(#""colours":["红","蓝"]"#, "/data/colours/1", .invalid, "one of"),
        Wrong(#""docNo":"12号""#, "/data/docNo", .invalid, "document number"),
        Wrong(#""uscc":"91330109MA27A1B2C8""#, "/data/uscc", .invalid, "would be 7"),
        Wrong(#""badge":"123""#, "/data/badge", .invalid, "certificate"),
        Wrong(#""region":"999999""#, "/data/region", .invalid, "region"),
        Wrong(#""region":"330104""#, "/data/region", .invalid, "did not stand"),
        Wrong(#""digest":"AB""#, "/data/digest", .invalid, "64 lower-case"),
        Wrong(#""url":"ftp://example.org""#, "/data/url", .invalid, "https://"),
        Wrong(#""url":"https://例.cn""#, "/data/url", .invalid, "https://"),
        Wrong(#""helper":"张三""#, "/data/helper", .invalid, "person's id"),
        Wrong(#""unit":"某局""#, "/data/unit", .invalid, "an object"),
        Wrong(#""unit":{"uscc":"91330109MA27A1B2C7"}"#, "/data/unit/name", .missing, "missing"),
        Wrong(#""unit":{"name":"x","uscc":"1"}"#, "/data/unit/uscc", .invalid, "credit code"),
        Wrong(#""other":"else/X-1""#, "/data/other", .invalid, "thing/<case id>"),
        Wrong(
            #""other":{"origin":"a","stream":"b"}"#, "/data/other/stream", .invalid,
            "thing/<case id>"),
        Wrong(#""case":"-1""#, "/data/case", .invalid, "case id"),
        Wrong(#""free":{"a":"12345678901234567890"}"#, "/data/free", .invalid, "20 bytes"),
        Wrong(#""parts":[{"due":"2025-01-01"},{}]"#, "/data/parts/1/due", .missing, "missing"),
        Wrong(#""secret":"x""#, "/data/secret", .needsSealing, "encrypted"),
        Wrong(#""causes":[{"seq":1}]"#, "/data/causes/0", .invalid, "seq and leafHash"),
        Wrong(#""legalBasis":[{"law":"a"}]"#, "/data/legalBasis/0/article", .missing, "missing"),
        Wrong(#""participants":{}"#, "/data/participants", .invalid, "a list"),
    ])
    func `a wrong value is refused with its place, in words`(wrong: Wrong) throws {
        let data = "{\(worker),\(wrong.members)}"
        let found = try refusals(of: data, "thing.opened", in: Small.load())
        #expect(found.count == 1)
        let refusal = try #require(found.first)
        #expect(refusal.pointer == wrong.pointer)
        #expect(refusal.code == wrong.code)
        #expect(refusal.reason.en.contains(wrong.words), "\(refusal.reason.en)")
        #expect(refusal.reason.zh.utf8.contains { $0 >= 0x80 })
    }

    @Test func `an identity number is never repeated in a refusal`() throws {
        let data = #"{\#(worker),"identity":"330106199001010019"}"#
        let found = try refusals(of: data, "thing.opened", in: Small.load())
        let refusal = try #require(found.first)
        #expect(refusal.code == .invalid)
        #expect(!refusal.reason.en.contains("330106"))
        #expect(!refusal.reason.zh.contains("330106"))
    }

    @Test func `a region's code is judged by the day of the event`() throws {
        let data = #"{\#(worker),"region":"330104"}"#
        let catalogue = try Small.load()
        let before = CivilDate(year: 2021, month: 4, day: 30)
        let after = CivilDate(year: 2021, month: 5, day: 1)
        #expect(try refusals(of: data, "thing.opened", in: catalogue, on: before) == [])
        #expect(try refusals(of: data, "thing.opened", in: catalogue, on: after).count == 1)
        #expect(try refusals(of: data, "thing.opened", in: catalogue, on: nil) == [])
    }

    @Test func `everything that is wrong is said at once`() throws {
        let found = try refusals(
            of: #"{"count":9,"day":"x","participants":[{"person":"1"}]}"#, "thing.opened",
            in: Small.load())
        #expect(
            Set(found.map(\.pointer)) == [
                "/data/count", "/data/day", "/data/operator", "/data/participants/0/person",
                "/data/participants/0/role", "/data/participants/0/unit",
                "/data/participants/0/evidence",
            ])
    }

    @Test func `data that are no object are refused`() throws {
        #expect(
            try refusals(of: "[]", "thing.opened", in: Small.load()).map(\.pointer) == ["/data"])
    }

    @Test func `a field that names a file needs the file among the attachments`() throws {
        let catalogue = try Small.load()
        let named = #"{\#(worker),"file":"\#(zeros)"}"#
        let found = try refusals(of: named, "thing.opened", in: catalogue)
        #expect(found.map(\.pointer) == ["/data/file"])
        let listed = #"{\#(worker),"file":"\#(zeros)",\#(file)}"#
        #expect(try refusals(of: listed, "thing.opened", in: catalogue) == [])
    }

    @Test func `participants are counted as different persons in the role`() throws {
        let catalogue = try Small.load()
        func found(_ participants: String) throws -> [String] {
            let data = #"{\#(worker),"result":"x","participants":[\#(participants)]}"#
            return try refusals(of: data, "thing.judged", in: catalogue).map(\.pointer)
        }
        func person(_ id: String, _ role: String, _ more: String = "") -> String {
            #"{"person":"\#(id)","role":"\#(role)","unit":"队","evidence":"signed"\#(more)}"#
        }
        let two = person("P-1", "officer") + "," + person("P-2", "officer")
        #expect(try found(two) == [])
        #expect(try found(person("P-1", "officer")) == ["/data/participants"])
        let same = person("P-1", "officer") + "," + person("P-1", "officer")
        #expect(try found(same) == ["/data/participants"])
        let silent = two + "," + person("P-3", "attendee")
        #expect(try found(silent) == ["/data/participants/2"])
        let spoken = two + "," + person("P-3", "attendee", #","opinion":"not-recorded""#)
        #expect(try found(spoken) == [])
        let bare = two + "," + person("P-3", "officer", #","note":"x""#)
        #expect(try found(bare) == [])
        let documented = bare.replacingOccurrences("signed", "documented")
        #expect(try found(documented).count == 3)
        #expect(
            try refusals(of: "{\(worker),\"result\":\"x\"}", "thing.judged", in: catalogue)
                .map(\.pointer) == ["/data/participants"])
        #expect(try found(two + "," + person("P-3", "boss")) == ["/data/participants/2/role"])
    }

    @Test func `mending an entry takes a second person and a target`() throws {
        let catalogue = try Small.load()
        let target = #""withdraws":{"seq":3,"leafHash":"\#(zeros)","reason":"duplicate"}"#
        func found(_ members: String) throws -> [String] {
            try refusals(of: "{\(worker),\(members)}", "entry.withdrawn", in: catalogue)
                .map(\.pointer)
        }
        #expect(try found(target + #","approver":"P-2""#) == [])
        #expect(try found(target + #","approver":"P-1""#) == ["/data/approver"])
        #expect(try found(#""approver":"P-2""#) == ["/data/withdraws"])
        let reason = target.replacingOccurrences("duplicate", "tidying")
        #expect(try found(reason + #","approver":"P-2""#) == ["/data/withdraws/reason"])
    }

    @Test func `corrected data are judged by the target's type, without an operator`() throws {
        let catalogue = try Small.load()
        let type = try #require(catalogue.eventType("thing.opened"))
        func found(_ data: String) throws -> [String] {
            let bytes = Array(data.utf8)
            let reader = JSONReader()
            return try bytes.withUnsafeBytes {
                EventValidator(catalogue).refusals(ofCorrected: try reader.read($0), type: type)
                    .map(\.pointer)
            }
        }
        #expect(try found(#"{"count":2}"#) == [])
        #expect(try found(#"{"count":7}"#) == ["/data/corrected/count"])
        #expect(try found("{\(worker)}") == ["/data/corrected/operator"])
    }

    @Test func `the example of every shipped type is right`() throws {
        let catalogue = try Shipped.catalogue.get()
        #expect(catalogue.eventTypes.count == 634 + 8)
        for type in catalogue.eventTypes {
            try expectSound(catalogue.example(of: type).canonicalBytes, in: catalogue)
        }
    }

    @Test func `every event of the shipped sample is right and says that it is fictitious`() throws
    {
        let catalogue = try Shipped.catalogue.get()
        let lines = LedgerData.sample.split(separator: 0x0A)
        #expect(lines.count == 43)
        for line in lines { try expectSound(Array(line), in: catalogue) }
        let events = try lines.map { try JSONValue(parsing: $0) }
        #expect(Set(events.compactMap { $0["subject"]?.string }).count == 5)
        #expect(events.contains { $0["precision"]?.string == "day" }, "a late entry")
        #expect(events.contains { $0["type"]?.string == "penalty.corrected" })
        let names = events.compactMap { $0["data"]?["partyName"]?.string }
        #expect(!names.isEmpty && names.allSatisfy { $0.contains("虚构样例") })
    }

    /// Sound as a CloudEvent, of a known type, in a stream of its procedure, and in its data.
    private func expectSound(_ bytes: [UInt8], in catalogue: EventCatalogue) throws {
        let reader = JSONReader()
        try bytes.withUnsafeBytes { raw in
            let view = try reader.read(raw)
            let event = try CloudEvent(view)
            let name = event.text(event.type)
            let type = try #require(catalogue.eventType(name), "\(name)")
            let subject = try #require(view["subject"])
            #expect(catalogue.refusalOfSubject(subject.utf8, for: type) == nil)
            let found = EventValidator(catalogue)
                .refusals(of: try #require(view["data"]), type: type, on: event.time.date)
            #expect(found.map(\.phrase.en) == [], "\(name) \(event.text(event.id))")
        }
    }
}
