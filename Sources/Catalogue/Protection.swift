/// Who is never shown: Specs/tracing.md section 3, Specs/exports.md section 1.
package enum Protection {
    /// Roles whose holders the law protects (举报人).
    package static let roles: Set<String> = ["reporter"]

    /// Whether what is submitted by such persons alone was submitted.
    package static func coversOperator(of type: EventType?) -> Bool {
        guard let by = type?.by, !by.isEmpty else { return false }
        return roles.isSuperset(of: by)
    }
}
