import ArgumentParser
import CVersion
import Digests
import LedgerHome
import Phrases

/// 汗青: an event-sourced audit ledger.
@main
struct Hanqing: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "hanqing",
        abstract: "汗青: an audit ledger whose every record can be proved. 每条记录均可验证的审计账本。",
        discussion: """
            Exit codes: 0 sound or done; 1 damage found, or events refused; 2 could not be
            answered (missing, unreadable, locked); 3 too few witnesses; 64 wrong usage.
            退出码：0 完好或完成；1 发现损坏或有事件被拒；2 无法回答（缺失、不可读、被
            锁）；3 见证人不足；64 用法有误。
            """,
        version: """
            hanqing \(version) (commit \(String(cString: hanqingCommit()))), record format 1
            \(OpenSSLVersion.text)
            """,
        subcommands: [
            InitCommand.self, AppendCommand.self, ImportCommand.self, ServeCommand.self,
            VerifyCommand.self,
            ScrubCommand.self,
            LogCommand.self, ShowCommand.self, CaseCommand.self, ProveCommand.self,
            CheckpointCommand.self, CatalogueCommand.self, BackupCommand.self,
            RestoreCommand.self, ReceiptCommand.self, EvidenceCommand.self, AnchorCommand.self,
            PublishCommand.self, WitnessCommand.self, TimestampCommand.self, BundleCommand.self,
            KeyCommand.self, TokenCommand.self, VaultCommand.self, CodeCommand.self,
            SampleCommand.self,
            FindingsCommand.self,
            DutiesCommand.self, IndicatorsCommand.self, CasesCommand.self, ProjectionCommand.self,
            TraceCommand.self, PersonCommand.self, EnterpriseCommand.self, AskCommand.self,
            ExportCommand.self, ReportCommand.self, VariantsCommand.self,
        ])

    /// Whatever the command: values that are to be sealed pass through more than one of them.
    static func main() async {
        guard CoreFile.forbid() else {
            Printer(language: .english, isJSON: false).complain(
                Phrase(
                    en: "the system does not let core files be forbidden 系统不允许禁止核心转储",
                    zh: "系统不允许禁止核心转储"))
            exit(withError: Exit.unanswered)
        }
        await main(nil)
    }
}
