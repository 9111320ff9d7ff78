import CanonicalJSON
import Catalogue
import Merkle
import Records
import Rules
import Sampling
import TestKit
import Testing

/// A year as it was printed, and what is known to be wrong in it.
struct PrintedYear {
    let events: SampledEvents
    let truths: [YearTruth]
    let figures: [String: IndicatorFigure]

    init(seed: UInt64, eventCount: Int, year: Int = 2025, years: Int = 1) throws {
        var sampled = SampledYear(
            try ShippedRules.book.get(), seed: seed, eventCount: eventCount, year: year,
            years: years, figures: true)
        var events = SampledEvents()
        while sampled.append(asLine: false, to: &events) {}
        self.events = events
        truths = sampled.takeTruths()
        figures = Dictionary(
            sampled.takeFigures().map { ($0.figure.indicator.id, $0.figure) },
            uniquingKeysWith: { first, _ in first })
    }

    static let large = Result { try PrintedYear(seed: 1, eventCount: 100_000) }
    static let small = Result { try PrintedYear(seed: 1, eventCount: 3_000) }

    func parsed() throws -> [JSONValue] {
        var all: [JSONValue] = []
        try events.forEach { all.append(try JSONReader().read($0) { JSONValue($0) }) }
        return all
    }
}

struct SampledYearTests {
    private let book: RuleBook

    init() throws {
        book = try ShippedRules.book.get()
    }

    // MARK: - What it is made of

    @Test
    func `the same seed gives the same bytes, and another seed others`() throws {
        let first = try PrintedYear.small.get()
        #expect(first.events.count == 3_000)
        #expect(try PrintedYear(seed: 1, eventCount: 3_000).events.bytes == first.events.bytes)
        #expect(try PrintedYear(seed: 2, eventCount: 3_000).events.bytes != first.events.bytes)
    }

    @Test(arguments: [0, 1, 7, 100])
    func `as many events are made as are asked for`(_ count: Int) throws {
        #expect(try PrintedYear(seed: 3, eventCount: count).events.count == count)
    }

    @Test
    func `events are canonical, pass the catalogue's checks and have ids of their own`() throws {
        let validator = EventValidator(book.catalogue)
        var ids: Set<String> = []
        try PrintedYear.small.get().events.forEach { raw in
            let refusals = try JSONReader().read(raw) { event -> [Refusal] in
                let json = JSONValue(event)
                #expect(json.canonicalBytes.elementsEqual(raw))
                ids.insert(json["id"]?.string ?? "")
                guard let data = event["data"], let name = json["type"]?.string,
                    let type = book.catalogue.eventType(name)
                else { return [] }
                let day = json["time"]?.string.flatMap { civilDate($0) }
                return validator.refusals(of: data, type: type, on: day)
            }
            #expect(refusals == [])
        }
        #expect(ids.count == 3_000)
    }

    @Test
    func `cases are interleaved by time, and a few events are entered late`() throws {
        let times = try PrintedYear.small.get().parsed().compactMap { $0["time"]?.string }
        let late = zip(times, times.dropFirst()).count { $0 > $1 }
        #expect(late > 10 && late < times.count / 20)
        #expect(times.allSatisfy { $0 < "2026-01-01" })
    }

    @Test
    func `several years are as one, longer`() throws {
        let years = try PrintedYear(seed: 1, eventCount: 3_000, year: 2023, years: 3)
        let named = Set(try years.parsed().compactMap { $0["time"]?.string?.prefix(4) })
        #expect(named.isSuperset(of: ["2023", "2024", "2025"]))
        #expect(named.allSatisfy { $0 < "2026" })
    }

    // MARK: - 100,000 events

    @Test
    func `every type of event occurs, and every rule and limit that can be is broken`() throws {
        let year = try PrintedYear.large.get()
        let types = Set(try year.parsed().compactMap { $0["type"]?.string })
        let expected = Set(book.catalogue.procedures.flatMap(\.events))
        #expect(expected.subtracting(types).isEmpty)

        let broken = Set(year.truths.flatMap(\.rules))
        let shown = try ShippedExercises.all.get().all.filter { exercise in
            exercise.trials.contains { $0.aim != nil }
        }
        let missing = Set(shown.map(\.id)).subtracting(broken)
        #expect(missing.isEmpty, "\(missing.sorted())")
        let refusing = book.catalogue.procedures.flatMap(\.rules).filter { $0.level == .refuse }
        let attempts = Set(year.truths.filter { $0.kind == .attempt }.flatMap(\.rules))
        #expect(Set(refusing.map(\.id)).isSubset(of: attempts))
    }

    @Test
    func `every finding in the truth is derived from the events, and no other`() throws {
        let year = try PrintedYear.large.get()
        let found = try findings(year)
        let known = year.truths.filter { $0.kind == .finding }
            .map { "\($0.rules[0])@\($0.event)" }
        #expect(Set(known).count == known.count)
        #expect(found == Set(known))
    }

