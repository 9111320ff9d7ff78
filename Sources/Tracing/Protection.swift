import CanonicalJSON
import Catalogue

/// Who is never shown: Specs/tracing.md section 3.
enum Protection {
    /// Roles whose holders the law protects (举报人).
    static let roles: Set<String> = ["reporter"]

    /// Whether what is submitted by such persons alone was submitted.
    static func coversOperator(of type: EventType?) -> Bool {
        guard let by = type?.by, !by.isEmpty else { return false }
        return roles.isSuperset(of: by)
    }
}
