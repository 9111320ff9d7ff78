import CanonicalJSON
import CaseTracing
import Catalogue
import Digests
import LedgerHome
import Merkle
import Phrases
import Projections
import Records
import Rules
import Sampling
import Sequencing
import Testing

/// What the record says of a person.
@Suite struct DossierTests {
    private let story: TracedStory
    private let deputy = "P-7102"
    private let lawyer = "P-7103"
    private let officer = "P-7104"

    init() async throws {
        story = try await TracedStory.shared.value
    }

    private func dossier(_ person: String, _ moment: String? = nil) async throws -> Dossier {
        let past = try await story.past(moment.flatMap { Timestamp(fixed: $0) })
        return try await Dossiers(of: person, in: [past]).parts[0]
    }

    @Test func `posts are those of the day, one after another`() async throws {
        let posts = try await dossier(deputy).posts
        #expect(posts.map(\.post) == ["副局长", "二级巡视员"])
        let first = try #require(posts.first)
        #expect(first.to.map { $0 + 1 } == posts[1].from)
        #expect(first.end != nil && posts[1].to == nil)
        let before = try await dossier(deputy, "2022-01-01T00:00:00.000000Z").posts
        #expect(before.map(\.post) == ["副局长"])
        #expect(before.first?.to == nil)
    }

    @Test func `acts are those that he entered or took part in, in the post held then`()
        async throws
    {
        let acts = try await dossier(deputy).acts
        #expect(acts.contains { $0.type == "permit.granted" })
        #expect(acts.contains { $0.type == "report.concluded" })
        #expect(!acts.contains { $0.type == "penalty.decided" })
        for act in acts {
            let own = act.persons.filter { $0.person == deputy }
            #expect(!own.isEmpty)
            for person in own { #expect(person.held.map(\.post) == [person.post]) }
        }
    }

    @Test func `of the newest entries alone it tells what the whole tells of them`() async throws {
        let past = try await story.past()
        let whole = try await dossier(officer)
        let cut = try await Dossiers(of: officer, newest: 4, in: [past])
        let part = cut.parts[0]
        let all = (whole.acts + whole.named).map(\.record).sorted()
        let newest = Set(all.suffix(4))
        #expect(all.count > 4)
        #expect(Set((part.acts + part.named).map(\.record)) == newest)
        #expect(part.extent == Dossier.Extent(shown: 4, known: all.count, isCounted: true))
        #expect(!whole.extent.isCut)
        #expect(part.acts.map(\.record) == whole.acts.map(\.record).filter(newest.contains))
        let begun = whole.duties.filter { $0.standing.start.map(newest.contains) ?? false }
        #expect(part.duties == begun)
        #expect(part.posts == whole.posts)
        let words = Wording(story.ledger.catalogue, .english)
        let text = AccountBlock.plainText(cut.account([AccountPlace(words, name: "story")]))
        #expect(text.contains("CUT: the newest 4 of \(all.count) entries"))
        #expect(cut.json["entries"]?.array?.first?["shown"]?.integer == 4)
    }

    @Test func `what names him is apart from what he did`() async throws {
        let dossier = try await dossier(deputy)
        #expect(dossier.named.contains { $0.type == "accountability.case-opened" })
        #expect(dossier.named.contains { $0.type == "accountability.responsibility-determined" })
        let own = Set(dossier.acts.map(\.record))
        #expect(own.isDisjoint(with: dossier.named.map(\.record)))
    }

    @Test func `dissent and confirmed acts speak for him`() async throws {
        let points = try await dossier(lawyer).points
        #expect(points.contains { $0.kind == .dissent && $0.what == "disagree" })
        #expect(points.contains { $0.kind == .confirmed })
        let before = try await dossier(officer, "2025-10-19T00:00:00.000000Z").points
        #expect(!before.contains { $0.kind == .dissent })
        #expect(try await dossier(officer).points.contains { $0.kind == .dissent })
    }

    @Test func `a duty missed speaks against who began it`() async throws {
        let dossier = try await dossier(deputy)
        let missed = dossier.points.filter { $0.kind == .dutyMissed }.map(\.what)
        #expect(missed.contains { $0.hasPrefix("D.hz@") })
        #expect(dossier.duties.allSatisfy { $0.persons.contains(deputy) })
        #expect(dossier.points.contains { $0.kind == .dutyMet })
    }

    @Test func `a certificate that had run out is a finding of who acted`() async throws {
        let findings = try await dossier("P-7105").findings
        #expect(findings.contains { $0.rule == "R163" })
    }

    @Test(arguments: [Language.chinese, .english])
    func `a dossier in words has every record`(language: Language) async throws {
        let dossiers = try await Dossiers(of: officer, in: [try await story.past()])
        let dossier = dossiers.parts[0]
        let words = Wording(story.ledger.catalogue, language)
        let text = AccountBlock.plainText(
            dossiers.account([AccountPlace(words, name: "story")]))
        for act in dossier.acts + dossier.named { #expect(text.contains("#\(act.record)  ")) }
        #expect(text.contains("\(dossier.head.root)"))
        let json = dossiers.json
        #expect(json["acts"]?.array?.count == dossier.acts.count)
        #expect(
            (json["for"]?.array?.count ?? 0) + (json["against"]?.array?.count ?? 0)
                == dossier.points.count)
    }

    // MARK: - Looks, and corrected persons

    @Test func `who looked at data about him is told, with the approval`() async throws {
        let ledger = try await OwnLedger()
        let stream = "vault/VA-1"
        try await ledger.record(
            stream, "vault.access-requested", id: "v1", ["subject": "P-77"])
        try await ledger.record(stream, "vault.access-approved", id: "v2")
        try await ledger.record(stream, "vault.opened", id: "v3")
        try await ledger.record(
            stream, "vault.access-requested", id: "v4", on: "2025-04-04", ["subject": "P-78"])
        try await ledger.record("person/P-77", "person.registered", id: "p", ["person": "P-77"])
        let dossier = try await Dossiers(of: "P-77", in: [try await ledger.past()]).parts[0]
        #expect(
            dossier.looks.map(\.act.type) == [
                "vault.access-requested", "vault.access-approved", "vault.opened",
            ])
        #expect(Set(dossier.looks.map(\.request)).count == 1)
    }

