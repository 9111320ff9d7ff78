import CanonicalJSON
import Catalogue
import Digests
import Exchange
import Phrases
import Records
import Synchronization
import Testing

@Suite struct ImporterTests {
    @Test func `an import done again adds nothing and makes the same bytes`() async throws {
        let mapping = try Fixture.mapping("fines-mapping.yaml")
        let sink = KeepingSink()
        let path = Fixture.path("import/small.xes")
        let first = try await Importer.run(file: path, mapping: mapping, sink: sink)
        let events = sink.events
        let second = try await Importer.run(file: path, mapping: mapping, sink: sink)
        #expect(first.recorded == 3)
        #expect((second.recorded, second.repeated) == (0, 3))
        #expect(sink.events == events)
        #expect(first.batch.id == second.batch.id)
    }

    @Test func `an import that broke off goes on where it was`() async throws {
        let mapping = try ImporterTests.lines()
        var options = Importer.Options()
        options.eventsPerSubmission = 10
        let rows = ImporterTests.rows(95)
        let whole = try await Imported(rows.utf8, mapping)
        let sink = KeepingSink(breaksAfter: 4)
        try await withFile(rows.utf8) { path in
            await #expect(throws: KeepingSink.Broken.self) {
                try await Importer.run(file: path, mapping: mapping, sink: sink, options: options)
            }
            #expect(sink.events.count == 40)
            sink.mend()
            let report = try await Importer.run(
                file: path, mapping: mapping, sink: sink, options: options)
            #expect((report.recorded, report.repeated) == (55, 40))
        }
        #expect(sink.texts == whole.texts)
    }

    @Test func `progress counts up to the whole file`() async throws {
        let seen = Mutex<[ImportProgress]>([])
        let rows = ImporterTests.rows(2_500)
        try await withFile(rows.utf8) { path in
            _ = try await Importer.run(
                file: path, mapping: ImporterTests.lines(), sink: RehearsalSink(),
                progress: { progress in seen.withLock { $0.append(progress) } })
        }
        let all = seen.withLock { $0 }
        #expect(all.map(\.read) == [1_000, 2_000, 2_500])
        #expect(all.last?.bytesRead == Int64(rows.utf8.count))
        #expect(all.allSatisfy { $0.bytesTotal == Int64(rows.utf8.count) })
    }

    @Test func `another file or another mapping is another batch`() async throws {
        let one = try ImporterTests.lines()
        let other = try ImporterTests.lines(more: "note: another")
        let rows = ImporterTests.rows(1)
        let first = try await Imported(rows.utf8, one).report.batch
        let second = try await Imported(rows.utf8, other).report.batch
        let third = try await Imported((rows + "\n").utf8, one).report.batch
        #expect(Set([first.id, second.id, third.id]).count == 3)
        #expect(first.id.wholeMatch(of: /late-[0-9a-f]{16}/) != nil)
        #expect(first.sha256 == second.sha256)
    }

    @Test func `cases and persons that would become one are refused`() async throws {
        let rows = """
            {"c":"a b","n":1,"w":"x y","t":"2025-03-04"}
            {"c":"a_20b","n":2,"w":"x y","t":"2025-03-04"}
            {"c":"a b","n":3,"w":"x-y","t":"2025-03-04"}
            {"c":"a b","n":4,"w":"张三","t":"2025-03-04"}
            {"c":"-","n":5,"w":"x y","t":"2025-03-04"}
            {"c":"\(String(repeating: "长", count: 20))","n":6,"w":"x y","t":"2025-03-04"}
            {"c":"a b","n":7,"w":"x y","t":"2025-03-04"}
            """
        let imported = try await Imported(rows.utf8, ImporterTests.lines())
        #expect(imported.refused == ["invalid-case: 3", "invalid-person: 2"])
        #expect(imported.texts.count == 2)
        #expect(imported.texts.last?.contains("\"subject\":\"p/a_20b\"") == true)
    }

    @Test func `the report is written for machines and in both languages`() async throws {
        let imported = try await Imported(
            Fixture.bytes("import/small.xes"), Fixture.mapping("fines-mapping.yaml"))
        let json = imported.report.json
        #expect(json["read"]?.integer == 5)
        #expect(json["refusals"]?.array?.first?["samples"]?.array?.first?["line"]?.integer == 42)
        #expect(json["file"]?["sha256"]?.string == imported.report.batch.sha256.hex)
        let phrases = imported.report.phrases
        #expect(phrases[0].en.hasPrefix("Read 5 events of 2 cases: recorded 3"))
        #expect(phrases[0].zh.hasPrefix("共读取 2 个案件的 5 个事件：入账 3"))
        #expect(imported.report.isComplete == false)
    }

    @Test(arguments: ["fines", "receipt"])
    func `the sample catalogues load and their mappings name types of theirs`(
        name: String
    ) throws {
        let catalogue = try EventCatalogue(files: Fixture.catalogueFiles(name))
        let text = try String(decoding: Fixture.bytes("\(name)-mapping.yaml"), as: UTF8.self)
        _ = try Fixture.mapping("\(name)-mapping.yaml")
        let named = text.matches(of: /type: ([a-z0-9.-]+)/).map { String($0.1) }
        let types = catalogue.eventTypes.filter { !$0.isCommon }.map(\.name)
        #expect(named.sorted() == types.sorted())
        #expect(types.count == (name == "fines" ? 11 : 27))
    }

    @Test func `the sample catalogue accepts the events of the small log`() async throws {
        let catalogue = try EventCatalogue(files: Fixture.catalogueFiles("fines"))
        let sink = JudgingSink(catalogue)
        let report = try await Importer.run(
            file: Fixture.path("import/small.xes"),
            mapping: Fixture.mapping("fines-mapping.yaml"), sink: sink)
        #expect(report.recorded == 3)
    }

    /// A mapping for ``rows(_:)``.
    static func lines(more: String = "") throws -> ImportMapping {
        let yaml = """
            import: 1
            \(more)
            form: ndjson
            source: https://x.example
            stream: "p/{c}"
            id: "e-{n}"
            activity: go
            time: {from: "{t}"}
            operator: {person: "{w}", unit: u}
            events: {go: {type: p.go}}
            """
        return try ImportMapping(name: "m.yaml", yaml: Array(yaml.utf8))
    }

    static func rows(_ count: Int) -> String {
        (1...count).map {
            "{\"c\":\"C-\($0 % 7)\",\"n\":\($0),\"w\":\"P-1\",\"t\":\"2025-03-04\"}\n"
        }.joined()
    }
}

/// Accepts what a catalogue accepts, and demands canonical bytes.
struct JudgingSink: ImportSink {
    let validator: EventValidator

    init(_ catalogue: EventCatalogue) {
        validator = EventValidator(catalogue)
    }

    func submit(_ events: [[UInt8]], places: [SourcePlace]) throws -> [ImportOutcome] {
        let reader = JSONReader()
        return try events.map { bytes in
            try bytes.withUnsafeBytes { try judge(reader.read($0)) }
        }
    }

    private func judge(_ view: JSONView) throws -> ImportOutcome {
        var refusals: [Refusal] = []
        do {
            let event = try CloudEvent(view)
            guard view.isCanonicalDocument, let data = view["data"],
                let type = validator.catalogue.eventType(event.text(event.type))
            else {
                return .refused([Refusal(.unknownType, en: "not canonical, or no type", zh: "")])
            }
            refusals = validator.refusals(of: data, type: type)
        } catch {
            refusals = error.refusals
        }
        return refusals.isEmpty ? .recorded : .refused(refusals)
    }
}
