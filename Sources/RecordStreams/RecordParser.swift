/// What a piece of a body says.
package enum Passage: Hashable, Sendable {
    /// A record's bytes.
    case record([UInt8])
    /// All records up to this number have been looked at.
    case lookedAt(UInt64)
}

/// Takes a body piece by piece, however it is cut, and gives what it says.
package protocol RecordParser: Sendable {
    /// Throws if it is not what the service sends.
    mutating func take(_ piece: [UInt8]) throws(UnreadableBody) -> [Passage]
    /// Whether the body may end here.
    var mayEnd: Bool { get }
}

package struct UnreadableBody: Error, Hashable {}

/// Records, one a line (`application/x-ndjson`).
package struct LineParser: RecordParser {
    private var lines = LineSplitter()

    package init() {}

    package mutating func take(
        _ piece: [UInt8]
    ) throws(UnreadableBody) -> [Passage] {
        var passages: [Passage] = []
        for line in try lines.take(piece) { passages.append(.record(line)) }
        return passages
    }

    package var mayEnd: Bool { lines.isAtStart }
}

/// Records as server-sent events (WHATWG HTML section 9.2.6); of the fields `id` and `data` are
/// looked at.
package struct EventStreamParser: RecordParser {
    private var lines = LineSplitter()
    private var id: UInt64?
    private var data: [UInt8]?

    package init() {}

    package mutating func take(
        _ piece: [UInt8]
    ) throws(UnreadableBody) -> [Passage] {
        var passages: [Passage] = []
        for line in try lines.take(piece) {
            if line.isEmpty {
                if let data { passages.append(.record(data)) }
                if let id { passages.append(.lookedAt(id)) }
                (id, data) = (nil, nil)
            } else {
                try read(line)
            }
        }
        return passages
    }

    /// An event that is cut off does not count, so the stream may end anywhere.
    package var mayEnd: Bool { true }

    private mutating func read(_ line: [UInt8]) throws(UnreadableBody) {
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "id":
            id = UInt64(String(decoding: value, as: UTF8.self))
            if id == nil { throw UnreadableBody() }
        case "data":
            if let before = data {
                data = before + [0x0A] + value
            } else {
                data = Array(value)
            }
            if (data?.count ?? 0) > LineSplitter.byteCountMax { throw UnreadableBody() }
        default:
            break  // event, retry, comments, and what may come later
        }
    }
}

/// Cuts bytes into lines, which end with LF, CR or both.
struct LineSplitter: Sendable {
    private var rest: [UInt8] = []
    /// A carriage return was last: a line feed after it ends no other line.
    private var isAfterReturn = false

    /// More than a record and the name of its field.
    static let byteCountMax = 1 << 17

    var isAtStart: Bool { rest.isEmpty }

    mutating func take(_ piece: [UInt8]) throws(UnreadableBody) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var left = piece[...]
        if isAfterReturn, left.first == 0x0A { left.removeFirst() }
        if !piece.isEmpty { isAfterReturn = piece.last == 0x0D }
        while let end = left.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            try keep(left[..<end])
            lines.append(rest)
            rest = []
            let isPair = left[end] == 0x0D && left[(end + 1)...].first == 0x0A
            left = left[(end + (isPair ? 2 : 1))...]
        }
        try keep(left)
        return lines
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) throws(UnreadableBody) {
        rest += bytes
        if rest.count > LineSplitter.byteCountMax { throw UnreadableBody() }
    }
}
