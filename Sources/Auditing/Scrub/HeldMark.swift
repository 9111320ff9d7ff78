/// Tells lines that may name an attachment which the ledger holds from all others, without parsing.
enum HeldMark {
    /// As canonical form has it; inside a string its quotes would be escaped.
    private static let text = Array(#""held":"ledger""#.utf8)

    /// Horspool's table: how far the mark may be moved on when its last place is at this byte.
    private static let skips: [Int] = {
        var skips = Array(repeating: text.count, count: 256)
        for (place, byte) in text.dropLast().enumerated() {
            skips[Int(byte)] = text.count - 1 - place
        }
        return skips
    }()

    static func occurs(in line: UnsafeRawBufferPointer) -> Bool {
        let last = text.count - 1
        return skips.withUnsafeBufferPointer { skips in
            text.withUnsafeBufferPointer { text in
                var end = last
                while end < line.count {
                    var back = 0
                    while back <= last, line[end - back] == text[last - back] { back += 1 }
                    if back > last { return true }
                    end += skips[Int(line[end])]
                }
                return false
            }
        }
    }
}
