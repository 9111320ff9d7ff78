extension Question {
    /// Handing over to the police and to other organs.
    static let referrals: [Question] = []
}
