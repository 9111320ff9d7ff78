import ArgumentParser
import CanonicalJSON
import Checkpoints
import LedgerHome
import Merkle
import Phrases

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The ledger's key. 账本密钥。",
        subcommands: [KeyRotateCommand.self])
}

struct KeyRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give the ledger a new key, which the old one vouches for. 更换账本密钥。",
        discussion: """
            The change is recorded. Auditors who know the old key accept the new one; tell them
            all the same. It may be run again after a crash.
            更换密钥会记入账本，并由旧密钥为新密钥作证；仍应告知审计人员。中断后可重新运行。
            """)

    @Option(help: "Who orders it (a pseudonymous id). 经办人代号。")
    var person: String

    @Option(help: "That person's unit. 经办单位。")
    var unit = "-"

    @Option(help: "Another person, who approves. 批准人代号。")
    var approver: String

    @Option(help: "Why. 原因。")
    var reason: String

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? ledger.folder)
        try await answering(printer) {
            let folder = try ledger.folder
            let (sequence, key) = try await Ledger.rotateKey(
                folder, person: person, unit: unit, approver: approver, reason: reason,
                logger: common.logger)
            guard !common.json else {
                let answer: JSONValue = [
                    "seq": .integer(Int64(sequence.rawValue)), "vkey": .string(key.description),
                ]
                return printer.print(answer)
            }
            printer.print(
                Phrase(
                    en: "Recorded as record \(sequence). The new key, for the auditors:",
                    zh: "已记为记录 \(sequence)。新的验证密钥，请交审计人员："))
            printer.print("  " + key.description)
            printer.print(
                Phrase(
                    en: "The old key vouches for it and is in \(folder)/keys/retired/: destroy it "
                        + "when all auditors have the new one.",
                    zh: "旧密钥已为其作证，现存于 \(folder)/keys/retired/：待各审计人员收到新密钥后请销毁。"))
        }
    }
}
