import ArgumentParser
import CanonicalJSON
import Checkpoints
import DurableFiles
import Exports
import Foundation
import LedgerHome
import Merkle
import Phrases
import Records
import Rules

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write cases in forms that other tools read. 以通用格式导出案件。",
        discussion: """
            ocel, ocel-sqlite and xes are for process mining, prov and ocsf for provenance and
            security tools, csv and xlsx for spreadsheets, html is the report of one case.
            Specs/exports.md says what becomes of each field. Text goes to standard output unless
            --out names a file, which is there only when it is whole.
            ocel、ocel-sqlite、xes 用于流程挖掘；prov、ocsf 用于溯源与安全工具；csv、xlsx 用于表格；html
            为单个案件的报告。不指定 --out 时写到标准输出；文件写完整后才出现。
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case ocel, ocelSQLite = "ocel-sqlite", xes, prov, ocsf, csv, xlsx, html

        var needsFile: Bool { self == .ocelSQLite || self == .xlsx }
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
        if let year, !(1900...9998).contains(year) {
            throw ValidationError("--year \(year): a year such as 2025")
        }
    }

    func run() async throws {
        try await selection.withScope { scope, printer in
            var count = ExportCount()
            if format == .ocelSQLite, let out {
                try await writeDatabase(out, scope, printer, &count)
            } else if let out {
                let sink = try FileSink(out)
                try await write(to: sink, scope, printer, &count)
                try sink.finish()
            } else {
                try await write(to: PrinterSink(printer), scope, printer, &count)
            }
            if let out { tell(out, count, scope, printer) }
        }
    }

    private func write(
        to sink: any ByteSink, _ scope: ExportScope, _ printer: Printer, _ count: inout ExportCount
    ) async throws {
        switch format {
        case .ocel:
            let export = OCELExport(json: sink, scope.source)
            try await run(export, scope, printer, &count)
            count.objects = export.objectCount
        case .xes: try await run(XESExport(scope.source, to: sink), scope, printer, &count)
        case .prov: try await run(PROVExport(scope.source, to: sink), scope, printer, &count)
        case .ocsf: try await writeLines(to: sink, scope, printer, &count)
        case .csv: try await writeTable(to: sink, scope, printer, &count)
        case .xlsx:
            let export = WorkbookExport(scope.source, to: sink)
            try await run(export, scope, printer, &count)
            let judged = try await JudgedTables(scope, year, printer)
            for table in Table.allCases where table.isJudged {
                let rows = judged.rows(table)
                count.rows[table.rawValue] = rows.count
                try export.write(table, rows)
            }
            try export.finish()
        case .html:
            try sink.write(try await CaseReportPage(scope, printer).bytes())
        case .ocelSQLite: break
        }
    }

    /// Runs through the cases as often as the format needs them.
    private func run(
        _ export: any CaseExport, _ scope: ExportScope, _ printer: Printer,
        _ count: inout ExportCount
    ) async throws {
        for pass in 0..<export.passCount {
            let part = "\(pass + 1)/\(export.passCount)"
            try export.begin(pass)
            try await scope.forEachCase(
                printer, Phrase(en: "exporting \(part)", zh: "正在导出 \(part)")
            ) { file in
                if pass == 0 { count.take(file) }
                try export.take(file, pass)
            }
            try export.end(pass)
        }
    }

    private func writeDatabase(
        _ out: String, _ scope: ExportScope, _ printer: Printer, _ count: inout ExportCount
    ) async throws {
        let draft = out + ".new"
        do {
            try durably { () throws(FileError) in try DurableFile.remove(draft) }
            let export = try OCELExport(sqlite: draft, scope.source)
            try await run(export, scope, printer, &count)
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
        to sink: any ByteSink, _ scope: ExportScope, _ printer: Printer, _ count: inout ExportCount
    ) async throws {
        guard let table else { return }
        let export = try CSVExport(table, scope.source, to: sink)
        guard table.isJudged else {
            try await run(export, scope, printer, &count)
            return
        }
        let rows = try await JudgedTables(scope, year, printer).rows(table)
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
        _ out: String, _ count: ExportCount, _ scope: ExportScope, _ printer: Printer
    ) {
        let source = scope.source
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
            members += [
                JSONMember("origin", .string(source.origin)),
                JSONMember("records", .integer(Int64(source.size))),
                JSONMember("root", .string(source.root)),
            ]
            printer.print(.object(members))
            return
        }
        let (cases, events) = (grouped(count.cases), grouped(count.events))
        printer.print(
            Phrase(
                en: "\(out): \(cases) cases, \(events) events, from the first "
                    + "\(grouped(source.size)) records of \(source.origin)",
                zh: "\(out)：\(cases) 个案件、\(events) 个事件，取自 \(source.origin) 前 "
                    + "\(grouped(source.size)) 条记录"))
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
