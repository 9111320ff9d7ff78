import Anchoring
import ArgumentParser
import Auditing
import CanonicalJSON
import Checkpoints
import LedgerHome
import Merkle
import Phrases

struct AnchorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anchor",
        abstract: "Hold a district's checkpoints in the city's ledger. 将区县检查点锚定到市级账本。",
        subcommands: [AnchorAddCommand.self, AnchorStatusCommand.self],
        defaultSubcommand: AnchorAddCommand.self)
}

struct AnchorAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Record the newest checkpoint of other ledgers. 记录其他账本的最新检查点。",
        discussion: """
            Each DISTRICT is a running server, a published folder or its address, or a
            ledger's folder; CITY, the last, is the folder of the ledger that holds them.
            The first time a district is named with its public key (--key); later the
            ledger that was there is expected there. A checkpoint is recorded with the
            proof that its ledger grew from the last one. One that is not of that history,
            covers less, or is of another ledger is refused, and the refusal is recorded
            with what was shown.
            DISTRICT 为区县服务、发布目录或账本目录，最后一个参数 CITY 为市级账本目录；首次
            须用 --key 提供区县公钥。每次记录检查点及其自上次以来只增不改的证明；不一致者拒
            绝，并将所示内容入账为证据。
            Exit codes: 0 anchored, or nothing new; 1 one was refused; 2 one could not be
            had.
            退出码：0 已锚定或无新增；1 有被拒者；2 有无法取得者。
            """)

    @Argument(help: "The districts, then the city's ledger. 各区县，最后为市级账本。")
    var places: [String]

    @Option(
        name: [.customLong("key"), .customLong("vkey")],
        help: ArgumentHelp("The public key of the one district. 该区县账本的公钥。", valueName: "key"))
    var key: String?

    @Option(help: "Who orders it (a pseudonymous id). 经办人代号。")
    var person = "administrator"

    @Option(help: "That person's unit. 经办单位。")
    var unit = "-"

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard places.count >= 2 else {
            throw ValidationError("name a district and the city's ledger. 请给出区县与市级账本。")
        }
        guard key == nil || places.count == 2 else {
            throw ValidationError("--key goes with one district. --key 只能用于一个区县。")
        }
    }

    func run() async throws {
        let (districts, city) = (places.dropLast(), places[places.count - 1])
        try await opening(.write, common, { [city] }) { ledgers, printer in
            let ledger = ledgers.members[0]
            let key = try key.map { try readVerifierKey($0) }
            let book = try await ledger.newestAnchors(
                at: key == nil ? Array(districts) : [],
                of: key.flatMap { Origin($0.name.text) }.map { [$0] } ?? [])
            let asked = try districts.map { try AskedDistrict($0, key, book) }
            var outcomes: [AnchorOutcome] = []
            for (district, answer) in zip(asked, await AskedDistrict.ask(asked, common)) {
                let outcome = try await record(answer, district, ledger)
                AnchorPage(outcome, printer).print()
                outcomes.append(outcome)
            }
            if outcomes.contains(where: { $0.exit == Exit.found }) { throw Exit.found }
            if outcomes.contains(where: { $0.exit == Exit.unanswered }) { throw Exit.unanswered }
        }
    }

    private func record(
        _ answer: AskedDistrict.Answer, _ district: AskedDistrict, _ ledger: Ledger
    ) async throws -> AnchorOutcome {
        guard case .judged(let judgement) = answer, !district.isKnown(judgement) else {
            return AnchorOutcome(district, answer, nil)
        }
        let record = try await ledger.record(
            judgement, by: district.judge, at: district.place, person: person, unit: unit)
        return AnchorOutcome(district, answer, record)
    }
}

/// A place with the ledger that must be there.
struct AskedDistrict: Sendable {
    let place: String
    let origin: Origin
    let judge: AnchorJudge
    private let entry: AnchorBook.Entry?

    enum Answer: Sendable {
        case judged(AnchorJudge.Judgement)
        case unavailable(Phrase)
    }

    init(_ place: String, _ given: VerifierKey?, _ book: AnchorBook) throws(LedgerError) {
        let stated = given.flatMap { Origin($0.name.text) } ?? book.origin(at: place)
        let entry = stated.flatMap { book.entries[$0] }
        guard let origin = stated, let key = given ?? entry?.anchored?.key else {
            throw LedgerError(
                en: "nothing was anchored from \(place) yet: give the public key of the ledger "
                    + "that must be there with --key",
                zh: "尚未从 \(place) 锚定过：请用 --key 提供应在该处的账本公钥")
        }
        (self.place, self.origin, self.entry) = (place, origin, entry)
        judge = AnchorJudge(origin, key, last: entry?.anchored)
    }

