import ArgumentParser
import CanonicalJSON
import Checkpoints
import Digests
import LedgerHome
import Merkle
import Phrases
import Records

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The ledger's keys. 账本密钥。",
        discussion: """
            Specs/keys.md has the procedures for a change of key, a lost and a stolen one.
            更换密钥、密钥丢失和被盗的处置程序见 Specs/keys.md。
            """,
        subcommands: [
            KeyListCommand.self, KeyRotateCommand.self, KeyReplaceCommand.self,
            KeyEncryptCommand.self, KeyNameCommand.self, KeyAddSM2Command.self,
        ])
}

/// A key that a program holds.
struct ExternalKeyOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The new key, held by signer.command of ledger.yaml. 由外部程序保管的新密钥。",
            valueName: "vkey"))
    var newKey: String?

    func key() throws -> VerifierKey? { try newKey.map(readVerifierKey) }
}

struct KeyRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give the ledger a new key, which the old one vouches for. 更换账本密钥。",
        discussion: """
            The change is recorded. Auditors who know the old key accept the new one; tell
            them all the same, and add it to witnesses' settings. With --overlap-days both
            keys sign for so long. It may be run again after a crash. A service that has
            the ledger open is stopped first.
            更换密钥会记入账本，并由旧密钥为新密钥作证；仍应告知审计人员，并加入见证人的配
            置。指定 --overlap-days 则在此期间新旧密钥同时签名。中断后可重新运行。运行前须
            先停止正在使用该账本的服务。
            """)

    @Option(help: "For how many days the old key signs too. 新旧密钥并签的天数。")
    var overlapDays = 0

    @OptionGroup var order: OrderOptions
    @OptionGroup var external: ExternalKeyOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        let allowed = Ledger.KeyChangePlan.overlapDaysAllowed
        guard allowed.contains(overlapDays) else {
            throw ValidationError(
                "--overlap-days: from \(allowed.lowerBound) to \(allowed.upperBound)")
        }
    }

    func run() async throws {
        let printer = common.printer(for: try? ledger.folder)
        try await answering(printer) {
            var plan = Ledger.KeyChangePlan(order.order)
            (plan.overlapDays, plan.external) = (overlapDays, try external.key())
            let folder = try ledger.folder
            let outcome = try await Ledger.changeKey(folder, plan, logger: common.logger)
            guard !common.json else { return printer.print(outcome.json) }
            tellNewKey(outcome, printer)
            guard outcome.isVouched else { return tellUnvouched(outcome, folder, printer) }
            printer.print(
                Phrase(
                    en: "The old key vouches for it and is in \(folder)/keys/retired/: destroy it "
                        + "when all auditors have the new one.",
                    zh: "旧密钥已为其作证，现存于 \(folder)/keys/retired/：待各审计人员收到新密钥后请销毁。"))
            guard let until = outcome.announcement.overlapUntil else { return }
            printer.print(
                Phrase(
                    en: "Until \(until.text) both sign; keep the old key there until then, and "
                        + "add the new one to every witness's settings before.",
                    zh: "\(until.text) 之前新旧密钥同时签名；在此之前请保留旧密钥，并将新密钥加入各见证人的配置。"))
        }
    }
}

