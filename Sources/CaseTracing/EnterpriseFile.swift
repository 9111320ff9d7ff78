import Catalogue
package import Projections
import Records
package import Rules

/// All that one ledger holds of an enterprise: Specs/tracing.md section 6.
package struct EnterpriseFile: Sendable {
    package let head: AnswerHead
    /// Whether any case names the code.
    package let isKnown: Bool
    package let enterprise: Enterprise
    package let years: Int
    /// So many cases name it, ever; the file is of the newest if they were more than asked for.
    package let caseCount: Int
    package let isCut: Bool
    /// In the order of their first acts.
    package let cases: [TracedCase]
    /// In the order in which they happened.
    package let acts: [Act]
    package let duties: [OwedDuty]
    package let findings: [Finding]

    /// Cases that name the code and had an entry within so many years before the moment; all, or
    /// the newest so many by their first records.
    init(
        of code: String, years: Int, newest caseCountMax: Int?, in view: any PastView
    ) async throws(ProjectionError) {
        let reader = ActReader(view)
        let today = CivilDate(dayNumber: view.shelf.newest.day(of: view.moment))
        let first = today.adding(months: -12 * years).dayNumber
        var named: [CasePrefix] = []
        let streams = try await view.streams(naming: .organisation(code))
        caseCount = streams.count
        isCut = caseCountMax.map { $0 < streams.count } ?? false
        for stream in streams.suffix(caseCountMax ?? .max) {
            if let prefix = try await reader.cases.prefix(of: stream) { named.append(prefix) }
        }
        let prefixes = named.filter { prefix in
            prefix.history.entries.contains { $0.day >= first }
        }
        let wanted = Wanted(streams: Set(prefixes.map(\.history.stream)))
        let found = try await view.findings(wanted)
        var gathered: [Act] = []
        for prefix in prefixes { gathered += try await reader.acts(of: prefix) }
        gathered = Occurrence.ordered(gathered)
        gathered.take(found)
        let places = Dictionary(
            gathered.enumerated().map { ($1.stream, $0) }, uniquingKeysWith: { one, _ in one })
        cases = prefixes.map { TracedCase(of: $0, reader.catalogue) }
            .sorted { (places[$0.stream] ?? 0) < (places[$1.stream] ?? 0) }
        (acts, findings, self.years, isKnown) = (gathered, found, years, !named.isEmpty)
        duties = try await view.duties(wanted)
        enterprise = Enterprise(code: code, in: named)
        head = try await AnswerHead(view)
    }
}

extension TracedCase {
    /// A case that nothing led to.
    init(
        of prefix: CasePrefix, _ catalogue: EventCatalogue, depth: Int = 0,
        way: LinkKind? = nil, from: String? = nil
    ) {
        let summary = CaseSummary(prefix, catalogue)
        self.init(
            stream: prefix.history.stream, procedure: summary.procedure, title: summary.title,
            stage: summary.stage, isEnded: summary.isEnded, depth: depth, way: way, from: from,
            recordCount: prefix.records.count)
    }
}
