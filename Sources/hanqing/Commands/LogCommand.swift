import ArgumentParser
import CanonicalJSON
import Catalogue
import Foundation
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Records

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "List records. 列出记录。",
        discussion: "With --json each line is a record's exact bytes. 加 --json 时每行为一条记录的原文。")

    @Option(help: "Only this stream, such as penalty/PN-2025-000001. 只看该案件流。")
    var stream: String?

    @Option(help: "Only this type, such as penalty.decided. 只看该类型。")
    var type: String?

    @Option(help: "Only records after this sequence number. 只看该序号之后。")
    var after: UInt64?

    @Option(help: "At most so many. 最多条数。")
    var limit = 50

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let stream, StreamName(stream) == nil {
            throw ValidationError("\(stream) is no stream: <procedure>/<case id>")
        }
        if limit < 1 { throw ValidationError("--limit is at least 1") }
    }

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            var rows: [[String]] = []
            let isWhole = try await lines(of: ledger) { line in
                if common.json {
                    printer.write(line + [0x0A])
                } else if let row = row(line, ledger.catalogue, printer) {
                    rows.append(row)
                }
                return !printer.isClosed
            }
            printer.table(rows)
            if !isWhole, !common.json {
                printer.print(
                    Phrase(
                        en: "… more: use --after and --limit", zh: "……还有更多：请用 --after 和 --limit"))
            }
        }
    }

    /// Gives the chosen lines to `body` until it says stop; false if there are more.
    private func lines(
        of ledger: Ledger, _ body: ([UInt8]) -> Bool
    ) async throws -> Bool {
        var count = 0
        var next = after.map { SequenceNumber($0 + 1) } ?? SequenceNumber(0)
        let numbers = try await streamNumbers(ledger, from: next)
        var place = 0
        while true {
            let lines: [[UInt8]]
            if let numbers {
                guard place < numbers.count else { return true }
                lines = try await ledger.line(numbers[place]).map { [$0] } ?? []
                place += 1
            } else {
                let from = next
                lines = try await answered { () async throws(StoreError) in
                    try await ledger.store.lines(from: from, limit: 1024)
                }
                if lines.isEmpty { return true }
                next = SequenceNumber(next.rawValue + UInt64(lines.count))
            }
            for line in lines where isWanted(line) {
                if count == limit { return false }
                count += 1
                guard body(line) else { return true }
            }
        }
    }

    private func streamNumbers(
        _ ledger: Ledger, from first: SequenceNumber
    ) async throws -> [SequenceNumber]? {
        guard let name = stream.flatMap({ StreamName($0) }) else { return nil }
        let numbers = try await answered { () async throws(StoreError) in
            try await ledger.store.sequence(of: name, from: Revision(0), limit: .max)
        }
        return numbers.filter { $0 >= first }
    }

    private func isWanted(_ line: [UInt8]) -> Bool {
        guard let type else { return true }
        return (try? JSONValue(parsing: line))?["event"]?["type"]?.string == type
    }

    private func row(
        _ line: [UInt8], _ catalogue: EventCatalogue, _ printer: Printer
    ) -> [String]? {
        guard let root = try? JSONValue(parsing: line) else { return nil }
        if let stub = root["withheld"] {
            return [
                "\(stub["seq"]?.integer ?? 0)", "", "",
                printer.text(en: "withheld", zh: "已遮蔽"), stub["stream"]?.string ?? "", "",
            ]
        }
        guard let event = root["event"], let name = event["type"]?.string else { return nil }
        let title = catalogue.title(ofType: name)?[printer.language] ?? name
        let person = event["data"]?["operator"]?["person"]?.string ?? ""
        return [
            "\(root["chain"]?["seq"]?.integer ?? 0)",
            printer.coloured(localTime(root["chain"]?["recorded"]?.string), .grey),
            occurred(event), title, event["subject"]?.string ?? "", person,
        ]
    }

    private func occurred(_ event: JSONValue) -> String {
        occurredTime(event["time"]?.string ?? "", isDayOnly: event["precision"] != nil)
    }
}

/// When something happened, in Beijing, to the minute; or the day as it was written.
func occurredTime(_ time: String, isDayOnly: Bool) -> String {
    if isDayOnly { return String(time.prefix(10)) }
    guard let moment = Array(time.utf8).withUnsafeBytes({ ZonedTime($0)?.moment }) else {
        return time
    }
    return String(moment.advanced(bySeconds: 8 * 3600).text.prefix(16))
        .replacing("T", with: " ")
}

/// A recorded time in Beijing, to the second.
func localTime(_ recorded: String?) -> String {
    guard let moment = recorded.flatMap({ Timestamp(fixed: $0) }) else { return "" }
    let text = moment.advanced(bySeconds: 8 * 3600).text
    return String(text.prefix(19)).replacing("T", with: " ")
}
