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
    @OptionGroup var ledgers: LedgersOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if procedure != nil, caseName != nil {
            throw ValidationError("--procedure or --case, not both")
        }
    }

    /// Opens the ledgers and gives what is to be exported of each to `body`.
    func withScopes(
        _ body: (LedgerGroup<ExportScope>, Printer) async throws -> Void
    ) async throws {
        try await ledgers.withLedgers(common) { ledgers, printer in
            let scopes = try await scopes(ledgers, printer.language)
            do {
                try await body(scopes, printer)
            } catch let error as ExportError {
                // A reader that has seen enough of it closes the pipe: that is no error.
                if !printer.isClosed { throw LedgerError([error.phrase]) }
            }
        }
    }

    /// The same with the projections, where there may be one; one case is read sooner without.
    func withProjectedScopes(
        _ body: (LedgerGroup<ExportScope>, Printer) async throws -> Void
    ) async throws {
        guard caseName == nil else { return try await withScopes(body) }
        try await ledgers.withLedgers(common) { ledgers, printer in
            try await ledgers.withProjections(catchUp: true, printer) { followed in
                let files = Dictionary(
                    zip(followed.origins, followed.members.map(\.file)),
                    uniquingKeysWith: { first, _ in first })
                let scopes = try await scopes(ledgers, printer.language).map { scope in
                    var scope = scope
                    scope.file = files[scope.source.origin] ?? nil
                    return scope
                }
                try await body(scopes, printer)
            }
        }
    }

    private func scopes(
        _ ledgers: LedgerGroup<Ledger>, _ language: Language
    ) async throws -> LedgerGroup<ExportScope> {
        let moment = try asOf.moment(ledgers)
        let procedure = procedure
        if let procedure, ledgers.members.allSatisfy({ $0.catalogue.procedure(procedure) == nil }) {
            throw LedgerError(
                en: "the catalogue has no procedure \(procedure); see hanqing catalogue show",
                zh: "目录中没有程序 \(procedure)；可用 hanqing catalogue show 查看")
        }
        guard let name = caseName else {
            return try await ledgers.map { ledger in
                try await ExportScope(ledger, asOf: moment, language, procedure: procedure)
            }
        }
        let place = try await ledgers.place(holding: name) { try await $0.caseFile(name) != nil }
        return try await ledgers.only(place ?? 0).map { ledger in
            try await ExportScope(
                ledger, asOf: moment, language, stream: try await ledger.stream(named: name))
        }
    }
}

/// What is to be exported of a ledger.
struct ExportScope: Sendable {
    let ledger: Ledger
    let source: ExportSource
    let head: AnswerHead
    let procedure: String?
    let stream: StreamName?
    /// Procedures that are left out since they are kept apart and were not named.
    let hidden: Set<String>
    let effect: @Sendable (UInt64) -> EventCatalogue
    /// The projection, if it was asked for and there may be one.
    var file: ProjectionFile?

    /// What the records that are exported have in common, if they are not all.
    var part: String? { stream?.text ?? procedure }

    func contains(_ name: StreamName) -> Bool {
        let own = String(name.procedure)
        return !hidden.contains(own) && (procedure.map { $0 == own } ?? true)
            && (stream.map { $0 == name } ?? true)
    }

    func contains(line: [UInt8]) -> Bool {
        // OCSF carries the records as they stand, or its chain would have holes.
        guard part != nil else { return true }
        let root = try? JSONValue(parsing: line)
        let name = root?["event"]?["subject"]?.string ?? root?["withheld"]?["stream"]?.string
        return name.flatMap { StreamName($0) }.map { contains($0) } ?? false
    }

    /// Of what is judged: of annual duties, the stream is the procedure.
    func contains(judged name: String) -> Bool {
        if let stream { return name == stream.text }
        let own = name.prefix { $0 != "/" }
        return !hidden.contains(String(own)) && (procedure.map { own == $0 } ?? true)
    }

    /// Gives the cases to `body`, each as it is exported.
    func forEachCase(
        _ line: JointProgress, _ body: (ExportedCase) throws -> Void
    ) async throws {
        try await forEachFile(line) { records in
            try body(ExportedCase(records, effect: effect, clock: source.clock))
        }
    }

    /// Gives the cases to `body`, each with its records.
    func forEachFile(
        _ line: JointProgress, _ body: (CaseRecords) throws -> Void
    ) async throws {
        if let stream {
            if let records = try await ledger.caseRecords(of: stream, upTo: source.size) {
                try body(records)
            }
            return
        }
        try await ledger.forEachCase(
            upTo: source.size, where: contains, leavingOut: hidden,
            progress: { line.tell(source.origin, done: $0, total: $1) }, body)
    }

    /// Gives the cases to `body`, each as it stands, perhaps without the data of its entries.
    func forEachHistory(
        _ line: JointProgress, _ body: (CaseHistory) -> Void
    ) async throws {
        if let file {
            try file.forEachLine(in: source.origin, size: source.size) { history in
                guard contains(judged: history.stream) else { return }
                body(history)
            }
            return
        }
        try await forEachFile(line) { records in
            var history = CaseHistory(stream: records.stream)
            for record in records.records { record.entry.map { history.take($0) } }
            history.settle()
            body(history)
        }
    }

    /// Findings, duties and figures of what is exported.
    func judgement(
        _ line: JointProgress, period: ClosedRange<Int>
    ) async throws -> LedgerJudgement {
        try await ledger.judge(asOf: source.asOf, period: period, only: stream?.text) {
            line.tell(source.origin, done: $0, total: $1)
        }
    }
}

extension ExportScope {
    /// All cases, or those of a procedure, or one.
    init(
        _ ledger: Ledger, asOf moment: Timestamp, _ language: Language, procedure: String? = nil,
        stream: StreamName? = nil
    ) async throws {
        let size = try await ledger.size(asOf: moment)
        head = AnswerHead(
            origin: ledger.settings.origin, moment: moment, size: size,
            root: try await ledger.root(of: size))
        source = ExportSource(
            origin: head.origin, size: size, root: "\(head.root)", asOf: moment,
            catalogue: ledger.catalogue, clock: LocalTime(zone: ledger.catalogue.timeZone),
            language: language)
        (self.ledger, self.procedure, self.stream) = (ledger, procedure, stream)
        hidden = procedure == nil && stream == nil ? try ledger.apartEver() : []
        effect = try ledger.cataloguesByRecord()
    }
}

extension LedgerGroup<ExportScope> {
    var heads: [AnswerHead] { members.map(\.head) }
}

extension Ledger {
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
