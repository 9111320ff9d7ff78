import ArgumentParser
import Auditing
import Backups
import CanonicalJSON
import Digests
import Foundation
import LedgerHome
import Merkle
import Phrases
import Records
import Sequencing

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back a ledger up while it is in use, and verify the copy. 联机备份账本并验证副本。",
        discussion: """
            Run it again with the same folder to bring the backup up to date: only what is
            new is copied. The copy counts only after it was audited; until then the older
            one stands.
            hanqing verify reads a backup as it is. Specs/backup.md says more.
            对同一目录再次运行即为增量备份。副本经验证后方才生效，此前仍以旧备份为准。
            """)

    @Argument(help: "The backup's folder: new, empty, or an older backup. 备份目录。")
    var dest: String

    @Flag(help: "Copy the private key too: whoever has the backup can then sign. 连同私钥一起备份。")
    var withKeys = false

    @Flag(help: "Audit links, tree and checkpoints only. 只验证链接、树和检查点。")
    var quick = false

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? ledger.folder)
        try await answering(printer) {
            let isHeldElsewhere = try LedgerSettings(folder: try ledger.folder).signer != nil
            guard !withKeys || !isHeldElsewhere else {
                throw LedgerError(
                    en: "a program holds this ledger's key (signer in ledger.yaml), so there is "
                        + "no key to copy: back it up, leaving out --with-keys, and secure the "
                        + "key by that program's own means",
                    zh: "本账本的私钥由程序持有（ledger.yaml 中的 signer），无私钥可备份：请不加 --with-keys 备份，"
                        + "并按该程序自身的方式保全私钥")
            }
            var options = BackupWriter.Options()
            (options.withKeys, options.mode) = (withKeys, quick ? .quick : .full)
            let writer = BackupWriter(
                ledger: try ledger.folder, target: dest, options: options)
            let made = try await backingUp(printer) { progress throws(BackupError) in
                try await writer.run(made: LedgerClock.system.wall(), progress: progress)
            }
            common.json
                ? printer.print(json(made)) : print(made, isHeldElsewhere, printer)
        }
    }

    private func json(_ made: BackupWriter.Made) -> JSONValue {
        [
            "backup": .string(dest), "bytesCopied": .integer(Int64(made.bytesCopied)),
            "filesCopied": .integer(Int64(made.filesCopied)),
            "made": .string(made.note.made.text), "mode": .string(made.report.mode.rawValue),
            "origin": .string(made.note.origin),
            "recordsAdded": .integer(Int64(made.note.size - made.sizeBefore)),
            "root": .string(made.note.root.digest.hex),
            "size": .integer(Int64(made.note.size)), "sound": true,
        ]
    }

    private func print(
        _ made: BackupWriter.Made, _ isHeldElsewhere: Bool, _ printer: Printer
    ) {
        let (size, added) = (
            printer.grouped(made.note.size), printer.grouped(made.note.size - made.sizeBefore)
        )
        printer.print(
            printer.coloured(printer.text(en: "BACKED UP", zh: "备份完成"), .green) + "  \(dest)")
        printer.print(
            Phrase(
                en: "\(size) records, \(added) of them new; the copy was verified and is sound",
                zh: "共 \(size) 条记录，其中新增 \(added) 条；副本已验证，完好"))
        printer.print(
            Phrase(en: "root \(made.note.root)", zh: "根 \(made.note.root)"))
        guard !made.note.hasKeys else {
            printer.print(
                Phrase(
                    en: "The private key is in it: keep it as you keep the key.",
                    zh: "其中含私钥：请按私钥的要求保管。"))
            return
        }
        guard !isHeldElsewhere else {
            printer.print(
                Phrase(
                    en: "The private key is not in it: a program holds it (signer in ledger.yaml).",
                    zh: "其中不含私钥：私钥由程序持有（ledger.yaml 中的 signer）。"))
            return
        }
        printer.print(
            Phrase(
                en: "The private key is not in it; keep a copy of keys/ledger.key offline.",
                zh: "其中不含私钥；请另行离线保存 keys/ledger.key。"))
    }
}

/// Runs long work on a copy: shows progress, and turns what stops it into words and exit code.
func backingUp<Result>(
    _ printer: Printer,
    _ body: (@escaping @Sendable (BackupProgress) -> Void) async throws(BackupError) -> Result
) async throws -> Result {
    let copying = printer.progress(Phrase(en: "copying", zh: "正在复制"), .mebibytes)
    let verifying = printer.progress(
        Phrase(en: "verifying the copy", zh: "正在验证副本"), .mebibytes)
    do throws(BackupError) {
        return try await body { progress in
            let line = progress.step == .copying ? copying : verifying
            line.tell(
                done: UInt64(progress.bytesDone >> 20), total: UInt64(progress.bytesTotal >> 20))
        }
    } catch {
        printer.complain(error.phrase)
        for finding in error.report?.findings.prefix(5) ?? [] {
            printer.complain("  \(finding.code.rawValue)  \(finding.phrase[printer.language])")
        }
        throw error.kind == .refused ? Exit.found : Exit.unanswered
    }
}
