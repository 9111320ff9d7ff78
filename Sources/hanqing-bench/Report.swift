import CanonicalJSON
import Foundation

/// One measured figure.
struct Figure {
    let section: String
    let name: String
    let value: Double
    let unit: String
    /// What it is compared with: a raw limit of the same run.
    var limit: (name: String, value: Double)?
    /// What was aimed at, in words.
    var target: String?

    init(
        _ section: String, _ name: String, _ value: Double, _ unit: String,
        of limit: (name: String, value: Double)? = nil, target: String? = nil
    ) {
        (self.section, self.name, self.value, self.unit) = (section, name, value, unit)
        (self.limit, self.target) = (limit, target)
    }

    /// The share of the raw limit that is reached.
    var ratio: Double? { limit.flatMap { $0.value > 0 ? value / $0.value : nil } }
}

/// Everything that a run has found.
struct Report {
    let machine: Machine
    let records: Int
    var probes: [SyncProbe] = []
    private(set) var figures: [Figure] = []

    init(machine: Machine, records: Int) {
        (self.machine, self.records) = (machine, records)
    }

    mutating func add(_ figure: Figure) {
        Progress.say("  \(figure.name): \(Report.number(figure.value)) \(figure.unit)")
        figures.append(figure)
    }

    mutating func add(_ figures: [Figure]) {
        for figure in figures { add(figure) }
    }

    /// The value of a figure that was measured in this run.
    func value(_ section: String, _ name: String) -> Double? {
        figures.first { $0.section == section && $0.name == name }?.value
    }

    func limit(_ section: String, _ name: String) -> (name: String, value: Double)? {
        value(section, name).map { (name, $0) }
    }
}

// MARK: - As a table

extension Report {
    var table: String {
        var lines = [machine.text, "records: \(records)"]
        for probe in probes { lines.append(probe.text) }
        let width = (figures.map(\.name.count).max() ?? 0) + 2
        for section in sections {
            lines += ["", section]
            lines += figures.filter { $0.section == section }.map { line($0, width) }
        }
        return lines.joined(separator: "\n")
    }

    /// In the order of their first figures; a ledger is looked at several times as it grows.
    private var sections: [String] {
        figures.reduce(into: []) { sections, figure in
            if !sections.contains(figure.section) { sections.append(figure.section) }
        }
    }

    private func line(_ figure: Figure, _ width: Int) -> String {
        let number = Report.number(figure.value)
        var text = "  " + figure.name.padding(toLength: width, withPad: " ", startingAt: 0)
        text += String(repeating: " ", count: max(0, 12 - number.count)) + number
        text += " " + figure.unit.padding(toLength: 10, withPad: " ", startingAt: 0)
        if let ratio = figure.ratio, let limit = figure.limit {
            text += "  \(Int((ratio * 100).rounded())) % of \(limit.name)"
        }
        if let target = figure.target { text += "  [target: \(target)]" }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// Whole numbers with separators, small ones with up to three digits after the point.
    static func number(_ value: Double) -> String {
        guard value >= 100 else {
            return String(format: value >= 10 ? "%.1f" : "%.3f", value)
        }
        var digits = String(Int(value.rounded()))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
            place -= 3
        }
        return digits
    }
}

// MARK: - As JSON

extension Report {
    var json: String {
        let value: JSONValue = [
            "machine": machine.json, "records": .integer(Int64(records)),
            "syncProbes": .array(probes.map(\.json)), "figures": .array(figures.map(\.json)),
        ]
        return value.canonicalText
    }
}

extension Figure {
    fileprivate var json: JSONValue {
        var members = [
            JSONMember("name", .string(name)), JSONMember("section", .string(section)),
            JSONMember("unit", .string(unit)), JSONMember("value", .number(value)),
        ]
        if let ratio, let limit {
            members.append(JSONMember("limit", .string(limit.name)))
            members.append(JSONMember("ratio", .number(ratio)))
        }
        if let target { members.append(JSONMember("target", .string(target))) }
        return .object(members)
    }
}
