import ArgumentParser
import CanonicalJSON
import Checkpoints
import Foundation
import LedgerHome
import Merkle
import Phrases
import Publishing

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Write the tree as a folder that any web server can serve. 将哈希树发布为静态目录。",
        discussion: """
            The folder is c2sp.org/tlog-tiles: hashes and the signed checkpoint, which say
            nothing of a record, and with --with-entries the records too. Run it again to
            publish what is new; a run that was killed is simply run again. With --policy
            the checkpoint is published when enough witnesses have cosigned it. hanqing
            verify audits the folder.
            目录符合 c2sp.org/tlog-tiles，默认只含哈希与签名检查点；重复运行即增量发布，中
            断后重新运行即可。
            Exit codes: 1 the ledger contradicts what was published or witnessed; 3 not
            enough witnesses. 退出码：1 与已发布或已见证的内容矛盾；3 见证人不足。
            """)

    @Argument(help: "The folder to publish into. 发布目录。")
    var dir: String

    @Flag(help: "Publish the records too: for auditors, not for the public. 同时发布记录原文。")
    var withEntries = false

    @Flag(help: "Compare all that was published, not only what is new. 重新核对全部已发布内容。")
    var all = false

    @Option(
        help: ArgumentHelp(
            "How long to wait for witnesses that do not answer. 等待见证人的秒数。",
            valueName: "seconds"))
    var wait: UInt32 = 30

    @OptionGroup var policy: PolicyOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let policy = try policy.policy()
            do {
                try await publish(ledger, policy, printer)
            } catch let error as PublicationError {
                printer.complain(error.phrase)
                if case .contradiction = error { throw Exit.found }
                throw Exit.unanswered
            }
        }
    }

    private func publish(
        _ ledger: Ledger, _ policy: WitnessPolicy?, _ printer: Printer
    ) async throws {
        var options = Publisher.Options()
        (options.withEntries, options.all) = (withEntries, all)
        let publication = Publication(
            ledger, options, policy.map { Publication.Witnesses($0, WitnessPost()) })
        let line = printer.progress(Phrase(en: "publishing", zh: "正在发布"), .records)
        let outcome = try await publication.run(
            into: try PublicationFolder(dir),
            Publication.Surroundings(
                progress: { line.tell(done: $0, total: $1) },
                missing: { name, why in
                    printer.complain(
                        Phrase(en: "witness \(name): \(why.en)", zh: "见证人 \(name)：\(why.zh)"))
                }, pause: patience()))
        switch outcome {
        case .published(let report, let checkpoint):
            PublicationPage(report, checkpoint, policy, dir, printer).print()
        case .unmet(let unmet):
            printer.complain(
                Phrase(
                    en: "\(unmet.en). The checkpoint was not published; what was published before "
                        + "stands. Run it again",
                    zh: "\(unmet.zh)。检查点未发布，先前发布的内容不变；请稍后重新运行"))
            throw Exit.quorumUnmet
        }
    }

    private static let pauseMax = 8

    /// Waits between two questions as long as `--wait` allows, which counts from the first answer.
    private func patience() -> (Int) async -> Bool {
        var deadline: ContinuousClock.Instant?
        return { seconds in
            let end = deadline ?? ContinuousClock.now + .seconds(wait)
            deadline = end
            let pause = Duration.seconds(min(seconds, PublishCommand.pauseMax))
            guard ContinuousClock.now + pause < end else { return false }
            return (try? await Task.sleep(for: pause)) != nil
        }
    }
}

/// What a publication did, for people and programs.
private struct PublicationPage {
    private let report: PublicationReport
    private let checkpoint: VerifiedCheckpoint
    private let witnesses: [String]
    private let folder: String
    private let printer: Printer

    init(
        _ report: PublicationReport, _ checkpoint: VerifiedCheckpoint, _ policy: WitnessPolicy?,
        _ folder: String, _ printer: Printer
    ) {
        (self.report, self.checkpoint, self.folder, self.printer) = (
            report, checkpoint, folder, printer
        )
        let found = (try? checkpoint.cosignatures(by: policy?.witnessKeys ?? [])) ?? [:]
        witnesses = (policy?.witnesses ?? []).filter { found[$0.key] != nil }.map(\.name)
    }

    func print() {
        guard !printer.isJSON else { return printer.print(json) }
        let (from, size) = (printer.grouped(report.from), printer.grouped(report.size))
        printer.print(
            Phrase(
                en: "\(folder): published \(size) records' hashes (\(from) before); "
                    + "files written: \(report.files)",
                zh: "\(folder)：已发布 \(size) 条记录的哈希（此前 \(from) 条），新增 \(report.files) 个文件"))
        if report.rewritten > 0 {
            printer.print(
                Phrase(
                    en: "files whose records were withheld since: \(report.rewritten)",
                    zh: "因记录遮蔽而改写的文件：\(report.rewritten) 个"))
        }
        if !witnesses.isEmpty {
            printer.print(
                Phrase(
                    en: "cosigned by \(witnesses.joined(separator: ", "))",
                    zh: "已联署的见证人：\(witnesses.joined(separator: "、"))"))
        }
    }

    private var json: JSONValue {
        func number(_ value: UInt64) -> JSONValue { .integer(Int64(clamping: value)) }
        return [
            "origin": .string(checkpoint.origin.text), "from": number(report.from),
            "size": number(report.size), "root": .string(checkpoint.root.description),
            "files": .integer(Int64(report.files)), "bytes": .integer(Int64(report.byteCount)),
            "rewritten": .integer(Int64(report.rewritten)),
            "withheld": .integer(Int64(report.withheld)),
            "collected": .integer(Int64(report.collected)),
            "cosigned": .array(witnesses.map { .string($0) }),
        ]
    }
}
