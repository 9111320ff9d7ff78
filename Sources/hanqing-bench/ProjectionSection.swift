import CaseTracing
import Catalogue
import Foundation
import LedgerHome
import LedgerStore
import Merkle
import Projections
import Records
import Rules
import Sampling
import Sequencing
import Synchronization

/// Making read models from a generated year, and asking them about the past.
struct ProjectionSection {
    private let bench: BenchLedgers
    private let count: Int
    /// With so many records a year of a tenth is asked first, and the times are compared.
    private static let comparedCount = 2_000_000

    private static let groupSize = 1_000
    private static let questionCount = 400
    private static let secondsAQuestion = 20

    init(bench: BenchLedgers, records: Int) {
        (self.bench, count) = (bench, records)
    }

    func run(_ report: inout Report) async throws {
        guard count >= ProjectionSection.comparedCount else {
            return try await run(in: "projection", &report)
        }
        var before = Report(machine: report.machine, records: count / 10)
        let small = ProjectionSection(bench: bench, records: count / 10)
        try await small.run(in: "projection-tenth", &before)
        try await run(in: "projection", &report)
        for figure in before.figures where figure.unit == "ms" {
            guard let value = report.value(figure.section, figure.name) else { continue }
            add(
                "\(figure.name), by that of \(count / 10) records", value / figure.value,
                "times", "at most 2", &report)
        }
    }

    private func run(in name: String, _ report: inout Report) async throws {
        let ledger = try await bench.open(try await bench.make(name), .write)
        // Some more for following afterwards.
        var year = SampledYear(
            try Ledger.ruleBook(ledger.catalogue), seed: 1, eventCount: count + 70_000, year: 2025)
        for _ in 0..<max(1, count / ProjectionSection.groupSize) {
            let group = try year.submissions(ProjectionSection.groupSize, to: ledger)
            guard !group.isEmpty else { break }
            _ = try await ledger.sequencer?.submit(all: group)
        }
        let size = try await ledger.store.head().size.rawValue
        let file = try ProjectionFile(ledger.projectionPath)
        try await making(file, ledger, size, &report)
        try await questions(file, ledger, size, &report)
        try await following(file, ledger, &year, &report)
        file.close()
        try await ledger.close()
    }

    /// Making all rows at once.
    private func making(
        _ file: ProjectionFile, _ ledger: Ledger, _ size: UInt64, _ report: inout Report
    ) async throws {
        let path = ledger.projectionPath
        let clock = ContinuousClock()
        let start = clock.now
        let (before, peak) = (Memory.own, Peak())
        try await Projector(file, try ledger.projectionSource()).catchUp { _, _ in peak.take() }
        let time = (clock.now - start).inSeconds
        let status = try file.status(of: ledger.settings.origin)
        let rows = status.models.reduce(0) { $0 + $1.current + $1.past }
        add("made at once", Double(size) / time, "events/s", "50,000", &report)
        add("rows made", Double(rows) / time, "rows/s", nil, &report)
        add(
            "memory for it, beside the generator's", peak.value - before, "MiB", "under 300",
            &report)
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        add("bytes of the file, an event", Double(bytes) / Double(size), "B", nil, &report)
    }

    /// What supervision staff and investigators ask, as of random moments of the record.
    private func questions(
        _ file: ProjectionFile, _ ledger: Ledger, _ size: UInt64, _ report: inout Report
    ) async throws {
        let origin = ledger.settings.origin
        let penalties = try file.streams(of: "penalty", in: origin, size: size)
        let people = try file.persons(in: origin, limit: ProjectionSection.questionCount)
        guard !penalties.isEmpty, !people.isEmpty else { return }
        let views = try await views(file, ledger, size)
        let last = views[views.count - 1]
        try await measure("a case, with its duties and findings", &report) { number in
            let view = views[number % views.count]
            let stream = penalties[chosen(number, penalties.count)]
            _ = try await view.prefix(of: stream)
            let wanted = Wanted(streams: [stream])
            _ = try await view.duties(wanted)
            _ = try await view.findings(wanted)
        }
        for stage in ["investigation", "review", "ended"] {
            try await measure("a page of 50 penalties of stage \(stage)", &report) { number in
                var question = ProjectionQuestion(asOf: views[number % views.count].size)
                question.values = [("stage", stage)]
                question.limit = 50
                _ = try file.page(of: "penalty", in: origin, question)
            }
        }
        let tracer = Tracer(last, TraceLimits(depth: 5)) { _, _ in nil }
        try await measure("a trace of depth 5", &report) { number in
            _ = try await tracer.trace(penalties[chosen(number, penalties.count)])
        }
        try await measure("a dossier of a person, the newest 50 entries", &report) { number in
            let person = people[chosen(number, people.count)]
            // As of some moments nobody has heard of the person yet.
            _ = try? await Dossiers(
                of: person, newest: 50, in: [views[number % views.count]])
        }
        let codes = try await codes(in: penalties, last)
        try await measure("an enterprise, the newest 50 cases", &report) { number in
            _ = try? await EnterpriseFiles(
                of: codes[number % codes.count], years: 5, newest: 50,
                in: [views[number % views.count]])
        }
        try await figures(views, &report)
    }

