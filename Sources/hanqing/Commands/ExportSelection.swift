import ArgumentParser
import CanonicalJSON
import Catalogue
import Exports
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Projections
import Records
import Rules
import Sequencing

/// Which cases are exported, and as of when.
struct ExportSelection: ParsableArguments {
    @Option(help: "Only cases of this procedure, such as penalty. 只导出该程序的案件。")
    var procedure: String?

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp(
            "Only this case: a stream or a document number. 只导出该案件。", valueName: "name"))
    var caseName: String?

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if procedure != nil, caseName != nil {
            throw ValidationError("--procedure or --case, not both")
        }
    }

    /// Opens the ledger and gives what is to be exported to `body`.
    func withScope(_ body: (ExportScope, Printer) async throws -> Void) async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let scope = try await scope(ledger, printer)
            do {
                try await body(scope, printer)
            } catch let error as ExportError {
                // A reader that has seen enough of it closes the pipe: that is no error.
                if !printer.isClosed { throw LedgerError([error.phrase]) }
            }
        }
    }

    private func scope(_ ledger: Ledger, _ printer: Printer) async throws -> ExportScope {
        let moment = try asOf.moment()
        let source = try await ledger.exportSource(asOf: moment, printer.language)
        if let procedure, ledger.catalogue.procedure(procedure) == nil {
            throw LedgerError(
                en: "the catalogue has no procedure \(procedure); see hanqing catalogue show",
                zh: "目录中没有程序 \(procedure)；可用 hanqing catalogue show 查看")
        }
        var stream: StreamName?
        if let caseName { stream = try await ledger.stream(named: caseName) }
        return ExportScope(
            ledger: ledger, source: source, moment: moment, procedure: procedure, stream: stream,
            effect: try ledger.cataloguesByRecord())
    }
}

/// What is to be exported.
struct ExportScope {
    let ledger: Ledger
    let source: ExportSource
    /// Nil is now.
    let moment: Timestamp?
    let procedure: String?
    let stream: StreamName?
    let effect: @Sendable (UInt64) -> EventCatalogue

    /// What the records that are exported have in common, if they are not all.
    var part: String? { stream?.text ?? procedure }

    func contains(_ name: StreamName) -> Bool {
        (procedure.map { $0 == String(name.procedure) } ?? true)
            && (stream.map { $0 == name } ?? true)
    }

    func contains(line: [UInt8]) -> Bool {
        guard part != nil else { return true }
        let root = try? JSONValue(parsing: line)
        let name = root?["event"]?["subject"]?.string ?? root?["withheld"]?["stream"]?.string
        return name.flatMap { StreamName($0) }.map { contains($0) } ?? false
    }

    /// Of what is judged: of annual duties, the stream is the procedure.
    func contains(judged name: String) -> Bool {
        if let stream { return name == stream.text }
        return procedure.map { name.prefix { $0 != "/" } == $0 } ?? true
    }

    /// Gives the cases to `body`, each as it is exported.
    func forEachCase(
        _ printer: Printer, _ work: Phrase, _ body: (ExportedCase) throws -> Void
    ) async throws {
        try await forEachFile(printer, work) { records in
            try body(ExportedCase(records, effect: effect, clock: source.clock))
        }
    }

    /// Gives the cases to `body`, each with its records.
    func forEachFile(
        _ printer: Printer, _ work: Phrase, _ body: (CaseRecords) throws -> Void
    ) async throws {
        if let stream {
            if let records = try await ledger.caseRecords(of: stream, upTo: source.size) {
                try body(records)
            }
            return
        }
        let line = printer.progress(work, .records)
        try await ledger.forEachCase(
            upTo: source.size, where: contains, progress: { line.tell(done: $0, total: $1) }, body)
    }

    /// Findings, duties and figures of what is exported.
    func judgement(
        _ printer: Printer, period: ClosedRange<Int>
    ) async throws -> LedgerJudgement {
        let line = printer.progress(Phrase(en: "judging the cases", zh: "正在逐案判断"), .records)
        return try await ledger.judge(asOf: moment, period: period, only: stream?.text) {
            line.tell(done: $0, total: $1)
        }
    }
}

extension ExportScope {
    /// One case.
    init(
        _ ledger: Ledger, case name: String, asOf moment: Timestamp?, _ language: Language
    )
        async throws
    {
        self.init(
            ledger: ledger, source: try await ledger.exportSource(asOf: moment, language),
            moment: moment, procedure: nil, stream: try await ledger.stream(named: name),
            effect: try ledger.cataloguesByRecord())
    }
}

extension Ledger {
    /// What an export says it was made from.
    func exportSource(asOf moment: Timestamp?, _ language: Language) async throws -> ExportSource {
        let head: Head = try await answered { () async throws(StoreError) in
            try await store.head()
        }
        var size = head.size.rawValue
        if let moment { size = try await self.size(asOf: moment) }
        return ExportSource(
            origin: settings.origin, size: size, root: try await rootHash(of: size),
            asOf: moment ?? clock.wall(), catalogue: catalogue,
            clock: LocalTime(zone: catalogue.timeZone), language: language)
    }

    /// The stream of a case called so, or that has the name for an alias.
    func stream(named name: String) async throws -> StreamName {
        guard let file = try await caseFile(name) else {
            throw LedgerError(
                en: "no case \(name); list cases with hanqing cases",
                zh: "没有案件 \(name)；可用 hanqing cases 查看案件")
        }
        return file.stream
    }
}
