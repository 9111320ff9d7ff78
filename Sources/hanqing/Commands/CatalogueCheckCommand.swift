import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerData
import LedgerHome
import Phrases
import Rules
import Sampling

struct CatalogueCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Prove a catalogue whole before it is adopted. 检查目录是否完整、无矛盾。",
        discussion: """
            Prints what is wrong with file, line and column, and what the catalogue holds.
            Exit code 1 if there is an error; warnings do not count. 有错误时退出码为 1。
            """)

    @Flag(help: "Also keep and break each rule and limit, to see it found. 逐条检验规则与期限。")
    var exercise = false

    @OptionGroup var source: CatalogueCommand.Source
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? source.ledger.folder)
        try await answering(printer) {
            let loaded = try await load()
            var problems =
                loaded.problems + (loaded.catalogue.map { CatalogueCheck($0).run() } ?? [])
            if exercise, let catalogue = loaded.catalogue { problems += try exercise(catalogue) }
            let counts = loaded.catalogue.map { CatalogueCounts($0) }
            let errorCount = problems.count { $0.weight == .error }
            if common.json {
                printer.print(json(problems, counts))
            } else {
                show(problems, counts, printer)
            }
            if errorCount > 0 { throw Exit.found }
        }
    }

    /// What no machine can show kept and broken.
    private func exercise(_ catalogue: EventCatalogue) throws -> [CatalogueCheck.Problem] {
        let exercises = Exercises(CaseComposer(try Ledger.ruleBook(catalogue)))
        return exercises.unexercised.map { one in
            let place =
                catalogue.places["rule \(one.id)"] ?? catalogue.places["duty \(one.id)"]
                ?? CataloguePlace(file: "catalogue.yaml", line: 1, column: 1)
            return CatalogueCheck.Problem(
                weight: .warning, place: place,
                reason: Phrase(
                    en: "\(one.id) was not exercised: \(one.reason.en)",
                    zh: "未检验 \(one.id)：\(one.reason.zh)"))
        }
    }

    /// A catalogue that cannot be read has all its errors told, not only the first.
    private func load() async throws -> (
        catalogue: EventCatalogue?, problems: [CatalogueCheck.Problem]
    ) {
        if source.catalogue == nil, (try? source.ledger.folder) != nil {
            return (try await source.load(common), [])
        }
        // The shipped catalogue's compiled form is read much sooner, but only the files say in
        // which line something stands: where something is wrong, they are read.
        if source.catalogue == nil, !exercise, let shipped = try? readCatalogue(nil),
            CatalogueCheck(shipped).run().isEmpty
        {
            return (shipped, [])
        }
        let files =
            try source.catalogue.map { try catalogueFiles(in: $0) } ?? LedgerData.catalogueFiles
        do throws(CatalogueErrors) {
            return (try EventCatalogue(files: files), [])
        } catch {
            return (
                nil,
                error.errors.map {
                    CatalogueCheck.Problem(weight: .error, place: $0.place, reason: $0.reason)
                }
            )
        }
    }

    private func show(
        _ problems: [CatalogueCheck.Problem], _ counts: CatalogueCounts?, _ printer: Printer
    ) {
        for problem in problems {
            let word =
                problem.weight == .error
                ? printer.coloured(printer.text(en: "error", zh: "错误"), .red)
                : printer.coloured(printer.text(en: "warning", zh: "警告"), .yellow)
            let place = problem.place
            printer.print(
                "\(place.file):\(place.line):\(place.column): \(word): "
                    + problem.reason[printer.language])
        }
        if let counts {
            printer.table(counts.rows.map { ["\($0.count)", $0.name[printer.language]] })
        }
        let errors = problems.count { $0.weight == .error }
        printer.print(
            Phrase(
                en: "\(errors) errors, \(problems.count - errors) warnings",
                zh: "\(errors) 个错误，\(problems.count - errors) 个警告"))
    }

    private func json(
        _ problems: [CatalogueCheck.Problem], _ counts: CatalogueCounts?
    ) -> JSONValue {
        .object([
            JSONMember(
                "problems",
                .array(
                    problems.map { problem in
                        [
                            "weight": .string(problem.weight.rawValue),
                            "file": .string(problem.place.file),
                            "line": .integer(Int64(problem.place.line)),
                            "column": .integer(Int64(problem.place.column)),
                            "reason": phraseJSON(problem.reason),
                        ]
                    })),
            JSONMember(
                "counts",
                .object(
                    (counts?.rows ?? []).map { JSONMember($0.key, .integer(Int64($0.count))) })),
        ])
    }
}

/// How much a catalogue holds.
struct CatalogueCounts {
    let rows: [(key: String, name: Phrase, count: Int)]

    init(_ catalogue: EventCatalogue) {
        let rules = catalogue.procedures.flatMap(\.rules)
        let duties = catalogue.procedures.flatMap(\.duties)
        let refusing = rules.filter { $0.level == .refuse }
        let inWords = rules.filter { rule in
            if case .check(.words) = rule.demand { return true }
            if case .words? = rule.when { return true }
            return false
        }
        func basis(_ verified: Verification) -> Int { rules.count { $0.verified == verified } }
        rows = [
            ("procedures", Phrase(en: "procedures", zh: "程序"), catalogue.procedures.count),
            ("eventTypes", Phrase(en: "event types", zh: "事件类型"), catalogue.eventTypes.count),
            (
                "fields", Phrase(en: "fields", zh: "字段"),
                catalogue.eventTypes.reduce(0) { $0 + $1.fields.count }
            ),
            ("rules", Phrase(en: "rules", zh: "规则"), rules.count),
            ("refuse", Phrase(en: "  of them refuse", zh: "  其中拒绝"), refusing.count),
            ("flag", Phrase(en: "  flag", zh: "  提示"), rules.count - refusing.count),
            ("words", Phrase(en: "  for a person to judge", zh: "  须由人判断"), inWords.count),
            ("full", Phrase(en: "  basis read in full", zh: "  依据已读原文"), basis(.full)),
            ("partial", Phrase(en: "  basis read in part", zh: "  依据部分核对"), basis(.partial)),
            ("memory", Phrase(en: "  basis from memory", zh: "  依据凭记忆"), basis(.memory)),
            ("design", Phrase(en: "  of our own design", zh: "  本系统设计"), basis(.design)),
            ("duties", Phrase(en: "time limits", zh: "期限"), duties.count),
            (
                "disclosures", Phrase(en: "disclosures", zh: "公开事项"),
                catalogue.procedures.reduce(0) { $0 + $1.disclosures.count }
            ),
            (
                "demands", Phrase(en: "demands of the plan", zh: "规划要求"),
                catalogue.plan.reduce(0) { $0 + $1.demands.count }
            ),
            ("registers", Phrase(en: "registers", zh: "名册"), catalogue.registers.count),
            ("indicators", Phrase(en: "indicators", zh: "指标"), catalogue.indicators.count),
            ("laws", Phrase(en: "laws", zh: "法律依据"), catalogue.laws.count),
        ]
    }
}