    /// Months and years of the generated year.
    private func figures(_ views: [ProjectedPast], _ report: inout Report) async throws {
        let year = 20_089...20_453
        try await measure("all indicators over a month", target: nil, &report) { number in
            let first = year.lowerBound + 30 * (number % 11)
            _ = try await views[number % views.count].sums(first...first + 29, of: nil)
        }
        try await measure("all indicators over the year", target: nil, &report) { number in
            _ = try await views[number % views.count].sums(year, of: nil)
        }
        let ids = views[views.count - 1].shelf.newest.catalogue.indicators.map(\.id)
        try await measure("an indicator over the year", &report) { number in
            let id = ids[number % ids.count]
            _ = try await views[number % views.count].sums(year, of: [id])
        }
        try await measure("an indicator over a month, with the records", &report) { number in
            let (first, id) = (year.lowerBound + 30 * (number % 11), ids[number % ids.count])
            _ = try await views[number % views.count].figures(first...first + 29, of: [id])
        }
        try await measure("all indicators over a week, with the records", target: nil, &report) {
            number in
            let first = year.lowerBound + 7 * (number % 50)
            _ = try await views[number % views.count].figures(first...first + 6)
        }
    }

    /// Codes of enterprises that some of the cases name.
    private func codes(
        in streams: [String], _ view: ProjectedPast
    ) async throws -> [String] {
        var codes: [String] = []
        for number in 0..<ProjectionSection.questionCount {
            let prefix = try await view.prefix(of: streams[chosen(number, streams.count)])
            for record in prefix?.records ?? [] {
                for case .organisation(let code) in prefix?.mentions(of: record).map(\.key) ?? [] {
                    codes.append(code)
                }
            }
        }
        return codes.isEmpty ? [""] : codes
    }

    private func chosen(_ number: Int, _ count: Int) -> Int {
        Int(Mixing.mixed(UInt64(number)) % UInt64(count))
    }

    /// The ledger as of some moments, the newest last.
    private func views(
        _ file: ProjectionFile, _ ledger: Ledger, _ size: UInt64
    ) async throws -> [ProjectedPast] {
        var views: [ProjectedPast] = []
        for part in UInt64(1)...8 {
            let line = try await ledger.store.lines(
                from: SequenceNumber(size * part / 8 - 1), limit: 1)
            let recorded = line.first.flatMap { CaseRecord($0, clock: .beijing) }?.recorded
            views.append(try await ProjectedPast(ledger, file, asOf: recorded))
        }
        return views
    }

    /// How long a question takes, the middle and 99 of 100.
    private func measure(
        _ name: String, target: String? = "under 50", _ report: inout Report,
        _ ask: (Int) async throws -> Void
    ) async throws {
        let clock = ContinuousClock()
        let most = clock.now.advanced(by: .seconds(ProjectionSection.secondsAQuestion))
        var times: [Double] = []
        for number in 0..<ProjectionSection.questionCount {
            let start = clock.now
            try await ask(number)
            // The first few warm up.
            if number >= 8 { times.append((clock.now - start).inSeconds * 1_000) }
            if number >= 24, clock.now > most { break }
        }
        times.sort()
        add("\(name), the middle", times[times.count / 2], "ms", target, &report)
        add("\(name), 99 of 100", times[times.count * 99 / 100], "ms", nil, &report)
    }

    /// How far the projection is behind while 5,000 events a second are appended for ten seconds.
    private func following(
        _ file: ProjectionFile, _ ledger: Ledger, _ year: inout SampledYear,
        _ report: inout Report
    ) async throws {
        guard let sequencer = ledger.sequencer else { return }
        var groups: [[Submission]] = []
        for _ in 0..<ProjectionSection.liveSeconds * ProjectionSection.groupsASecond {
            let count = 5_000 / ProjectionSection.groupsASecond
            groups.append(try year.submissions(count, to: ledger))
        }
        let projector = Projector(file, try ledger.projectionSource())
        let live = LiveRecords()
        let appending = Task { [groups] in
            try await live.append(
                groups, ProjectionSection.groupsASecond, to: sequencer, in: ledger.store)
        }
        while !live.isOver {
            _ = try await projector.catchUp()
            live.take(applied: try file.position(of: ledger.settings.origin).next)
            await Task.yield()
        }
        try await appending.value
        add("appended meanwhile", live.rate, "events/s", "5,000", &report)
        add("following them, the longest behind", live.longest, "s", "at most 1", &report)
    }

    private static let liveSeconds = 10
    private static let groupsASecond = 20

    private func add(
        _ name: String, _ value: Double, _ unit: String, _ target: String?,
        _ report: inout Report
    ) {
        report.add(Figure("projection", name, value, unit, target: target))
    }
}

extension SampledYear {
    /// The next events, ready to be appended; none at the end of the year.
    fileprivate mutating func submissions(
        _ count: Int, to ledger: Ledger
    ) throws -> [Submission] {
        var events = SampledEvents()
        while events.count < count, append(asLine: false, to: &events) {}
        let intake = ledger.intake(.explained)
        var group: [Submission] = []
        try events.forEach { (raw) throws(EventRefused) in
            group.append(Submission([try intake.read(raw)], recorder: "svc:bench"))
        }
        return group
    }
}

/// The most memory that was seen.
private final class Peak: Sendable {
    private let most = Mutex(0.0)

    var value: Double { most.withLock { $0 } }

    func take() { most.withLock { $0 = max($0, Memory.own) } }
}
