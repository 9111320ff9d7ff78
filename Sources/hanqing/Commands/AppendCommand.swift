import ArgumentParser
import CanonicalJSON
import Digests
import Foundation
import LedgerHome
import LedgerStore
import Phrases
import Records
import Sequencing

struct AppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append", abstract: "Record events. 将事件入账。",
        discussion: """
            Reads one CloudEvent, a JSON array of them (one atomic batch: all or none), or
            one a line (each for itself), and prints a receipt a line. Sending the same
            events again is safe: they get receipts for the records that are there. While
            hanqing serve has the ledger open, they go through it.
            读取一个 CloudEvent、一个 JSON 数组（整批成败与共）或每行一个事件，逐行打印回
            执。重复发送是安全的。账本由 hanqing serve 打开时，经由该服务入账。
            """)

    @Argument(help: "A file, or - for standard input. 文件，- 为标准输入。")
    var file = "-"

    @Option(
        help: ArgumentHelp(
            "A file to hold as an attachment first; may be repeated. 先保存该附件，可重复。",
            valueName: "file"))
    var attach: [String] = []

    @Option(help: "full: with proof and checkpoint; brief: without. 回执详略。")
    var receipts = ReceiptStyle.full

    @Flag(help: "Go on after a refused event of a stream of lines. 遇到被拒事件后继续。")
    var keepGoing = false

    @Flag(
        help: """
            Take events with asserted: true, which state what has happened whatever the rules ask
            for; each names in data.assertion who answers for it and why. 允许补报事实。
            """)
    var mayAssert = false

    @Option(help: "Who appends, for the record's intake. 入账者名称。")
    var recorder: String?

    @OptionGroup var scrub: ScrubOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    enum ReceiptStyle: String, ExpressibleByArgument, CaseIterable {
        case full, brief
    }

    func run() async throws {
        let printer = common.printer(for: try? ledger.folder)
        var service: OwnerConnection?
        try await answering(printer) { service = try OwnerConnection(ledger: try ledger.folder) }
        if let service { return try await append(through: service, printer) }
        try await ledger.withLedger(.write, common) { ledger, printer in
            try attach(to: ledger.attachments, printer)
            let run = AppendRun(
                ledger: ledger, teller: AppendTeller(printer), input: try EventInput(file),
                recorder: recorderName, isFull: receipts == .full, keepsGoing: keepGoing,
                mayAssert: mayAssert)
            try await scrub.behind(ledger, printer, common.logger) {
                let refused = try await run.run()
                if refused > 0 { throw Exit.found }
            }
        }
    }

    private func append(through service: OwnerConnection, _ printer: Printer) async throws {
        try await answering(printer) {
            try attach(to: AttachmentFolder(ledger: try ledger.folder), printer)
            let run = ServedAppendRun(
                service: service, teller: AppendTeller(printer), input: try EventInput(file),
                recorder: recorderName, isFull: receipts == .full, keepsGoing: keepGoing,
                mayAssert: mayAssert)
            let refused = try run.run()
            if refused > 0 { throw Exit.found }
        }
    }

    private var recorderName: String { Recorder.text("cli", recorder ?? NSUserName()) }

    private func attach(to folder: AttachmentFolder, _ printer: Printer) throws {
        for path in attach {
            let held = try folder.add(path)
            printer.complain("\(path): sha256 \(held.digest.hex), \(held.byteCount) bytes")
        }
    }
}

/// One run of `hanqing append`.
private final class AppendRun {
    private let ledger: Ledger
    private let teller: AppendTeller
    private let input: EventInput
    private let recorder: String
    private let isFull: Bool
    private let keepsGoing: Bool
    private let intake: Intake
    private var prover: ProofMaker

    private static let linesPerStep = 1000

    init(
        ledger: Ledger, teller: AppendTeller, input: EventInput, recorder: String, isFull: Bool,
        keepsGoing: Bool, mayAssert: Bool
    ) {
        (self.ledger, self.teller, self.input) = (ledger, teller, input)
        (self.recorder, self.isFull, self.keepsGoing) = (recorder, isFull, keepsGoing)
        intake = ledger.intake(mayAssert ? .explained : .refused)
        prover = ledger.proofMaker()
    }