    @Test func `who is taken out of an entry by a correction keeps it, marked`() async throws {
        let ledger = try await OwnLedger()
        let one = JSONValue.object([
            JSONMember("person", "P-81"), JSONMember("role", "handler"),
            JSONMember("unit", "虚构单位"), JSONMember("evidence", "asserted"),
        ])
        let other = JSONValue.object([
            JSONMember("person", "P-82"), JSONMember("role", "handler"),
            JSONMember("unit", "虚构单位"), JSONMember("evidence", "asserted"),
        ])
        let place = try await ledger.record(
            "accident/AX-1", "accident.reported-up", id: "a", ["participants": [one]])
        let data = try #require(try await ledger.past().record(place.sequence.rawValue)?.event)
        let members = (data["data"]?.members ?? []).filter {
            $0.name != "operator" && $0.name != "participants"
        }
        let corrected = JSONValue.object(members + [JSONMember("participants", [other])])
        try await ledger.record(
            "accident/AX-1", "entry.corrected", id: "b",
            [
                "corrects": [
                    "seq": .integer(Int64(place.sequence.rawValue)),
                    "leafHash": .string(place.leafHash.digest.hex), "reason": "misrecorded",
                ], "corrected": corrected,
            ])
        let past = try await ledger.past()
        for (person, isMarked) in [("P-81", true), ("P-82", false)] {
            let dossier = try await Dossiers(of: person, in: [past]).parts[0]
            let acts = dossier.acts.filter { $0.type == "accident.reported-up" }
            #expect(acts.count == 1)
            #expect(acts.first?.changes.first?.removed.contains(person) == isMarked)
        }
    }
}

/// All that the ledger holds of an enterprise.
@Suite struct EnterpriseTests {
    private let story: TracedStory

    init() async throws {
        story = try await TracedStory.shared.value
    }

    @Test func `every case of the enterprise is there, and none of another`() async throws {
        let code = story.story.enterprise
        let files = try await EnterpriseFiles(of: code, years: 20, in: [try await story.past()])
        let file = files.parts[0]
        let kinds = file.cases.map { String($0.stream.prefix { $0 != "/" }) }
        #expect(
            kinds.sorted() == [
                "accident", "hazard", "inspection", "inspection", "inspection", "penalty",
                "permit", "report",
            ])
        #expect(file.enterprise.newestName == "虚构样例云岭化工有限公司")
        #expect(file.acts.count == file.cases.map(\.recordCount).reduce(0, +))
        #expect(file.duties.contains { $0.standing.id.hasPrefix("D.hz@") })
        for language in [Language.chinese, .english] {
            let words = Wording(story.ledger.catalogue, language)
            let text = AccountBlock.plainText(
                files.account([AccountPlace(words, name: "story")]))
            for act in file.acts { #expect(text.contains("#\(act.record)  ")) }
            #expect(text.contains(code))
        }
    }

    @Test func `of the newest cases alone, and it says so`() async throws {
        let code = story.story.enterprise
        let past = try await story.past()
        let whole = try await EnterpriseFiles(of: code, years: 20, in: [past]).parts[0]
        let cut = try await EnterpriseFiles(of: code, years: 20, newest: 2, in: [past])
        let streams = past.streams(naming: .organisation(code))
        #expect(Set(cut.parts[0].cases.map(\.stream)) == Set(streams.suffix(2)))
        #expect(cut.parts[0].isCut && cut.parts[0].caseCount == streams.count)
        #expect(!whole.isCut && whole.cases.count == streams.count)
        let words = Wording(story.ledger.catalogue, .english)
        let text = AccountBlock.plainText(cut.account([AccountPlace(words, name: "story")]))
        #expect(text.contains("CUT: 2 cases of the newest; \(streams.count) name it"))
    }

    @Test func `only so many years back, and only what was known then`() async throws {
        let code = story.story.enterprise
        let moment = try #require(Timestamp(fixed: "2022-06-01T00:00:00.000000Z"))
        let files = try await EnterpriseFiles(
            of: code, years: 1, in: [try await story.past(moment)])
        let then = files.parts[0]
        let kinds = Set(then.cases.map { String($0.stream.prefix { $0 != "/" }) })
        #expect(kinds == ["hazard", "inspection"])
        #expect(then.acts.allSatisfy { $0.record < then.head.size })
        #expect(files.json["heads"]?.array?.first?["size"]?.integer == Int64(then.head.size))
    }
}
