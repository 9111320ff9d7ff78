import CanonicalJSON
import Catalogue
import LedgerData
import Records
import Rules
import Sampling
import Testing

/// The shipped catalogue's rules, read once.
enum ShippedRules {
    static let book = Result {
        try RuleBook(
            EventCatalogue(files: LedgerData.catalogueFiles),
            calendar: WorkCalendar(json: LedgerData.calendar))
    }
    static let composer = Result { CaseComposer(try book.get()) }

    static let monday = CivilDate(year: 2025, month: 3, day: 3)?.dayNumber ?? 0
}

struct RehearsalTests {
    private let composer: CaseComposer

    init() throws {
        composer = try ShippedRules.composer.get()
    }

    private func rehearse(_ order: some StringProtocol, seed: UInt64 = 1) throws -> Rehearsal {
        let parts = order.split(separator: ":")
        let procedure = String(parts[0])
        let types = try parts[1].split(separator: " ").map { name in
            try #require(composer.book.catalogue.eventType("\(procedure).\(name)"))
        }
        return Rehearsal(composer, procedure, types, from: ShippedRules.monday, seed: seed)
    }

    @Test(arguments: Scenarios.sound)
    func `a sound order is neither refused nor flagged`(_ order: String) throws {
        for seed in 1...3 {
            let rehearsal = try rehearse(order, seed: UInt64(seed))
            let wrong = rehearsal.steps.flatMap { step in
                (step.refusals + step.findings).map { "\(step.type.name) \($0.rule)" }
            }
            #expect(wrong == [])
        }
    }

    @Test(arguments: Scenarios.broken)
    func `a broken order is refused or flagged by its rule and no other`(
        _ scenario: String
    ) throws {
        let rule = scenario.prefix { $0 != " " }
        let rehearsal = try rehearse(scenario.dropFirst(rule.count + 1))
        #expect(rehearsal.steps.dropLast().allSatisfy { $0.refusals.isEmpty })
        #expect(rehearsal.steps.dropLast().allSatisfy { $0.findings.isEmpty })
        #expect(rehearsal.steps.last?.findings.map(\.rule) == [String(rule)])
    }

    @Test
    func `what refuses is refused by the gate, too`() throws {
        let rehearsal = try rehearse(
            "decision: proposed started drafted legality-requested submitted-for-deliberation")
        #expect(rehearsal.steps.last?.refusals.map(\.rule) == ["R043"])
        #expect(!rehearsal.isSound)
    }

    @Test
    func `a case of another procedure that a rule asks for is taken for given`() throws {
        let rehearsal = try rehearse("credit: pushed")
        #expect(rehearsal.isSound)
        #expect(rehearsal.companions.count == 1)
    }

    @Test
    func `the same seed gives the same bytes`() throws {
        let first = try rehearse(Scenarios.sound[3], seed: 7)
        let second = try rehearse(Scenarios.sound[3], seed: 7)
        let third = try rehearse(Scenarios.sound[3], seed: 8)
        #expect(first.steps.map(\.event) == second.steps.map(\.event))
        #expect(first.steps.map(\.event) != third.steps.map(\.event))
    }

    @Test(arguments: Scenarios.sound)
    func `every event that is made passes the catalogue's checks`(_ order: String) throws {
        for step in try rehearse(order).steps {
            let data = try #require(step.event["data"]).canonicalBytes
            let validator = EventValidator(composer.book.catalogue)
            let refusals = try data.withUnsafeBytes { raw in
                try JSONReader().read(raw) { view in
                    validator.refusals(
                        of: view, type: step.type, on: CivilDate(dayNumber: ShippedRules.monday))
                }
            }
            #expect(refusals == [], "\(step.event.canonicalText)")
        }
    }
}
