/// What a JSON value is.
@usableFromInline
package enum JSONKind: UInt8, Sendable, BitwiseCopyable {
    case null, `false`, `true`, number, string, array, object
}

/// One value on the reader's tape: containers are followed by their contents.
@usableFromInline
struct JSONNode: BitwiseCopyable {
    @usableFromInline static let isCanonical: UInt8 = 1
    @usableFromInline static let isUnescaped: UInt8 = 2

    @usableFromInline var kind: JSONKind
    @usableFromInline var flags: UInt8
    /// The span in the input; of a string, without its quotes.
    @usableFromInline var start: UInt32
    @usableFromInline var length: UInt32
    /// Where the node after this one and all its contents stands.
    @usableFromInline var next: UInt32
    /// Members or elements; of a string with escapes, where its text begins in the scratch bytes.
    @usableFromInline var count: UInt32
    /// Of a string with escapes, the length of its text in the scratch bytes.
    @usableFromInline var textLength: UInt32
}

/// What the views of one document share.
@usableFromInline
struct JSONDocument: BitwiseCopyable {
    @usableFromInline var nodes: UnsafePointer<JSONNode>
    @usableFromInline var source: UnsafePointer<UInt8>
    @usableFromInline var scratch: UnsafePointer<UInt8>
    /// Whether no white space was read.
    @usableFromInline var hasNoSpace: Bool
}

/// A growing block of plain values that never shrinks, so that one reader serves many documents.
///
/// The memory is the owner's alone: it is reached only through the reader that holds the block,
/// and freed with it.
struct Block<Element: BitwiseCopyable>: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit {
        base.deallocate()
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count &+= 1
    }

    /// There must be one.
    @inline(__always)
    var last: Element { base[count &- 1] }

    mutating func removeAll() {
        count = 0
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}
