extension Question {
    /// Figures of the plan.
    static let figures: [Question] = []
}
