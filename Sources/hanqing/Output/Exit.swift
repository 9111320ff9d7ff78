import ArgumentParser

/// What the program's exit code says; the numbers are stable.
enum Exit {
    /// Damage was found, or events were refused.
    static let found = ExitCode(1)
    /// It could not be answered: missing, unreadable, locked.
    static let unanswered = ExitCode(2)
    /// Too few witnesses have cosigned; nothing is known against anybody.
    static let quorumUnmet = ExitCode(3)
}