struct KeyReplaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replace",
        abstract: "Replace a key that is lost or stolen: nobody vouches. 替换丢失或被盗的密钥。",
        discussion: """
            The loss or theft is recorded with the new key. Nobody vouches for the new one,
            so every auditor finds key-revoked (exit code 1) until he is given it by
            another way. First collect what auditors and witnesses kept: Specs/keys.md
            section 4.
            丢失或被盗的情况与新密钥一并记入账本。新密钥无人作证，审计人员验证时会发现
            key-revoked（退出码 1），须另行取得新密钥。请先收集审计人员和见证人留存的检查
            点：
            见 Specs/keys.md 第 4 节。
            """)

    @Option(help: "lost or stolen. 丢失（lost）或被盗（stolen）。")
    var cause: String

    @OptionGroup var order: OrderOptions
    @OptionGroup var external: ExternalKeyOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard RevocationCause(rawValue: cause) != nil else {
            throw ValidationError("--cause is lost or stolen, not \(cause)")
        }
    }

    func run() async throws {
        let printer = common.printer(for: try? ledger.folder)
        try await answering(printer) {
            var plan = Ledger.KeyChangePlan(order.order)
            (plan.revoked, plan.external) = (RevocationCause(rawValue: cause), try external.key())
            let folder = try ledger.folder
            let outcome = try await Ledger.changeKey(folder, plan, logger: common.logger)
            guard !common.json else { return printer.print(outcome.json) }
            tellNewKey(outcome, printer)
            if !outcome.isVouched { tellUnvouched(outcome, folder, printer) }
        }
    }
}

private func tellNewKey(_ outcome: Ledger.KeyChangeOutcome, _ printer: Printer) {
    printer.print(
        Phrase(
            en: "Recorded as record \(outcome.sequence). The new key, for the auditors:",
            zh: "已记为记录 \(outcome.sequence)。新的验证密钥，请交审计人员："))
    printer.print("  " + outcome.key.description)
}

private func tellUnvouched(
    _ outcome: Ledger.KeyChangeOutcome, _ folder: String, _ printer: Printer
) {
    printer.print(
        Phrase(
            en: "Nobody vouches for it. Give it to each auditor and each witness by another way "
                + "than this ledger, with the number of the record; they go on with "
                + "hanqing verify --vkey.",
            zh: "无人为其作证。请通过账本以外的途径将新密钥和该记录序号逐一交给审计人员和见证人；审计人员以 "
                + "hanqing verify --vkey 继续。"))
    guard outcome.announcement.revoked == .stolen else { return }
    printer.print(
        Phrase(
            en: "The stolen key, if it was here, is in \(folder)/keys/retired/, as evidence.",
            zh: "被盗的密钥如原在此处，现存于 \(folder)/keys/retired/，作为证据。"))
}

extension Ledger.KeyChangeOutcome {
    fileprivate var json: JSONValue {
        [
            "seq": .integer(Int64(sequence.rawValue)), "vkey": .string(key.description),
            "vouched": .bool(isVouched),
            "overlapUntil": announcement.overlapUntil.map { .string($0.text) } ?? .null,
            "revoked": announcement.revoked.map { .string($0.rawValue) } ?? .null,
        ]
    }
}

struct KeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The keys that the ledger has had. 账本历次密钥。",
        discussion: """
            From its own records, the one in force last: what the ledger says, not what to
            believe.
            取自账本自身的记录，末行为现用密钥：仅为账本所载，是否可信须另行核对。
            """)

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            guard !common.json else {
                let keys = ledger.announcements.map(json)
                return printer.print([
                    "keys": .array(keys),
                    "sm2": .array(ledger.sm2Keys.map { .string($0.description) }),
                ])
            }
            printer.table(
                ledger.announcements.map { announcement in
                    [
                        printer.grouped(announcement.sequence.rawValue), how(announcement, printer),
                        announcement.key.description,
                    ]
                } + ledger.sm2Keys.map { ["", "SM2", $0.description] })
        }
    }

    private func json(_ announcement: KeyAnnouncement) -> JSONValue {
        [
            "seq": .integer(Int64(announcement.sequence.rawValue)),
            "vkey": .string(announcement.key.description), "type": .string(announcement.type),
            "overlapUntil": announcement.overlapUntil.map { .string($0.text) } ?? .null,
            "revoked": announcement.revoked.map { .string($0.rawValue) } ?? .null,
        ]
    }

    private func how(_ announcement: KeyAnnouncement, _ printer: Printer) -> String {
        switch (announcement.type, announcement.revoked) {
        case (_, .lost): printer.text(en: "after a loss", zh: "丢失后更换")
        case (_, .stolen): printer.text(en: "after a theft", zh: "被盗后更换")
        case ("ledger.created", _): printer.text(en: "first", zh: "建账")
        case ("ledger.restored", _): printer.text(en: "restored", zh: "恢复")
        default: printer.text(en: "rotated", zh: "更换")
        }
    }
}

