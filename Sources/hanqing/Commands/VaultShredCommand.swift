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
            names it, its retention period runs, or a hold stands. A service that has the
            ledger open is stopped first. Copies of the vault are not reached.
            此后密封内容无人能够调阅；记录、证明、回执不受影响，案件载明销毁时间和理由
            （个人信息保护法第 47 条）。案件未办结、有职责未履行、有关联案件未办结、保存
            期限未满或已保全的，不得销毁。运行前须先停止正在使用该账本的服务。密钥库的副
            本不在其内。
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
        try await ledger.withLedger(.write, common) { ledger, printer in
            guard let stream = StreamName(subject) else { return }
            do throws(ShredError) {
                tell(try await ledger.shred(stream, ground, order.order), printer)
            } catch {
                switch error {
                case .unanswered(let error): throw error
                case .refused(let obstacles):
                    refuse(obstacles, printer)
                    throw Exit.found
                }
            }
        }
    }

    private func tell(_ shredding: Shredding, _ printer: Printer) {
        guard !common.json else {
            return printer.print([
                "seq": .integer(Int64(clamping: shredding.sequence.rawValue)),
                "keys": .integer(Int64(shredding.handleCount)),
            ])
        }
        printer.print(
            Phrase(
                en: "\(shredding.handleCount) keys are destroyed; record \(shredding.sequence) "
                    + "says so.",
                zh: "已销毁 \(shredding.handleCount) 个密钥，见记录 \(shredding.sequence)。"))
    }

    private func refuse(_ obstacles: [Obstacle], _ printer: Printer) {
        guard !common.json else {
            return printer.print([
                "obstacles": .array(obstacles.map { .string($0.phrase[printer.language]) })
            ])
        }
        printer.complain(
            Phrase(
                en: "nothing is destroyed: \(subject) may not be", zh: "未予销毁：\(subject) 不得销毁"))
        for obstacle in obstacles { printer.complain(obstacle.phrase) }
    }
}

extension ErasureGround: ExpressibleByArgument {}
