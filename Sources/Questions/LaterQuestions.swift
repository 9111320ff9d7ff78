extension Question {
    /// Questions 27 to 51, each theme from a file of its own.
    static let later: [Question] = [
        identities, reports, draws, certificates, takenDown, requests, documents, oaths,
        delegations, enterprises, meetings, persons, looks, records, accountability, parties,
        progress,
    ].flatMap(\.self)
}
