import CanonicalJSON
import Catalogue
package import Projections
import Records
import Rules

/// Where a trace begins: a case, and the entry in it that is the outcome.
package struct TraceStart: Hashable, Sendable {
    package let stream: String
    package let outcome: UInt64

    /// The case that `name` names: the number of a record, a stream or an alias.
    package init(_ name: String, in view: any PastView) async throws(ProjectionError) {
        if let number = UInt64(name) {
            self = try await TraceStart.record(number, view)
        } else if name.contains("/"), let prefix = try await view.prefix(of: name) {
            self = TraceStart.first(of: prefix, name)
        } else {
            self = try await TraceStart.alias(name, view)
        }
    }

    private init(stream: String, outcome: UInt64) {
        (self.stream, self.outcome) = (stream, outcome)
    }

    private static func record(
        _ number: UInt64, _ view: any PastView
    ) async throws(ProjectionError) -> TraceStart {
        guard number < view.size, let record = try await view.record(number) else {
            throw ProjectionError(
                en: "there is no record \(number): the ledger had \(view.size) then",
                zh: "没有记录 \(number)：账本当时共 \(view.size) 条")
        }
        return TraceStart(stream: record.stream, outcome: record.mends ?? number)
    }

    private static func first(of prefix: CasePrefix, _ name: String) -> TraceStart {
        let history = prefix.history
        let first = history.line.first.map { history.entries[$0].sequence }
        return TraceStart(stream: name, outcome: first ?? prefix.records.first?.sequence ?? 0)
    }

    private static func alias(
        _ name: String, _ view: any PastView
    ) async throws(ProjectionError) -> TraceStart {
        let wanted = DocumentNumber.normalised(name)
        var found: [TraceStart] = []
        for stream in try await view.streams(naming: .alias(wanted)) {
            guard let prefix = try await view.prefix(of: stream) else { continue }
            let carrier = prefix.history.entries.first { entry in
                (prefix.types[entry.sequence]?.fields ?? []).contains { field in
                    field.isAlias
                        && entry.data[field.name]?.string.map(DocumentNumber.normalised) == wanted
                }
            }
            if let carrier { found.append(TraceStart(stream: stream, outcome: carrier.sequence)) }
        }
        guard let first = found.first else {
            throw ProjectionError(
                en: "no case \(name); list cases with hanqing cases",
                zh: "没有案件 \(name)；可用 hanqing cases 列出案件")
        }
        guard found.count == 1 else {
            let names = found.map(\.stream)
            throw ProjectionError(
                en: "\(name) names several cases; say which: \(names.joined(separator: ", "))",
                zh: "\(name) 对应多个案件，请指明其一：\(names.joined(separator: "、"))")
        }
        return first
    }
}
