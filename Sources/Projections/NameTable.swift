/// Names, each once, numbered in the order in which they came.
///
/// A million cases have a name each: strings of their own, in a list and a dictionary, would be a
/// hundred MiB. Here a name is its bytes and some twenty more.
package struct NameTable: Sendable, RandomAccessCollection {
    private var bytes: [UInt8] = []
    /// Where the bytes of each name end.
    private var ends: [Int] = []
    /// Places of names by their hash, with one more added, and 0 where there is none.
    ///
    /// Their count is a power of 2.
    private var slots: [UInt32] = Array(repeating: 0, count: 64)

    /// Slots of which one is taken, at the least: more would make searches long.
    private static let slotsForOne = 2

    package init() {}

    package var startIndex: Int { 0 }
    package var endIndex: Int { ends.count }

    package subscript(place: Int) -> String { String(decoding: bytes[range(place)], as: UTF8.self) }

    /// The place of a name; nil if it did not come yet.
    package func place(of name: String) -> Int? {
        var name = name
        return name.withUTF8 { wanted in
            let found = slots[slot(of: wanted)]
            return found == 0 ? nil : Int(found) - 1
        }
    }

    /// The place of a name, and whether it is new.
    @discardableResult
    package mutating func insert(_ name: String) -> (place: Int, isNew: Bool) {
        var name = name
        return name.withUTF8 { wanted in
            let slot = slot(of: wanted)
            guard slots[slot] == 0 else { return (Int(slots[slot]) - 1, false) }
            bytes.append(contentsOf: wanted)
            ends.append(bytes.count)
            slots[slot] = UInt32(ends.count)
            if ends.count * NameTable.slotsForOne > slots.count { grow() }
            return (ends.count - 1, true)
        }
    }

    private func range(_ place: Int) -> Range<Int> {
        (place == 0 ? 0 : ends[place - 1])..<ends[place]
    }

    /// Where the name is, or would be.
    private func slot(of wanted: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(wanted))
        var slot = hasher.finalize() & (slots.count - 1)
        while slots[slot] != 0, !bytes[range(Int(slots[slot]) - 1)].elementsEqual(wanted) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        for place in ends.indices {
            let free = bytes.withUnsafeBufferPointer {
                slot(of: UnsafeBufferPointer(rebasing: $0[range(place)]))
            }
            slots[free] = UInt32(place + 1)
        }
    }
}
