import Exports
import LedgerHome
import Phrases
import Records
import Rules

/// The report of one case, with its findings and duties.
struct CaseReportPage {
    private let report: CaseReport

    init(_ scope: ExportScope, _ printer: Printer) async throws {
        guard let stream = scope.stream,
            let records = try await scope.ledger.caseRecords(of: stream, upTo: scope.source.size)
        else {
            throw LedgerError.noRecordsThen
        }
        let line = JointProgress(
            printer.progress(Phrase(en: "judging the cases", zh: "正在逐案判断"), .records))
        let judgement = try await scope.judgement(line, period: 0...0)
        report = CaseReport(
            ExportedCase(records, effect: scope.effect, clock: scope.source.clock), scope.source,
            findings: judgement.findings.filter { $0.stream == stream.text },
            standings: judgement.standings.filter { $0.stream == stream.text },
            isOfBureau: { judgement.book.isOfBureau($0) })
    }

    func bytes() -> [UInt8] { report.bytes }

    func write(to path: String) throws {
        let sink = try FileSink(path)
        try sink.write(bytes())
        try sink.finish()
    }
}

extension LedgerError {
    /// Of a case that is there now.
    static let noRecordsThen = LedgerError(
        en: "the case had no records then", zh: "该时点此案件尚无记录")
}
