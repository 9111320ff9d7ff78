import CanonicalJSON
import Catalogue
import Projections
import Rules

/// Reads what the entries of a case name: cases, records and enterprises.
struct LinkReader {
    let view: any PastView
    let lookUp: CauseLookUp

    /// In the order of record; of every version of an entry, the first that names something.
    func links(of prefix: CasePrefix) async throws(ProjectionError) -> [TraceLink] {
        var found: [TraceLink] = []
        for record in prefix.records {
            guard let data = record.event?["data"] else { continue }
            let target = record.mends.flatMap { prefix.types[$0] }
            let type = prefix.types[record.sequence]
            var links = try await causes(of: record, data)
            for (type, data) in [(type, data), (target, data["corrected"])] {
                guard let type, let data else { continue }
                if data != record.event?["data"] { links += try await causes(of: record, data) }
                for leaf in FieldLeaf.all(of: type.fields, in: data) {
                    if let link = try await link(leaf, type, record) { links.append(link) }
                }
            }
            let own = try await self.target(of: record, data)
            for link in links + own where link.to != record.stream && !found.contains(link) {
                found.append(link)
            }
        }
        return found
    }

    private func link(
        _ leaf: FieldLeaf, _ type: EventType, _ record: CaseRecord
    ) async throws(ProjectionError) -> TraceLink? {
        if leaf.field.type == .reference, let stream = leaf.value.string {
            let isJoin = [type.continuedIn, type.continues].contains(leaf.top.name)
            return TraceLink(
                kind: isJoin ? .joined : .reference, from: record.stream,
                record: record.sequence, to: stream, target: nil, field: leaf.top.title)
        }
        guard leaf.field.type == .target, let number = leaf.value.sequence else { return nil }
        return try await link(.reference, record, to: number, leaf.top)
    }

    private func link(
        _ kind: LinkKind, _ record: CaseRecord, to number: UInt64, _ field: Field? = nil
    ) async throws(ProjectionError) -> TraceLink? {
        guard number < view.size, let other = try await view.record(number) else { return nil }
        return TraceLink(
            kind: kind, from: record.stream, record: record.sequence, to: other.stream,
            target: number, field: field?.title)
    }

    private func causes(
        of record: CaseRecord, _ data: JSONValue
    ) async throws(ProjectionError) -> [TraceLink] {
        var links: [TraceLink] = []
        for cause in data["causes"]?.array ?? [] {
            var number = cause.sequence
            if number == nil, let source = cause["source"]?.string, let id = cause["id"]?.string {
                number = try await lookUp(source, id)
            }
            guard let number, let link = try await link(.cause, record, to: number) else {
                continue
            }
            links.append(link)
        }
        return links
    }

    /// Words about a record of another case lead there too.
    private func target(
        of record: CaseRecord, _ data: JSONValue
    ) async throws(ProjectionError) -> [TraceLink] {
        guard record.mends == nil, let number = data["target"]?.sequence,
            let link = try await link(.reference, record, to: number)
        else { return [] }
        return [link]
    }

    /// Codes of parties, in the order of record.
    static func parties(of prefix: CasePrefix) -> [String] {
        var codes: [String] = []
        for (code, _, _) in names(in: prefix, ofParties: true) where !codes.contains(code) {
            codes.append(code)
        }
        return codes
    }

    /// Codes of organisations, each with its name, if the entry gives one, and the entry.
    static func names(
        in prefix: CasePrefix, ofParties isParty: Bool
    ) -> [(code: String, name: String?, entry: CaseEntry)] {
        var found: [(code: String, name: String?, entry: CaseEntry)] = []
        for record in prefix.records {
            guard let entry = prefix.entry(record), let type = prefix.types[record.sequence] else {
                continue
            }
            let leaves = FieldLeaf.all(of: type.fields, in: entry.data)
            // A name beside a code, if the type has one party of each.
            let named = leaves.filter { $0.field.isParty && $0.field.type == .string }
            for leaf in leaves where leaf.field.isParty || !isParty {
                switch leaf.field.type {
                case .uscc:
                    guard let code = leaf.value.string else { continue }
                    let name = leaf.field.isParty && named.count == 1 ? named[0].value.string : nil
                    found.append((code, name, entry))
                case .organisation:
                    guard let code = leaf.value["uscc"]?.string else { continue }
                    found.append((code, leaf.value["name"]?.string, entry))
                default: break
                }
            }
        }
        return found
    }
}
