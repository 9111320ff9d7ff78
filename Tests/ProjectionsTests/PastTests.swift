import Catalogue
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Projections
import Records
import Rules
import TestKit
import Testing

/// What the read models answer is what folding the whole log answers.
@Suite struct PastTests {
    @Test func `every question of a view has the answer of the whole fold`() async throws {
        let year = try await ProjectedYear.shared.value
        let file = try year.file("past")
        try await Projector(file, year.source).catchUp()
        let seed = UInt64.random(in: 0...999_999)
        var random = Seeded(seed: seed)
        let size = try await year.source.store.head().size.rawValue
        for round in 0..<6 {
            let record = UInt64.random(in: 10..<size, using: &random)
            let cut = try await year.recorded(round == 0 ? size - 1 : record)
            let moment = round < 3 ? cut : cut.advanced(bySeconds: 86_400 * 30)
            let folded = try await FoldedPast(year.ledger, asOf: moment)
            let projected = try await ProjectedPast(year.ledger, file, asOf: moment)
            try await compare(folded, projected, "seed \(seed), round \(round), \(moment.text)")
        }
    }

    private func compare(
        _ one: FoldedPast, _ other: ProjectedPast, _ place: String
    ) async throws {
        #expect(one.size == other.size)
        #expect(try await one.root() == other.root())
        for procedure in one.shelf.newest.catalogue.procedures.map(\.id) {
            let streams = one.streams(of: procedure)
            #expect(try await other.streams(of: procedure) == streams, "\(place)")
        }
        let duties = try await one.duties(Wanted())
        let others = try await other.duties(Wanted())
        let lost = Set(duties).subtracting(others)
        let added = Set(others).subtracting(duties)
        #expect(lost.isEmpty && added.isEmpty, "\(place): \(Lines(lost)) / \(Lines(added))")
        if lost.isEmpty, added.isEmpty { #expect(duties == others, "\(place): order") }
        let findings = try await one.findings(Wanted())
        let otherFindings = try await other.findings(Wanted())
        let gone = Set(findings).subtracting(otherFindings)
        let new = Set(otherFindings).subtracting(findings)
        #expect(gone.isEmpty && new.isEmpty, "\(place): \(text(gone)) / \(text(new))")
        #expect(findings.count == otherFindings.count, "\(place)")
        for period in [20_089...20_453, 20_120...20_180, 20_200...20_200] {
            let figures = try await one.figures(period)
            #expect(figures.contains { !$0.all.isEmpty }, "\(place)")
            for (figure, other) in zip(figures, try await other.figures(period)) {
                #expect(figure == other, "\(place): \(figure.indicator.id) \(period)")
            }
            for (figure, sum) in zip(figures, try await other.sums(period, of: nil)) {
                #expect(figure.sum == sum, "\(place): \(figure.indicator.id) \(period)")
            }
            for figure in figures {
                let ids: Set = [figure.indicator.id]
                #expect(try await other.figures(period, of: ids) == [figure], "\(place)")
                #expect(try await other.sums(period, of: ids) == [figure.sum], "\(place)")
            }
        }
        for key in one.keys {
            let streams = one.streams(naming: key)
            #expect(try await other.streams(naming: key) == streams, "\(place): \(key)")
        }
    }

    /// The cases of each stage and the entries of each person, as of random moments.
    @Test func `pages and entries of persons are those of the whole fold`() async throws {
        let year = try await ProjectedYear.shared.value
        // In groups of eight cases, of which there are many.
        let models = allReadModels.map { $0 is StagesModel ? StagesModel(groupBits: 3) : $0 }
        let file = try year.file("pages", models: models)
        try await Projector(file, year.source).catchUp()
        let seed = UInt64.random(in: 0...999_999)
        var random = Seeded(seed: seed)
        let size = try await year.source.store.head().size.rawValue
        for round in 0..<3 {
            let cut = round == 0 ? size - 1 : UInt64.random(in: 10..<size, using: &random)
            let moment = try await year.recorded(cut)
            let folded = try await FoldedPast(year.ledger, asOf: moment)
            let projected = try await ProjectedPast(year.ledger, file, asOf: moment)
            let place = "seed \(seed), as of \(folded.size) records"
            try comparePages(folded, file, place)
            try await comparePersons(folded, projected, place)
        }
    }

    @Test func `without some procedures a view has all of the others and nothing of theirs`()
        async throws
    {
        let year = try await ProjectedYear.shared.value
        let whole = try await FoldedPast(year.ledger, asOf: nil)
        let hidden: Set = ["report", "staff-report", "hazard"]
        let isShown = { (stream: String) in !hidden.contains(String(stream.prefix { $0 != "/" })) }
        let part = try await PartialPast(whole, without: hidden)
        #expect(try await part.root() == whole.root() && part.size == whole.size)
        for procedure in whole.shelf.newest.catalogue.procedures.map(\.id) {
            let streams = whole.streams(of: procedure)
            #expect(try await part.streams(of: procedure) == streams.filter(isShown))
            for stream in streams.prefix(3) {
                #expect(try await (part.prefix(of: stream) != nil) == isShown(stream))
                let first = try #require(whole.prefix(of: stream)?.records.first?.sequence)
                #expect(try await (part.record(first) != nil) == isShown(stream))
            }
        }
        let (duties, findings) = (
            try await whole.duties(Wanted()), try await whole.findings(Wanted())
        )
        let shown = duties.filter { isShown($0.standing.stream) }
        #expect(try await part.duties(Wanted()) == shown && shown.count < duties.count)
        let told = findings.filter { isShown($0.stream) }
        #expect(try await part.findings(Wanted()) == told && told.count < findings.count)
        var hiddenCount = 0
        for key in whole.keys {
            let streams = whole.streams(naming: key)
            var wanted = streams.filter(isShown)
            if case .reference(let stream) = key, !isShown(stream) { wanted = [] }
            #expect(try await part.streams(naming: key) == wanted, "\(key)")
            hiddenCount += streams.count - wanted.count
            guard case .person(let person) = key else { continue }
            let entries = try await whole.entries(naming: [person], limit: .max)
            for limit in [2, .max] {
                #expect(
                    try await part.entries(naming: [person], limit: limit)
                        == Array(entries.filter { isShown($0.stream) }.prefix(limit)), "\(person)")
            }
        }
        #expect(hiddenCount > 50)
        let period = 20_089...20_453
        let numbers = Set(
            hidden.flatMap { whole.streams(of: $0) }
                .flatMap { whole.prefix(of: $0)?.records.map(\.sequence) ?? [] })
        for (figure, other) in zip(
            try await whole.figures(period), try await part.figures(period))
        {
            #expect(figure.sum == other.sum, "\(figure.indicator.id)")
            #expect(other.all == figure.all.filter { !numbers.contains($0) })
        }
    }

