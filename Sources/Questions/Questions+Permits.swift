extension Question {
    /// Licences.
    static let permits: [Question] = []
}
