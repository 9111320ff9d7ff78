import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerData
import LedgerHome
import Phrases
import Sampling

struct SampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Print fictitious events, one a line. 输出虚构的样例事件，每行一个。",
        discussion: """
            Any number of CloudEvents for trying a ledger out: whole cases of the shipped
            sample, again and again with other names, dates and texts. Event n of a seed is
            always the same. Every name begins with 虚构样例 and every address is reserved
            for examples.
            按随附样例的案件成批生成可入账的 CloudEvents，名称、日期、文字各不相同；同一种
            子的第 n 个事件始终不变。名称均以“虚构样例”开头，网址均为示例专用。

            hanqing sample --events 1000 | hanqing append --ledger DIR --receipts brief

            With --year: a year of the bureau under the shipped catalogue. Cases of all
            procedures, late entries, refused attempts, and known breaches of every rule
            and limit, which --truth writes down. Append it with --keep-going and
            --may-assert. What is late against the time of record is not among the truths:
            the ledger records now. With --scenario accident: one fictitious accident and
            five years before it, as a story that hanqing trace must find whole. 加
            --scenario accident 生成一起事故及此前五年的情节。
            加 --year 生成全年各程序案件，含迟录、被拒尝试和对每条规则与期限的已知违反；
            --truth 将其写入文件。
            """)

    @Option(help: "Which events; another seed gives others. 随机种子。")
    var seed: UInt64 = 1

    @Option(help: "How many. 事件个数。")
    var events = 1_000

    @Option(help: "Number of the first event. 首个事件的序号。")
    var from = 0

    @Option(help: "canonical: RFC 8785; loose: as many producers write it. 写法。")
    var form = Sampler.Form.canonical

    @Option(help: "A whole year of the bureau, such as 2025. 生成该年度。")
    var year: Int?

    @Option(help: "So many years, from --year on. 年数。")
    var years = 1

    @Option(
        help: ArgumentHelp(
            "Where to write what is known to be wrong, one JSON object a line. 已知违规清单。",
            valueName: "file"))
    var truth: String?

    @Option(
        help: ArgumentHelp(
            "Receipts of that year's events: print the entries that mend them. 依回执输出更正等记载。",
            valueName: "file"))
    var mend: String?

    @Flag(help: "With what must be sealed: for a ledger with a vault. 含须密封的内容（账本须有密钥库）。")
    var sealed = false

    @Option(help: "A story made to be traced: accident. 生成可倒查的情节。")
    var scenario: Scenario?

    enum Scenario: String, ExpressibleByArgument, CaseIterable {
        case accident
    }

    @OptionGroup var common: CommonOptions

    static let eventsPerWrite = 1_000

    func validate() throws {
        guard events >= 0, from >= 0, events <= 1 << 48, from <= 1 << 48 else {
            throw ValidationError("--events and --from are whole numbers from 0 on")
        }
        if scenario != nil {
            guard year == nil, from == 0, years == 1, !sealed else {
                throw ValidationError("--scenario goes with --seed, --truth and --mend")
            }
            return
        }
        guard let year else {
            if truth != nil || mend != nil || years != 1 || sealed {
                throw ValidationError("--truth, --mend, --sealed and --years go with --year")
            }
            return
        }
        guard 1970...2200 ~= year, 1...50 ~= years, from == 0, form == .canonical else {
            throw ValidationError(
                "--year is a year such as 2025, without --from and --form; --years is 1 to 50")
        }
    }

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
            if scenario != nil { return try sampleStory(printer) }
            if let year { return try sampleYear(year, printer) }
            let sampler = try sampler()
            var made = SampledEvents()
            var place = from
            while place < from + events, !printer.isClosed {
                let next = min(place + SampleCommand.eventsPerWrite, from + events)
                made.removeAll()
                for number in place..<next { sampler.append(number, form, asLine: true, to: &made) }
                printer.write(made.bytes)
                place = next
            }
        }
    }

    private func sampler() throws -> Sampler {
        do {
            return try Sampler(LedgerData.sample, catalogue: try readCatalogue(nil), seed: seed)
        } catch let error as SamplingError {
            throw LedgerError([error.phrase])
        }
    }
}

extension Sampler.Form: ExpressibleByArgument {}
