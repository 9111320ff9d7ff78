import CanonicalJSON
package import Digests

extension EventCatalogue {
    /// Of each indicator, by a digest, all that decides which figure it comes to.
    ///
    /// Figures of equal definitions may be added up: Specs/projections.md section 8.
    package func definitions() -> [String: Digest] {
        guard let root = try? JSONValue(parsing: compiled) else { return [:] }
        let entries = Entries(root)
        var found: [String: Digest] = [:]
        for id in indicators.map(\.id) {
            var names: [String] = []
            gather(id, &names)
            let parts = names.map { entries.all[$0] ?? .null } + [entries.lateEntry]
            found[id] = SHA256.digest(of: JSONValue.array(parts).canonicalBytes)
        }
        return found
    }

    /// The indicator, those that it totals, and the duties that they count.
    private func gather(_ id: String, _ names: inout [String]) {
        guard !names.contains(id) else { return }
        names.append(id)
        switch indicators.first(where: { $0.id == id })?.measure {
        case .total(let parts): for part in parts { gather(part, &names) }
        case .duties(let ids): names += ids.filter { !names.contains($0) }
        case .share, .count, .quotient, .distinct, .streams, .lateEntries, nil: break
        }
    }

    /// Indicators, duties and disclosures as they are compiled, without words.
    private struct Entries {
        private(set) var all: [String: JSONValue] = [:]
        let lateEntry: JSONValue

        private static let words: Set<String> = ["en", "note", "zh"]

        init(_ root: JSONValue) {
            lateEntry = root["catalogue"]?["lateEntry"] ?? .null
            for entry in root["indicators"]?.array ?? [] { take(entry) }
            for procedure in root["procedures"]?.array ?? [] {
                for kind in ["duties", "disclosures"] {
                    for entry in procedure[kind]?.array ?? [] { take(entry) }
                }
            }
        }

        /// A duty may have several entries under one id.
        private mutating func take(_ entry: JSONValue) {
            guard let id = entry["id"]?.string else { return }
            let counted = (entry.members ?? []).filter { !Entries.words.contains($0.name) }
            all[id] = .array((all[id]?.array ?? []) + [.object(counted)])
        }
    }
}
