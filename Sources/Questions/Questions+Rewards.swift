extension Question {
    /// Rewards of reporters.
    static let rewards: [Question] = []
}
