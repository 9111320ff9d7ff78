import Digests

/// Values are padded to few lengths, so that a name does not tell how long it is.
package enum Padding {
    package static let byteCountMin = 64
    package static let byteCountMax = 16_384

    static func isClass(_ count: Int) -> Bool {
        byteCountMin...byteCountMax ~= count && count & (count - 1) == 0
    }

    /// The smallest class for a value of `count` bytes, or nil if it is too long for any.
    package static func sizeClass(of count: Int) -> Int? {
        count < byteCountMax ? powerOfTwo(above: count) : nil
    }

    /// The smallest from 64 on that is greater than `count`.
    static func powerOfTwo(above count: Int) -> Int {
        var size = byteCountMin
        while size <= count { size *= 2 }
        return size
    }

    /// The value, 0x80, and zeros.
    static func pad(_ value: UnsafeRawBufferPointer) throws(SealingError) -> SecretBytes {
        guard let size = sizeClass(of: value.count) else {
            throw .tooLarge(value.count, max: byteCountMax - 1)
        }
        return SecretBytes(capacity: size) { target in
            target.copyBytes(from: value)
            target[value.count] = 0x80
            for place in value.count + 1..<size { target[place] = 0 }
            return size
        }
    }

    static func strip(_ padded: SecretBytes) throws(SealingError) -> SecretBytes {
        let count = padded.withBytes { bytes -> Int? in
            guard let end = bytes.lastIndex(where: { $0 != 0 }), bytes[end] == 0x80,
                sizeClass(of: end) == bytes.count
            else { return nil }
            return end
        }
        guard let count else { throw .badPadding }
        return padded.part(0..<count)
    }
}
