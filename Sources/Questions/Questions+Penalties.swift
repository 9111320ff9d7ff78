extension Question {
    /// Penalties and fines.
    static let penalties: [Question] = []
}
