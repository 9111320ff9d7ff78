import ArgumentParser
import CanonicalJSON
import Catalogue
import Foundation
import LedgerHome
import Phrases
import Projections
import Records
import Rules

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
        if let day = civilDay(asOf) {
            return Timestamp(
                microseconds: (Int64(day + 1) * 86_400 - 8 * 3600) * 1_000_000 - 1)
        }
        guard let zoned = Array(asOf.utf8).withUnsafeBytes({ ZonedTime($0) }) else {
            throw ValidationError("--as-of \(asOf): a day such as 2025-06-30, or an RFC 3339 time")
        }
        return zoned.moment
    }

    func validate() throws { _ = try moment() }
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
func civilDay(_ text: String) -> Int? { CivilDateText.read(text)?.dayNumber }

func dayText(_ day: Int) -> String { CivilDate(dayNumber: day).text }

extension LedgerOption {
    /// Opens the ledger for reading and gives what it comes to to `body`, from the projection.
    ///
    /// In a folder that cannot be written to there is none: every case is judged anew.
    func withJudgement(
        _ asOf: AsOfOption, period: ClosedRange<Int>, _ common: CommonOptions,
        _ body: (LedgerJudgement, Printer) throws -> Void
    ) async throws {
        guard (try? isWritable) != false else {
            return try await withLedger(.read, common) { ledger, printer in
                let line = printer.progress(
                    Phrase(en: "judging the cases", zh: "正在逐案判断"), .records)
                let judgement = try await ledger.judge(asOf: try asOf.moment(), period: period) {
                    line.tell(done: $0, total: $1)
                }
                try body(judgement, printer)
            }
        }
        try await withProjection(common, catchUp: true) { ledger, file, printer in
            let past = try await ProjectedPast(ledger, file, asOf: try asOf.moment())
            try body(try await past.judgement(period), printer)
        }
    }

    /// Whether a projection can be kept in the ledger's folder.
    var isWritable: Bool {
        get throws { FileManager.default.isWritableFile(atPath: try folder) }
    }
}

func basisText(_ basis: [Clause], _ catalogue: EventCatalogue, _ language: Language) -> String {
    basis.map { $0.words(catalogue, language) }.joined(
        separator: language == .chinese ? "；" : "; ")
}

func basisJSON(_ basis: [Clause]) -> JSONValue {
    .array(
        basis.map { clause in
            let members = [
                ("law", clause.law), ("article", clause.article),
                ("paragraph", clause.paragraph), ("item", clause.item),
            ]
            return .object(
                members.compactMap { name, value in value.map { JSONMember(name, .string($0)) } })
        })
}

func phraseJSON(_ phrase: Phrase) -> JSONValue {
    ["zh": .string(phrase.zh), "en": .string(phrase.en)]
}
