import ArgumentParser
import LedgerHome
import Merkle
import Phrases

struct VaultDueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "due", abstract: "Whose sealed values are to be destroyed. 待销毁的密封内容。",
        discussion: """
            Cases whose procedure says how long sealed values are kept (keepYears), where
            that time is over since their last record and no record says that the keys were
            destroyed (个人信息保护法 47). hanqing vault shred then tells what else stands
            against it.
            列出保存期限已届满而密钥尚未销毁的案件；能否销毁由 vault shred 逐项判断。
            Exit code 1 if there are any. 有待销毁者时退出码为 1。
            """)

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withPasts(asOf, common) { asked, printer in
            let (past, ledger) = (asked.members[0].past, asked.members[0].ledger)
            let ends = try await past.retentionEnds(but: try await ledger.keysDestroyed())
            if common.json {
                for end in ends { printer.print(end.json) }
            } else if ends.isEmpty {
                printer.print(
                    Phrase(en: "nothing is kept longer than it is to be", zh: "没有超期保存的密封内容"))
            } else {
                printer.table(
                    ends.map { end in
                        [
                            end.stream, end.until,
                            printer.text(
                                en: "\(end.daysOver) days over", zh: "已超期 \(end.daysOver) 天"),
                            end.fields.joined(separator: " "),
                        ]
                    })
            }
            guard ends.isEmpty else { throw Exit.found }
        }
    }
}
