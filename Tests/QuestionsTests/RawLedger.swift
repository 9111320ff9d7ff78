import CanonicalJSON
import Foundation
import Records
import Rules

/// The lines of a log up to a moment, folded by hand: corrections put in, withdrawn ones out.
///
/// It shares nothing with the folds that it is compared with but the reading of JSON.
struct RawLedger {
    struct Entry {
        let sequence: Int
        let stream: String
        let type: String
        let recorded: String
        /// RFC 3339, as written.
        let time: String
        let isDayOnly: Bool
        let unit: String
        let person: String
        var data: JSONValue
        /// The day in Beijing, `YYYY-MM-DD`.
        let day: String

        func text(_ name: String) -> String { data[name]?.string ?? "" }
        func integer(_ name: String) -> Int { Int(data[name]?.integer ?? 0) }
        func texts(_ name: String) -> [String] {
            (data[name]?.array ?? []).map { $0.string ?? "" }
        }

        func flag(_ name: String) -> Bool? { data[name]?.bool }

        func persons(_ role: String) -> [String] {
            (data["participants"]?.array ?? []).filter { $0["role"]?.string == role }
                .map { $0["person"]?.string ?? "" }
        }

        /// Microseconds since 1970 of the first and the last moment at which it may have happened.
        var span: ClosedRange<Int64> {
            if isDayOnly {
                let start = RawLedger.microseconds(day + "T00:00:00+08:00")
                return start...(start + 86_400_000_000 - 1)
            }
            let moment = RawLedger.microseconds(time)
            return moment...moment
        }

        func mayPrecede(_ other: Entry) -> Bool { span.lowerBound <= other.span.upperBound }
    }

    let moment: Timestamp
    /// All lines, as they are.
    let lines: [JSONValue]
    /// What stands, in the order of record.
    private(set) var entries: [Entry] = []
    private(set) var streams: [String: [Entry]] = [:]

    init(_ lines: some Sequence<JSONValue>, _ moment: Timestamp) {
        self.lines = Array(lines)
        self.moment = moment
        var standing: [Int: Entry] = [:]
        for line in self.lines {
            guard let event = line["event"], let data = event["data"] else { continue }
            let type = event["type"]?.string ?? ""
            if type == "entry.corrected" || type == "entry.withdrawn" {
                let target = data["corrects"] ?? data["withdraws"]
                let number = Int(target?["seq"]?.integer ?? -1)
                if let corrected = data["corrected"] {
                    standing[number]?.data = corrected
                } else {
                    standing[number] = nil
                }
                continue
            }
            let sequence = Int(line["chain"]?["seq"]?.integer ?? -1)
            let time = event["time"]?.string ?? ""
            let isDayOnly = event["precision"] != nil
            standing[sequence] = Entry(
                sequence: sequence, stream: event["subject"]?.string ?? "", type: type,
                recorded: line["chain"]?["recorded"]?.string ?? "", time: time,
                isDayOnly: isDayOnly, unit: data["operator"]?["unit"]?.string ?? "",
                person: data["operator"]?["person"]?.string ?? "", data: data,
                day: isDayOnly ? String(time.prefix(10)) : RawLedger.beijingDay(time))
        }
        entries = standing.values.sorted { $0.sequence < $1.sequence }
        streams = Dictionary(grouping: entries) { $0.stream }
    }

    /// Cases of a procedure, each in the order in which things happened.
    func cases(_ procedure: String) -> [(stream: String, entries: [Entry])] {
        streams.filter { $0.key.hasPrefix(procedure + "/") }.map { stream, entries in
            var latest: [String: Int64] = [:]
            var moments: [Int: Int64] = [:]
            for entry in entries {
                // What is known by day alone stands after what was recorded of that day before.
                let begin = entry.span.lowerBound
                let moment = entry.isDayOnly ? max(begin, latest[entry.day] ?? begin) : begin
                moments[entry.sequence] = moment
                latest[entry.day] = max(moment, latest[entry.day] ?? moment)
            }
            let sorted = entries.sorted {
                (moments[$0.sequence] ?? 0, $0.sequence) < (moments[$1.sequence] ?? 0, $1.sequence)
            }
            return (stream, sorted)
        }
    }

    // MARK: - Days

    static func microseconds(_ time: String) -> Int64 {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: time.contains("."))
        guard let date = try? style.parse(time) else { return 0 }
        return Int64((date.timeIntervalSince1970 * 1_000_000).rounded())
    }

    static func beijingDay(_ time: String) -> String {
        day(number: Int((Double(microseconds(time)) / 1e6 + 8 * 3_600) / 86_400))
    }

    static func number(_ day: String) -> Int {
        Int(microseconds(day + "T00:00:00Z") / 86_400_000_000)
    }

    static func day(number: Int) -> String {
        let date = Date(timeIntervalSince1970: Double(number) * 86_400)
        return String(date.ISO8601Format().prefix(10))
    }

    /// Workdays after the first day, up to and with the last.
    static func workdays(_ first: String, _ last: String, _ calendar: WorkCalendar) -> Int {
        let (from, to) = (number(first), number(last))
        return to > from ? (from + 1...to).count { calendar.isWorkday($0) } : 0
    }

    /// In Beijing.
    var today: String { RawLedger.beijingDay(moment.text) }
}
