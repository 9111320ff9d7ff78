package import Records

extension CaseHistory {
    /// How the duties of the case stand as of `now`.
    package func standings(_ book: RuleBook, now: Timestamp) -> [DutyStanding] {
        DutyClock(book: book, history: self, now: now).standings()
    }
}
