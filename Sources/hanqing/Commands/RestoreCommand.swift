import ArgumentParser
import AuditSources
import Auditing
import Backups
import CanonicalJSON
import Checkpoints
import Foundation
import LedgerHome
import Merkle
import Phrases
import Sequencing

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a ledger from a backup. 由备份恢复账本。",
        discussion: """
            hanqing restore SRC DIR copies and verifies; the new ledger can be read. It is
            closed for writing until hanqing restore finish DIR has asked whether newer
            records were signed, and has recorded the restore under a new key.
            Specs/backup.md says more.
            恢复后的账本可查询、可验证；须经 hanqing restore finish 查询更新的检查点并记入
            账本后方可写入。
            """,
        subcommands: [RestoreCopyCommand.self, RestoreFinishCommand.self],
        defaultSubcommand: RestoreCopyCommand.self)
}

struct RestoreCopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Copy and verify a backup (the default). 复制并验证备份。")

    @Argument(help: "A backup, or any ledger's folder. 备份目录。")
    var src: String

    @Argument(help: "Where the ledger shall be: a new folder. 新账本目录。")
    var dir: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: src)
        try await answering(printer) {
            let restored = try await backingUp(printer) { progress throws(BackupError) in
                try await Restorer(backup: src, target: dir).run(
                    made: LedgerClock.system.wall(), progress: progress)
            }
            let newer = newerInMemory(restored)
            guard !common.json else {
                var members = [
                    JSONMember("closed", true), JSONMember("ledger", .string(dir)),
                    JSONMember("size", .integer(Int64(restored.size))),
                    JSONMember("sound", true),
                ]
                if let newer { members.append(JSONMember("seen", .integer(Int64(newer)))) }
                return printer.print(.object(members))
            }
            print(restored, newer, printer)
        }
    }

    /// How many records this machine has seen of the ledger, if more than were restored.
    private func newerInMemory(_ restored: Restorer.Restored) -> UInt64? {
        guard let origin = restored.report.origin,
            let memory = MemoryFolder.usual(ProcessInfo.processInfo.environment),
            let note = (try? memory.recall(origin))??.note,
            let checkpoint = (try? SignedNote(note)).flatMap({ try? Checkpoint(text: $0.text) })
        else { return nil }
        let size = checkpoint.size.rawValue
        return size > restored.size ? size : nil
    }

    private func print(_ restored: Restorer.Restored, _ newer: UInt64?, _ printer: Printer) {
        let size = printer.grouped(restored.size)
        printer.print(
            printer.coloured(printer.text(en: "RESTORED", zh: "已恢复"), .green) + "  \(dir)")
        printer.print(
            Phrase(
                en: "\(size) records, verified; closed for writing",
                zh: "共 \(size) 条记录，已验证；尚不可写入"))
        if let newer {
            printer.print(
                printer.coloured(
                    printer.text(
                        en: "This machine has seen \(printer.grouped(newer)) records: "
                            + "\(printer.grouped(newer - restored.size)) are missing here. Look "
                            + "for a newer backup before you go on.",
                        zh: "本机曾见过 \(printer.grouped(newer)) 条记录：此处缺少 "
                            + "\(printer.grouped(newer - restored.size)) 条。继续之前请先寻找更新的备份。"),
                    .yellow))
        }
        printer.print(
            Phrase(
                en: "To open it for writing: collect the checkpoints and receipts that auditors "
                    + "and producers have kept, then\n  hanqing restore finish \(dir) --person ID "
                    + "--approver ID --reason TEXT --checkpoint FILE …",
                zh: "如需写入：请先收集审计人员和报送系统留存的检查点与回执，再运行\n  hanqing restore finish "
                    + "\(dir) --person 代号 --approver 代号 --reason 原因 --checkpoint 文件 …"))
    }
}

