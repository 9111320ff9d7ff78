/// Events in one buffer, as a socket or a file hands them over.
package struct SampledEvents: Sendable {
    /// One event after another, with nothing between.
    package internal(set) var bytes: [UInt8] = []
    /// Where each event ends in ``bytes``.
    package internal(set) var ends: [Int] = []

    package init() {}

    package var count: Int { ends.count }

    /// Hands each event's bytes to `body`, in order.
    package func forEach<E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        try bytes.span.bytes.withUnsafeBytes { (raw) throws(E) in
            var start = 0
            for end in ends {
                try body(UnsafeRawBufferPointer(rebasing: raw[start..<end]))
                start = end
            }
        }
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}
