import Catalogue
import Records

/// What stands in the holes of one event: everything follows from the seed and two numbers.
struct Filling {
    private let sampler: Vocabularies
    /// Bits of the story and of the event; never used as they are.
    private let story: UInt64
    private let event: UInt64
    private let storyNumber: UInt64
    /// Days by which the story is moved from the sample's, and how much longer its pauses are.
    private let shift: Int
    private let pace: Int
    private let firstDay: Int

    /// What all fillings of a sampler share.
    struct Vocabularies: Sendable {
        let seed: UInt64
        let words: WordLists
        /// Codes of regions that stand on any day.
        let regions: [[UInt8]]
    }

    // Whole weeks, so that a working day stays one; the sample's year is the last.
    private static let weekCount = 150
    private static let eventsPerStoryMax: UInt64 = 64

    init(_ shared: Vocabularies, story number: UInt64, event place: Int, firstDay: Int) {
        sampler = shared
        storyNumber = number
        story = Mixing.mixed(shared.seed ^ Mixing.mixed(number))
        event = Mixing.mixed(story &+ UInt64(place) &+ 1)
        shift = -7 * Mixing.below(Filling.weekCount, story)
        pace = Int(story & 3)
        self.firstDay = firstDay
    }

    func fill(_ hole: Hole, to bytes: inout [UInt8]) {
        switch hole {
        case .eventID(let place): writeID(place, to: &bytes)
        case .caseName(let place):
            writeHex(Mixing.mixed(sampler.seed &+ storyNumber &* 8 &+ UInt64(place)), to: &bytes)
        case .year: write(CivilDate(dayNumber: moved(firstDay)).year, 4, to: &bytes)
        case .date(let day): writeDate(day, separator: UInt8(ascii: "-"), to: &bytes)
        case .compactDate(let day): writeDate(day, separator: nil, to: &bytes)
        case .clock(let second): writeClock(second, to: &bytes)
        case .serial(let key, let width):
            write(1 + Mixing.below(9_999, word(key)), width, to: &bytes)
        case .person: bytes.append(UInt8(ascii: "0") + UInt8(Mixing.below(10, word(-1))))
        case .stem: bytes += Vocabulary.stems[Mixing.below(Vocabulary.stems.count, word(-2))]
        case .creditCode(let kind, let key): writeCreditCode(kind, key, to: &bytes)
        case .region: bytes += region
        case .word(let list):
            let words = sampler.words.all[list]
            bytes += words[Mixing.below(words.count, word(-4 - list))]
        case .prose(let key, let most): writeProse(key, most, to: &bytes)
        case .digest(let key): writeDigest(key, to: &bytes)
        case .fileSize(let key):
            write(8_192 + Mixing.below(4 << 20, Mixing.mixed(event &+ UInt64(key))), 1, to: &bytes)
        case .fineDigit(let more): write(fine + more, 1, to: &bytes)
        case .fineNumeral(let more): bytes += Vocabulary.numerals[fine + more]
        case .fineFen(let more):
            write(fine + more, 1, to: &bytes)
            bytes += Filling.tenThousandYuan
        }
    }

    // MARK: Values

    /// Bits for a value of the story; values of its own have numbers from 0 on.
    @inline(__always)
    private func word(_ key: Int) -> UInt64 {
        Mixing.mixed(story ^ UInt64(bitPattern: Int64(key)) &* 0xd6e8_feb8_6659_fd93)
    }

    private var region: [UInt8] {
        sampler.regions[Mixing.below(sampler.regions.count, word(-3))]
    }

    /// From one to eight times ten thousand yuan.
    private var fine: Int { 1 + Mixing.below(8, story &* 0xd6e8_feb8_6659_fd93) }
    /// In fen, without the first digit.
    private static let tenThousandYuan = Array("000000".utf8)

    /// A day of the sample where it is in this story.
    ///
    /// Later days move further, in whole weeks, and never before an earlier one.
    private func moved(_ day: Int) -> Int {
        day + shift + 7 * (pace * min(day - firstDay, 196) / 56)
    }

    // MARK: Writing

    /// Different for each event of all stories of a seed: the first half tells them apart.
    private func writeID(_ place: Int, to bytes: inout [UInt8]) {
        let number = storyNumber &* Filling.eventsPerStoryMax &+ UInt64(place)
        let high = Mixing.mixed(~sampler.seed &+ number)
        let low = Mixing.mixed(high ^ sampler.seed)
        for (index, half) in [high, low].enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "-")) }
            writeHex(half, to: &bytes)
        }
    }

    private func writeHex(_ word: UInt64, to bytes: inout [UInt8]) {
        var word = word
        for _ in 0..<16 {
            word = word << 4 | word >> 60
            let nibble = UInt8(truncatingIfNeeded: word & 15)
            bytes.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
        }
    }

    private func writeDigest(_ key: Int, to bytes: inout [UInt8]) {
        var half = word(key)
        for _ in 0..<4 {
            half = Mixing.mixed(half)
            writeHex(half, to: &bytes)
        }
    }

    private func write(_ number: Int, _ width: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        var digits = 1
        while digits < width || number / divisor >= 10 {
            (divisor, digits) = (divisor * 10, digits + 1)
        }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    private func writeDate(_ day: Int, separator: UInt8?, to bytes: inout [UInt8]) {
        let date = CivilDate(dayNumber: moved(day))
        write(date.year, 4, to: &bytes)
        if let separator { bytes.append(separator) }
        write(date.month, 2, to: &bytes)
        if let separator { bytes.append(separator) }
        write(date.day, 2, to: &bytes)
    }

    /// At most eight minutes later than in the sample, where the next event is at least that far.
    private func writeClock(_ second: Int, to bytes: inout [UInt8]) {
        let time = second + Mixing.below(480, event)
        write(time / 3600, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        write(time / 60 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        write(time % 60, 2, to: &bytes)
    }

    private func writeProse(_ key: Int, _ most: Int, to bytes: inout [UInt8]) {
        var bits = Mixing.mixed(event &+ UInt64(key))
        let count = Vocabulary.sentenceCounts[Int(bits & 15)]
        for _ in 0..<min(count, most) {
            bits = Mixing.mixed(bits)
            bytes += Vocabulary.sentences[Mixing.below(Vocabulary.sentences.count, bits)]
        }
    }

    // MARK: Credit codes

    private func writeCreditCode(_ kind: Int, _ key: Int, to bytes: inout [UInt8]) {
        bytes += region
        CreditCodeText.append(to: &bytes, word(key))
    }
}