    /// What happened is judged by when it happened: the order of record changes only lateness.
    @Test(arguments: [1, 2] as [UInt64])
    func `the same events recorded in another order give the same findings about acts`(
        seed: UInt64
    ) throws {
        let year = try PrintedYear.large.get()
        var random = Seeded(seed: seed)
        let before = try findings(year)
        let after = try findings(year) { $0.shuffle(using: &random) }
        let changed = before.symmetricDifference(after).sorted()
        #expect(changed.isEmpty, "seed \(seed): \(changed.prefix(20))")
        #expect(!before.isEmpty)
    }

    @Test
    func `recorded in another order after the year, nearly every entry is a late one`() throws {
        let year = try PrintedYear.large.get()
        let asItWas = try lateEntries(year) { event, _ in event }
        let last = try #require(Timestamp(fixed: "2026-06-30T00:00:00.000000Z"))
        let afterwards = try lateEntries(year) { _, number in
            last.advanced(bySeconds: Int64(number))
        }
        #expect(asItWas.count > 100, "a few are late in any year, and old cases are")
        #expect(asItWas.count < 10_000)
        #expect(afterwards.count > 90_000)
        #expect(afterwards.isSuperset(of: asItWas))
    }

    /// Ids of the events that are entered too late, if each is recorded at the moment that is given
    /// for when it happened and its number.
    private func lateEntries(
        _ year: PrintedYear, recorded: (Timestamp, Int) -> Timestamp
    ) throws -> Set<String> {
        var newest = Timestamp(microseconds: .min)
        var histories: [String: CaseHistory] = [:]
        var ids: [String] = []
        for (number, event) in try year.parsed().enumerated() {
            let time = try #require(event["time"]?.string)
            let moment = try #require(Array(time.utf8).withUnsafeBytes { ZonedTime($0) }).moment
            // A ledger's time never goes back: what happened earlier is recorded now.
            newest = max(newest, moment)
            let entry = try #require(
                CaseEntry(
                    event: event, sequence: UInt64(number), recorded: recorded(newest, number),
                    recorder: "cli:test", clock: book.clock))
            let stream = try #require(event["subject"]?.string)
            histories[stream, default: CaseHistory(stream: stream)].take(entry)
            ids.append(try #require(event["id"]?.string))
        }
        var late: Set<String> = []
        for var history in histories.values {
            history.settle()
            let judgement = CaseJudgement(
                history, book, registers: RegisterFold(), now: newest)
            for finding in judgement.findings where finding.kind == .lateEntry {
                late.insert(ids[Int(finding.entry ?? 0)])
            }
        }
        return late
    }

    /// Findings by the id of the event that they are about, long after the year.
    private func findings(
        _ year: PrintedYear, recordedAs order: (inout [JSONValue]) -> Void = { _ in }
    ) throws -> Set<String> {
        let attempts = Set(year.truths.filter { $0.kind == .attempt }.map(\.event))
        var histories: [String: CaseHistory] = [:]
        var ids: [String] = []
        var events = try year.parsed()
        order(&events)
        for event in events {
            let id = try #require(event["id"]?.string)
            guard !attempts.contains(id), let stream = event["subject"]?.string else { continue }
            let entry = try #require(
                CaseEntry(
                    event: event, sequence: UInt64(ids.count),
                    recorded: Timestamp(microseconds: 0), recorder: "cli:test",
                    clock: book.clock))
            histories[stream, default: CaseHistory(stream: stream)].take(entry)
            ids.append(id)
        }
        var links = CaseLinks(book)
        var registers = RegisterFold()
        for stream in histories.keys {
            histories[stream]?.settle()
            guard let history = histories[stream] else { continue }
            links.take(history)
            registers.take(history, book)
        }
        let never = Timestamp(microseconds: 7_258_118_400_000_000)
        var found: Set<String> = []
        var yearly = YearlyDuties(book)
        for stream in histories.keys.sorted() {
            guard var history = histories[stream] else { continue }
            yearly.take(history)
            history.link(links.cases(of: history.stream).compactMap { histories[$0] })
            let judgement = CaseJudgement(history, book, registers: registers, now: never)
            for finding in judgement.findings where finding.kind != .lateEntry {
                let parts = finding.id.split(separator: "@")
                found.insert("\(parts[0])@\(ids[Int(parts[1]) ?? 0])")
            }
        }
        // Yearly duties are told of for three more years.
        let later = CivilDate(year: 2029, month: 1, day: 1)?.dayNumber ?? 0
        let owed = yearly.standings(now: book.clock.start(of: later))
        return found.union(owed.filter { $0.isBreach && book.isOfBureau($0.duty) }.map(\.id))
    }
}

/// The date with which a time begins.
private func civilDate(_ time: String) -> CivilDate? {
    CivilDateText.read(String(time.prefix(10)))
}
