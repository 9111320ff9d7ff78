import ArgumentParser
import CanonicalJSON
import Foundation
import LedgerHome
import Merkle
import Phrases

struct VaultBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the vault into a new folder. 备份密钥库。",
        discussion: """
            It is recorded: a copy has every key that is destroyed later, and vault status
            counts those that are to be destroyed too. It opens nothing by itself: keys are
            wrapped to holders. Keep it apart from backups of the ledger.
            本操作入账：副本含有此后销毁的密钥，vault status 会统计应一并销毁的副本。副本本
            身不能开启任何内容。请与账本备份分开保管。
            """)

    @Argument(help: "The new folder. 新目录。")
    var folder: String

    @OptionGroup var order: OrderOptions
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        // A service has another working folder.
        let path = URL(filePath: folder).path
        try await ledger.withVault(.write, common) { vault, printer in
            let sequence = try await vault.copy(to: path, order.order)
            guard !common.json else {
                return printer.print([
                    "folder": .string(path), "seq": .integer(Int64(clamping: sequence.rawValue)),
                ])
            }
            printer.print(
                Phrase(
                    en: "The copy is in \(path); record \(sequence) says so.",
                    zh: "副本位于 \(path)，见记录 \(sequence)。"))
        }
    }
}

struct VaultRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make the vault of a copy. 自副本恢复密钥库。",
        discussion: """
            Where the vault is lost. Keys that were destroyed since the copy are destroyed
            again at once; holders who joined or left since do so again; what was sealed
            since is lost. It is recorded. A service is stopped first.
            用于密钥库丢失时。副本之后销毁的密钥立即再次销毁，保管人的增减同样补作；副本之
            后密封的内容无法恢复。本操作入账。运行前须先停止服务。
            """)

    @Argument(help: "The folder of the copy. 副本目录。")
    var folder: String

    @OptionGroup var order: OrderOptions
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.write, common) { ledger, printer in
            let done = try await ledger.restoreVault(from: folder, order.order)
            guard !common.json else {
                return printer.print([
                    "seq": .integer(Int64(clamping: done.sequence.rawValue)),
                    "shredded": .integer(Int64(done.shreddedCount)),
                ])
            }
            printer.print(
                Phrase(
                    en: "The vault is back; keys of \(done.shreddedCount) cases were destroyed "
                        + "again. Record \(done.sequence) says so.",
                    zh: "密钥库已恢复，再次销毁 \(done.shreddedCount) 个案件的密钥，"
                        + "见记录 \(done.sequence)。"))
        }
    }
}