struct KeyEncryptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encrypt",
        abstract: "Encrypt the private keys under a passphrase. 用口令加密私钥。",
        discussion: """
            Keys become PKCS#8 PEM (PBES2, scrypt, AES-256-CBC), which openssl pkey reads
            too. If they are encrypted already, --passphrase-file names the old passphrase.
            密钥将转为 PKCS#8 PEM（PBES2、scrypt、AES-256-CBC），openssl pkey 亦可读取。如
            已加密，--passphrase-file 为原口令文件。
            """)

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the new passphrase. 新口令文件（首行）。", valueName: "file"))
    var newPassphraseFile: String

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? ledger.folder)
        try await answering(printer) {
            let files = try await Ledger.encryptKeys(
                try ledger.folder, under: newPassphraseFile)
            guard !common.json else {
                return printer.print(["files": .array(files.map { .string($0) })])
            }
            for file in files {
                printer.print(Phrase(en: "Encrypted \(file).", zh: "已加密 \(file)。"))
            }
        }
    }
}

struct KeyNameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "name",
        abstract: "The verifier key of a public key that a device holds. 为设备公钥命名。",
        discussion: """
            For hanqing key rotate --new-key and for signer.command in ledger.yaml.
            用于 hanqing key rotate --new-key 和 ledger.yaml 的 signer.command。
            """)

    @Option(help: "The ledger's name. 账本名称。")
    var origin: String

    @Option(
        help: ArgumentHelp(
            "Ed25519 in PEM or DER, or 32 bytes. Ed25519 公钥文件。", valueName: "file"))
    var publicKey: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
            guard let name = KeyName(origin) else {
                throw LedgerError(
                    en: "a key's name has no spaces and no +", zh: "密钥名称不得含空格或 +")
            }
            guard let key = Ed25519PublicKey(file: try contents(publicKey)) else {
                throw LedgerError(
                    en: "\(publicKey) is no public Ed25519 key",
                    zh: "\(publicKey) 不是 Ed25519 公钥")
            }
            let text = VerifierKey(name: name, type: .ed25519, publicKey: key).description
            printer.isJSON ? printer.print(["vkey": .string(text)]) : printer.print(text)
        }
    }
}

struct KeyAddSM2Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-sm2",
        abstract: "Give the ledger an SM2 key beside its own. 增设 SM2 密钥。",
        discussion: """
            It is recorded. hanqing checkpoint --sm2 then signs checkpoints with SM2 too,
            over the SM3 root of the same records: Specs/shangmi.md.
            记入账本。之后 hanqing checkpoint --sm2 会在检查点上加 SM2 签名，覆盖相同记录的
            SM3 树根。
            """)

    @OptionGroup var order: OrderOptions
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? ledger.folder)
        try await answering(printer) {
            let (sequence, key) = try await Ledger.addSM2Key(
                try ledger.folder, Ledger.KeyChangePlan(order.order), logger: common.logger)
            guard !common.json else {
                return printer.print([
                    "seq": sequence.map { .integer(Int64($0.rawValue)) } ?? .null,
                    "vkey": .string(key.description),
                    "pem": .string(String(decoding: key.publicKey.pem, as: UTF8.self)),
                ])
            }
            printer.print(
                sequence.map {
                    Phrase(en: "Recorded as record \($0). The key:", zh: "已记为记录 \($0)。密钥：")
                } ?? Phrase(en: "It was recorded already. The key:", zh: "此前已入账。密钥："))
            printer.print("  " + key.description)
            printer.print(String(decoding: key.publicKey.pem, as: UTF8.self))
        }
    }
}
