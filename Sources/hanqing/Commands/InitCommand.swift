import ArgumentParser
import CanonicalJSON
import Checkpoints
import Foundation
import LedgerData
import LedgerHome
import Phrases

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a new ledger. 建立新账本。",
        discussion: "The verifier key that it prints belongs into the auditors' hands, not only "
            + "into the ledger. 请将打印的验证密钥另行交给审计人员。")

    @Argument(help: "A new or empty folder. 新目录或空目录。")
    var dir: String

    @Option(
        help: ArgumentHelp(
            "The ledger's name for ever, such as ledger.example.gov.cn/2025. 账本的永久名称。",
            valueName: "name"))
    var origin: String

    @Option(
        help: ArgumentHelp(
            "A folder of procedures instead of the shipped ones. 使用该目录中的程序目录。",
            valueName: "folder"))
    var catalogue: String?

    @Option(help: "Who orders it (a pseudonymous id). 建账人代号。")
    var person = "administrator"

    @Option(help: "That person's unit. 建账单位。")
    var unit = "-"

    @Option(
        help: ArgumentHelp(
            "Largest size of one file of records; 64 MiB unless said. 单个日志文件的上限。",
            valueName: "bytes"))
    var segmentBytes: Int?

    @Option(
        help: ArgumentHelp(
            "Entries that the index keeps in memory before it writes them. 索引在内存中保留的条数。",
            valueName: "count"))
    var indexRunEntries: Int?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
            let files = try catalogue.map { try catalogueFiles(in: $0) }
            let plan = Ledger.Plan(
                settings, catalogueFiles: files, person: person, unit: unit)
            let key = try await Ledger.create(dir, plan, logger: common.logger)
            if common.json {
                let answer: JSONValue = [
                    "ledger": .string(dir), "origin": .string(origin),
                    "vkey": .string(key.description),
                ]
                printer.print(answer)
                return
            }
            printer.print(Phrase(en: "Made the ledger \(dir).", zh: "已建立账本 \(dir)。"))
            printer.print(
                Phrase(
                    en: "Its verifier key, for the auditors to keep elsewhere:",
                    zh: "验证密钥如下，请审计人员另行保存："))
            printer.print("  " + key.description)
            printer.print(
                Phrase(
                    en: "Its private key is \(dir)/keys/ledger.key: back it up, show it to nobody.",
                    zh: "私钥在 \(dir)/keys/ledger.key：请备份，勿示他人。"))
        }
    }

    private var settings: LedgerSettings {
        var settings = LedgerSettings(
            origin: origin, language: common.lang.flatMap(Language.init))
        (settings.segmentBytes, settings.indexRunEntries) = (segmentBytes, indexRunEntries)
        return settings
    }

    func validate() throws {
        if let segmentBytes, !LedgerSettings.segmentBytesAllowed.contains(segmentBytes) {
            let allowed = LedgerSettings.segmentBytesAllowed
            throw ValidationError(
                "--segment-bytes: from \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        if let indexRunEntries, !LedgerSettings.indexRunEntriesAllowed.contains(indexRunEntries) {
            let allowed = LedgerSettings.indexRunEntriesAllowed
            throw ValidationError(
                "--index-run-entries: from \(allowed.lowerBound) to \(allowed.upperBound)")
        }
    }
}
