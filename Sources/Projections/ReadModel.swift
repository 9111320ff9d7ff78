package import Catalogue
package import Phrases
import Rules

/// A table that answers at once what a fold over the log answers slowly: Specs/projections.md.
package protocol ReadModel: Sendable {
    var name: String { get }
    /// Rows made by another version are not read.
    var version: Int { get }
    var columns: [ModelColumn] { get }
    /// Whether rows depend on rules, and so on other cases.
    var isJudged: Bool { get }

    /// The rows of a case as it stood after some of its records, in a fixed order.
    func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow]

    /// What the newest record changed of the rows before it, where it happened after all others and
    /// mends none.
    func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange
}

extension ReadModel {
    package var isJudged: Bool { false }

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        RowChange(kept: 0, new: try rows(of: prefix))
    }
}

/// How a model's rows of a case follow from those before.
package struct RowChange: Sendable {
    /// So many of the rows before stay as they are, from the first on.
    package let kept: Int
    /// What follows them now.
    package let new: [ModelRow]

    package init(kept: Int, new: [ModelRow]) { (self.kept, self.new) = (kept, new) }

    package static func none(_ standing: StandingRows) -> RowChange {
        RowChange(kept: standing.count, new: [])
    }
}

/// A model's rows of a case as they stand.
package struct StandingRows: Sendable {
    package let count: Int
    package let last: ModelRow?
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
    /// What they are asked for by besides; nil is the record that made them.
    package let second: String?
    /// What those that stand no longer are asked for by, where that is something else.
    package let secondOfPast: String?

    package init(
        _ name: String, _ kind: Kind, isKey: Bool = false, with second: String? = nil,
        ofPast secondOfPast: String? = nil
    ) {
        (self.name, self.kind, self.isKey) = (name, kind, isKey)
        (self.second, self.secondOfPast) = (second, secondOfPast ?? second)
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
    package let model: any ReadModel
    package private(set) var rows: [VersionedRow] = []
    /// The record that could not be taken, and why; later ones are not looked at.
    package private(set) var stopped: (record: UInt64, reason: Phrase)?
    /// Places in ``rows`` of those that stand, in the model's order.
    private var current: [Int] = []

    /// Mostly a record makes about a row.
    private init(_ model: any ReadModel, of recordCount: Int) {
        self.model = model
        rows.reserveCapacity(recordCount)
        current.reserveCapacity(recordCount)
    }

    private var standing: StandingRows {
        StandingRows(count: current.count, last: current.last.map { rows[$0].row })
    }

    /// Those of all models, in one walk through the case.
    ///
    /// `effect` gives the catalogue that was in force at a record.
    package static func of(
        _ file: CaseRecords, in models: [any ReadModel], _ rules: CaseRules,
        among surroundings: Surroundings = .none,
        effect: @escaping (UInt64) -> EventCatalogue
    ) -> [CaseVersions] {
        var all = models.map { CaseVersions($0, of: file.records.count) }
        let isJudged = models.contains(where: \.isJudged)
        var walk = CaseWalk(file, rules, surroundings, isJudged: isJudged, effect: effect)
        var changes: [RowChange?] = []
        while let step = walk.next() {
            changes.removeAll(keepingCapacity: true)
            for (place, model) in models.enumerated() {
                guard step.isOwn || (model.isJudged && walk.isMoved) else {
                    changes.append(nil)
                    continue
                }
                do throws(ModelError) {
                    let isAppended = walk.prefix.isAppended && !(model.isJudged && walk.isMoved)
                    changes.append(
                        isAppended
                            ? try model.change(
                                of: walk.prefix, from: all[place].standing)
                            : RowChange(kept: 0, new: try model.rows(of: walk.prefix)))
                } catch {
                    // No model goes on without the others: the case stays as it was.
                    all[place].stopped = (step.record, error.reason)
                    return all
                }
            }
            for (place, change) in changes.enumerated() {
                if let change { all[place].take(change, at: step.record) }
            }
        }
        return all
    }

    /// Rows that are as before stay; others end with the record, and new ones begin.
    ///
    /// Mostly one is added at the end: only what lies between equal ends is compared one by one.
    private mutating func take(_ change: RowChange, at record: UInt64) {
        let new = change.new
        var (front, back) = (0, 0)
        let shorter = min(current.count - change.kept, new.count)
        while front < shorter, rows[current[change.kept + front]].row == new[front] { front += 1 }
        while back < shorter - front,
            rows[current[current.count - 1 - back]].row == new[new.count - 1 - back]
        {
            back += 1
        }
        let changed = change.kept + front..<current.count - back
        guard !changed.isEmpty || front < new.count - back else { return }
        var left = Array(current[changed])
        var middle: [Int] = []
        var place = 0
        for row in new[front..<new.count - back] {
            if let same = left.firstIndex(where: { rows[$0].row == row }) {
                middle.append(left.remove(at: same))
                continue
            }
            middle.append(rows.count)
            rows.append(VersionedRow(from: record, place: place, to: nil, row: row))
            place += 1
        }
        for gone in left { rows[gone].to = record }
        current.replaceSubrange(changed, with: middle)
    }
}