    /// Whether the same was refused already, against the same anchored checkpoint.
    func isKnown(_ judgement: AnchorJudge.Judgement) -> Bool {
        guard case .refused(let reason, _) = judgement else { return false }
        let last = entry?.anchored?.sequence
        return entry?.refusals.contains { $0.reason == reason && $0.last == last } ?? false
    }

    /// Asks all at once, so that one who is silent does not keep the others waiting.
    static func ask(_ districts: [AskedDistrict], _ common: CommonOptions) async -> [Answer] {
        let answers = await withTaskGroup(of: (Int, Answer).self) { group in
            for (number, district) in districts.enumerated() {
                group.addTask { (number, await district.ask(common)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return districts.indices.map {
            answers[$0] ?? .unavailable(Phrase(en: "no answer", zh: "无回答"))
        }
    }

    private func ask(_ common: CommonOptions) async -> Answer {
        do {
            return try await LogPlace(place).read(common) { .judged(try await judge.judge($0)) }
        } catch let error as SourceError {
            return .unavailable(error.phrase)
        } catch let error as LedgerError {
            return .unavailable(error.phrases.first ?? Phrase(en: "\(error)", zh: "\(error)"))
        } catch {
            return .unavailable(Phrase(en: "\(error)", zh: "\(error)"))
        }
    }
}

extension AnchorRefusal {
    var phrase: Phrase {
        switch self {
        case .forked:
            Phrase(
                en: "it is not of the history that was anchored: the ledger signed two",
                zh: "与已锚定的历史不一致：该账本签署了两段历史")
        case .rolledBack:
            Phrase(
                en: "it covers fewer records than were anchored: rolled back, or an old copy",
                zh: "记录数少于已锚定者：被回退，或为旧副本")
        case .otherLedger:
            Phrase(en: "another ledger is shown there", zh: "该处出示的是另一账本")
        case .keyUnknown:
            Phrase(
                en: "it is not signed by the key that the ledger had; if that was changed, give "
                    + "the new one with --key",
                zh: "并非由该账本原有密钥签名；若已更换密钥，请用 --key 提供新公钥")
        }
    }
}

/// What became of one district.
private struct AnchorOutcome {
    let origin: Origin
    let place: String
    let word: String
    let phrase: Phrase
    let size: TreeSize?
    let record: SequenceNumber?
    let exit: ExitCode

    init(_ district: AskedDistrict, _ answer: AskedDistrict.Answer, _ record: SequenceNumber?) {
        (origin, place, self.record) = (district.origin, district.place, record)
        switch answer {
        case .judged(.grown(let checkpoint, let since, _)):
            (word, size, exit) = ("anchored", checkpoint.size, .success)
            phrase = Phrase(
                en: "\(checkpoint.size) records, \(since) before",
                zh: "\(checkpoint.size) 条记录，此前 \(since) 条")
        case .judged(.unchanged(let count)):
            (word, size, exit) = ("unchanged", count, .success)
            phrase = Phrase(en: "\(count) records, as before", zh: "\(count) 条记录，无新增")
        case .judged(.refused(let reason, _)):
            (word, size, exit) = (reason.rawValue, nil, Exit.found)
            phrase = reason.phrase
        case .unavailable(let why):
            (word, size, exit) = ("unavailable", nil, Exit.unanswered)
            phrase = why
        }
    }
}

private struct AnchorPage {
    private let outcome: AnchorOutcome
    private let printer: Printer

    init(_ outcome: AnchorOutcome, _ printer: Printer) {
        (self.outcome, self.printer) = (outcome, printer)
    }

    func print() {
        guard !printer.isJSON else { return printer.print(json) }
        let colour: Printer.Colour =
            outcome.exit == .success ? .green : outcome.exit == Exit.found ? .red : .yellow
        let record = outcome.record.map {
            printer.text(en: "; record \($0)", zh: "；记录 \($0)")
        }
        printer.print(
            printer.coloured(outcome.word, colour) + "  \(outcome.origin)  "
                + outcome.phrase[printer.language] + (record ?? ""))
    }

    private var json: JSONValue {
        [
            "outcome": .string(outcome.word), "origin": .string(outcome.origin.text),
            "place": .string(outcome.place),
            "size": outcome.size.map { .integer(Int64(clamping: $0.rawValue)) } ?? .null,
            "record": outcome.record.map { .integer(Int64(clamping: $0.rawValue)) } ?? .null,
            "detail": .string(outcome.phrase[printer.language]),
        ]
    }
}
