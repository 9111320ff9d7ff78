import ArgumentParser
import CanonicalJSON
import Digests
import DurableFiles
import Foundation
import LedgerHome
import Merkle
import Phrases
import Records
import Sealing

struct VaultOpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Show what was sealed, as approved. 调阅密封内容。",
        discussion: """
            CASE is of the procedure vault: it holds the request (vault.access-requested,
            with relatedCase and fieldNames) and the approval that another person entered
            (vault.access-approved, with validUntil and openingsMax). The opening is
            recorded first (vault.opened), and then shown. Run it where the holder's key
            is.
            CASE 为 vault 程序的案件，须已有申请（写明 relatedCase、fieldNames）及另一人
            登记的批准（validUntil、openingsMax）。先入账（vault.opened），后显示。在保管
            人私钥所在处运行。

            --emergency waits for no approval: vault.emergency-opened is recorded, and
            within a working day somebody else has to say whether there was reason.
            --emergency 不等待批准：先记 vault.emergency-opened，须在一个工作日内由他人
            认定。
            """)

    @Argument(help: "The vault case, such as vault/VA-1. 调阅案件。")
    var access: String

    @Option(help: ArgumentHelp("The holder's private key. 保管人私钥文件。", valueName: "file"))
    var key: String

    @Option(help: "Who sees it (a pseudonymous id). 查看人代号。")
    var viewer: String

    @Option(help: "That person's unit. 查看人单位。")
    var unit = "-"

    @Option(help: ArgumentHelp("Why it cannot wait. 紧急理由。", valueName: "why"))
    var emergency: String?

    @Option(
        help: ArgumentHelp(
            "With --emergency: whose values, such as report/RP-1. 紧急调阅的案件。", valueName: "stream"))
    var `case`: String?

    @Option(
        help: ArgumentHelp(
            "With --emergency: a field's name; may be repeated. 紧急调阅的字段，可重复。",
            valueName: "name"))
    var field: [String] = []

    @Option(
        help: ArgumentHelp(
            "Decrypt attachments whose keys are shown into this folder. 将附件解密到该目录。",
            valueName: "dir"))
    var files: String?

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard StreamName(access)?.procedure == "vault" else {
            throw ValidationError(
                "a case of the procedure vault, such as vault/VA-1, not \(access)")
        }
        if emergency == nil {
            guard `case` == nil, field.isEmpty else {
                throw ValidationError("--case and --field go with --emergency 仅用于紧急调阅")
            }
        } else if `case`.flatMap({ StreamName($0) }) == nil || field.isEmpty {
            throw ValidationError("--emergency needs --case and --field 须指定 --case 和 --field")
        }
    }

    func run() async throws {
        try await ledger.withVault(.write, common) { vault, printer in
            guard let stream = StreamName(access) else { return }
            let key = try HolderKeyFile.privateKey(key)
            let viewer = Viewer(
                person: viewer, unit: unit, recorder: Recorder.text("cli", NSUserName()))
            let opening = try await vault.recordOpening(
                stream, by: viewer, holder: key.publicKey, emergency: demanded)
            let values = opening.values(with: key)
            tell(opening, values, printer)
            guard let files else { return }
            for path in try save(values, in: files, origin: vault.origin) {
                printer.complain(Phrase(en: "written: \(path)", zh: "已写入：\(path)"))
            }
        }
    }

    /// Each under the number of its record, so that none is another's.
    private func save(
        _ values: [OpenedValue], in folder: String, origin: String
    ) throws(LedgerError) -> [String] {
        let attachments = AttachmentFolder(ledger: try ledgerFolder())
        do throws(FileError) {
            try DurableFile.makeFolders(folder)
        } catch {
            throw LedgerError([error.phrase])
        }
        var written: [String] = []
        for value in values {
            for (place, key) in value.fileKeys.enumerated() {
                let name = key.name.replacing("/", with: "-")
                let path = "\(folder)/\(value.sequence)-\(value.field)-\(place + 1)-\(name)"
                try attachments.open(key, origin: origin, to: path)
                written.append(path)
            }
        }
        return written
    }

    private func ledgerFolder() throws(LedgerError) -> String {
        do {
            return try ledger.folder
        } catch {
            throw error as? LedgerError ?? LedgerError(en: "\(error)", zh: "\(error)")
        }
    }

    private var demanded: Emergency? {
        guard let emergency, let stream = `case` else { return nil }
        return Emergency(stream: stream, fields: field, reason: emergency)
    }

    private func tell(_ opening: RecordedOpening, _ values: [OpenedValue], _ printer: Printer) {
        guard !common.json else {
            return printer.print([
                "opening": .integer(Int64(clamping: opening.sequence.rawValue)),
                "values": .array(values.map(\.json)),
            ])
        }
        printer.complain(
            Phrase(
                en: "record \(opening.sequence) says who saw this, and why",
                zh: "记录 \(opening.sequence) 已载明查看人和用途"))
        if emergency != nil {
            printer.complain(
                Phrase(
                    en: "NOBODY APPROVED THIS. Within a working day another person has to record "
                        + "vault.emergency-justified in \(access)",
                    zh: "此次调阅未经批准：须在一个工作日内由他人在 \(access) 登记 vault.emergency-justified"))
        }
        printer.table(
            values.map { value in
                ["\(value.sequence)", value.field, value.text[printer.language]]
            })
    }
}

extension OpenedValue {
    fileprivate var fileKeys: [SealedFileKey] {
        guard case .value(let secret) = outcome else { return [] }
        let value = secret.withBytes { try? JSONValue(parsing: Array($0)) }
        return value.map { SealedFileKey.all(in: $0) } ?? []
    }

    fileprivate var text: Phrase {
        switch outcome {
        case .value(let secret):
            let text = secret.withBytes { String(decoding: $0, as: UTF8.self) }
            let plain = (try? JSONValue(parsing: text.utf8))?.string ?? text
            return Phrase(en: plain, zh: plain)
        case .shredded(let day):
            return Phrase(en: "(key destroyed on \(day))", zh: "（密钥已于 \(day) 销毁）")
        case .lost: return Phrase(en: "(its key is lost)", zh: "（密钥已丢失）")
        case .notForHolder:
            return Phrase(en: "(sealed to another holder)", zh: "（封装给其他保管人）")
        case .unsound(let error):
            return Phrase(en: "(\(error.phrase.en))", zh: "（\(error.phrase.zh)）")
        }
    }

    fileprivate var json: JSONValue {
        var members = [
            JSONMember("seq", .integer(Int64(clamping: sequence.rawValue))),
            JSONMember("field", .string(field)),
        ]
        switch outcome {
        case .value(let secret):
            let value = secret.withBytes { try? JSONValue(parsing: Array($0)) }
            members.append(JSONMember("value", value ?? .null))
        case .shredded(let day): members.append(JSONMember("destroyed", .string(day)))
        case .lost: members.append(JSONMember("lost", true))
        case .notForHolder: members.append(JSONMember("otherHolder", true))
        case .unsound(let error): members.append(JSONMember("unsound", .string(error.phrase.en)))
        }
        return .object(members)
    }
}
