import ArgumentParser
import CanonicalJSON
import LedgerHome
import Merkle
import Phrases
import Records

struct VaultShredCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shred", abstract: "Destroy the keys of a case for good. 永久销毁案件密钥。",
        discussion: """
            What is sealed in the case can then be read by nobody; its records, proofs and
            receipts stay as they are, and the case says since when and why (个人信息保护法
            47). Refused while the case is open, something is owed in it, another open case
            names it, its retention period runs, or a hold stands. Copies of the vault are
            not reached.
            此后密封内容无人能够调阅；记录、证明、回执不受影响，案件载明销毁时间和理由
            （个人信息保护法第 47 条）。案件未办结、有职责未履行、有关联案件未办结、保存
            期限未满或已保全的，不得销毁。密钥库的副本不在其内。
            """)

    @Argument(help: "The case, such as report/RP-1. 案件流。")
    var subject: String

    @Option(
        help: """
            purpose-achieved, retention-over, consent-withdrawn, unlawful or other-law
            (个人信息保护法 47). 法定情形。
            """)
    var ground: ErasureGround

    @OptionGroup var order: OrderOptions
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard StreamName(subject) != nil else {
            throw ValidationError("a case such as report/RP-1, not \(subject)")
        }
    }

    func run() async throws {
        try await ledger.withVault(.write, common) { vault, printer in
            guard let stream = StreamName(subject) else { return }
            do {
                tell(try await vault.shred(stream, ground, order.order), printer)
            } catch VaultRefusal.refused(let obstacles) {
                printer.complain(
                    Phrase(
                        en: "nothing is destroyed: \(subject) may not be",
                        zh: "未予销毁：\(subject) 不得销毁"))
                throw VaultRefusal.refused(obstacles)
            }
        }
    }

    private func tell(_ shredding: Shredding, _ printer: Printer) {
        guard !common.json else {
            return printer.print(shredding.json)
        }
        printer.print(
            Phrase(
                en: "\(shredding.handleCount) keys are destroyed; record \(shredding.sequence) "
                    + "says so.",
                zh: "已销毁 \(shredding.handleCount) 个密钥，见记录 \(shredding.sequence)。"))
    }
}

extension ErasureGround: ExpressibleByArgument {}
