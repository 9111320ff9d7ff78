import ArgumentParser
import CanonicalJSON
import Checkpoints
import DurableFiles
import Exports
import Foundation
import LedgerHome
import Merkle
import Phrases
import Projections
import Records
import Rules

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write cases in forms that other tools read. 以通用格式导出案件。",
        discussion: """
            ocel, ocel-sqlite and xes are for process mining, prov and ocsf for provenance
            and security tools, csv and xlsx for spreadsheets, html is the report of one
            case. csv and xlsx take several ledgers: repeat --ledger.
            Specs/exports.md says what becomes of each field. Text goes to standard output
            unless --out names a file, which is there only when it is whole.
            ocel、ocel-sqlite、xes 用于流程挖掘；prov、ocsf 用于溯源与安全工具；csv、xlsx
            用于表格；html 为单个案件的报告；csv、xlsx 可重复 --ledger 合并多个账本。不指
            定 --out 时写到标准输出；文件写完整后才出现。
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case ocel, ocelSQLite = "ocel-sqlite", xes, prov, ocsf, csv, xlsx, html

        var needsFile: Bool { self == .ocelSQLite || self == .xlsx }
        /// Whether it tells the records of one ledger from those of another.
        var takesSeveralLedgers: Bool { self == .csv || self == .xlsx }
    }

    @Argument(help: "ocel, ocel-sqlite, xes, prov, ocsf, csv, xlsx or html. 格式。")
    var format: Format

    @Option(help: ArgumentHelp("Write this file. 输出文件。", valueName: "file"))
    var out: String?

    @Option(
        help: "Of csv: events, cases, participants, duties, findings or indicators. CSV 的表。")
    var table: Table?

    @Option(help: "The year of the indicators; otherwise that of the moment. 指标的年度。")
    var year: Int?

    @OptionGroup var selection: ExportSelection

    func validate() throws {
        if format.needsFile, out == nil {
            throw ValidationError("\(format.rawValue) is no text: name a file with --out")
        }
        if (format == .csv) != (table != nil) {
            throw ValidationError(
                format == .csv
                    ? "csv: which table? --table events, cases, participants, duties, findings "
                        + "or indicators" : "--table is for csv")
        }
        if format == .html, selection.caseName == nil {
            throw ValidationError("html is the report of one case: --case NAME")
        }
        if selection.ledgers.ledgers.count > 1, !format.takesSeveralLedgers {
            throw ValidationError(
                "\(format.rawValue) takes one --ledger; csv and xlsx take several. "
                    + "\(format.rawValue) 只能指定一个账本")
        }
        if let year, !(1900...9998).contains(year) {
            throw ValidationError("--year \(year): a year such as 2025")
        }
    }

    func run() async throws {
        try await selection.withScopes { scopes, printer in
            var count = ExportCount()
            if format == .ocelSQLite, let out {
                try await writeDatabase(out, scopes, printer, &count)
            } else if let out {
                let sink = try FileSink(out)
                try await write(to: sink, scopes, printer, &count)
                try sink.finish()
            } else {
                try await write(to: PrinterSink(printer), scopes, printer, &count)
            }
            if let out { tell(out, count, scopes.heads, printer) }
        }
    }

    private func write(
        to sink: any ByteSink, _ scopes: LedgerGroup<ExportScope>, _ printer: Printer,
        _ count: inout ExportCount
    ) async throws {
        let first = scopes.members[0]
        switch format {
        case .ocel:
            let export = OCELExport(json: sink, first.source)
            try await run(export, scopes, printer, &count)
            count.objects = export.objectCount
        case .xes: try await run(XESExport(first.source, to: sink), scopes, printer, &count)
        case .prov: try await run(PROVExport(first.source, to: sink), scopes, printer, &count)
        case .ocsf: try await writeLines(to: sink, first, printer, &count)
        case .csv: try await writeTable(to: sink, scopes, printer, &count)
        case .xlsx:
            let export = WorkbookExport(first.source, to: sink)
            try await run(export, scopes, printer, &count)
            let judged = try await scopes.judged(year, printer)
            for table in Table.allCases where table.isJudged {
                let rows = try await judged.rows(table)
                count.rows[table.rawValue] = rows.count
                try export.write(table, rows)
            }
            try export.finish()
        case .html:
            try sink.write(try await CaseReportPage(first, printer).bytes())
        case .ocelSQLite: break
        }
    }

    /// Runs through the cases as often as the format needs them.
    private func run(
        _ export: any CaseExport, _ scopes: LedgerGroup<ExportScope>, _ printer: Printer,
        _ count: inout ExportCount
    ) async throws {
        for pass in 0..<export.passCount {
            let part = "\(pass + 1)/\(export.passCount)"
            let line = JointProgress(
                printer.progress(
                    Phrase(en: "exporting \(part)", zh: "正在导出 \(part)"), .records))
            try export.begin(pass)
            for scope in scopes.members {
                export.turn(to: scope.source)
                try await scope.forEachCase(line) { file in
                    if pass == 0 { count.take(file) }
                    try export.take(file, pass)
                }
            }
            try export.end(pass)
        }
    }

    private func writeDatabase(
        _ out: String, _ scopes: LedgerGroup<ExportScope>, _ printer: Printer,
        _ count: inout ExportCount
    ) async throws {
        let draft = out + ".new"
        do {
            try durably { () throws(FileError) in try DurableFile.remove(draft) }
            let export = try OCELExport(sqlite: draft, scopes.members[0].source)
            try await run(export, scopes, printer, &count)
            count.objects = export.objectCount
            try durably { () throws(FileError) in
                try ByteFile(draft, .create).sync()
                try DurableFile.move(draft, to: out)
            }
        } catch {
            try? DurableFile.remove(draft)
            throw error
        }
    }

    private func durably(_ body: () throws(FileError) -> Void) throws {
        do throws(FileError) {
            try body()
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    private func writeTable(
        to sink: any ByteSink, _ scopes: LedgerGroup<ExportScope>, _ printer: Printer,
        _ count: inout ExportCount
    ) async throws {
        guard let table else { return }
        let export = try CSVExport(table, scopes.members[0].source, to: sink)
        guard table.isJudged else {
            try await run(export, scopes, printer, &count)
            return
        }
        let rows = try await scopes.judged(year, printer).rows(table)
        count.rows[table.rawValue] = rows.count
        for row in rows { try export.write(row) }
    }

    private func writeLines(
        to sink: any ByteSink, _ scope: ExportScope, _ printer: Printer, _ count: inout ExportCount
    ) async throws {
        let export = OCSFExport(
            scope.source, authority: scope.ledger.verifierKey.description, part: scope.part,
            productVersion: Hanqing.version, to: sink)
        let line = printer.progress(Phrase(en: "exporting", zh: "正在导出"), .records)
        try await scope.ledger.forEachLine(
            upTo: scope.source.size, progress: { line.tell(done: $0, total: $1) }
        ) { line in
            guard scope.contains(line: line) else { return }
            let sequence = line.withUnsafeBytes { RecordHeader($0)?.sequence.rawValue } ?? 0
            try export.take(line, scope.effect(sequence))
        }
        count.events = export.lineCount
    }

    // MARK: - Saying what was done

    private func tell(
        _ out: String, _ count: ExportCount, _ heads: [AnswerHead], _ printer: Printer
    ) {
        if selection.common.json {
            var members: [JSONMember] = [
                JSONMember("file", .string(out)), JSONMember("format", .string(format.rawValue)),
                JSONMember("cases", .integer(Int64(count.cases))),
                JSONMember("events", .integer(Int64(count.events))),
                JSONMember("standing", .integer(Int64(count.standing))),
                JSONMember("participants", .integer(Int64(count.participants))),
                JSONMember("objects", .integer(Int64(count.objects))),
            ]
            members += count.rows.sorted { $0.key < $1.key }.map {
                JSONMember($0.key, .integer(Int64($0.value)))
            }
            members.append(JSONMember("heads", .array(heads.map(\.json))))
            printer.print(.object(members))
            return
        }
        let (cases, events) = (grouped(count.cases), grouped(count.events))
        printer.print(
            Phrase(
                en: "\(out): \(cases) cases, \(events) events, from",
                zh: "\(out)：\(cases) 个案件、\(events) 个事件，取自"))
        printer.heads(heads)
    }
}

extension Table: ExpressibleByArgument {}

/// What an export has come to.
struct ExportCount {
    var cases: UInt64 = 0
    var events: UInt64 = 0
    /// Events that were not withdrawn and mend no other.
    var standing: UInt64 = 0
    var participants: UInt64 = 0
    var objects: UInt64 = 0
    /// Rows of the tables that judging gives.
    var rows: [String: Int] = [:]

    mutating func take(_ file: ExportedCase) {
        cases += 1
        events += UInt64(file.entries.count)
        standing += UInt64(file.line.count)
        participants += file.entries.reduce(0) { $0 + UInt64($1.participants.count) }
    }
}

/// Standard output, or whatever it is led to.
private final class PrinterSink: ByteSink {
    private let printer: Printer

    init(_ printer: Printer) { self.printer = printer }

    func write(_ bytes: [UInt8]) throws(ExportError) {
        printer.write(bytes)
        // A reader that has seen enough: what is left would go nowhere.
        guard !printer.isClosed else {
            throw ExportError(en: "the reader closed the pipe", zh: "读取方已关闭管道")
        }
    }
}