    private func comparePages(
        _ folded: FoldedPast, _ file: ProjectionFile, _ place: String
    ) throws {
        var known: [String: [String]] = [:]
        for procedure in folded.shelf.newest.catalogue.procedures.map(\.id) {
            for stream in folded.streams(of: procedure) {
                guard let prefix = folded.prefix(of: stream) else { continue }
                let newest = try CasesModel().rows(of: prefix).last { $0.ends == nil }
                guard let stage = newest?.values[1].text else { continue }
                known["\(procedure) \(stage)", default: []].append(stream)
            }
        }
        #expect(known.count > 20)
        for (key, streams) in known {
            let parts = key.split(separator: " ").map(String.init)
            var question = ProjectionQuestion(asOf: folded.size)
            question.values = [("stage", parts[1])]
            for limit in [2, .max] {
                question.limit = limit
                let page = try file.page(of: parts[0], in: folded.origin, question)
                #expect(page.map(\.stream) == Array(streams.prefix(limit)), "\(place): \(key)")
                guard limit == 2, page.count == 2 else { continue }
                question.after = try #require(
                    try file.number(of: page[1].stream, in: folded.origin))
                let next = try file.page(of: parts[0], in: folded.origin, question)
                question.after = 0
                #expect(
                    next.map(\.stream) == Array(streams.dropFirst(2).prefix(2)),
                    "\(place): \(key), the second page")
            }
        }
    }

    private func comparePersons(
        _ folded: FoldedPast, _ projected: ProjectedPast, _ place: String
    ) async throws {
        let registers = Set(folded.shelf.newest.catalogue.registers.map(\.procedure))
        var (entryCount, caseCount) = (0, 0)
        for case .person(let person) in folded.keys {
            for limit in [3, .max] {
                let entries = try await folded.entries(naming: [person], limit: limit)
                let others = try await projected.entries(naming: [person], limit: limit)
                #expect(entries == others, "\(place): \(person)")
                entryCount += entries.count
            }
            let streams = try await folded.streams(of: registers, about: person)
            let others = try await projected.streams(of: registers, about: person)
            #expect(streams == others, "\(place): \(person)")
            caseCount += streams.count
        }
        #expect(entryCount > 100 && caseCount > 5)
        let some = Set(["P-01206", "P-01211"])
        let entries = try await folded.entries(naming: some, limit: 20)
        #expect(try await projected.entries(naming: some, limit: 20) == entries, "\(place)")
    }

    private func text(_ findings: Set<Finding>) -> [String] {
        findings.prefix(3).map {
            "\($0.id) \($0.stream) \($0.entry ?? 0) \($0.day) \($0.state) \($0.stateBy ?? 0) "
                + "\($0.names) \($0.what.en) \($0.basis.count)"
        }
    }

    /// Some of many duties, for a message.
    private struct Lines: CustomStringConvertible {
        let description: String

        init(_ duties: Set<OwedDuty>) {
            description =
                duties.prefix(3).map { owed in
                    let standing = owed.standing
                    return "\(standing.id) \(standing.stream) \(standing.state) due "
                        + "\(standing.dueDay ?? -1) end \(standing.end ?? 0) \(owed.unit ?? "")"
                }.joined(separator: "; ") + " of \(duties.count)"
        }
    }
}
