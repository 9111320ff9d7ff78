/// Where the members of `chain` stand in a record: Specs/record.md section 1.
///
/// The offsets are fixed because members are sorted and everything before `seq` has a fixed length.
package enum RecordLayout {
    package static let version = 1
    /// A record's bytes, without its LF.
    ///
    /// An entry bundle of C2SP tlog-tiles has 16 bits for it.
    package static let byteCountMax = 65_535

    package static let prev = 18..<82
    package static let recorded = 96..<123
    package static let salt = 133..<155
    package static let seq = 163

    static let beforePrev: StaticString = #"{"chain":{"prev":""#
    static let beforeRecorded: StaticString = #"","recorded":""#
    static let beforeSalt: StaticString = #"","salt":""#
    static let beforeSeq: StaticString = #"","seq":"#
    static let beforeEvent: StaticString = #","v":1},"event":"#

    static let saltByteCount = 16
}
