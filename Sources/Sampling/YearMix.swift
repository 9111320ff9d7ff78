import Catalogue

/// How often cases of each procedure come up, of some thousand.
///
/// Much enforcement and service, few decisions: guesses about an ordinary bureau. A procedure that
/// is not named is rare.
struct YearMix: Sendable {
    private static let shares: [String: Int] = [
        "inspection": 240, "report": 130, "permit": 110, "penalty": 90, "hazard": 60,
        "disclosure": 40, "foi": 25, "clue-transfer": 20, "service-item": 12, "coercion": 15,
        "reward": 15, "credit": 12, "contract": 15, "study": 12, "exam": 10, "publicity": 10,
        "officer": 12, "person": 12, "vault": 10, "accident": 8, "jurisdiction": 6,
        "reconsideration": 6, "litigation": 6, "criminal-referral": 6, "accountability": 6,
    ]
    private static let rare = 4

    /// The procedures by number, and how often each.
    private let weights: [Int]
    private let total: Int
    private var credit: [Int]

    init(_ catalogue: EventCatalogue) {
        weights = catalogue.procedures.map { YearMix.shares[$0.id] ?? YearMix.rare }
        total = weights.reduce(0, +)
        credit = weights
    }

    /// The number of the next case's procedure: each comes as evenly as its share allows.
    mutating func next() -> Int {
        var best = 0
        for place in weights.indices {
            credit[place] += weights[place]
            if credit[place] > credit[best] { best = place }
        }
        credit[best] -= total
        return best
    }
}
