import ArgumentParser
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
            Any number of CloudEvents for trying a ledger out: whole cases of the shipped sample, \
            again and again with other names, dates and texts. Event n of a seed is always the \
            same. Every name begins with 虚构样例 and every address is reserved for examples.
            按随附样例的案件成批生成可入账的 CloudEvents，名称、日期、文字各不相同；同一种子的第 n 个事件始终不变。\
            名称均以“虚构样例”开头，网址均为示例专用。

            hanqing sample --events 1000 | hanqing append --ledger DIR --receipts brief
            """)

    @Option(help: "Which events; another seed gives others. 随机种子。")
    var seed: UInt64 = 1

    @Option(help: "How many. 事件个数。")
    var events = 1_000

    @Option(help: "Number of the first event. 首个事件的序号。")
    var from = 0

    @Option(help: "canonical: RFC 8785; loose: as many producers write it. 写法。")
    var form = Sampler.Form.canonical

    @OptionGroup var common: CommonOptions

    private static let eventsPerWrite = 1_000

    func validate() throws {
        guard events >= 0, from >= 0, events <= 1 << 48, from <= 1 << 48 else {
            throw ValidationError("--events and --from are whole numbers from 0 on")
        }
    }

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
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
            let catalogue = try EventCatalogue(files: LedgerData.catalogueFiles)
            return try Sampler(LedgerData.sample, catalogue: catalogue, seed: seed)
        } catch let error as CatalogueErrors {
            throw LedgerError(error)
        } catch let error as SamplingError {
            throw LedgerError([error.phrase])
        }
    }
}

extension Sampler.Form: ExpressibleByArgument {}
