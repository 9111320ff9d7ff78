import ArgumentParser
import AuditSources
import Bundles
import CanonicalJSON
import Checkpoints
import Exports
import LedgerHome
import Merkle
import Phrases
import Records

struct BundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "One file with records and all that proves them. 生成可独立核验的证据包。",
        discussion: """
            For a court, an inspector or a party who has neither the ledger nor this
            program: a plain tar with records, attachments, proofs, checkpoint,
            cosignatures, timestamps, the catalogue in force, verify.py and a page in
            Chinese and English. The records are in clear: the page says which name
            persons. hanqing verify FILE reads it back.
            供法院、检查人员或当事人独立核验。包内记录为明文，页面注明哪些记录指明个人。
            """)

    @Argument(help: "A case (penalty/PN-1), a record (17) or a range (17-30). 案件、记录或范围。")
    var what: String

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("The file to write. 输出文件。", valueName: "file"))
    var output: String

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let folder = try LedgerFolder(ledger.folder)
            var timestamps: [KeptTimestamp] = []
            for number in try folder.timestamps() {
                timestamps.append(try folder.timestamp(number))
            }
            let contents = try await ledger.bundle(of: try wanted(), timestamps: timestamps)
            do throws(ExportError) {
                try write(contents, ledger)
            } catch {
                throw LedgerError([error.phrase])
            }
            tell(contents, printer)
        }
    }

    private func wanted() throws(LedgerError) -> BundleSubject.Wanted {
        if let stream = StreamName(what) { return .stream(stream) }
        let ends = what.split(separator: "-", omittingEmptySubsequences: false).map {
            UInt64($0)
        }
        guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last
        else {
            throw LedgerError(
                en: "\(what) is neither a case, such as penalty/PN-1, nor a record's number, nor a "
                    + "range, such as 17-30",
                zh: "\(what) 既不是案件（如 penalty/PN-1），也不是记录序号或范围（如 17-30）")
        }
        return .range(first...last)
    }

    private func write(_ contents: BundleContents, _ ledger: Ledger) throws(ExportError) {
        let sink = try FileSink(output)
        try contents.write(
            reading: { (attachment, offset, count) throws(ExportError) in
                do throws(LedgerError) {
                    return try ledger.attachments.bytes(of: attachment, from: offset, count: count)
                } catch {
                    throw ExportError(error.phrases[0])
                }
            }, to: { (bytes) throws(ExportError) in try sink.write(bytes) })
        try sink.finish()
    }

    private func tell(_ contents: BundleContents, _ printer: Printer) {
        let asked = Set(contents.subject.asked)
        let naming = contents.records.count { asked.contains($0.sequence) && !$0.persons.isEmpty }
        func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        guard !printer.isJSON else {
            let answer: JSONValue = [
                "file": .string(output), "records": number(asked.count),
                "namingPersons": number(naming), "attachments": number(contents.attachments.count),
                "timestamps": number(contents.timestamps.count),
                "cosigned": .bool(contents.cosigned != nil),
                "size": number(Int(contents.checkpoint.size.rawValue)),
            ]
            return printer.print(answer)
        }
        printer.print(
            Phrase(
                en: "\(output): records: \(asked.count), attachments: "
                    + "\(contents.attachments.count), timestamps: \(contents.timestamps.count)",
                zh: "\(output)：记录 \(asked.count) 条，附件 \(contents.attachments.count) 个，"
                    + "时间戳 \(contents.timestamps.count) 个"))
        if naming > 0 {
            printer.print(
                Phrase(
                    en: "\(naming) of the records name persons: give it only to those who may see "
                        + "them.",
                    zh: "其中 \(naming) 条记录指明个人：仅可提供给有权查阅的人员。"))
        }
    }
}
