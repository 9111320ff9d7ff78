/// Chance that can be asked about any number at once: the same number always gives the same bits.
package enum Mixing {
    /// The mixing of SplitMix64 (Steele, Lea and Flood, 2014): different words stay different.
    @inline(__always)
    package static func mixed(_ number: UInt64) -> UInt64 {
        var z = number &* 0x9e37_79b9_7f4a_7c15
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    /// A number below `count` from the upper bits of `word`.
    @inline(__always)
    static func below(_ count: Int, _ word: UInt64) -> Int {
        Int(truncatingIfNeeded: word.multipliedFullWidth(by: UInt64(count)).high)
    }
}
