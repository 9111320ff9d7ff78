import ArgumentParser
import CanonicalJSON
import Catalogue
import Foundation
import LedgerHome
import Phrases
import Projections
import Records
import Rules
import Sequencing

/// As of when a judgement is made.
struct AsOfOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "As the ledger was at this time: 2025-06-30, or 2025-06-30T17:00:00+08:00. 按该时点的账本。",
            valueName: "time"))
    var asOf: String?

    /// The moment; of a day, its end in Beijing.
    ///
    /// Nil is now.
    func moment() throws -> Timestamp? {
        guard let asOf else { return nil }
        guard let moment = Timestamp(asOf: asOf) else {
            throw ValidationError("--as-of \(asOf): a day such as 2025-06-30, or an RFC 3339 time")
        }
        return moment
    }

    /// The moment, or now: one for all of several ledgers.
    func moment(_ ledgers: LedgerGroup<Ledger>) throws -> Timestamp {
        try moment() ?? ledgers.members[0].clock.wall()
    }

    func validate() throws { _ = try moment() }
}

/// What a ledger comes to as of a moment.
struct JudgedLedger: Sendable {
    let ledger: Ledger
    let head: AnswerHead
    let judgement: LedgerJudgement
}

extension NamesLedgers {
    /// Opens the ledgers for reading and gives what each comes to to `body`.
    func withJudgements(
        _ asOf: AsOfOption, period: ClosedRange<Int>, _ common: CommonOptions,
        _ body: (LedgerGroup<JudgedLedger>, Printer) async throws -> Void
    ) async throws {
        try await withLedgers(common) { ledgers, printer in
            let moment = try asOf.moment(ledgers)
            let line = JointProgress(
                printer.progress(Phrase(en: "judging the cases", zh: "正在逐案判断"), .records))
            try await ledgers.withProjections(catchUp: true, printer) { followed in
                let judged = try await followed.map {
                    try await JudgedLedger($0, asOf: moment, period, line)
                }
                try await body(judged, printer)
            }
        }
    }
}

extension JudgedLedger {
    /// From the projection; without one every case is judged anew.
    fileprivate init(
        _ followed: FollowedLedger, asOf moment: Timestamp, _ period: ClosedRange<Int>,
        _ line: JointProgress
    ) async throws {
        ledger = followed.ledger
        let origin = ledger.settings.origin
        if let file = followed.file {
            let past = try await ProjectedPast(ledger, file, asOf: moment)
            head = try await AnswerHead(past)
            judgement = try await past.judgement(period)
            return
        }
        judgement = try await ledger.judge(asOf: moment, period: period) {
            line.tell(origin, done: $0, total: $1)
        }
        let size = judgement.size
        head = AnswerHead(
            origin: origin, moment: moment, size: size, root: try await ledger.root(of: size))
    }
}

extension LedgerGroup<JudgedLedger> {
    var heads: [AnswerHead] { members.map(\.head) }
}

func basisText(_ basis: [Clause], _ catalogue: EventCatalogue, _ language: Language) -> String {
    basis.map { $0.words(catalogue, language) }.joined(
        separator: language == .chinese ? "；" : "; ")
}
