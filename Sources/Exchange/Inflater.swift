private import CZlib

/// Unpacks gzip (RFC 1952) a piece at a time, several members one after the other.
final class Inflater {
    enum Outcome {
        case more
        /// The input was used up; `isBetweenMembers` says whether it may end here.
        case needsInput(isBetweenMembers: Bool)
        case broken
    }

    /// zlib keeps the address of the stream, so it has one of its own.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isBetweenMembers = false

    private static let gzipOnly: Int32 = 16 + MAX_WBITS

    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, Inflater.gzipOnly, ZLIB_VERSION, size) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Input not yet used.
    var waiting: Int { Int(stream.pointee.avail_in) }

    /// Gives the next input, which must stay in place until ``waiting`` is 0.
    func feed(_ input: UnsafeMutableRawBufferPointer) {
        stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(input.count)
    }

    /// Unpacks into `target` and says how much came.
    func inflate(into target: UnsafeMutableRawBufferPointer) -> (count: Int, outcome: Outcome) {
        guard waiting > 0 else { return (0, .needsInput(isBetweenMembers: isBetweenMembers)) }
        if isBetweenMembers {
            guard inflateReset(stream) == Z_OK else { return (0, .broken) }
            isBetweenMembers = false
        }
        stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(clamping: target.count)
        let result = CZlib.inflate(stream, Z_NO_FLUSH)
        let count = target.count - Int(stream.pointee.avail_out)
        switch result {
        case Z_STREAM_END:
            isBetweenMembers = true
            return (count, .more)
        case Z_OK, Z_BUF_ERROR: return (count, .more)
        default: return (count, .broken)
        }
    }
}
