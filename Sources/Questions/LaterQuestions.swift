extension Question {
    /// Questions 27 to 51, each theme from a file of its own.
    static let later: [Question] = []
}
