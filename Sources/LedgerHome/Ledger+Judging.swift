import CanonicalJSON
package import Catalogue
import Foundation
import LedgerData
import LedgerStore
import Merkle
import Phrases
package import Records
package import Rules
import Sequencing

/// What the whole ledger comes to, as of a moment: findings, duties and figures.
package struct LedgerJudgement: Sendable {
    package let book: RuleBook
    package internal(set) var findings: [Finding] = []
    package internal(set) var standings: [DutyStanding] = []
    package internal(set) var figures: [IndicatorFigure] = []
    /// Cases and standing entries that were judged, without the ledger's own.
    package internal(set) var caseCount = 0
    package internal(set) var entryCount = 0
    /// Records that exist as of the moment.
    package internal(set) var size: UInt64 = 0
    /// Who entered what started a duty, by sequence number: whose business it is.
    package internal(set) var operators: [UInt64: [String]] = [:]
    /// The unit of the operator who entered what started a duty.
    package internal(set) var units: [UInt64: String] = [:]
}

extension Ledger {
    /// Judges every case, as of `moment` or now.
    ///
    /// The log is read twice: to see which records belong to which case, and then case by case, so
    /// that no more than one case is in memory. Only records written up to `moment` count, and
    /// what was due after it is not overdue. `period` is what the figures are about, in days since
    /// 1970-01-01. With `stream` only that case is judged, with what reaches it from others.
    package func judge(
        asOf moment: Timestamp?, period: ClosedRange<Int>, only stream: String? = nil,
        progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) async throws(LedgerError) -> LedgerJudgement {
        let shelf = try ruleShelf()
        do throws(StoreError) {
            let streams = try await streams(asOf: moment)
            return try await judge(
                streams, shelf, moment ?? clock.wall(), period, only: stream, progress: progress)
        } catch {
            throw LedgerError(error)
        }
    }

    /// The rules of a catalogue, with the shipped calendar and the catalogue's time zone.
    package static func ruleBook(
        _ catalogue: EventCatalogue
    ) throws(LedgerError) -> RuleBook {
        let calendar = catalogue.calendar == .plain ? WorkCalendar.plain : try calendar()
        do throws(CatalogueErrors) {
            return try RuleBook(
                catalogue, calendar: calendar, clock: LocalTime(zone: catalogue.timeZone))
        } catch {
            throw LedgerError(error)
        }
    }

    /// The rules of every catalogue that the ledger has had.
    package func ruleShelf() throws(LedgerError) -> RuleShelf {
        var earlier: [(from: UInt64, book: RuleBook)] = []
        let kept = AdoptedCatalogues(ledger: folder)
        for (from, digest) in adoptions.dropLast() {
            let old = digest == catalogue.digest ? catalogue : try kept.load(digest)
            earlier.append((from, try Ledger.ruleBook(old)))
        }
        return RuleShelf(
            try Ledger.ruleBook(catalogue), earlier: earlier, from: adoptions.last?.from ?? 0)
    }

    /// Procedures of the catalogue in force, and those of which only earlier ones tell.
    package func proceduresEver() throws(LedgerError) -> [String] {
        catalogue.procedures.map(\.id) + (try earlierProcedures())
    }

    /// Procedures that the catalogue in force does not have any more.
    func earlierProcedures() throws(LedgerError) -> [String] {
        let earlier = try earlierCatalogues().flatMap { $0.procedures.map(\.id) }
        return Set(earlier).subtracting(catalogue.procedures.map(\.id)).sorted()
    }

    /// Procedures that any catalogue ever kept apart.
    ///
    /// What was entered under that promise keeps it: who is reported on may have a say in what is
    /// adopted later.
    package func apartEver() throws(LedgerError) -> Set<String> {
        try earlierCatalogues().reduce(catalogue.apart) { $0.union($1.apart) }
    }

    private func earlierCatalogues() throws(LedgerError) -> [EventCatalogue] {
        let kept = AdoptedCatalogues(ledger: folder)
        var earlier: [EventCatalogue] = []
        for (_, digest) in adoptions.dropLast() where digest != catalogue.digest {
            earlier.append(try kept.load(digest))
        }
        return earlier
    }

