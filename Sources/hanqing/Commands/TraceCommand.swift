import ArgumentParser
import CanonicalJSON
import CaseTracing
import Catalogue
import Foundation
import LedgerHome
import Phrases
import Projections
import Rules

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Trace back from an outcome to every act before it. 责任倒查：由结果追溯此前每一步。",
        discussion: """
            NAME is a stream (accident/AX-2025-000001), a record's number, or a document
            number. Links are followed over several cases: references, causes, joined
            cases, what refers to the case, and the same enterprise. The account says who
            knew, proposed, handled, reviewed, deliberated, signed and supervised, in which
            post, on what authority. NAME 为案件流、记录序号或文号；沿引用、起因、并案与同
            一企业追溯，列明何人何时以何职务知情、提出、
            承办、审核、讨论、签发、监督及其依据。
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, dot, svg
    }

    @Argument(help: "A stream, a record's number or a document number. 案件流、记录序号或文号。")
    var name: String

    @Option(help: "So many years back for the same enterprise. 同一企业回溯年数。")
    var years = 5

    @Option(help: "So many links from the first case. 追溯层数。")
    var depth = 5

    @Option(help: "text, json, dot (Graphviz) or svg. 输出格式。")
    var format = Format.text

    @Option(help: ArgumentHelp("Write to this file. 写入文件。", valueName: "file"))
    var out: String?

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard 1...100 ~= years, 0...50 ~= depth else {
            throw ValidationError("--years is 1 to 100, --depth 0 to 50")
        }
        guard !common.json || format == .text || format == .json else {
            throw ValidationError("--json goes with --format json")
        }
    }

    func run() async throws {
        try await ledger.withPasts(asOf, common) { asked, printer in
            let (past, ledger) = (asked.members[0].past, asked.members[0].ledger)
            let tracer = Tracer(past, TraceLimits(years: years, depth: depth)) {
                source, id throws(ProjectionError) in
                try await ledger.sequence(source: source, id: id)
            }
            let trace = try await tracer.trace(name)
            let words = Wording(past.shelf.newest.catalogue, printer.language)
            switch common.json ? .json : format {
            case .text where out == nil: printer.print(trace.account(words))
            case .text: try write(AccountBlock.plainText(trace.account(words)), printer)
            case .json: try write(String(decoding: trace.json.bytesAsGiven, as: UTF8.self), printer)
            case .dot: try write(trace.dot(words), printer)
            case .svg: try write(trace.svg(words), printer)
            }
        }
    }

    private func write(_ text: String, _ printer: Printer) throws {
        guard let out else { return printer.print(text) }
        do {
            try Data((text + "\n").utf8).write(to: URL(filePath: out), options: .atomic)
        } catch {
            throw LedgerError(en: "\(out) cannot be written", zh: "无法写入 \(out)")
        }
    }
}

extension Printer {
    func print(_ blocks: [AccountBlock]) {
        for block in blocks {
            switch block {
            case .heading(let text):
                print()
                print(coloured(text, .bold))
            case .line(let text): print(text)
            case .detail(let text): print("      " + text)
            case .mark(let text): print("    ! " + coloured(text, .yellow))
            case .table(let rows): table(rows)
            }
        }
    }
}
