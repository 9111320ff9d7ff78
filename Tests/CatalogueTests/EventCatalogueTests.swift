import CanonicalJSON
import Catalogue
import Digests
import LedgerData
import Phrases
import Testing

@Suite struct EventCatalogueTests {
    @Test func `the shipped catalogue loads, and reads back equal from its compiled form`() throws {
        let loaded = try EventCatalogue(files: LedgerData.catalogueFiles)
        let again = try EventCatalogue(compiled: loaded.compiled)
        #expect(again.digest == loaded.digest)
        #expect(again.compiled == loaded.compiled)
        #expect(again.id == loaded.id)
        #expect(again.title == loaded.title)
        #expect(again.eventTypes == loaded.eventTypes)
        #expect(again.procedures == loaded.procedures)
        #expect(again.laws == loaded.laws)
        #expect(again.roles == loaded.roles)
        #expect(again.plan == loaded.plan)
        #expect(again.enumerations == loaded.enumerations)
        #expect(again.regions == loaded.regions)
        #expect(again.ledgerTitles == loaded.ledgerTitles)
        #expect(loaded.plan.count == 18)
        #expect(loaded.timeZone == "Asia/Shanghai")
    }

    @Test func `what is embedded in compiled form is what the files say`() throws {
        let loaded = try EventCatalogue(files: LedgerData.catalogueFiles)
        #expect(loaded.compiled == LedgerData.compiledCatalogue, "run ./dev generate")
    }

    @Test func `the compiled form is canonical JSON and its digest is the catalogue's`() throws {
        let catalogue = try Shipped.catalogue.get()
        #expect(try JSONValue(parsing: catalogue.compiled).canonicalBytes == catalogue.compiled)
        #expect(catalogue.digest == SHA256.digest(of: catalogue.compiled))
    }

    @Test func `comments, blank lines and the order of keys do not change the digest`() throws {
        var files = Small.files
        files["roles.yaml"] = """
            # Who acts.
            roles:

              - {en: Officer, zh: 执法人员, kind: office, id: officer}
              - {id: attendee, kind: act, zh: "出席", en: Attendee}
            """
        #expect(try Small.load(files).digest == Small.load().digest)
        files["roles.yaml"] = files["roles.yaml"]?.replacingOccurrences("Attendee", "Attender")
        #expect(try Small.load(files).digest != Small.load().digest)
    }

    @Test(arguments: [1, 4]) func `a compiled form of an earlier format is read`(
        format: Int
    ) throws {
        let new = try Small.load()
        let old = String(decoding: new.compiled, as: UTF8.self)
            .replacingOccurrences("\"format\":5", "\"format\":\(format)")
        let read = try EventCatalogue(compiled: Array(old.utf8))
        #expect(read.eventTypes == new.eventTypes && read.digest != new.digest)
    }

    @Test func `a damaged, reformatted or newer compiled form is refused`() throws {
        let compiled = try Small.load().compiled
        for damaged in [
            Array(compiled.dropLast()), compiled + [0x0A], [], Array("{}".utf8),
            Array(
                String(decoding: compiled, as: UTF8.self)
                    .replacingOccurrences("\"format\":5", "\"format\":6").utf8),
        ] {
            #expect(throws: CatalogueErrors.self) { try EventCatalogue(compiled: damaged) }
        }
    }

    @Test func `types are found by their full name, and only by it`() throws {
        let catalogue = try Shipped.catalogue.get()
        let type = try #require(catalogue.eventType("penalty.decided"))
        #expect(type.procedure == "penalty")
        #expect(type.stage == "decision")
        #expect(type.title.zh == "处罚决定")
        #expect(!type.isCommon)
        #expect(catalogue.eventType("penalty.closed")?.ends == true)
        #expect(catalogue.eventType("penalty.fine-paid")?.isReceived == true)
        #expect(catalogue.eventType("entry.corrected")?.isCommon == true)
        for name in ["", "penalty", "penalty.decide", "penalty.decided ", "ledger.created"] {
            #expect(catalogue.eventType(name) == nil, "\(name)")
        }
        #expect(catalogue.title(ofType: "ledger.created")?.zh == "账本建立")
        for type in catalogue.eventTypes { #expect(catalogue.eventType(type.name) === type) }
    }

    @Test func `a type stands only in streams of its procedure, a common one in all`() throws {
        let catalogue = try Shipped.catalogue.get()
        func refusal(_ subject: String, _ name: String) throws -> Phrase? {
            let type = try #require(catalogue.eventType(name))
            return Array(subject.utf8).withUnsafeBytes {
                catalogue.refusalOfSubject($0, for: type)
            }
        }
        #expect(try refusal("penalty/PN-1", "penalty.decided") == nil)
        #expect(try refusal("report/RP-1", "penalty.decided") != nil)
        #expect(try refusal("report/RP-1", "entry.corrected") == nil)
        #expect(try refusal("ledger/self", "entry.corrected") != nil)
    }

    @Test(arguments: [
        ("decision", 38, 48, 7, 2), ("penalty", 50, 66, 19, 1), ("report", 24, 27, 8, 0),
    ])
    func `each shipped procedure has all that is known of it`(
        id: String, events: Int, rules: Int, duties: Int, disclosures: Int
    ) throws {
        let catalogue = try Shipped.catalogue.get()
        let procedure = try #require(catalogue.procedure(id))
        #expect(procedure.events.count == events)
        #expect(procedure.rules.count == rules)
        #expect(procedure.duties.count == duties)
        #expect(procedure.disclosures.count == disclosures)
        for rule in procedure.rules where rule.level == .refuse {
            #expect(rule.quote?.contains("不得") == true, "\(rule.id)")
            #expect(rule.verified == .full, "\(rule.id)")
        }
    }

    @Test func `all procedures are there, and each rule and duty has a number of its own`() throws {
        let catalogue = try Shipped.catalogue.get()
        let rules = catalogue.procedures.flatMap(\.rules)
        let duties = catalogue.procedures.flatMap(\.duties)
        #expect(catalogue.procedures.count == 60)
        #expect(catalogue.procedures.map(\.events.count).reduce(0, +) == 634)
        #expect(Set(rules.map(\.id)).count == rules.count)
        #expect(rules.count == 537)
        #expect(Set(duties.map(\.id)).count == duties.count)
        #expect(duties.count == 214)
        #expect(catalogue.procedures.flatMap(\.disclosures).count == 19)
        let refusals = rules.filter { $0.level == .refuse }
        #expect(refusals.count == 24)
        for rule in refusals {
            #expect(rule.quote?.contains("不得") == true, "\(rule.id)")
            #expect(rule.verified == .full, "\(rule.id)")
            #expect(catalogue.eventType(rule.event)?.isReceived == false, "\(rule.id)")
        }
    }

    @Test func `no encrypted field is required, and parties, titles and aliases are marked`() throws
    {
        let catalogue = try Shipped.catalogue.get()
        for type in catalogue.eventTypes {
            for field in type.fields where field.readingClass.isEncrypted {
                #expect(!field.isRequired, "\(type.name).\(field.name)")
            }
        }
        let clue = try #require(catalogue.eventType("penalty.clue-registered"))
        #expect(clue.caseTitle == ["partyName", "caseType"])
        #expect(clue.fields.filter(\.isParty).map(\.name) == ["partyName", "partyUscc"])
        #expect(catalogue.eventType("penalty.decided")?.field("docNo")?.isAlias == true)
    }
}

extension String {
    func replacingOccurrences(_ old: String, _ new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
