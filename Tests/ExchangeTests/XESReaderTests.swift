import Exchange
import Phrases
import Testing

@Suite struct XESReaderTests {
    @Test func `the events of a small log are the expected CloudEvents`() async throws {
        let imported = try await Imported(Fixture.bytes("import/small.xes"), mapping())
        #expect(imported.texts == SmallLog.events(imported.report.batch.id))
        #expect(imported.report.read == 5)
        #expect(imported.report.recorded == 3)
        #expect(imported.refused == ["invalid-value: 1", "unmapped-activity: 1"])
        #expect(imported.report.streams == 2)
        #expect(
            imported.report.ignoredAttributes == [.init(name: "lifecycle:transition", count: 4)])
    }

    @Test func `a refused event is placed by line, case and number`() async throws {
        let imported = try await Imported(Fixture.bytes("import/small.xes"), mapping())
        let sample = try #require(imported.report.refusedKinds.first?.samples.first)
        #expect(sample.place == SourcePlace(line: 42, trace: "A 2", event: 2))
        #expect(sample.reason.en.contains("71.505"))
        #expect(sample.reason.zh.contains("71.505"))
    }

    @Test func `a gzipped log gives the same events`() async throws {
        let plain = try await Imported(Fixture.bytes("import/small.xes"), mapping())
        let packed = try await Imported(Fixture.bytes("import/small.xes.gz"), mapping())
        #expect(packed.report.failure == nil)
        #expect(packed.texts.count == 3)
        #expect(
            packed.texts
                == plain.texts.map {
                    $0.replacing(plain.report.batch.id, with: packed.report.batch.id)
                })
    }

    @Test(arguments: [10, 100, 400])
    func `a gzip file cut off is an error that says so`(count: Int) async throws {
        let bytes = try Fixture.bytes("import/small.xes.gz").prefix(count)
        let imported = try await Imported(bytes, mapping())
        let failure = try #require(imported.report.failure)
        #expect(failure.reason.en.contains("end too early"))
    }

    @Test func `a damaged gzip file is an error that says so`() async throws {
        var bytes = try Fixture.bytes("import/small.xes.gz")
        bytes[bytes.count - 5] ^= 1
        let imported = try await Imported(bytes, mapping())
        #expect(try #require(imported.report.failure).reason.en.contains("damaged"))
    }

    @Test func `broken XML is an error with line and column`() async throws {
        let text = try String(decoding: Fixture.bytes("import/small.xes"), as: UTF8.self)
            .replacing(
                "<float key=\"expense\" value=\"11.07\"/>",
                with: "<float key=\"expense\" value=11/>")
        let imported = try await Imported(text.utf8, mapping())
        let failure = try #require(imported.report.failure)
        #expect(failure.place.line == 30)
        #expect(failure.place.column != nil)
        #expect(imported.report.recorded == 1)
    }

    @Test func `a log that stops in the middle is an error`() async throws {
        let bytes = try Fixture.bytes("import/small.xes").dropLast(20)
        let imported = try await Imported(bytes, mapping())
        #expect(imported.report.failure != nil)
    }

    @Test(arguments: [
        "<!DOCTYPE log [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><log>&b;</log>",
        "<?xml version=\"1.0\"?><!-- x --><!DOCTYPE log SYSTEM \"file:///etc/passwd\"><log/>",
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><log/>",
        "<?xml version=\"1.0\" encoding=\"UTF-7\"?><log/>",
        "\u{0}<log/>", "log", "<html/>", "",
        "<log>" + String(repeating: "<string key=\"a\" value=\"b\">", count: 100),
        "<log><trace>" + String(repeating: "<string key=\"a\" value=\"b\">", count: 100),
    ])
    func `what is no plain XES is refused whole`(text: String) async throws {
        let imported = try await Imported(text.utf8, mapping())
        #expect(imported.report.failure != nil)
        #expect(imported.report.read == 0)
    }

    /// Found by fuzzing: the parser ended the process.
    @Test(arguments: ["<?x?><log/>", "<log><?x??></log>", "<log><!-- <?x?> --></log>"])
    func `a processing instruction without content is refused`(text: String) async throws {
        let padding = String(repeating: " ", count: (64 << 10) - 9)
        for text in [text, "<log>\(padding)</log>\(text)", "<log>\(padding)\(text)</log>"] {
            let failure = try #require(try await Imported(text.utf8, mapping()).report.failure)
            #expect(failure.reason.en.contains("processing instruction"))
        }
        let allowed = "<?x y?><log><?x ?><!-- ? > <? x?> --></log>"
        #expect(try await Imported(allowed.utf8, mapping()).report.failure == nil)
    }

    @Test func `UTF-16 without a mark, in which a DOCTYPE could hide, is refused`() async throws {
        let text = "<?xml version='1.0'?><!DOCTYPE log [<!ENTITY a 'b'>]><log/>"
        let bytes = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), 0] }
        let failure = try #require(try await Imported(bytes, mapping()).report.failure)
        #expect(failure.reason.en.contains("zero byte"))
    }

    @Test func `an attribute given twice, without key or unknown is refused with its event`()
        async throws
    {
        let head = "<log><trace><string key='concept:name' value='A1'/>"
        let time = "<date key='time:timestamp' value='2006-12-05T00:00:00+01:00'/>"
        let name = "<string key='concept:name' value='Send Fine'/>"
        let expense = "<float key='expense' value='1'/>"
        let events = [
            expense + expense, "<string value='x'/>", "<string key='x' value='y'/>", expense,
        ]
        .map { "<event>\(name)\(time)\($0)</event>" }.joined()
        let imported = try await Imported("\(head)\(events)</trace></log>".utf8, mapping())
        #expect(imported.refused == ["malformed: 2", "unmapped-attribute: 1"])
        #expect(imported.report.recorded == 1)
        #expect(imported.texts.first?.contains("\"id\":\"A1-4\"") == false)
    }

    private func mapping() throws -> ImportMapping {
        try Fixture.mapping("fines-mapping.yaml")
    }
}

