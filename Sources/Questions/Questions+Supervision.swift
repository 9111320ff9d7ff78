extension Question {
    /// Duties and time limits.
    static let supervision: [Question] = []
}
