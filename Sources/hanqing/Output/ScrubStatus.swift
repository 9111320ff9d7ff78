import AuditSources
import Auditing
import CanonicalJSON
import LedgerHome
import Phrases
import Records

/// What the last scrubs wrote down: Specs/scrub.md section 6.
struct ScrubStatus {
    private let state: ScrubState?
    private let folder: String
    private let printer: Printer
    private let now = Pace.now()

    /// A pass that is older than this is worth a warning.
    private static let overdueSeconds: Int64 = 7 * 86_400

    init(_ folder: String, _ printer: Printer) throws {
        (self.folder, self.printer) = (folder, printer)
        state = try Scrubber(ledger: folder, ReadingManner()).state()
    }

    /// Prints it; throws an exit code unless all that is known is well.
    func print() throws {
        if printer.isJSON { printer.print(json) } else { forPeople() }
        let isFound = [state?.last?.findings, state?.pass?.findings].contains {
            $0?.isEmpty == false
        }
        guard !isFound else { throw Exit.found }
        guard state?.last != nil else { throw Exit.unanswered }
    }

    private func forPeople() {
        guard let last = state?.last else {
            printer.print(
                Phrase(
                    en: "No scrub of \(folder) was ever finished; run hanqing scrub.",
                    zh: "\(folder) 尚未完成过巡检；请运行 hanqing scrub。"))
            return passRows(and: [])
        }
        passRows(and: [
            [printer.text(en: "last pass", zh: "上一轮"), localTime(last.finished.text)],
            [printer.text(en: "records", zh: "记录"), printer.grouped(last.records)],
            [
                printer.text(en: "read", zh: "已读"),
                "\(printer.grouped(last.byteCount >> 20)) MiB",
            ],
            [
                printer.text(en: "found", zh: "发现"),
                last.isSound
                    ? printer.text(en: "nothing", zh: "无")
                    : printer.grouped(last.findings.count + last.moreFindings),
            ],
        ])
        if age(last) > ScrubStatus.overdueSeconds {
            let days = age(last) / 86_400
            let text = printer.text(
                en: "The last pass is \(days) days old; run hanqing scrub, or see that it runs.",
                zh: "上一轮巡检已过去 \(days) 天；请运行 hanqing scrub，或检查定时任务。")
            printer.print(printer.coloured(text, .yellow))
        }
        for note in last.notes { printer.print(note.phrase) }
        FindingList(last.findings, last.moreFindings, printer).print()
    }

    private func passRows(and rows: [[String]]) {
        guard let pass = state?.pass else { return printer.table(rows) }
        var place = printer.grouped(pass.records)
        if let size = pass.size, size > 0 {
            place += " / \(printer.grouped(size)) (\(pass.records * 100 / size) %)"
        }
        printer.table(
            rows + [
                [
                    printer.text(en: "on its way since", zh: "本轮始于"),
                    localTime(pass.began.text),
                ], [printer.text(en: "record", zh: "已到记录"), place],
            ])
        FindingList(pass.findings, pass.moreFindings, printer).print()
    }

    private func age(_ last: ScrubState.Finished) -> Int64 {
        (now.microseconds - last.finished.microseconds) / 1_000_000
    }

    private var json: JSONValue {
        ["last": state?.last.map(json) ?? .null, "pass": state?.pass.map(json) ?? .null]
    }

    private func json(_ last: ScrubState.Finished) -> JSONValue {
        [
            "began": .string(last.began.text), "finished": .string(last.finished.text),
            "ageSeconds": .integer(age(last)),
            "overdue": .bool(age(last) > ScrubStatus.overdueSeconds),
            "records": .integer(Int64(clamping: last.records)),
            "bytes": .integer(Int64(last.byteCount)),
            "findings": .array(last.findings.map(\.json)),
            "moreFindings": .integer(Int64(last.moreFindings)),
            "notes": .array(last.notes.map(\.json)),
        ]
    }

    private func json(_ pass: ScrubState.Saved) -> JSONValue {
        [
            "began": .string(pass.began.text),
            "records": .integer(Int64(clamping: pass.records)),
            "size": pass.size.map { .integer(Int64(clamping: $0)) } ?? .null,
            "findings": .array(pass.findings.map(\.json)),
            "moreFindings": .integer(Int64(pass.moreFindings)),
        ]
    }
}
