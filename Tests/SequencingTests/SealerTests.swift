import CanonicalJSON
import LedgerStore
import Merkle
import Phrases
import Records
import Sealing
import Sequencing
import TestKit
import Testing

/// Values that must be sealed, on their way into a record: Specs/sealing.md sections 5 and 11.
@Suite struct SealerTests {
    private var bench: SealerBench

    init() async throws { bench = try await SealerBench.make() }

    private let name = JSONMember("name", "赵某某-canary")
    private let otherName = JSONMember("name", "钱某某-canary")
    private let identity = JSONMember("identity", "330106199001010018")

    private func demandNoCanary(_ place: SourceLocation = #_sourceLocation) async {
        for line in await bench.lines() {
            let text = String(decoding: line, as: UTF8.self)
            #expect(!text.contains("canary") && !text.contains("19900101"), sourceLocation: place)
        }
    }

    @Test func `the record has boxes, which the holder of the class opens`() async throws {
        let names = JSONMember("names", ["甲-canary", "乙-canary"])
        let places = try await bench.accepted([try bench.tip("1", [name, names, identity])])
        await demandNoCanary()
        let event = try await bench.event(places[0])
        #expect(event["data"]?["text"] == "虚构")
        #expect(try await bench.value("name", of: event, bench.keeper) == #""赵某某-canary""#)
        #expect(
            try await bench.value("names", of: event, bench.keeper)
                == #"["甲-canary","乙-canary"]"#)
        #expect(
            try await bench.value("identity", of: event, bench.keeper)
                == #""330106199001010018""#)
        #expect(try await bench.value("name", of: event, bench.outside) == nil)
        // One key for each group, linked to the case.
        #expect(await bench.vault.handles(of: "tip/T-1").count == 2)
    }

    @Test func `what concerns the bureau itself, only the outside holder opens`() async throws {
        let about = JSONMember("aboutUs", true)
        let places = try await bench.accepted([
            try bench.tip("1", [name, identity], more: [about])
        ])
        let event = try await bench.event(places[0])
        for member in ["name", "identity"] {
            #expect(try await bench.value(member, of: event, bench.keeper) == nil)
            #expect(try await bench.value(member, of: event, bench.outside) != nil)
        }
        let other = try await bench.accepted([
            try bench.tip("2", [name], more: [JSONMember("aboutUs", false)])
        ])
        let inside = try await bench.event(other[0])
        #expect(try await bench.value("name", of: inside, bench.keeper) != nil)
        #expect(try await bench.value("name", of: inside, bench.outside) == nil)
    }

    // MARK: Retries

    @Test func `the same again is a repeat, and everything was compared`() async throws {
        let first = try await bench.accepted([try bench.tip("1", [name])])
        let again = try await bench.accepted([try bench.tip("1", [name])])
        #expect(again[0].sequence == first[0].sequence)
        #expect(again[0].isRepeat && again[0].isCompared)
        #expect(await bench.vault.handles(of: "tip/T-1").count == 1)
        let refused = try await bench.refused([try bench.tip("1", [otherName])])
        #expect(refused[0].refusals.map(\.code) == [.conflict])
        #expect(await bench.lines().count == 1)
    }

    @Test func `after a restart, a day, or by another, what is sealed is not compared`()
        async throws
    {
        _ = try await bench.accepted([try bench.tip("1", [name])])
        let byOther = try await bench.accepted([try bench.tip("1", [otherName])], by: "svc:other")
        #expect(byOther[0].isRepeat && !byOther[0].isCompared)
        bench.clock.advance(wall: 86_401, steady: 86_401)
        let late = try await bench.accepted([try bench.tip("1", [otherName])])
        #expect(late[0].isRepeat && !late[0].isCompared)
        var restarted = bench
        restarted.restart()
        let after = try await restarted.accepted([try bench.tip("1", [otherName])])
        #expect(after[0].isRepeat && !after[0].isCompared)
        // What is in clear, which fields are sealed and how long they are is compared for ever.
        let long = JSONMember("name", .string(String(repeating: "长", count: 40)))
        for event in [
            try bench.tip("1", [long]), try bench.tip("1", []),
            try bench.tip("1", [name, identity]),
            try bench.tip("1", [name], more: [JSONMember("aboutUs", false)]),
            try bench.tip("1", stream: "tip/T-2", [name]),
        ] {
            let refused = try await restarted.refused([event])
            #expect(refused[0].refusals.map(\.code) == [.conflict])
        }
        #expect(await bench.lines().count == 1)
    }

    @Test func `a value that was refused is not held against the next one`() async throws {
        let revision = [JSONMember("expectedrevision", 7)]
        let refused = try await bench.refused([
            try bench.tip("1", [otherName], attributes: revision)
        ])
        #expect(refused[0].refusals.map(\.code) == [.wrongRevision])
        let places = try await bench.accepted([try bench.tip("1", [name])])
        let again = try await bench.accepted([try bench.tip("1", [name])])
        #expect(again[0].sequence == places[0].sequence && again[0].isCompared)
    }