struct RestoreFinishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "Open a restored ledger for writing, under a new key. 启用新密钥，开放写入。",
        discussion: """
            Every checkpoint that somebody kept counts: one over more records than the
            backup shows what was lost. The loss, if any, is recorded for ever. It may be
            run again after a crash. 凡有人留存的检查点都应提供；若有丢失，将永久记入账本。
            中断后可重新运行。
            """)

    @Argument(help: "The restored ledger's folder. 已恢复的账本目录。")
    var dir: String

    @OptionGroup var order: OrderOptions

    @Option(
        help: ArgumentHelp("A checkpoint that somebody kept. 留存的检查点。", valueName: "file"))
    var checkpoint: [String] = []

    @Option(
        help: ArgumentHelp(
            "Receipts that a producer kept, one JSON object a line. 报送系统留存的回执。",
            valueName: "file"))
    var receipt: [String] = []

    @OptionGroup var holders: HoldersOption

    @Flag(help: "Do not ask this machine's memory. 不查询本机记忆。")
    var noMemory = false

    @Option(
        help: ArgumentHelp(
            "The old private key, if the backup was made without it: it vouches for the new one. 旧私钥。",
            valueName: "file"))
    var oldKey: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: dir)
        try await answering(printer) {
            do {
                let outcome = try await Ledger.finishRestore(
                    dir, try await plan(printer), logger: common.logger)
                common.json ? printer.print(json(outcome)) : print(outcome, printer)
            } catch let error as Ledger.ForkError {
                printer.complain(error.phrase)
                throw Exit.found
            } catch let error as BackupError {
                printer.complain(error.phrase)
                throw Exit.unanswered
            }
        }
    }

    private func plan(_ printer: Printer) async throws -> Ledger.RestorePlan {
        var seen = try checkpoint.map {
            Ledger.SeenCheckpoint(name: $0, note: [UInt8](try contents($0)))
        }
        var asked = checkpoint.isEmpty ? [] : ["given"]
        if !receipt.isEmpty { asked.append("receipts") }
        for file in receipt { seen += try notes(inReceipts: file) }
        let origin = Origin(try LedgerSettings(folder: dir).origin)
        if let origin {
            asked += holders.kinds
            seen += try await holders.ask(origin, common, printer)
        }
        if !noMemory, let memory = MemoryFolder.usual(ProcessInfo.processInfo.environment) {
            asked.append("memory")
            if let origin, let remembered = try memory.recall(origin) {
                seen.append(
                    Ledger.SeenCheckpoint(
                        name: printerName(en: "this machine's memory", zh: "本机记忆"),
                        note: remembered.note))
            }
        }
        return Ledger.RestorePlan(
            order.order, asked: asked.sorted(), seen: seen, oldKeyFile: oldKey)
    }

    private func printerName(en: String, zh: String) -> String {
        Phrase(en: en, zh: zh)[common.language(of: dir)]
    }

    private func notes(inReceipts file: String) throws -> [Ledger.SeenCheckpoint] {
        var notes: Set<String> = []
        for (place, line) in try contents(file).split(separator: 0x0A).enumerated() {
            guard let note = try? JSONValue(parsing: line)["checkpoint"]?.string else {
                throw LedgerError(
                    en: "\(file), line \(place + 1) is no full receipt",
                    zh: "\(file) 第 \(place + 1) 行不是完整回执")
            }
            notes.insert(note)
        }
        return notes.sorted().map { Ledger.SeenCheckpoint(name: file, note: Array($0.utf8)) }
    }

    private func contents(_ path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LedgerError(en: "cannot read \(path)", zh: "无法读取 \(path)")
        }
        return data
    }

    private func json(_ outcome: Ledger.RestoreOutcome) -> JSONValue {
        var members = [
            JSONMember("ledger", .string(dir)),
            JSONMember("seq", .integer(Int64(outcome.sequence.rawValue))),
            JSONMember("vkey", .string(outcome.key.description)),
            JSONMember("vouched", .bool(outcome.isVouched)),
        ]
        if let lost = outcome.lost {
            members.append(
                JSONMember(
                    "lost",
                    [
                        "from": .integer(Int64(lost.lowerBound)),
                        "through": .integer(Int64(lost.upperBound)),
                    ]))
        }
        return .object(members)
    }

    private func print(_ outcome: Ledger.RestoreOutcome, _ printer: Printer) {
        printer.print(
            printer.coloured(printer.text(en: "OPEN", zh: "已开放写入"), .green) + "  \(dir)")
        if let lost = outcome.lost {
            let count = printer.grouped(lost.upperBound - lost.lowerBound + 1)
            printer.print(
                Phrase(
                    en: "\(count) acknowledged records are lost: \(lost.lowerBound) to "
                        + "\(lost.upperBound). Producers must send these events again.",
                    zh: "丢失已确认的记录 \(count) 条：\(lost.lowerBound) 至 \(lost.upperBound)。报送系统须重新报送。"))
        } else {
            printer.print(
                Phrase(
                    en: "Nobody who was asked has seen a newer record.",
                    zh: "所查询的各方均未见过更新的记录。"))
        }
        printer.print(
            Phrase(
                en: "Recorded as record \(outcome.sequence). The new key, for the auditors:",
                zh: "已记为记录 \(outcome.sequence)。新的验证密钥，请交审计人员："))
        printer.print("  " + outcome.key.description)
        printer.print(
            outcome.isVouched
                ? Phrase(
                    en: "The old key vouches for it. When all auditors have the new one, destroy "
                        + "the old one: \(oldKey ?? dir + "/keys/retired/").",
                    zh: "旧密钥已为其作证。待各审计人员收到新密钥后，请销毁旧密钥：\(oldKey ?? dir + "/keys/retired/")。")
                : Phrase(
                    en: "The old key was not at hand: auditors will refuse this one until you "
                        + "have given it to them (hanqing verify --vkey).",
                    zh: "未提供旧密钥：审计人员在收到新密钥（hanqing verify --vkey）之前会拒绝它。"))
    }
}
