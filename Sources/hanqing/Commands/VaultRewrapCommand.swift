import ArgumentParser
import CanonicalJSON
import LedgerHome
import Merkle
import Phrases
import Sealing

struct VaultRewrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrap", abstract: "Give a holder's keys to his new key. 保管人更换密钥。",
        discussion: """
            First the new key joins (vault holder add), with all groups of the old one, and
            the old one leaves (vault holder retire); then this, where the old private key
            is, which is destroyed afterwards. It is recorded. If it is interrupted, say it
            again. 先登记新密钥（vault holder add，须含旧密钥全部分组），旧密钥卸任（vault
            holder retire），再在旧私钥所在处运行本命令，然后销毁旧私钥。本操作入账；中断
            后重新运行即可。
            """)

    @Option(help: ArgumentHelp("The old private key. 旧私钥文件。", valueName: "file"))
    var key: String

    @Option(help: ArgumentHelp("The id of the new key. 新密钥编号。", valueName: "id"))
    var to: String

    @OptionGroup var order: OrderOptions
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard HolderID(text: to) != nil else {
            throw ValidationError("an id has 32 hexadecimal digits 编号为 32 位十六进制数")
        }
    }

    func run() async throws {
        try await ledger.withVault(.write, common) { vault, printer in
            guard let new = HolderID(text: to) else { return }
            let old = try HolderKeyFile.privateKey(key)
            let done = try await vault.rewrap(from: old, to: new, order.order)
            guard !common.json else {
                return printer.print([
                    "seq": .integer(Int64(clamping: done.sequence.rawValue)),
                    "keys": .integer(Int64(done.handleCount)),
                ])
            }
            printer.print(
                Phrase(
                    en: "\(done.handleCount) keys went over; record \(done.sequence) says so.",
                    zh: "已转换 \(done.handleCount) 个密钥，见记录 \(done.sequence)。"))
        }
    }
}