    /// The shipped calendar of working days.
    package static func calendar() throws(LedgerError) -> WorkCalendar {
        do throws(CalendarError) {
            return try WorkCalendar(json: LedgerData.calendar)
        } catch {
            throw LedgerError(en: "calendar: \(error.phrase.en)", zh: "日历：\(error.phrase.zh)")
        }
    }

    /// Gives each case's history to `body`, one after another.
    func forEachCase(_ body: (CaseHistory) -> Void) async throws(LedgerError) {
        let zone = LocalTime(zone: catalogue.timeZone)
        do throws(StoreError) {
            let streams = try await streams(asOf: nil)
            for (name, numbers) in zip(streams.names, streams.numbers)
            where !name.hasPrefix("ledger/") {
                body(try await history(name, numbers, zone))
            }
        } catch {
            throw LedgerError(error)
        }
    }

    // MARK: - The two readings

    private struct Streams {
        /// In the order of their first records.
        var names: [String] = []
        var numbers: [[UInt64]] = []
        /// Where each name stands among them.
        var places: [String: Int] = [:]
        var size: UInt64 = 0
    }

    /// What of a line says where it belongs.
    private struct Head {
        var stream = ""
        var recorded: Timestamp?

        init(_ line: [UInt8], _ reader: JSONReader) {
            let read = line.withUnsafeBytes { raw in
                try? reader.read(raw) { root in
                    let stub = root["withheld"]
                    return (
                        root["event"]?["subject"]?.string ?? stub?["stream"]?.string ?? "",
                        (root["chain"] ?? stub)?["recorded"]?.string
                    )
                }
            }
            guard let (stream, recorded) = read else { return }
            self.stream = stream
            self.recorded = recorded.flatMap { Timestamp(fixed: $0) }
        }
    }

    private func streams(asOf moment: Timestamp?) async throws(StoreError) -> Streams {
        var streams = Streams()
        let reader = JSONReader(byteCountMax: RecordLayout.byteCountMax)
        while true {
            let lines = try await store.lines(from: SequenceNumber(streams.size), limit: 4096)
            if lines.isEmpty { return streams }
            for line in lines {
                let head = Head(line, reader)
                if let moment, let recorded = head.recorded, recorded > moment { return streams }
                let name = head.stream
                if let place = streams.places[name] {
                    streams.numbers[place].append(streams.size)
                } else {
                    streams.places[name] = streams.names.count
                    streams.names.append(name)
                    streams.numbers.append([streams.size])
                }
                streams.size += 1
            }
        }
    }

    private func history(
        _ name: String, _ numbers: [UInt64], _ zone: LocalTime
    ) async throws(StoreError) -> CaseHistory {
        guard let stream = StreamName(name) else { return CaseHistory(stream: name) }
        // What was recorded since the streams were listed is left out.
        let lines = try await store.lines(of: [stream]).first ?? []
        return CaseHistory(
            stream: name, lines: Array(lines.prefix(numbers.count)), clock: zone)
    }

    /// What reaches across cases: who holds what, and which cases name each other or go on in
    /// others.
    private struct Across {
        var registers = RegisterFold()
        var links: CaseLinks
        var joins: CaseJoins

        init(_ book: RuleBook) {
            (links, joins) = (CaseLinks(book), CaseJoins(book))
        }
    }

    private func foldAcross(
        _ streams: Streams, _ book: RuleBook
    ) async throws(StoreError) -> Across {
        var across = Across(book)
        let ofRegisters = Set(catalogue.registers.map(\.procedure))
        for (name, numbers) in zip(streams.names, streams.numbers) {
            let procedure = String(name.prefix { $0 != "/" })
            guard
                ofRegisters.contains(procedure) || across.links.concern(procedure)
                    || across.joins.concern(procedure)
            else { continue }
            let history = try await history(name, numbers, book.clock)
                .renamed(book.catalogue.formerNames)
            across.registers.take(history, book)
            across.links.take(history)
            across.joins.take(history)
        }
        return across
    }

