package import Catalogue
package import Phrases

/// A table that answers at once what a fold over the log answers slowly: Specs/projections.md.
package protocol ReadModel: Sendable {
    var name: String { get }
    /// Rows made by another version are not read.
    var version: Int { get }
    var columns: [ModelColumn] { get }

    /// The rows of a case as it stood after some of its records, in a fixed order.
    func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow]
}

package struct ModelColumn: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case integer = "INTEGER"
        case text = "TEXT"
    }

    package let name: String
    package let kind: Kind
    /// Whether rows are asked for by it.
    package let isKey: Bool

    package init(_ name: String, _ kind: Kind, isKey: Bool = false) {
        (self.name, self.kind, self.isKey) = (name, kind, isKey)
    }
}

package enum ModelValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)

    package init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    package init(_ number: Int64?) { self = number.map { .integer($0) } ?? .null }
    package init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }

    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
}

/// A row and the span of time that it tells of, in microseconds since 1970.
package struct ModelRow: Hashable, Sendable {
    package let begins: Int64
    /// Nil if it has no end.
    package let ends: Int64?
    package let values: [ModelValue]

    package init(begins: Int64, ends: Int64? = nil, _ values: [ModelValue]) {
        (self.begins, self.ends, self.values) = (begins, ends, values)
    }
}

/// A record that a model cannot take: a bug, since the intake let it in.
package struct ModelError: Error {
    package let reason: Phrase

    package init(en: String, zh: String) { reason = Phrase(en: en, zh: zh) }
}

/// A row and the records between which it stood.
package struct VersionedRow: Hashable, Sendable {
    /// The record that made it.
    package let from: UInt64
    /// Its place among the model's rows that this record made.
    package let place: Int
    /// The record that replaced it.
    package internal(set) var to: UInt64?
    package let row: ModelRow
}

/// Every version of a case's rows in one model.
package struct CaseVersions: Sendable {
    package private(set) var rows: [VersionedRow] = []
    /// The record that could not be taken, and why; later ones are not looked at.
    package private(set) var stopped: (record: UInt64, reason: Phrase)?

    /// `effect` gives the catalogue that was in force at a record.
    package init(
        _ model: some ReadModel, _ file: CaseRecords, effect: (UInt64) -> EventCatalogue
    ) {
        var current: [Int] = []
        file.forEachPrefix(effect: effect) { prefix in
            guard let record = prefix.records.last?.sequence else { return false }
            do throws(ModelError) {
                replace(&current, by: try model.rows(of: prefix), at: record)
                return true
            } catch {
                stopped = (record, error.reason)
                return false
            }
        }
    }

    /// Rows that are as before stay; others end with the record, and new ones begin.
    private mutating func replace(_ current: inout [Int], by new: [ModelRow], at record: UInt64) {
        var left = Dictionary(grouping: current) { rows[$0].row }
        var kept: [Int] = []
        var place = 0
        for row in new {
            if let known = left[row]?.popLast() {
                kept.append(known)
                continue
            }
            kept.append(rows.count)
            rows.append(VersionedRow(from: record, place: place, to: nil, row: row))
            place += 1
        }
        for gone in left.values.joined() { rows[gone].to = record }
        current = kept
    }
}
