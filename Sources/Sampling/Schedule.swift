/// Which event of which story each number is.
///
/// Numbers go round and round: a round holds a fixed number of stories of each pattern, with their
/// events in order but among each other. Several rounds, the lanes, take turns number by number, so
/// that as many times the stories of a round are open at once.
struct Schedule: Sendable {
    /// One event of one story.
    struct Place {
        /// No other story has this number.
        let story: UInt64
        let pattern: Int
        let event: Int
    }

    private struct Step {
        let slot: UInt16
        let event: UInt16
    }

    /// The patterns of a round's stories.
    private let slots: [Int]
    /// Orders of a round; each round has one of them.
    private let orders: [[Step]]
    private let lanes: UInt64
    private let roundLength: UInt64

    private static let orderCount = 16
    /// Short stories are told more often, as most reports end soon.
    private static func share(_ length: Int) -> Int { length <= 4 ? 6 : 3 }

    /// `lengths` are the patterns' numbers of events, none of them 0.
    init(lengths: [Int], lanes: Int) {
        slots = lengths.indices.flatMap {
            Array(repeating: $0, count: Schedule.share(lengths[$0]))
        }
        let slotLengths = slots.map { lengths[$0] }
        orders = (0..<Schedule.orderCount).map { Schedule.order(slotLengths, number: $0) }
        self.lanes = UInt64(lanes)
        roundLength = UInt64(slotLengths.reduce(0, +))
    }

    func place(of number: UInt64) -> Place {
        let (turn, lane) = number.quotientAndRemainder(dividingBy: lanes)
        let (block, step) = turn.quotientAndRemainder(dividingBy: roundLength)
        let round = block * lanes + lane
        let order = orders[Int(Mixing.mixed(round) % UInt64(Schedule.orderCount))]
        let found = order[Int(step)]
        return Place(
            story: round * UInt64(slots.count) + UInt64(found.slot),
            pattern: slots[Int(found.slot)], event: Int(found.event))
    }

    /// Each step goes on with a story drawn by how much of it is left.
    private static func order(_ lengths: [Int], number: Int) -> [Step] {
        var done = Array(repeating: 0, count: lengths.count)
        let total = lengths.reduce(0, +)
        return (0..<total).map { step in
            var draw = Mixing.below(
                total - step, Mixing.mixed(UInt64(number) << 32 | UInt64(step)))
            var slot = 0
            while draw >= lengths[slot] - done[slot] {
                draw -= lengths[slot] - done[slot]
                slot += 1
            }
            done[slot] += 1
            return Step(slot: UInt16(slot), event: UInt16(done[slot] - 1))
        }
    }
}
