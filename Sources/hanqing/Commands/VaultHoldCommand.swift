import ArgumentParser
import CanonicalJSON
import LedgerHome
import Merkle
import Phrases
import Records
import Sealing

struct VaultHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keep a case from being shredded. 保全，禁止销毁。",
        discussion: """
            A lawsuit, an inspection or a request of another organ may need what is sealed
            after all periods are over. While a hold stands, vault shred is refused.
            诉讼、监察或其他机关的要求可能在保存期限届满后仍需密封内容。保全期间不得销毁。
            """,
        subcommands: [
            VaultHoldPlaceCommand.self, VaultHoldListCommand.self, VaultHoldReleaseCommand.self,
        ])
}

struct VaultHoldPlaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place", abstract: "Place a hold: it is recorded. 设立保全。",
        discussion: """
            It is named by its record, such as H-57. 保全以其记录序号命名，如 H-57。
            """)

    @Argument(help: "The case, such as report/RP-1. 案件流。")
    var subject: String

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
            let hold = try await vault.hold(stream, order.order)
            guard !common.json else { return printer.print(hold.json) }
            printer.print(
                Phrase(
                    en: "\(hold.id) stands on \(hold.subject).",
                    zh: "已设立保全 \(hold.id)：\(hold.subject)。"))
        }
    }
}

struct VaultHoldReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Release a hold: it is recorded. 解除保全。")

    @Argument(help: "The hold, such as H-57. 保全编号。")
    var id: String

    @OptionGroup var order: OrderOptions
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withVault(.write, common) { vault, printer in
            let sequence = try await vault.release(holdWith: id, order.order)
            guard !common.json else {
                return printer.print([
                    "id": .string(id), "seq": .integer(Int64(clamping: sequence.rawValue)),
                ])
            }
            printer.print(
                Phrase(
                    en: "\(id) is released; record \(sequence) says so.",
                    zh: "已解除保全 \(id)，见记录 \(sequence)。"))
        }
    }
}

struct VaultHoldListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Holds that stand. 现行保全。")

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let holds = try await ledger.holdBook().standing
            guard !common.json else { return printer.print(.array(holds.map(\.json))) }
            printer.table(holds.map { [$0.id, $0.subject, $0.placed, $0.reason] })
            if holds.isEmpty {
                printer.print(Phrase(en: "No hold stands.", zh: "没有现行保全。"))
            }
        }
    }
}
