import ArgumentParser
import CanonicalJSON
import Catalogue
import Exports
import LedgerHome
import Phrases
import Projections
import Records
import Rules

struct VariantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "variants",
        abstract: "Count the different orders of events in cases. 统计案件办理路径。",
        discussion: """
            Events of a case stand in the order in which they happened. --occurred counts
            what had happened by the end of that day, by what is known of it as of --as-of.
            按发生先后排列案件内的事件；--occurred 只计至该日终了已发生的。
            """)

    @Option(
        help: ArgumentHelp("As things stood at the end of this day. 该日终了时的状态。", valueName: "day"))
    var occurred: String?

    @Option(help: "Show so many of the most frequent. 列出最常见的若干种。")
    var limit = 10

    @OptionGroup var selection: ExportSelection

    func validate() throws {
        if let occurred, civilDay(occurred) == nil {
            throw ValidationError("--occurred \(occurred): a day such as 2025-06-30")
        }
        guard limit >= 0 else { throw ValidationError("--limit: at least 0") }
    }

    func run() async throws {
        let day = occurred.flatMap(civilDay)
        try await selection.withProjectedScopes { scopes, printer in
            let line = JointProgress(
                printer.progress(Phrase(en: "reading the cases", zh: "正在读取案件"), .records))
            let counted = try await scopes.map { scope in
                var variants = Variants()
                let last = day.map { day in
                    Timestamp(microseconds: scope.source.clock.start(of: day + 1).microseconds - 1)
                }
                try await scope.forEachHistory(line) {
                    variants.take($0, through: last, effect: scope.effect)
                }
                return variants
            }
            selection.common.json
                ? printer.print(json(counted, scopes)) : show(counted, scopes, printer)
        }
    }

    private func show(
        _ counted: LedgerGroup<Variants>, _ scopes: LedgerGroup<ExportScope>, _ printer: Printer
    ) {
        let variants = Variants(adding: counted.members)
        let catalogues = scopes.members.map(\.source.catalogue)
        printer.table(
            variants.mostFrequent(limit).map { types, count in
                let titles = types.map { type in
                    catalogues.lazy.compactMap { $0.title(ofType: type) }
                        .first?[printer.language] ?? type
                }
                let own = zip(counted.names, counted.members).compactMap { name, part in
                    part.counts[types].map { "\(name) \(grouped($0))" }
                }
                let beside = printer.coloured(
                    own.joined(separator: printer.text(en: ", ", zh: "，")), .grey)
                return [grouped(count)] + (counted.isOne ? [] : [beside])
                    + [titles.joined(separator: " → ")]
            })
        let (events, cases) = (grouped(variants.eventCount), grouped(variants.caseCount))
        let (kinds, open) = (grouped(variants.counts.count), grouped(variants.openCount))
        printer.print(
            Phrase(
                en: "\(kinds) variants of \(cases) cases with \(events) events; \(open) cases open",
                zh: "\(cases) 个案件、\(events) 个事件，共 \(kinds) 种路径；未办结案件 \(open) 个"))
        printer.heads(scopes.heads)
    }

    private func json(
        _ counted: LedgerGroup<Variants>, _ scopes: LedgerGroup<ExportScope>
    ) -> JSONValue {
        let variants = Variants(adding: counted.members)
        return .object(
            members(of: variants) + [
                JSONMember("heads", .array(scopes.heads.map(\.json))),
                JSONMember(
                    "ledgers",
                    .array(
                        zip(counted.origins, counted.members).map { origin, part in
                            .object([JSONMember("ledger", .string(origin))] + members(of: part))
                        })),
                JSONMember(
                    "mostFrequent",
                    .array(
                        variants.mostFrequent(limit).map { types, count in
                            [
                                "count": .integer(Int64(count)),
                                "types": .array(types.map { .string($0) }),
                                "ledgers": .array(
                                    zip(counted.origins, counted.members).map { origin, part in
                                        [
                                            "ledger": .string(origin),
                                            "count": .integer(Int64(part.counts[types] ?? 0)),
                                        ]
                                    }),
                            ]
                        })),
            ])
    }

    private func members(of variants: Variants) -> [JSONMember] {
        [
            ("variants", variants.counts.count), ("cases", variants.caseCount),
            ("events", variants.eventCount), ("open", variants.openCount),
        ].map { JSONMember($0, .integer(Int64($1))) }
    }
}
