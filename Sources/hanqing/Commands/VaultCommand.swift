import ArgumentParser
import CanonicalJSON
import Digests
import LedgerHome
import Phrases
import Sealing

struct VaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "The vault of keys to sealed values, and who holds them. 密钥库及保管人。",
        discussion: """
            Whoever keeps the ledger can seal and cannot open: keys are wrapped to holders,
            whose private keys are elsewhere. Specs/sealing.md has the rest.
            账本运行方只能密封、不能调阅：密钥封装给保管人，其私钥不在此处。详见
            Specs/sealing.md。
            """,
        subcommands: [
            VaultInitCommand.self, VaultStatusCommand.self, VaultKeyCommand.self,
            VaultHolderCommand.self, VaultRewrapCommand.self, VaultOpenCommand.self,
            VaultShredCommand.self, VaultHoldCommand.self, VaultBackupCommand.self,
            VaultRestoreCommand.self, VaultAttachCommand.self, VaultDueCommand.self,
        ])
}

struct VaultInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make the ledger's vault, empty. 建立空密钥库。",
        discussion: """
            It is made in vault/ in the ledger's folder, which may be a mount point of
            another disk (mode 0700). Nobody is a holder yet: hanqing vault holder add.
            在账本目录的 vault/ 中建立，该目录可为另一磁盘的挂载点（权限 0700）。随后用
            hanqing vault holder add 增加保管人。
            """)

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.write, common) { ledger, printer in
            try await ledger.createVault()
            guard !common.json else {
                return printer.print(["vault": .string(ledger.vaultFolder)])
            }
            printer.print(
                Phrase(
                    en:
                        "The vault is \(ledger.vaultFolder). It is never in a backup of the ledger: "
                        + "without it, nobody can read what was sealed.",
                    zh: "密钥库位于 \(ledger.vaultFolder)，不在账本备份之内：一旦丢失，密封内容无人能读。"))
        }
    }
}

struct VaultStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "What is in the vault, and whether its holders are recorded. 密钥库状态。",
        discussion: """
            Exit code 1 if vault and records do not agree on who holds keys. Opening the
            vault completes what a crash left, and destroys keys that nobody has any more;
            both are shown.
            密钥库与账本记录的保管人不一致时退出码为 1。打开密钥库时会完成中断的销毁，并清
            除无主密钥，结果一并显示。
            """)

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withVault(.read, common) { vault, printer in
            let status = try await vault.status()
            common.json ? printer.print(status.json) : show(status, printer)
            guard status.isSound else { throw Exit.found }
        }
    }

    private func show(_ status: VaultStatus, _ printer: Printer) {
        let counts = status.counts
        let rows: [(en: String, zh: String, count: Int)] = [
            ("subjects", "主体", counts.subjects),
            ("keys in use", "在用密钥", counts.assigned),
            ("keys ready", "备用密钥", counts.unassigned),
            ("keys destroyed", "已销毁密钥", counts.shredded),
            ("holds", "保全", counts.holds),
            ("holders", "保管人", counts.holders),
            ("completed after a crash", "中断后完成的销毁", status.completed),
            ("cleared, belonging to nobody", "清除的无主密钥", status.unassigned),
            ("leftovers of a crash", "中断的残留", status.leftovers),
            (
                "backups that still have destroyed keys: destroy them",
                "仍含已销毁密钥的备份，应予销毁", status.staleCopies
            ),
        ]
        printer.print(status.folder)
        printer.table(rows.map { [printer.text(en: $0.en, zh: $0.zh), "\($0.count)"] })
        printer.print()
        printer.table(
            status.holders.map { holder, standing in
                [
                    holder.id.text, holder.name,
                    holder.groups.sorted().map(\.name).joined(separator: " "),
                    standing.words(isRetired: holder.isRetired)[printer.language],
                ]
            })
    }
}

struct VaultKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make a holder's key pair, where the holder is. 生成保管人密钥。",
        discussion: """
            The private key, PKCS#8 PEM that openssl pkey reads, is encrypted under the
            passphrase (--passphrase-file) and stays with the holder; FILE.pub goes to the
            ledger. Make it on the holder's own machine, and keep a copy offline: without
            it, what is sealed to him cannot be opened.
            私钥（PKCS#8 PEM，openssl pkey 可读）用口令（--passphrase-file）加密，由保管人
            自行保管；FILE.pub 交账本登记。请在保管人自己的计算机上生成并离线备份：一旦丢
            失，封装给他的内容即无法调阅。
            """)

    @Argument(help: "The new file. 新文件。")
    var file: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
            guard let passphrase = try Passphrase.named() else {
                throw LedgerError(
                    en: "a holder's key is encrypted: name the file of its passphrase with "
                        + "--passphrase-file",
                    zh: "保管人私钥须加密：请用 --passphrase-file 指定口令文件")
            }
            let key = try HolderKeyFile.make(file, passphrase)
            let id = HolderID(key).text
            guard !common.json else {
                return printer.print([
                    "id": .string(id), "publicKey": .string(Hex.encode(key.rawBytes)),
                ])
            }
            printer.print(
                Phrase(
                    en: "The key \(id) is in \(file), its public half in \(file).pub. Tell the id "
                        + "to the ledger's keeper by another way.",
                    zh: "密钥 \(id) 位于 \(file)，公钥位于 \(file).pub。请通过其他途径将该编号告知账本管理人核对。"))
        }
    }
}

extension HolderBook.Standing {
    fileprivate func words(isRetired: Bool) -> Phrase {
        switch self {
        case .sound:
            isRetired ? Phrase(en: "retired", zh: "已卸任") : Phrase(en: "recorded", zh: "已入账")
        case .notRecorded:
            Phrase(
                en: "NOT RECORDED: nobody approved this holder", zh: "未入账：无人批准该保管人")
        case .notRetired:
            Phrase(en: "NOT RETIRED: say it again", zh: "账本已载卸任而密钥库未更新：请重新运行")
        case .notInVault:
            Phrase(en: "NOT IN THE VAULT: say it again", zh: "已入账而密钥库中没有：请重新运行")
        }
    }
}