    /// The case with what others have to do with it.
    private func whole(
        _ name: String, _ numbers: [UInt64], _ streams: Streams, _ across: Across,
        _ clock: LocalTime
    ) async throws(StoreError) -> CaseHistory {
        var history = try await history(name, numbers, clock)
        var others: [CaseHistory] = []
        for other in across.links.cases(of: name) {
            guard let place = streams.places[other] else { continue }
            others.append(try await self.history(other, streams.numbers[place], clock))
        }
        history.link(others)
        var related: [String: CaseHistory] = [:]
        for other in across.joins.related(to: name) {
            guard let place = streams.places[other] else { continue }
            related[other] = try await self.history(other, streams.numbers[place], clock)
        }
        across.joins.join(&history, related)
        return history
    }

    private func judge(
        _ streams: Streams, _ shelf: RuleShelf, _ now: Timestamp, _ period: ClosedRange<Int>,
        only stream: String?, progress: (_ done: UInt64, _ total: UInt64) -> Void
    ) async throws(StoreError) -> LedgerJudgement {
        let book = shelf.newest
        let across = try await foldAcross(streams, book)
        var judgement = LedgerJudgement(book: book)
        judgement.size = streams.size
        var yearly = YearlyDuties(book)
        var indicators = IndicatorFold(book, period: period)
        var done: UInt64 = 0
        for (name, numbers) in zip(streams.names, streams.numbers)
        where stream == nil || name == stream {
            let history = try await whole(name, numbers, streams, across, book.clock)
            done += UInt64(numbers.count)
            if name.hasPrefix("ledger/") {
                judgement.take(approvals: history)
                continue
            }
            let found = CaseJudgement(history, shelf, registers: across.registers, now: now)
            let renamed = history.renamed(book.catalogue.formerNames)
            yearly.take(renamed)
            indicators.take(renamed, standings: found.standings)
            judgement.take(found, history)
            progress(done, streams.size)
        }
        judgement.finish(yearly.standings(now: now), &indicators)
        return judgement
    }
}

extension LedgerJudgement {
    fileprivate mutating func take(_ found: CaseJudgement, _ history: CaseHistory) {
        findings += found.findings
        standings += found.standings
        caseCount += 1
        entryCount += history.entries.count
        let started = Set(found.standings.compactMap(\.start))
        for entry in history.entries where started.contains(entry.sequence) {
            operators[entry.sequence] =
                [entry.operatorPerson] + entry.participants.map(\.person)
            if !entry.operatorUnit.isEmpty { units[entry.sequence] = entry.operatorUnit }
        }
    }

    /// A batch of late entries is one finding, at its approval; not one for each of its members.
    fileprivate mutating func take(approvals history: CaseHistory) {
        findings += history.entries.compactMap { Finding(approving: $0, history.stream) }
    }

    fileprivate mutating func finish(
        _ yearly: [DutyStanding], _ indicators: inout IndicatorFold
    ) {
        standings += yearly
        let words = FindingWords(catalogue: book.catalogue)
        findings += yearly.filter { $0.isBreach && book.isOfBureau($0.duty) }.map {
            Finding($0, words.words($0))
        }
        indicators.take(yearly)
        figures = indicators.figures()
        findings.sort { ($0.day, $0.id) < ($1.day, $1.id) }
    }
}

extension LocalTime {
    /// The IANA zone called `name`; Beijing's if this machine does not know it.
    package init(zone name: String) {
        guard let zone = TimeZone(identifier: name), name != "Asia/Shanghai" else {
            self = .beijing
            return
        }
        var date = Date(timeIntervalSince1970: 0)
        let first = zone.secondsFromGMT(for: date) / 60
        var shifts: [Shift] = []
        while shifts.count < 512, let next = zone.nextDaylightSavingTimeTransition(after: date),
            next < Date(timeIntervalSince1970: 4_102_444_800)
        {
            shifts.append(
                Shift(
                    from: Timestamp(microseconds: Int64(next.timeIntervalSince1970 * 1_000_000)),
                    minutes: zone.secondsFromGMT(for: next.addingTimeInterval(1)) / 60))
            date = next.addingTimeInterval(1)
        }
        self.init(minutes: first, shifts: shifts)
    }
}