/// What `import/small.xes` must become.
enum SmallLog {
    static func events(_ batch: String) -> [String] {
        let head = "{\"asserted\":true,\"correlationid\":\"\(batch)\",\"data\":{"
        let person = "\"operator\":{\"person\":\"FINES-REGISTER\",\"unit\":\"Fines office\"}"
        let type = "\"datacontenttype\":\"application/json\""
        let tail =
            "\"precision\":\"day\",\"source\":\"https://fines.example/register\",\"specversion\":\"1.0\""
        return [
            head + "\"amount\":3500,\"article\":157,\"legalBasis\":[{\"article\":\"201\","
                + "\"law\":\"road-code\"}],\(person),\"participants\":[{\"evidence\":\"asserted\","
                + "\"person\":\"OFF-561\",\"role\":\"officer\",\"unit\":\"Local police\"}],"
                + "\"points\":0,\"totalPaid\":0,\"vehicleClass\":\"A\"},\(type),\"id\":\"A1-1\","
                + "\(tail),\"subject\":\"fine/A1\",\"time\":\"2006-07-24T00:00:00+02:00\","
                + "\"type\":\"fine.created\"}",
            head + "\"expense\":1107,\(person)},\(type),\"id\":\"A1-2\",\(tail),"
                + "\"subject\":\"fine/A1\",\"time\":\"2006-12-05T00:00:00+01:00\","
                + "\"type\":\"fine.sent\"}",
            head + "\"amount\":7150,\(person)},\(type),\"id\":\"A_202-1\",\(tail),"
                + "\"subject\":\"fine/A_202\",\"time\":\"2007-03-16T00:00:00+01:00\","
                + "\"type\":\"fine.penalty-added\"}",
        ]
    }
}
