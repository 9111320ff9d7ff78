import ArgumentParser
import CanonicalJSON
import Catalogue
import Digests
import DurableFiles
import Foundation
import LedgerHome
import Phrases
import Records
import Sealing

struct CodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "code", abstract: "The code of who reports. 举报人查询码。",
        discussion: """
            Whoever reports gets a code, once; its tag goes into the record of the report
            (codeTag), and the code alone tells how it stands. Specs/sealing.md section 10.
            举报人只得到一次查询码；其标签写入举报记录（codeTag），此后凭码即可查询进展。
            """,
        subcommands: [CodeNewCommand.self, CodeStatusCommand.self, CodeProofCommand.self])
}

struct CodeNewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make a code, shown once, and its tag. 生成查询码及其标签。",
        discussion: """
            Nothing is recorded or kept: tell the code to the reporter, put the tag into
            data.codeTag of report.received. A lost code cannot be recovered.
            不入账、不保存：请将查询码告知举报人，将标签填入 report.received 的
            data.codeTag。查询码遗失后无法找回。
            """)

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let (code, tag) = ledger.makeReporterCode()
            guard !common.json else {
                return printer.print(["code": .string(code.shown), "tag": .string(tag)])
            }
            printer.table([
                [printer.text(en: "code", zh: "查询码"), code.shown],
                [printer.text(en: "tag (codeTag)", zh: "标签（codeTag）"), tag],
            ])
        }
    }
}

struct CodeStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What a code tells. 凭查询码查询进展。",
        discussion: """
            The code is read from standard input, never from the command line, which others
            can see. Exit code 1 if it is wrong, or no report has it.
            查询码从标准输入读取，不得写在命令行上。查询码有误或无对应举报时退出码为 1。
            """)

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withReport(of: CodeTyped(common.printer()), common) { status, _, printer in
            common.json ? printer.print(status.json) : show(status, printer)
        }
    }

    private func show(_ status: ReporterStatus, _ printer: Printer) {
        let language = printer.language
        let end = status.hasEnded ? printer.text(en: ", over", zh: "，已办结") : ""
        printer.print("\(status.procedure[language])  \(status.stream.text)\(end)")
        printer.table(status.stages.map { [$0.day, $0.title[language]] })
        printer.print()
        printer.table(
            status.told.map { told in
                let values = told.values.map { field, value in
                    "\(field.title[language]): \(text(value))"
                }
                return [
                    told.day, told.title[language],
                    values.joined(separator: printer.text(en: "; ", zh: "；")),
                ]
            })
        guard !status.due.isEmpty else { return }
        printer.print()
        printer.table(
            status.due.map { due in
                let day = due.day ?? printer.text(en: "(the clock stands)", zh: "（计时中止）")
                let late = due.isOverdue ? printer.text(en: "OVERDUE", zh: "已逾期") : ""
                return [printer.text(en: "due", zh: "待办"), due.title[language], day, late]
            })
    }

    private func text(_ value: JSONValue) -> String {
        if let list = value.array { return list.map(text).joined(separator: " ") }
        return value.string ?? value["name"]?.string ?? value.canonicalText
    }
}

struct CodeProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof", abstract: "A proof for the reporter to keep. 供举报人留存的证明。",
        discussion: """
            That the record of the report is in the ledger, signed: number, hashes and
            checkpoint, not a byte of the report. Kept away from the bureau, it shows by
            hanqing receipt challenge that the record is still there, or was removed.
            The code is read from standard input, never from the command line.
            证明举报记录已在账（序号、哈希、签名检查点），不含举报内容。留存于本机关之外，
            以 hanqing receipt challenge 即可证明记录仍在或已被移除。查询码从标准输入读取。
            """)

    @Option(help: ArgumentHelp("Write to this file. 写入文件。", valueName: "file"))
    var out: String?

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withReport(of: CodeTyped(common.printer()), common) {
            status, ledger, printer in
            var maker = ledger.proofMaker()
            guard let proof = try await ledger.proof(of: status.record, by: &maker) else {
                throw LedgerError(
                    en: "no checkpoint covers the report yet: append something, or wait a moment",
                    zh: "检查点尚未覆盖该举报，请稍候")
            }
            guard let out else { return printer.print(proof.json) }
            do throws(FileError) {
                try DurableFile.replace(out, with: proof.json.canonicalBytes + [0x0A])
            } catch {
                throw LedgerError([error.phrase])
            }
            printer.print(
                Phrase(
                    en: "\(out): keep it away from the bureau; it says nothing of the report",
                    zh: "\(out)：请妥善保存于本机关之外；其中不含举报内容"))
        }
    }
}

/// A reporter's code, from standard input.
private struct CodeTyped {
    let code: ReporterCode

    /// Complains and ends with exit code 1 if it is none.
    init(_ printer: Printer) throws {
        let typed = FileHandle.standardInput.readData(ofLength: 256)
        let line = SecretBytes(copying: typed.prefix { $0 != 0x0A && $0 != 0x0D })
        guard let code = ReporterCode(line) else {
            printer.complain(
                Phrase(
                    en: "that is no code: it has 30 digits, and one or more of these are wrong",
                    zh: "查询码有误：应为 30 位数字，请核对"))
            throw Exit.found
        }
        self.code = code
    }
}

extension LedgerOption {
    /// Gives what a code tells to `body`; exit code 1 if no report has it.
    fileprivate func withReport(
        of typed: CodeTyped, _ common: CommonOptions,
        _ body: (ReporterStatus, Ledger, Printer) async throws -> Void
    ) async throws {
        try await withPastsNow(common) { asked, printer in
            let (past, ledger) = (asked.members[0].past, asked.members[0].ledger)
            let tag = typed.code.tag(origin: ledger.settings.origin)
            guard let status = try await past.reporterStatus(tag: tag) else {
                printer.complain(
                    Phrase(
                        en: "no report has this code; nobody can recover a lost one",
                        zh: "没有该查询码对应的举报；查询码遗失后无法找回"))
                throw Exit.found
            }
            try await body(status, ledger, printer)
        }
    }
}
