import CanonicalJSON
import Catalogue
import Projections
import Records
import Rules

/// A case as questions read it: corrected, in the order in which things happened, under the names
/// that its types have today.
struct PastCase: Sendable {
    let stream: String
    let prefix: CasePrefix
    /// What stands, in the order in which it happened.
    let entries: [CaseEntry]

    fileprivate init(_ stream: String, _ prefix: CasePrefix, _ names: [String: String]) {
        (self.stream, self.prefix) = (stream, prefix)
        let history = prefix.history.renamed(names)
        entries = history.line.map { history.entries[$0] }
    }

    func all(_ type: String) -> [CaseEntry] { entries.filter { $0.type == type } }

    func all(_ types: Set<String>) -> [CaseEntry] { entries.filter { types.contains($0.type) } }

    func first(_ type: String) -> CaseEntry? { entries.first { $0.type == type } }

    func last(_ type: String) -> CaseEntry? { entries.last { $0.type == type } }

    /// The last of them that may have happened before `entry`.
    func last(_ type: String, notAfter entry: CaseEntry) -> CaseEntry? {
        entries.last { $0.type == type && $0.mayPrecede(entry) }
    }

    /// Their numbers, and those of the corrections by which they read as they do.
    func records(_ entries: CaseEntry?...) -> [UInt64] { records(entries.compactMap(\.self)) }

    func records(_ entries: [CaseEntry]) -> [UInt64] {
        entries.flatMap { [$0.sequence] + (prefix.fates[$0.sequence].map { [$0.by] } ?? []) }
    }

    /// The unit of whoever entered it; a correction's data say nothing of the operator.
    func unit(of entry: CaseEntry) -> String? {
        let record = prefix.records.first { $0.sequence == entry.sequence }
        return record?.event?["data"]?["operator"]?["unit"]?.string
    }

    /// The standing entry with that number.
    func entry(_ sequence: UInt64?) -> CaseEntry? {
        sequence.flatMap { number in entries.first { $0.sequence == number } }
    }
}

extension PastView {
    /// A case by its stream, or by a document number or another alias.
    func stream(called name: String) async throws(ProjectionError) -> String {
        if try await prefix(of: name) != nil { return name }
        let key = MentionKey.alias(DocumentNumber.normalised(name))
        guard let found = try await streams(naming: key).first else {
            throw ProjectionError(
                en: "no case \(name)", zh: "没有案件 \(name)", kind: .unknownName)
        }
        return found
    }

    func pastCase(_ stream: String) async throws(ProjectionError) -> PastCase? {
        guard let prefix = try await prefix(of: stream) else { return nil }
        return PastCase(stream, prefix, shelf.newest.catalogue.formerNames)
    }

    /// The cases of a procedure, one after another, in the order of their first records.
    func eachCase(
        of procedure: String, _ body: (PastCase) -> Void
    ) async throws(ProjectionError) {
        for stream in try await streams(of: procedure) {
            if let found = try await pastCase(stream) { body(found) }
        }
    }

    /// All cases, procedure by procedure.
    func eachCase(_ body: (PastCase) -> Void) async throws(ProjectionError) {
        for procedure in shelf.newest.catalogue.procedures.map(\.id) {
            try await eachCase(of: procedure, body)
        }
    }
}

extension CaseEntry {
    func text(_ field: String) -> String? { data[field]?.string }

    func flag(_ field: String) -> Bool? { data[field]?.bool }

    func number(_ field: String) -> Int64? { data[field]?.integer }

    /// The day that a date names, or the day in Beijing of an instant.
    func day(_ field: String) -> Int? {
        guard let text = data[field]?.string else { return nil }
        if let date = CivilDateText.read(text) { return date.dayNumber }
        let zoned = Array(text.utf8).withUnsafeBytes { ZonedTime($0) }
        return zoned.map { LocalTime.beijing.day(of: $0.moment) }
    }

    func words(_ field: String) -> [String] {
        (data[field]?.array ?? []).compactMap(\.string)
    }

}
