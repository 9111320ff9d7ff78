import Auditing
import Phrases

/// An audit's report for people.
struct VerifyReport {
    private let report: AuditReport
    private let folder: String
    private let printer: Printer

    init(_ report: AuditReport, _ folder: String, _ printer: Printer) {
        (self.report, self.folder, self.printer) = (report, folder, printer)
    }

    func print() {
        verdict()
        facts()
        for note in report.notes { printer.print(note.phrase) }
        guard !report.isSound else {
            if report.mode == .bundle { printer.print(VerifyReport.whatABundleProves) }
            return
        }
        printer.print()
        FindingList(report.findings, report.moreFindings, printer).print()
        advice()
    }

    /// The verdict on one line, for a timer's mail.
    func printLine() {
        let name = report.origin.map { "\($0)" } ?? folder
        guard report.isSound else {
            var codes: [String] = []
            for code in report.findings.map(\.code.rawValue) where !codes.contains(code) {
                codes.append(code)
            }
            let list = codes.joined(separator: " ")
            return printer.print(
                Phrase(en: "NOT SOUND  \(name)  \(list)", zh: "有问题  \(name)  \(list)"))
        }
        let records = printer.grouped(report.records)
        printer.print(
            Phrase(
                en: "SOUND  \(name)  records: \(records)  memory: \(memory)",
                zh: "完好  \(name)  记录：\(records)  记忆：\(memory)"))
    }

    private func verdict() {
        if report.isSound {
            printer.print(
                printer.coloured(printer.text(en: "SOUND", zh: "完好"), .green) + "  \(folder)")
        } else {
            let count = report.findings.count + report.moreFindings
            printer.print(
                printer.coloured(printer.text(en: "NOT SOUND", zh: "有问题"), .red)
                    + "  \(folder)  "
                    + printer.text(en: "findings: \(count)", zh: "发现 \(count) 项"))
        }
    }

    private func facts() {
        var rows: [[String]] = []
        if let origin = report.origin {
            rows.append([printer.text(en: "origin", zh: "账本"), "\(origin)"])
        }
        if let tiles = report.tiles, tiles.since > 0 {
            rows.append([
                printer.text(en: "read since", zh: "起自"),
                printer.text(
                    en: "record \(printer.grouped(tiles.since))",
                    zh: "记录 \(printer.grouped(tiles.since))"),
            ])
        }
        let own = printer.grouped(report.ledgerRecords)
        rows.append([
            printer.text(en: "records", zh: "记录"),
            printer.grouped(report.records)
                + (report.mode == .full
                    ? printer.text(
                        en: " (\(own) of them the ledger's own)", zh: "（其中账本自身 \(own) 条）") : ""),
        ])
        if report.withheld > 0 {
            rows.append([
                printer.text(en: "withheld", zh: "已遮蔽"), printer.grouped(report.withheld),
            ])
        }
        if let root = report.root { rows.append([printer.text(en: "root", zh: "根"), "\(root)"]) }
        rows.append([printer.text(en: "key", zh: "密钥"), keySource])
        rows.append([printer.text(en: "memory", zh: "记忆"), memory])
        printer.table(rows)
    }

    private var keySource: String {
        switch report.keySource {
        case .given: printer.text(en: "the one you gave", zh: "由您提供")
        case .memory: printer.text(en: "the one remembered", zh: "记忆所载")
        case .ledger:
            printer.text(
                en: "from the ledger itself: compare it with the one you were given (--vkey)",
                zh: "取自账本自身：请与另行取得的密钥核对（--vkey）")
        case nil: printer.text(en: "none", zh: "无")
        }
    }

    private var memory: String {
        switch report.memory {
        case .none: printer.text(en: "not asked", zh: "未查询")
        case .first: printer.text(en: "first time here; kept from now on", zh: "首次验证，自此记住")
        case .compared(let size) where isContradicted:
            printer.text(
                en: "contradicts the \(printer.grouped(size)) records seen before",
                zh: "与此前所见 \(printer.grouped(size)) 条记录相矛盾")
        case .compared(let size) where !report.isSound:
            printer.text(
                en: "compared with the \(printer.grouped(size)) records seen before",
                zh: "已与此前所见 \(printer.grouped(size)) 条记录比对")
        case .compared where report.notes.contains { $0.code == "loss-accepted" }:
            printer.text(en: "goes on from here", zh: "自此延续")
        case .compared(let size) where size == report.records:
            printer.text(
                en: "the same \(printer.grouped(size)) records as seen before",
                zh: "与此前所见 \(printer.grouped(size)) 条记录相同")
        case .compared(let size):
            printer.text(
                en: "grew from the \(printer.grouped(size)) records seen before",
                zh: "与此前所见 \(printer.grouped(size)) 条记录相比只增不改")
        }
    }

    /// What was seen before is not the beginning of what is there.
    private var isContradicted: Bool {
        report.findings.contains { [.rolledBack, .forked, .keyChanged].contains($0.code) }
    }

    private static let whatABundleProves = Phrase(
        en: "It proves that these records are unchanged since they were entered, not that they "
            + "were true when they were entered.", zh: "证明这些记录自入账以来未被改动，不证明入账时属实。")

    private func advice() {
        printer.print()
        guard report.mode != .bundle else {
            return printer.print(
                Phrase(
                    en: "Do not rely on this bundle. Keep it as it is, and ask for another one; "
                        + "Specs/bundle.md says what is checked.",
                    zh: "请勿采信该证据包：保持其原样，并要求重新出具。核验内容见 Specs/bundle.md。"))
        }
        if let sound = report.soundThrough, !isContradicted {
            printer.print(
                Phrase(
                    en: "Records 0 to \(sound) are sound.", zh: "记录 0 至 \(sound) 完好。"))
        }
        guard !report.findings.allSatisfy({ $0.code == .recordsLost }) else {
            printer.print(
                Phrase(
                    en: "Compare the receipts and records that you kept with what is there, then "
                        + "go on from here with --accept-loss \(report.findings[0].seq ?? 0).",
                    zh: "请将留存的回执和记录与账本核对，然后以 --accept-loss "
                        + "\(report.findings[0].seq ?? 0) 确认并继续。"))
            return
        }
        guard !report.findings.allSatisfy({ $0.code == .keyRevoked }) else {
            printer.print(
                Phrase(
                    en: "Nothing else is wrong. Whoever can write to the disk could have written "
                        + "that record too: decide as Specs/keys.md section 3 says.",
                    zh: "别无其他问题。但能写入磁盘的人也能写下该记录：请按 Specs/keys.md 第 3 节核实后决定。"))
            return
        }
        printer.print(
            Phrase(
                en:
                    "Keep this folder as it is, take a copy for the investigation, and restore "
                    + "from a backup. Specs/verify.md says what each finding means.",
                zh: "请保持该目录原样，复制一份供调查使用，并从备份恢复。各项发现的含义见 Specs/verify.md。"))
    }
}
