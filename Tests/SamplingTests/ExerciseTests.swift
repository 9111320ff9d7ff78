import CanonicalJSON
import Catalogue
import Foundation
import LedgerData
import Phrases
import Records
import Rules
import Sampling
import Testing

/// The exercises of the shipped catalogue, made once.
enum ShippedExercises {
    static let all = Result { Exercises(try ShippedRules.composer.get()) }
}

/// Each rule and each limit is kept once and broken once, and the engine says so.
struct ExerciseTests {
    private let composer: CaseComposer
    private let exercises: Exercises
    private var catalogue: EventCatalogue { composer.book.catalogue }

    init() throws {
        composer = try ShippedRules.composer.get()
        exercises = try ShippedExercises.all.get()
    }

    @Test
    func `every breach is found, and nothing else is`() throws {
        let links = CaseLinks(composer.book)
        for exercise in exercises.all {
            for trial in exercise.trials {
                let expected = ([trial.aim].compactMap { $0 } + trial.company).map {
                    "\($0.rule)@\($0.event)"
                }
                let found = try findings(trial, links)
                #expect(found == Set(expected), "\(exercise.id) \(trial.way)")
            }
        }
    }

    /// Ids of findings in the trial's cases with other names and numbers than it was made with;
    /// without what was merely not done yet, unless that is the aim.
    private func findings(_ trial: Exercise.Trial, _ base: CaseLinks) throws -> Set<String> {
        let histories = try histories(trial)
        var links = base
        for history in histories { links.take(history) }
        let last = try #require(
            histories.flatMap(\.entries).max { $0.sequence < $1.sequence }?.moment)
        var found: Set<String> = []
        for history in histories {
            var linked = history
            let names = links.cases(of: history.stream)
            linked.link(histories.filter { names.contains($0.stream) })
            let judgement = CaseJudgement(
                linked, composer.book, registers: composer.registers, now: trial.moment ?? last)
            let omitted = judgement.standings.filter {
                $0.state == .overdue && $0.duty.id != trial.aim?.rule
            }
            found.formUnion(judgement.findings.map(\.id))
            found.subtract(omitted.map(\.id))
        }
        return found
    }

    private func histories(_ trial: Exercise.Trial) throws -> [CaseHistory] {
        let writer = DraftWriter(composer.shared, trial.draft, numbers: [41, 42, 43], seed: 9)
        var histories = writer.streams.map { CaseHistory(stream: $0) }
        for place in trial.draft.events.indices {
            let event = writer.event(place)
            let time = try #require(event["time"]?.string)
            let moment = try #require(Array(time.utf8).withUnsafeBytes { ZonedTime($0) }).moment
            let entry = try #require(
                CaseEntry(
                    event: event, sequence: UInt64(place), recorded: moment, recorder: "cli:test",
                    clock: composer.book.clock))
            histories[trial.draft.events[place].stream].take(entry)
        }
        for place in histories.indices { histories[place].settle() }
        return histories
    }

    @Test
    func `what the law forbids is refused at the gate, and what keeps the rule is not`() throws {
        let refusing = catalogue.procedures.flatMap(\.rules).filter { $0.level == .refuse }
        for exercise in exercises.all where refusing.contains(where: { $0.id == exercise.id }) {
            for trial in exercise.trials {
                let history = try #require(histories(trial).first)
                let refusals = RuleJudge(
                    composer.book, history, registers: composer.registers
                ).refusals()
                let isRefused = refusals.contains { $0.rule.id == exercise.id }
                #expect(isRefused == (trial.aim != nil), "\(exercise.id) \(trial.way)")
            }
        }
    }

    @Test
    func `duties are met at the last permitted moment and missed one unit later`() {
        for exercise in exercises.all {
            let states = Dictionary(
                exercise.trials.compactMap { trial in trial.state.map { (trial.way, $0) } },
                uniquingKeysWith: { first, _ in first })
            guard !states.isEmpty else { continue }
            #expect(states[.onTime] == .met)
            let isFloor = states[.oneEarlier] != nil
            #expect(isFloor ? states[.oneEarlier] == .early : states[.oneLater] == .late)
            #expect(isFloor || states[.undone] == .overdue || states[.undone] == .deemed)
        }
    }

    // MARK: - Nothing is skipped

    @Test
    func `every rule and every duty is exercised, or listed with the reason`() {
        let listed = exercises.exercised.union(exercises.unexercised.map(\.id))
        let all = catalogue.procedures.flatMap { procedure in
            procedure.rules.map(\.id) + procedure.duties.map(\.id) + procedure.disclosures.map(\.id)
        }
        #expect(listed == Set(all))
        #expect(exercises.exercised.isDisjoint(with: exercises.unexercised.map(\.id)))
    }

    @Test
    func `only words, the calendar and statements are not exercised`() {
        let judged = Set(
            catalogue.procedures.flatMap { procedure in
                procedure.rules.filter { !$0.isInWords }.map(\.id)
                    + procedure.duties.filter { !$0.isInWords && $0.from != nil }.map(\.id)
                    + procedure.disclosures.filter { $0.term != nil && !$0.to.isEmpty }.map(\.id)
            })
        let skipped = judged.subtracting(exercises.exercised)
        #expect(skipped.isEmpty, "\(skipped.sorted())")
    }

    @Test
    func `the table of the plan's demands is what the command prints, without an empty cell`()
        throws
    {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Specs/traceability.md").standardizedFileURL
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let printed = Traceability(catalogue, exercised: exercises.exercised).text
        #expect(text == printed, "run ./dev generate")
        let rows = text.split(separator: "\n").filter { $0.first == "|" }
        #expect(rows.count >= 118 + 18 * 2)
        for row in rows {
            let cells = row.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
                .dropLast()
            #expect(cells.count == 5 && cells.allSatisfy { $0.count > 2 && $0 != " – " }, "\(row)")
        }
    }

    @Test
    func `the check of the catalogue finds no rule without an exercise`() {
        let without = CatalogueCheck(catalogue, exercised: exercises.exercised).run().filter {
            $0.reason.en.hasPrefix("no scenario exercises")
        }
        let words = exercises.unexercised.map(\.id)
        #expect(
            without.allSatisfy { problem in words.contains { problem.reason.en.hasSuffix($0) } })
    }
}

extension Rule {
    fileprivate var isInWords: Bool {
        if case .check(.words) = demand { return true }
        if case .words? = when { return true }
        return false
    }
}

extension Duty {
    fileprivate var isInWords: Bool {
        if case .words = clock { return true }
        if case .words? = when { return true }
        return false
    }
}
