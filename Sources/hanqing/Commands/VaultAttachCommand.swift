import ArgumentParser
import CanonicalJSON
import Foundation
import LedgerHome
import Phrases
import Sealing

struct VaultAttachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Encrypt and hold a file. 加密保存附件。",
        discussion: """
            Nothing of it is on the ledger's disk in clear. What is printed goes into the
            event: attachment is an element of data.attachments, sealed the value of a
            sealed field, such as recordings; it has the file's key, which is kept nowhere
            else. hanqing vault open --files DIR decrypts it for who was approved; when the
            case's keys are destroyed, the file is gone with them.
            账本磁盘上不留明文。输出中 attachment 填入 data.attachments，sealed 填入密封字
            段（如 recordings），其中的密钥不另保存。经批准后以 vault open --files 解密；案
            件密钥销毁后，附件同时不可读。
            """)

    @Argument(help: "The file. 文件。")
    var file: String

    @Option(help: "Its name, sealed with it; else that of the file. 附件名称。")
    var name: String?

    @Option(help: "Such as audio/mp4. 媒体类型。")
    var mediaType = "application/octet-stream"

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let name = name ?? URL(filePath: file).lastPathComponent
            let (key, byteCount) = try ledger.attachments.addSealed(
                file, origin: ledger.settings.origin, name: name, mediaType: mediaType)
            printer.print([
                "attachment": key.attachment(byteCount: byteCount), "sealed": key.json,
            ])
        }
    }
}
