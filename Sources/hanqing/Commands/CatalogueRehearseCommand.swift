import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Records
import Sampling

struct CatalogueRehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Try an order of events; nothing is recorded. 预演事件顺序，不登记。",
        discussion: """
            Plays events through the rules with plausible fields, people and days: minimum
            periods are kept, deadlines met, and everybody holds every certificate. Says
            which rule refuses or flags which step. What was not yet done at the end is no
            breach. Exit code 0 if nothing is refused or flagged, 1 if something is.
            以合理的字段、人员和日期预演各步骤，指出哪一步被哪条规则拒绝或提示；全部通过时
            退出码为 0，否则为 1。

            hanqing catalogue rehearse penalty clue-registered filed evidence-collected
            """)

    @Argument(help: "A procedure, such as penalty. 程序。")
    var procedure: String

    @Argument(help: "Events in order, short such as filed or in full. 依次发生的事件。")
    var events: [String]

    @Option(help: "Other fields, people and days. 随机种子。")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The day on which it begins. 起始日。", valueName: "day"))
    var from = "2025-03-03"

    @OptionGroup var source: CatalogueCommand.Source
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if civilDay(from) == nil {
            throw ValidationError("--from \(from): a day such as 2025-03-03")
        }
    }

    func run() async throws {
        let printer = common.printer(for: try? source.ledger.folder)
        try await answering(printer) {
            let catalogue = try await source.load(common)
            let types = try types(catalogue)
            let composer = CaseComposer(try Ledger.ruleBook(catalogue))
            let rehearsal = Rehearsal(
                composer, procedure, types, from: civilDay(from) ?? 0, seed: seed)
            if common.json {
                printer.print(json(rehearsal))
            } else {
                show(rehearsal, catalogue, printer)
            }
            if !rehearsal.isSound { throw Exit.found }
        }
    }

    private func types(_ catalogue: EventCatalogue) throws -> [EventType] {
        guard catalogue.procedure(procedure) != nil else {
            throw LedgerError(
                en: "there is no procedure \(procedure); see hanqing catalogue list",
                zh: "没有程序 \(procedure)；可用 hanqing catalogue list 查看")
        }
        return try events.map { name in
            let full = name.contains(".") ? name : "\(procedure).\(name)"
            guard let type = catalogue.eventType(full), type.procedure == procedure else {
                throw LedgerError(
                    en: "\(procedure) has no event \(name); see hanqing catalogue list "
                        + procedure,
                    zh: "\(procedure) 没有事件 \(name)；可用 hanqing catalogue list "
                        + "\(procedure) 查看")
            }
            return type
        }
    }

    // MARK: - Words

    private func show(
        _ rehearsal: Rehearsal, _ catalogue: EventCatalogue, _ printer: Printer
    ) {
        let language = printer.language
        let ok = printer.coloured(printer.text(en: "ok", zh: "通过"), .green)
        printer.table(
            rehearsal.steps.enumerated().map { place, step in
                let day = step.event["time"]?.string?.prefix(16).replacing("T", with: " ") ?? ""
                return [
                    "\(place + 1)", String(day), short(step.type), step.type.title[language],
                    step.isSound ? ok : verdict(step, printer),
                ]
            })
        for (place, step) in rehearsal.steps.enumerated() {
            for (remark, isRefused) in step.remarks {
                let word =
                    isRefused
                    ? printer.coloured(printer.text(en: "refused by", zh: "拒绝："), .red)
                    : printer.coloured(printer.text(en: "flagged by", zh: "提示："), .yellow)
                let basis = basisText(remark.basis, catalogue, language)
                printer.print(
                    "\(place + 1) \(short(step.type)) \(word) \(remark.rule): "
                        + remark.what[language]
                        + printer.text(en: " (\(basis))", zh: "（\(basis)）"))
            }
        }
        for stream in rehearsal.companions {
            printer.print(Phrase(en: "taken for given: \(stream)", zh: "视为已有：\(stream)"))
        }
        for remark in rehearsal.owed {
            printer.print(
                Phrase(
                    en: "not yet done at the end: \(remark.rule): \(remark.what.en)",
                    zh: "至最后一步尚未办理：\(remark.rule)：\(remark.what.zh)"))
        }
    }

    private func verdict(_ step: Rehearsal.Step, _ printer: Printer) -> String {
        let rules = step.remarks.map(\.0.rule).joined(separator: " ")
        return step.refusals.isEmpty
            ? printer.coloured(printer.text(en: "flagged ", zh: "提示 ") + rules, .yellow)
            : printer.coloured(printer.text(en: "refused ", zh: "拒绝 ") + rules, .red)
    }

    private func short(_ type: EventType) -> String {
        String(type.name.drop { $0 != "." }.dropFirst())
    }

    // MARK: - JSON

    private func json(_ rehearsal: Rehearsal) -> JSONValue {
        [
            "procedure": .string(procedure), "ok": .bool(rehearsal.isSound),
            "steps": .array(
                rehearsal.steps.map { step in
                    let verdict =
                        step.isSound ? "ok" : step.refusals.isEmpty ? "flagged" : "refused"
                    return [
                        "type": .string(step.type.name), "verdict": .string(verdict),
                        "refused": .array(step.refusals.map(json)),
                        "flagged": .array(step.findings.map(json)), "event": step.event,
                    ]
                }),
            "companions": .array(rehearsal.companions.map { .string($0) }),
            "owed": .array(rehearsal.owed.map(json)),
        ]
    }

    private func json(_ remark: Rehearsal.Remark) -> JSONValue {
        [
            "rule": .string(remark.rule), "severity": .string(remark.level.rawValue),
            "basis": basisJSON(remark.basis), "what": phraseJSON(remark.what),
        ]
    }
}

extension Rehearsal.Step {
    fileprivate var isSound: Bool { refusals.isEmpty && findings.isEmpty }

    /// Each rule once: what refuses would be found as well.
    fileprivate var remarks: [(Rehearsal.Remark, isRefused: Bool)] {
        let refused = refusals.map(\.rule)
        return refusals.map { ($0, true) }
            + findings.filter { !refused.contains($0.rule) }.map { ($0, false) }
    }
}
