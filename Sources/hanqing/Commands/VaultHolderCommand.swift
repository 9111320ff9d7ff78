import ArgumentParser
import CanonicalJSON
import LedgerHome
import Merkle
import Phrases
import Sealing

struct VaultHolderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holder", abstract: "Who holds keys. 保管人。",
        subcommands: [
            VaultHolderAddCommand.self, VaultHolderListCommand.self,
            VaultHolderRetireCommand.self,
        ])
}

struct VaultHolderAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make somebody a holder: it is recorded. 增加保管人。",
        discussion: """
            From then on he can open what is sealed to his groups; what was sealed before,
            he cannot. The record comes first: if this is interrupted, say it again.
            此后封装给所属分组的内容该保管人均可调阅，此前密封的不可。先入账后生效；中断后
            重新运行即可。
            """)

    @Option(help: "The holder's name, an office. 保管人（单位或岗位）名称。")
    var name: String

    @Option(
        help: ArgumentHelp(
            "X25519 in PEM or DER, or 32 bytes. X25519 公钥文件。", valueName: "file"))
    var publicKey: String

    @Option(help: "sensitive, sealed, outside, …; may be repeated. 分组，可重复。")
    var group: [String]

    @OptionGroup var order: OrderOptions
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        for name in group where HolderGroup(name) == nil {
            throw ValidationError("--group is a name such as sealed, not \(name)")
        }
        guard !group.isEmpty else { throw ValidationError("--group: at least one 至少一个") }
    }

    func run() async throws {
        try await ledger.withVault(.write, common) { vault, printer in
            let key = try HolderKeyFile.publicKey(publicKey)
            let holder = Holder(
                name: name, publicKey: key, groups: Set(group.compactMap { HolderGroup($0) }))
            tell(try await vault.add(holder, order.order), holder.id, printer)
        }
    }
}

struct VaultHolderRetireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire", abstract: "Nothing is wrapped to a holder any more. 保管人卸任。",
        discussion: """
            What was wrapped to him before, he can still open: vault rewrap ends that.
            此前封装给他的内容仍可调阅，须用 vault rewrap 转换。
            """)

    @Argument(help: "The id of the holder's key. 保管人密钥编号。")
    var id: String

    @OptionGroup var order: OrderOptions
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard HolderID(text: id) != nil else {
            throw ValidationError("an id has 32 hexadecimal digits 编号为 32 位十六进制数")
        }
    }

    func run() async throws {
        try await ledger.withVault(.write, common) { vault, printer in
            guard let id = HolderID(text: id) else { return }
            tell(try await vault.retire(id, order.order), id, printer)
        }
    }
}

struct VaultHolderListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Holders, as the records say. 账本所载的保管人。",
        discussion: """
            hanqing vault status compares them with the vault.
            hanqing vault status 可与密钥库核对。
            """)

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let entries = try await ledger.holderBook().entries
            guard !common.json else {
                return printer.print(
                    .array(
                        entries.map { entry in
                            entry.holder.shown(
                                JSONMember("seq", .integer(Int64(clamping: entry.sequence))))
                        }))
            }
            printer.table(
                entries.map { entry in
                    [
                        entry.holder.id.text, entry.holder.name,
                        entry.holder.groups.sorted().map(\.name).joined(separator: " "),
                        printer.text(
                            en: "record \(entry.sequence)", zh: "记录 \(entry.sequence)"),
                        entry.holder.isRetired ? printer.text(en: "retired", zh: "已卸任") : "",
                    ]
                })
        }
    }
}

private func tell(_ sequence: SequenceNumber?, _ id: HolderID, _ printer: Printer) {
    guard !printer.isJSON else {
        return printer.print([
            "id": .string(id.text),
            "seq": sequence.map { .integer(Int64(clamping: $0.rawValue)) } ?? .null,
        ])
    }
    guard let sequence else {
        return printer.print(
            Phrase(en: "It was recorded already: \(id).", zh: "此前已入账：\(id)。"))
    }
    printer.print(
        Phrase(en: "Recorded as record \(sequence): \(id).", zh: "已记为记录 \(sequence)：\(id)。"))
}

extension Holder {
    /// The holder, and more of him.
    func shown(_ more: JSONMember) -> JSONValue {
        .object((json.members ?? []) + [JSONMember("retired", .bool(isRetired)), more])
    }
}