    @Test(arguments: [1, 7, 42] as [UInt64])
    func `the same from many at once is one record, another value a conflict`(
        seed: UInt64
    ) async throws {
        print("seed \(seed)")
        var random = Seeded(seed: seed)
        let picks = (0..<24).map { _ in Bool.random(using: &random) }
        let answers = await withTaskGroup(of: (Bool, Answer?).self) { group in
            for pick in picks {
                group.addTask {
                    (
                        pick,
                        try? await bench.submit([try bench.tip("1", [pick ? name : otherName])])
                    )
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(await bench.lines().count == 1)
        var (accepted, refused): (Set<Bool>, Set<Bool>) = ([], [])
        for (pick, answer) in answers {
            switch answer {
            case .accepted: accepted.insert(pick)
            case .refused(let events):
                #expect(events[0].refusals.map(\.code) == [.conflict])
                refused.insert(pick)
            default: Issue.record("no answer")
            }
        }
        // Who has the value that was recorded gets a receipt, and nobody else.
        #expect(accepted.count == 1 && accepted.isDisjoint(with: refused))
        await demandNoCanary()
    }

    // MARK: Refusals

    @Test func `without a holder nothing is recorded, and the answer says what to do`() async throws
    {
        var bench = bench
        // He is in the vault, and no record made him a holder.
        bench.restart([bench.outside])
        let refused = try await bench.refused([try bench.tip("1", [name])])
        #expect(refused[0].refusals.map(\.pointer) == ["/data/name"])
        #expect(refused[0].refusals.map(\.code) == [.needsSealing])
        #expect(refused[0].refusals[0].reason.en.contains("vault holder add --group sealed"))
        let prospect = try await bench.sealer.rehearse(
            Submission([try bench.tip("1", [name])], recorder: "svc:bench"))
        #expect(prospect.ready.isEmpty && prospect.refusedEvents == refused)
        #expect(await bench.lines().isEmpty)
        #expect(await bench.vault.counts().assigned == 0)
    }

    @Test func `a ledger that cannot seal refuses the value`() throws {
        let json = EventMaker.json(
            id: "1", stream: "tip/T-1", type: "tip.given",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "text": "虚构", "name": "canary",
            ])
        let error = #expect(throws: EventRefused.self) { try bench.read(json, seals: false) }
        #expect(error?.refusals.map(\.code) == [.needsSealing])
        #expect(error?.refusals[0].reason.en.contains("vault init") == true)
    }

    @Test func `an event that was not sealed is never recorded`() async throws {
        let answer = try await bench.sequencer.submit(
            Submission([try bench.tip("1", [name])], recorder: "svc:bench"))
        guard case .refused(let refused) = answer else { throw Bench.Broken() }
        #expect(refused[0].refusals.map(\.code) == [.needsSealing])
        #expect(await bench.lines().isEmpty)
    }

    @Test func `refusals name the place and never repeat the value`() throws {
        let long = String(repeating: "canary ", count: 100)
        let wrong: [(JSONMember, String)] = [
            (JSONMember("name", " canary"), "/data/name"),
            (JSONMember("name", .string(long)), "/data/name"),
            (JSONMember("name", ["canary": "canary"]), "/data/name"),
            (JSONMember("name", ["sealed": ["alg": "canary"]]), "/data/name"),
            (JSONMember("names", ["甲", " canary"]), "/data/names/1"),
            (JSONMember("identity", "canary199001010019"), "/data/identity"),
            (JSONMember("abode", ["street": " canary"]), "/data/abode/street"),
            (JSONMember("abode", ["canary": "canary"]), "/data/abode"),
            (JSONMember("abode", ["code": "canary"]), "/data/abode/code"),
            (JSONMember("abode", ["code": "330104"]), "/data/abode/code"),
        ]
        for (member, pointer) in wrong {
            let error = #expect(throws: EventRefused.self) { try bench.tip("1", [member]) }
            #expect(error?.refusals.map(\.pointer) == [pointer])
            for refusal in error?.refusals ?? [] {
                #expect(!"\(refusal)".contains("canary") && !"\(refusal)".contains("330104"))
            }
        }
    }

    @Test func `a value or a record that would be too long is refused`() async throws {
        let long = JSONMember("story", .string(String(repeating: "长", count: 5_500)))
        let refused = try await bench.refused([try bench.tip("1", [long])])
        #expect(refused[0].refusals.map(\.code) == [.tooLarge])
        #expect(refused[0].refusals[0].pointer == "/data/story")
        let names = JSONValue.array(
            (0..<60).map { .string("\($0)" + String(repeating: "x", count: 250)) })
        let home: JSONValue = ["street": .string(String(repeating: "y", count: 590))]
        let fits = try await bench.accepted([
            try bench.tip("2", [JSONMember("names", names), JSONMember("abode", home)])
        ])
        #expect(fits.count == 1)
        #expect(await bench.lines().count == 1)
    }

    // MARK: Corrections

    @Test func `a correction is sealed where it stands, and judged before`() async throws {
        let first = try await bench.accepted([try bench.tip("1", [name])])
        let corrected: JSONValue = ["text": "更正", "name": "孙某某-canary"]
        let places = try await bench.accepted([
            try bench.correction("2", of: first[0], corrected)
        ])
        let event = try await bench.event(places[0])
        #expect(
            try await bench.value("name", of: event, bench.keeper, at: "/data/corrected")
                == #""孙某某-canary""#)
        let again = try await bench.accepted([try bench.correction("2", of: first[0], corrected)])
        #expect(again[0].isRepeat && again[0].isCompared)
        let other: JSONValue = ["text": "更正", "name": "李某某-canary"]
        let conflict = try await bench.refused([try bench.correction("2", of: first[0], other)])
        #expect(conflict[0].refusals.map(\.code) == [.conflict])
        let wrong: JSONValue = ["text": "更正", "identity": "canary199001010019"]
        let refused = try await bench.refused([try bench.correction("3", of: first[0], wrong)])
        #expect(refused[0].refusals.map(\.pointer) == ["/data/corrected/identity"])
        #expect(!"\(refused)".contains("canary"))
        // A box that the producer made himself is a value of the wrong form.
        let forged: JSONValue = [
            "text": "更正", "name": event["data"]?["corrected"]?["name"] ?? .null,
        ]
        let made = try await bench.refused([try bench.correction("4", of: first[0], forged)])
        #expect(made[0].refusals.map(\.pointer) == ["/data/corrected/name"])
        await demandNoCanary()
        #expect(await bench.lines().count == 2)
    }

    @Test func `a correction of a plain entry goes on as it is`() async throws {
        let first = try await bench.accepted([try bench.tip("1", [])])
        let places = try await bench.accepted([
            try bench.correction("2", of: first[0], ["text": "更正"])
        ])
        #expect(try await bench.event(places[0])["data"]?["corrected"]?["text"] == "更正")
        #expect(await bench.vault.counts().assigned == 0)
    }

    // MARK: Faults

    @Test(arguments: [FailingVault.Step.keep, .assign, .holders], FailingVault.Half.allCases)
    func `a vault that fails records nothing, and the next try succeeds`(
        step: FailingVault.Step, half: FailingVault.Half
    ) async throws {
        if step == .holders, half == .after { return }
        await bench.vault.fail(step, half)
        let error = await #expect(throws: StoreError.self) {
            try await bench.submit([try bench.tip("1", [name])])
        }
        #expect(error?.code == .unavailable)
        #expect(await bench.lines().isEmpty)
        let places = try await bench.accepted([try bench.tip("1", [name])])
        let event = try await bench.event(places[0])
        #expect(try await bench.value("name", of: event, bench.keeper) == #""赵某某-canary""#)
    }

    @Test func `keys are linked before the record is there`() async throws {
        let group = try await bench.sealer.seal([
            Submission([try bench.tip("1", [name])], recorder: "svc:bench")
        ])
        #expect(await bench.vault.handles(of: "tip/T-1").count == 1)
        #expect(await bench.lines().isEmpty)
        // As if the process had died here: the same event is recorded with another key.
        var after = bench
        after.restart()
        _ = try await after.accepted([try bench.tip("1", [name])])
        #expect(await bench.vault.handles(of: "tip/T-1").count == 2)
        _ = group
    }

    // MARK: Batches, and what is not recorded

    @Test func `a batch is sealed whole, and refused whole`() async throws {
        let places = try await bench.accepted([
            try bench.tip("1", [name]), try bench.tip("2", []),
            try bench.tip("3", [otherName], attributes: [JSONMember("expectedrevision", 1)]),
        ])
        #expect(places.count == 3)
        #expect(
            try await bench.value("name", of: bench.event(places[2]), bench.keeper)
                == #""钱某某-canary""#)
        let long = JSONMember("story", .string(String(repeating: "长", count: 5_500)))
        let refused = try await bench.refused([
            try bench.tip("4", [name]), try bench.tip("5", [long]),
        ])
        #expect(refused.map(\.place) == [1])
        #expect(await bench.lines().count == 3)
        let partly = try await bench.refused([
            try bench.tip("1", [name]), try bench.tip("6", [name]),
        ])
        #expect(partly[0].refusals.map(\.code) == [.partlyRecorded])
    }

    @Test func `looking ahead uses no key`() async throws {
        let submission = Submission([try bench.tip("1", [name])], recorder: "svc:bench")
        let group = try await bench.sealer.rehearse(submission)
        let prospect = try await bench.sequencer.prospect(of: group.ready[0])
        guard case .accepted(let places) = prospect else { throw Bench.Broken() }
        #expect(places[0].sequence == SequenceNumber(0))
        #expect(await bench.vault.counts().assigned == 0)
        #expect(await bench.vault.counts().unassigned == 0)
        _ = try await bench.accepted([try bench.tip("1", [name])])
        let repeated = try await bench.sealer.rehearse(submission)
        let second = try await bench.sequencer.prospect(of: repeated.ready[0])
        guard case .accepted(let known) = second else { throw Bench.Broken() }
        #expect(known[0].isRepeat)
    }
}
