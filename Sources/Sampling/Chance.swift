/// Chance from a seed: the same seed gives the same numbers.
struct Chance: Sendable {
    private let seed: UInt64
    private var count: UInt64 = 0

    init(_ seed: UInt64) {
        self.seed = Mixing.mixed(seed)
    }

    mutating func next() -> UInt64 {
        count &+= 1
        return Mixing.mixed(seed ^ Mixing.mixed(count))
    }

    /// A number from 0, below `count`.
    mutating func below(_ count: Int) -> Int {
        count > 1 ? Mixing.below(count, next()) : 0
    }

    /// A number in `range`.
    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// True so many times of a hundred.
    mutating func percent(_ share: Int) -> Bool { below(100) < share }

    /// One of `choices`; nil if there are none.
    mutating func pick<Choices: RandomAccessCollection>(_ choices: Choices) -> Choices.Element? {
        choices.isEmpty
            ? nil : choices[choices.index(choices.startIndex, offsetBy: below(choices.count))]
    }
}

extension Mixing {
    /// A number for a text, the same in every run.
    static func number(of text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return mixed(hash)
    }
}
