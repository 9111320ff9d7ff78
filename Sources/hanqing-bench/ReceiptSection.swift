import Auditing
import CanonicalJSON
import Checkpoints
import LedgerData
import LedgerHome

/// Receipts with proof and signed checkpoint, from the shipped service at a pace that it did not
/// choose: the events become due whatever has become of those before, and each is timed from then.
struct ReceiptSection {
    private let bench: BenchLedgers

    static let name = "receipts"
    private static let connectionCount = 64
    private static let postsASecond = 1_000
    private static let warmUp = 2.0
    private static let duration = 10.0

    init(bench: BenchLedgers) {
        self.bench = bench
    }

    func run(_ report: inout Report) async throws {
        guard let program = ShippedProgram() else {
            Progress.say("\(ReceiptSection.name): hanqing is not beside this program: left out")
            return
        }
        let events = try LoadEvents()
        try Core.keep(to: .second)
        defer { try? Core.keep(to: nil) }
        let folder = try await bench.make("receipts", LedgerData.catalogueFiles)
        let ledger = try await bench.open(folder, .read)
        let key = ledger.verifierKey
        try await ledger.close()
        let service = try ServingProcess.hanqing(program, ledger: folder)
        var load = try LoadGenerator(
            port: service.port, connections: ReceiptSection.connectionCount)
        let pace = LoadGenerator.Pace.perSecond(Double(ReceiptSection.postsASecond))
        _ = try load.run(pace, for: ReceiptSection.warmUp) { events.single($0) }
        let brief = try load.run(pace, for: ReceiptSection.duration) {
            events.single($0, isBrief: true)
        }
        let full = try load.run(pace, for: ReceiptSection.duration) { events.single($0) }
        try service.end()
        try brief.demand(201)
        try full.demand(201)
        try demandProof(full.body(of: 201), key)
        add(brief, "brief receipts", &report)
        add(full, "receipts with proof and signed checkpoint", beside: "brief receipts", &report)
    }

    private func add(
        _ outcome: LoadGenerator.Outcome, _ what: String, beside other: String? = nil,
        _ report: inout Report
    ) {
        let pace = Report.number(Double(ReceiptSection.postsASecond))
        func name(_ what: String) -> String { "\(what), \(pace) a second when due" }
        report.add(Figure(ReceiptSection.name, name(what), outcome.rate, "posts/s"))
        for (title, quantile) in [("p50", 0.5), ("p99", 0.99), ("longest", 1)] {
            report.add(
                Figure(
                    ReceiptSection.name, "  \(title) of \(name(what))",
                    outcome.milliseconds(quantile), "ms",
                    of: other.flatMap {
                        report.limit(ReceiptSection.name, "  \(title) of \(name($0))")
                    }, target: other != nil && title == "p99" ? "under 50 ms" : nil))
        }
    }

    /// What is measured is what an auditor accepts: the receipt proves its record.
    private func demandProof(_ text: String?, _ key: VerifierKey) throws {
        let receipt = try text.flatMap { KeptReceipt(try JSONValue(parsing: $0.utf8)) }
        guard case .proved = ReceiptAudit(keys: [key], policy: nil).judge(receipt, record: nil)
        else { throw BenchError("a receipt proves nothing: \(text ?? "none")") }
    }
}
