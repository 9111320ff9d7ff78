package import Projections

/// The cases that an answer needs, each read once.
package actor CaseBook {
    private let view: any PastView
    private var known: [String: CasePrefix?] = [:]

    package init(_ view: any PastView) {
        self.view = view
    }

    /// Nil if the ledger has no such case.
    package func prefix(of stream: String) async throws(ProjectionError) -> CasePrefix? {
        if let found = known[stream] { return found }
        let prefix = try await view.prefix(of: stream)
        known[stream] = .some(prefix)
        return prefix
    }
}
