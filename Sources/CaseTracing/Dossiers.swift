package import Projections
import Rules

/// What several ledgers say of one person: Specs/projections.md section 8.
package struct Dossiers: Sendable {
    /// The id that was asked for, and those joined with it in any of the ledgers.
    package let identities: [String]
    /// One of each ledger; of a ledger that does not know the person it is empty.
    package let parts: [Dossier]

    package var heads: [AnswerHead] { parts.map(\.head) }

    /// Of the newest entries of each ledger, so many, or of all.
    package init(
        of person: String, newest entryCountMax: Int? = nil, in views: [any PastView]
    ) async throws(ProjectionError) {
        let makers = Dictionary(
            views.map { ($0.origin, DossierMaker($0, newest: entryCountMax)) },
            uniquingKeysWith: { first, _ in first })
        let maker = { @Sendable (view: any PastView) in
            makers[view.origin] ?? DossierMaker(view, newest: entryCountMax)
        }
        var known = [person]
        var isNew = true
        while isNew {
            let asked = known
            let found = try await asking(views) { (view) async throws(ProjectionError) in
                try await maker(view).identities(of: asked)
            }
            for id in found.joined() where !known.contains(id) { known.append(id) }
            isNew = known != asked
        }
        let identities = known
        self.identities = identities
        parts = try await asking(views) { (view) async throws(ProjectionError) in
            try await maker(view).dossier(of: identities)
        }
        guard parts.contains(where: \.isKnown) else {
            throw ProjectionError(
                en: "nobody called \(person) is named in the ledger as of then",
                zh: "账本当时未载有人员 \(person)", kind: .unknownName)
        }
    }

    var posts: [Joint<HeldPost>] { joined(parts.map(\.posts)) { $0.from < $1.from } }
    var acts: [Joint<Act>] { joined(parts.map(\.acts)) { $0.moment < $1.moment } }
    var named: [Joint<Act>] { joined(parts.map(\.named)) { $0.moment < $1.moment } }
    var findings: [Joint<Finding>] { Finding.joined(parts.map(\.findings)) }
    var duties: [Joint<OwedDuty>] { joined(parts.map(\.duties)) }
    var points: [Joint<Dossier.Point>] { joined(parts.map(\.points)) }
    var looks: [Joint<Dossier.Look>] { joined(parts.map(\.looks)) }
}

extension Finding {
    /// In the order of days, then of ids.
    static func joined(_ lists: [[Finding]]) -> [Joint<Finding>] {
        Projections.joined(lists) { ($0.day, $0.id) < ($1.day, $1.id) }
    }
}
