/// The reader's work: it walks over the bytes once and writes down what it finds.
///
/// A value and not a class, so that its state is accessed without run-time checks at every step.
/// What is asked at every byte gets the place and gives the next one: it stays in a register.
struct JSONTape: ~Copyable {
    var nodes = Block<JSONNode>(capacity: 256)
    var scratch = Block<UInt8>(capacity: 1024)
    var source: UnsafePointer<UInt8>
    var end = 0
    var position = 0
    /// White space seen so far: a container whose count did not change while it was read has none.
    var spaces = 0
    var depth = 0
    let roundsNumbers: Bool
    /// The containers around the one that is being read.
    let frames: UnsafeMutablePointer<JSONFrame>
    /// Where views find what was read last.
    private let document: UnsafeMutablePointer<JSONDocument>
    private let byteCountMax: Int
    private let nothing: UnsafeMutablePointer<UInt8>

    init(byteCountMax: Int, roundsNumbers: Bool) {
        (self.byteCountMax, self.roundsNumbers) = (byteCountMax, roundsNumbers)
        frames = .allocate(capacity: JSONReader.depthMax)
        nothing = .allocate(capacity: 1)
        nothing.initialize(to: 0)
        source = UnsafePointer(nothing)
        document = .allocate(capacity: 1)
    }

    deinit {
        frames.deallocate()
        document.deallocate()
        nothing.deallocate()
    }

    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONView {
        try begin(bytes, at: 0, depth: 0)
        if end >= 3, source[0] == 0xEF, source[1] == 0xBB, source[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0)
        }
        position = skipSpace(from: position)
        guard position < end else { throw JSONError(.empty, at: position) }
        try readValue()
        position = skipSpace(from: position)
        guard position == end else { throw JSONError(.trailingBytes, at: position) }
        return view
    }

    mutating func readPart(
        of bytes: UnsafeRawBufferPointer, from start: Int, depth: Int
    ) throws(JSONError) -> JSONView {
        try begin(bytes, at: start, depth: depth)
        try readValue()
        return view
    }

    private mutating func begin(
        _ bytes: UnsafeRawBufferPointer, at start: Int, depth: Int
    ) throws(JSONError) {
        guard bytes.count <= byteCountMax else { throw JSONError(.tooLong, at: byteCountMax) }
        nodes.removeAll()
        scratch.removeAll()
        source = bytes.bindMemory(to: UInt8.self).baseAddress ?? UnsafePointer(nothing)
        (end, position, spaces, self.depth) = (bytes.count, start, 0, depth)
    }

    /// The first value on the tape.
    private var view: JSONView {
        document.pointee = JSONDocument(
            nodes: UnsafePointer(nodes.base), source: source,
            scratch: UnsafePointer(scratch.base), hasNoSpace: spaces == 0)
        return JSONView(document: document, index: 0)
    }

    /// Goes over white space and counts it.
    @inline(__always)
    mutating func skipSpace(from place: Int) -> Int {
        place < end && source[place] <= 0x20 ? countSpace(from: place) : place
    }

    private mutating func countSpace(from start: Int) -> Int {
        var place = start
        while place < end {
            let byte = source[place]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            place += 1
        }
        spaces += place - start
        return place
    }

    /// Reads the value at the present position with all that it contains.
    private mutating func readValue() throws(JSONError) {
        var (place, open) = (position, JSONFrame())
        values: while true {
            switch place < end ? source[place] : 0 {
            case UInt8(ascii: "\""):
                place = try readString(from: place &+ 1)
                open.note(nodes.last)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                try enter(&open, at: place)
                place = skipSpace(from: place &+ 1)
                if place < end, source[place] == open.closing {
                    place = try leave(&open, at: place)
                    break
                }
                if open.isObject {
                    let name = nodes.count
                    place = try readName(at: place)
                    note(name, in: &open)
                }
                continue values
            default:
                place = try readScalar(at: place)
                open.note(nodes.last)
            }
            while open.node >= 0 {
                open.count &+= 1
                place = skipSpace(from: place)
                guard place < end else { throw JSONError(.unexpectedEnd, at: place) }
                if source[place] == UInt8(ascii: ",") {
                    place = skipSpace(from: place &+ 1)
                    if open.isObject {
                        let name = nodes.count
                        place = try readName(at: place)
                        note(name, in: &open)
                    }
                    continue values
                }
                guard source[place] == open.closing else {
                    throw JSONError(.unexpectedByte, at: place)
                }
                place = try leave(&open, at: place)
            }
            position = place
            return
        }
    }

    /// A word or a number.
    private mutating func readScalar(at place: Int) throws(JSONError) -> Int {
        guard place < end else { throw JSONError(.unexpectedEnd, at: place) }
        position = place
        switch source[place] {
        case UInt8(ascii: "t"): try readWord("true", .true)
        case UInt8(ascii: "f"): try readWord("false", .false)
        case UInt8(ascii: "n"): try readWord("null", .null)
        default: try readNumber()
        }
        return position
    }

    private mutating func readWord(_ word: StaticString, _ kind: JSONKind) throws(JSONError) {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
            guard source[position] == word.utf8Start[index] else {
                throw JSONError(.unexpectedByte, at: position)
            }
            position += 1
        }
        push(kind, JSONNode.isCanonical, start, position)
    }

    /// Appends a node that has no contents.
    @inline(__always)
    mutating func push(_ kind: JSONKind, _ flags: UInt8, _ start: Int, _ end: Int) {
        nodes.append(
            JSONNode(
                kind: kind, flags: flags, start: UInt32(truncatingIfNeeded: start),
                length: UInt32(truncatingIfNeeded: end &- start),
                next: UInt32(truncatingIfNeeded: nodes.count &+ 1), count: 0, textLength: 0))
    }
}
