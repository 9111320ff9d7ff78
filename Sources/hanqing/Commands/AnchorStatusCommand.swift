import Anchoring
import ArgumentParser
import Auditing
import CanonicalJSON
import Checkpoints
import LedgerHome
import Merkle
import Phrases
import Records
import Sequencing

struct AnchorStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Which ledgers are behind, forked or silent. 哪些账本滞后、分叉或沉默。",
        discussion: """
            Every record of an anchoring in CITY is read, and every proof in them checked.
            Districts that are named are asked too, and compared with what was anchored
            last. A ledger is silent if nothing was anchored of it for so many seconds.
            逐条核对市级账本中的锚定记录及其证明；点名的区县还会被当场查询。超过所定秒数未
            锚定即为沉默。
            Exit codes: 0 all is well; 1 one is forked, rolled back, or another ledger, or
            a record is not sound; 3 one is silent or unavailable.
            退出码：0 正常；1 有分叉、回退、错置或记录有误；3 有沉默或无法取得者。
            """)

    @Argument(help: "The folder of the ledger that holds the anchors. 市级账本目录。")
    var city: String

    @Argument(help: "Districts to ask now, as hanqing anchor names them. 当场查询的区县。")
    var districts: [String] = []

    @Option(
        help: ArgumentHelp(
            "Seconds without an anchoring after which a ledger is silent. 多少秒未锚定即为沉默。",
            valueName: "seconds"))
    var silentAfter: UInt32 = 86_400

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await opening(.read, common, { [city] }) { ledgers, printer in
            let ledger = ledgers.members[0]
            let given = try asOf.moment()
            let moment = given ?? ledger.clock.wall()
            let book = try await ledger.anchorBook(asOf: given)
            let asked = try districts.map { try AskedDistrict($0, nil, book) }
            let answers = await AskedDistrict.ask(asked, common)
            var live: [Origin: AskedDistrict.Answer] = [:]
            for (district, answer) in zip(asked, answers) { live[district.origin] = answer }
            let silence = moment.advanced(bySeconds: -Int64(silentAfter))
            let rows = book.entries.sorted { $0.key.text < $1.key.text }.map {
                AnchorRow($0.key, $0.value, live[$0.key], silentSince: silence)
            }
            AnchorStatusPage(rows, book.faults, ledger.origin, moment, printer).print()
            guard book.faults.isEmpty, !rows.contains(where: { $0.state.exit == Exit.found })
            else { throw Exit.found }
            guard rows.allSatisfy({ $0.state.exit == .success }) else { throw Exit.quorumUnmet }
        }
    }
}

/// How one ledger stands.
private struct AnchorRow {
    let origin: Origin
    let entry: AnchorBook.Entry
    let state: State
    /// Records that it has and that are not anchored; nil if it was not asked.
    let behind: UInt64?

    enum State: Hashable {
        case held, behind, silent, unavailable
        case refused(AnchorRefusal)

        var word: String {
            switch self {
            case .held: "anchored"
            case .behind: "behind"
            case .silent: "silent"
            case .unavailable: "unavailable"
            case .refused(let reason): reason.rawValue
            }
        }

        var exit: ExitCode {
            switch self {
            case .held, .behind: .success
            case .silent, .unavailable: Exit.quorumUnmet
            case .refused: Exit.found
            }
        }
    }

    init(
        _ origin: Origin, _ entry: AnchorBook.Entry, _ live: AskedDistrict.Answer?,
        silentSince silence: Timestamp
    ) {
        (self.origin, self.entry) = (origin, entry)
        var (behind, now) = (UInt64?.none, State.held)
        switch live {
        case .judged(.grown(let checkpoint, let since, _)):
            behind = checkpoint.size.rawValue - since.rawValue
            now = .behind
        case .judged(.unchanged): behind = 0
        case .judged(.refused(let reason, _)): now = .refused(reason)
        case .unavailable: now = .unavailable
        case nil: break
        }
        self.behind = behind
        let isSilent = entry.anchored.map { $0.recorded < silence } ?? true
        if let reason = entry.reason {
            state = .refused(reason)
        } else if case .refused = now {
            state = now
        } else {
            state = isSilent ? .silent : now
        }
    }
}

private struct AnchorStatusPage {
    private let rows: [AnchorRow]
    private let faults: [AnchorBook.Fault]
    private let city: Origin
    private let moment: Timestamp
    private let printer: Printer

    init(
        _ rows: [AnchorRow], _ faults: [AnchorBook.Fault], _ city: Origin, _ moment: Timestamp,
        _ printer: Printer
    ) {
        (self.rows, self.faults, self.city) = (rows, faults, city)
        (self.moment, self.printer) = (moment, printer)
    }

    func print() {
        guard !printer.isJSON else { return printer.print(json) }
        printer.print(
            Phrase(
                en: "\(city) as of \(moment.text), ledgers: \(rows.count)",
                zh: "\(city)，截至 \(moment.text)，账本 \(rows.count) 个"))
        printer.table(rows.map(cells))
        for fault in faults {
            printer.print(
                Phrase(
                    en: "record \(fault.sequence): \(fault.phrase.en)",
                    zh: "记录 \(fault.sequence)：\(fault.phrase.zh)"))
        }
    }

    private func cells(_ row: AnchorRow) -> [String] {
        let colour: Printer.Colour =
            row.state.exit == .success ? .green : row.state.exit == Exit.found ? .red : .yellow
        let anchored = row.entry.anchored
        let refused = row.entry.refusals.map { "\($0.reason.rawValue) (\($0.sequence))" }
        return [
            printer.coloured(row.state.word, colour), row.origin.text,
            anchored.map { printer.grouped($0.checkpoint.size.rawValue) } ?? "-",
            anchored?.recorded.text ?? "-",
            row.behind.map { $0 > 0 ? "+\(printer.grouped($0))" : "" } ?? "",
            refused.joined(separator: ", "),
        ]
    }

    private var json: JSONValue {
        [
            "city": .string(city.text), "asOf": .string(moment.text),
            "ledgers": .array(rows.map(json)),
            "faults": .array(
                faults.map {
                    [
                        "seq": .integer(Int64(clamping: $0.sequence.rawValue)),
                        "detail": .string($0.phrase[printer.language]),
                    ]
                }),
        ]
    }

    private func json(_ row: AnchorRow) -> JSONValue {
        func number(_ value: UInt64) -> JSONValue { .integer(Int64(clamping: value)) }
        let anchored = row.entry.anchored
        return [
            "origin": .string(row.origin.text), "state": .string(row.state.word),
            "size": anchored.map { number($0.checkpoint.size.rawValue) } ?? .null,
            "seq": anchored.map { number($0.sequence.rawValue) } ?? .null,
            "recorded": anchored.map { .string($0.recorded.text) } ?? .null,
            "place": anchored.map { .string($0.place) } ?? .null,
            "key": anchored.map { .string($0.key.description) } ?? .null,
            "behind": row.behind.map(number) ?? .null,
            "refusals": .array(
                row.entry.refusals.map {
                    [
                        "seq": number($0.sequence.rawValue), "reason": .string($0.reason.rawValue),
                        "recorded": .string($0.recorded.text), "place": .string($0.place),
                    ]
                }),
        ]
    }
}
