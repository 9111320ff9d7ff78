private import CZlib

/// Packs bytes a piece at a time, as ZIP stores them (RFC 1951, without a header).
final class Deflater {
    /// zlib keeps the address of the stream, so it has one of its own.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var checksum: UInt32 = 0
    private(set) var byteCount: UInt64 = 0

    private static let pieceSize = 1 << 16

    init() throws(ExportError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        let answer = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, size)
        guard answer == Z_OK else {
            throw ExportError(
                en: "no memory left to pack; close something and try again",
                zh: "压缩所需内存不足；请关闭其他程序后重试")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The packed form of what was given so far, as far as it is known.
    func pack(_ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
        var result: [UInt8] = []
        var input = bytes
        byteCount += UInt64(bytes.count)
        input.withUnsafeMutableBufferPointer { input in
            checksum = UInt32(
                truncatingIfNeeded: crc32(
                    uLong(checksum), input.baseAddress, uInt(clamping: input.count)))
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = uInt(clamping: input.count)
            while packPiece(isLast, &result) {}
        }
        return result
    }

    /// Whether there may be more.
    private func packPiece(_ isLast: Bool, _ result: inout [UInt8]) -> Bool {
        var isFull = false
        result += [UInt8](unsafeUninitializedCapacity: Deflater.pieceSize) { target, count in
            stream.pointee.next_out = target.baseAddress
            stream.pointee.avail_out = uInt(target.count)
            _ = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
            count = target.count - Int(stream.pointee.avail_out)
            isFull = stream.pointee.avail_out == 0
        }
        return isFull
    }
}