    /// Records everything; gives the number of refused events.
    func run() async throws -> Int {
        switch try input.form() {
        case .batch(let bytes): try await batch(bytes)
        case .single(let bytes): try await lines([(bytes, 1)])
        case .lines(let first):
            var next: [EventInput.Line] = first
            while !next.isEmpty {
                let goesOn = try await lines(next)
                guard goesOn else { break }
                next = try input.lines(atMost: AppendRun.linesPerStep)
            }
        }
        return teller.refusedCount
    }

    private func batch(_ bytes: [UInt8]) async throws {
        let events: [ValidatedEvent]
        do throws(BatchRefused) {
            events = try bytes.span.bytes.withUnsafeBytes { (raw) throws(BatchRefused) in
                try intake.readBatch(raw)
            }
        } catch {
            try demandAnswer(error.events.flatMap(\.refusals))
            return teller.refuse(batch: error.events, of: input.name)
        }
        guard !events.isEmpty else { return }
        let submission = Submission(events, recorder: recorder)
        let answer = try await answered { () async throws(StoreError) in
            try await ledger.submit(submission)
        }
        switch answer {
        case .accepted(let acceptance): try await printReceipts(acceptance, events)
        case .refused(let refused): teller.refuse(batch: refused, of: input.name)
        case .busy: throw LedgerError(en: "busy; try again", zh: "繁忙，请重试")
        }
    }

    /// Records lines, each for itself; false if the run ends because one was refused.
    @discardableResult
    private func lines(_ lines: [EventInput.Line]) async throws -> Bool {
        var good: [(event: ValidatedEvent, line: Int)] = []
        var isStopped = false
        for line in lines where !isStopped {
            do throws(EventRefused) {
                let event = try line.bytes.span.bytes.withUnsafeBytes {
                    (raw) throws(EventRefused) in try intake.read(raw)
                }
                good.append((event, line.number))
            } catch {
                let isUnanswered = error.refusals.contains { $0.code == .unavailable }
                if !keepsGoing || isUnanswered { try await record(good) }
                if !keepsGoing { good = [] }
                try demandAnswer(error.refusals)
                teller.refuse(error.refusals, line: line.number, of: input.name)
                isStopped = !keepsGoing
            }
        }
        let before = teller.refusedCount
        try await record(good)
        return keepsGoing || teller.refusedCount == before && !isStopped
    }

    /// A disk that does not answer is no refusal: the program ends, and all may be sent again.
    private func demandAnswer(_ refusals: [Refusal]) throws {
        let unanswered = refusals.filter { $0.code == .unavailable }
        guard unanswered.isEmpty else { throw LedgerError(unanswered.map(\.reason)) }
    }

    private func record(_ events: [(event: ValidatedEvent, line: Int)]) async throws {
        guard !events.isEmpty else { return }
        let submissions = events.map { Submission([$0.event], recorder: recorder) }
        let answers = try await answered { () async throws(StoreError) in
            try await ledger.submit(all: submissions)
        }
        for (answer, event) in zip(answers, events) {
            switch answer {
            case .accepted(let acceptance): try await printReceipts(acceptance, [event.event])
            case .refused(let refused):
                teller.refuse(refused[0].refusals, line: event.line, of: input.name)
            case .busy: throw LedgerError(en: "busy; try again", zh: "繁忙，请重试")
            }
        }
    }

    private func printReceipts(_ acceptance: Acceptance, _ events: [ValidatedEvent]) async throws {
        guard !teller.isClosed else { return }
        let receipts = try await answered { () async throws(StoreError) in
            try await prover.receipts(for: acceptance, events, full: isFull)
        }
        teller.tell(
            receipts.map { receipt in
                var line: [UInt8] = []
                receipt.write(to: &line)
                return line
            })
    }
}
