import ArgumentParser
import CanonicalJSON
import Catalogue
import Exports
import LedgerHome
import Phrases
import Records
import Rules

struct VariantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "variants",
        abstract: "Count the different orders of events in cases. 统计案件办理路径。",
        discussion: """
            Events of a case stand in the order in which they happened. --occurred counts what had
            happened by the end of that day, by what is known of it as of --as-of.
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
        try await selection.withScope { scope, printer in
            var variants = Variants()
            let last = occurred.flatMap(civilDay).map { day in
                Timestamp(microseconds: scope.source.clock.start(of: day + 1).microseconds - 1)
            }
            try await scope.forEachFile(
                printer, Phrase(en: "reading the cases", zh: "正在读取案件")
            ) { variants.take($0, through: last, effect: scope.effect) }
            selection.common.json
                ? printer.print(json(variants, scope)) : show(variants, scope, printer)
        }
    }

    private func show(_ variants: Variants, _ scope: ExportScope, _ printer: Printer) {
        let catalogue = scope.source.catalogue
        printer.table(
            variants.mostFrequent(limit).map { types, count in
                let titles = types.map { catalogue.title(ofType: $0)?[printer.language] ?? $0 }
                return [grouped(count), titles.joined(separator: " → ")]
            })
        let (events, cases) = (grouped(variants.eventCount), grouped(variants.caseCount))
        let (kinds, open) = (grouped(variants.counts.count), grouped(variants.openCount))
        printer.print(
            Phrase(
                en: "\(kinds) variants of \(cases) cases with \(events) events; \(open) cases open",
                zh: "\(cases) 个案件、\(events) 个事件，共 \(kinds) 种路径；未办结案件 \(open) 个"))
    }

    private func json(_ variants: Variants, _ scope: ExportScope) -> JSONValue {
        [
            "variants": .integer(Int64(variants.counts.count)),
            "cases": .integer(Int64(variants.caseCount)),
            "events": .integer(Int64(variants.eventCount)),
            "open": .integer(Int64(variants.openCount)),
            "records": .integer(Int64(scope.source.size)),
            "mostFrequent": .array(
                variants.mostFrequent(limit).map { types, count in
                    [
                        "count": .integer(Int64(count)),
                        "types": .array(types.map { .string($0) }),
                    ]
                }),
        ]
    }
}
