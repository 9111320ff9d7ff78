import ArgumentParser
import Catalogue
import Exports
import LedgerHome
import Merkle
import Phrases
import Records
import Sequencing

struct CaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case",
        abstract: "Show a case: state, timeline, people. 查看案件：状态、经过、人员。",
        discussion: "Now, or as the ledger was at a moment. 可指定任一时点的账本。")

    @Argument(help: "A stream, or a document number such as 杭应急罚〔2025〕12号. 案件流或文号。")
    var name: String

    @Option(
        help: ArgumentHelp("Write a report for reading and printing. 写出可打印的报告。", valueName: "file"))
    var html: String?

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            if let html { return try await report(html, ledger, printer) }
            let moment = try asOf.moment() ?? ledger.clock.wall()
            let size = try await ledger.size(asOf: moment)
            guard let file = try await ledger.caseFile(name, upTo: size) else {
                guard try await ledger.caseFile(name) == nil else {
                    throw LedgerError.noRecordsThen
                }
                throw LedgerError(
                    en: "no case \(name); list streams with hanqing log",
                    zh: "没有案件 \(name)；可用 hanqing log 查看案件流")
            }
            common.json
                ? printer.print(file.json) : show(file, ledger.catalogue, printer)
        }
    }

    private func report(_ path: String, _ ledger: Ledger, _ printer: Printer) async throws {
        let scope = try await ExportScope(
            ledger, asOf: try asOf.moment() ?? ledger.clock.wall(), printer.language,
            stream: try await ledger.stream(named: name))
        do {
            try await CaseReportPage(scope, printer).write(to: path)
        } catch let error as ExportError {
            throw LedgerError([error.phrase])
        }
    }

    // MARK: For people

    private func show(_ file: CaseFile, _ catalogue: EventCatalogue, _ printer: Printer) {
        let language = printer.language
        printer.print(printer.coloured(file.stream.text, .bold) + "  " + file.title)
        var facts: [[String]] = [
            [
                printer.text(en: "procedure", zh: "程序"),
                file.procedure?.title[language] ?? String(file.stream.procedure),
            ]
        ]
        if let stage = file.stage {
            let end =
                file.hasEnded
                ? printer.text(en: "; the case is over", zh: "；案件已终结") : ""
            facts.append([printer.text(en: "state", zh: "状态"), stage.title[language] + end])
        }
        if !file.aliases.isEmpty {
            facts.append(
                [printer.text(en: "known as", zh: "文号"), file.aliases.joined(separator: "、")])
        }
        let (onward, before) = (file.continuedIn, file.continues)
        if !onward.isEmpty {
            facts.append(
                [printer.text(en: "goes on in", zh: "转入"), onward.joined(separator: "、")])
        }
        if !before.isEmpty {
            facts.append(
                [printer.text(en: "goes on with", zh: "承接"), before.joined(separator: "、")])
        }
        printer.table(facts)
        printer.print()
        printer.print(printer.coloured(printer.text(en: "Timeline", zh: "经过"), .bold))
        printer.table(file.entries.map { row($0, file.destroyed($0), printer) })
        printer.print()
        printer.print(printer.coloured(printer.text(en: "People", zh: "人员"), .bold))
        printer.table(
            file.people.map { person in
                let roles = person.roles.map { catalogue.role($0)?.title[language] ?? $0 }
                return [
                    person.person, roles.joined(separator: "、"), person.unit, person.post ?? "",
                ]
            })
    }

    private func row(
        _ entry: CaseFile.Entry, _ destroyed: KeysDestroyed?, _ printer: Printer
    ) -> [String] {
        var remarks: [String] = []
        if let destroyed {
            let why = destroyed.ground?.title[printer.language] ?? destroyed.reason
            remarks.append(
                printer.text(
                    en: "sealed values gone since \(destroyed.day): \(why) "
                        + "(record \(destroyed.sequence))",
                    zh: "密封内容已于 \(destroyed.day) 销毁密钥：\(why)（记录 \(destroyed.sequence)）"))
        } else if !entry.sealed.isEmpty {
            let names = entry.sealed.joined(separator: " ")
            remarks.append(printer.text(en: "sealed: \(names)", zh: "密封：\(names)"))
        }
        switch entry.fate {
        case .corrected: remarks.append(printer.text(en: "corrected later", zh: "后被更正"))
        case .withdrawn: remarks.append(printer.text(en: "withdrawn later", zh: "后被撤回"))
        case nil: break
        }
        if let target = entry.mends {
            remarks.append(printer.text(en: "mends record \(target)", zh: "针对记录 \(target)"))
        }
        if entry.isAsserted { remarks.append(printer.text(en: "asserted", zh: "补录事实")) }
        if let delay = entry.delaySeconds, delay >= 86_400 {
            let days = delay / 86_400
            remarks.append(
                printer.text(en: "entered \(days) d after", zh: "\(days) 天后入账"))
        }
        let time = occurredTime(entry.time, isDayOnly: entry.isDayOnly)
        return [
            "#\(entry.sequence)", time, entry.typeTitle[printer.language], entry.operatorPerson,
            printer.coloured(remarks.joined(separator: printer.text(en: ", ", zh: "，")), .yellow),
        ]
    }
}
