/// An event as a producer has it, and the ways in which it may be written.
///
/// Canonical text is put together here by hand, so that the model owes nothing to the code that it
/// checks.
package struct Draft: Sendable, Hashable {
    package var source: String
    package var id: String
    var type: String
    package var stream: String
    /// When it happened, in microseconds since 1970.
    var moment: Int64
    var isDayOnly = false
    /// The members of `data`, each value in canonical JSON.
    var data: [Member]
    var target: Target?
    var flaw: Flaw?
    // Delivery attributes: read, not recorded.
    var expectedRevision: Int64?
    var isTraced = false
    var spelling = Spelling.canonical

    struct Member: Sendable, Hashable {
        let name: String
        var value: String
    }

    /// The record that a correction, a withdrawal or a dispute names.
    struct Target: Sendable, Hashable {
        var sequence: Int
        var leafHash: String
        /// What a correction says the data should have been.
        var corrected: [Member]?
    }

    enum Spelling: Int, Sendable, CaseIterable {
        case canonical, reversed, spaced, escaped
    }

    /// What makes it the same event wherever it comes in.
    var key: String { source + "\u{0}" + id }

    /// The event's canonical form (RFC 8785) without delivery attributes.
    package var canonical: String { Draft.object(attributes) }

    /// The attributes that are recorded.
    private var attributes: [Member] {
        var all = [
            Member(name: "data", value: Draft.object(data)),
            Member(name: "id", value: Draft.quote(id)),
            Member(name: "source", value: Draft.quote(source)),
            Member(name: "specversion", value: "\"1.0\""),
            Member(name: "subject", value: Draft.quote(stream)),
            Member(name: "time", value: Draft.quote(CivilText.utc(moment))),
            Member(name: "type", value: Draft.quote(type)),
        ]
        if isDayOnly { all.append(Member(name: "precision", value: "\"day\"")) }
        return all
    }

    /// What the producer sends.
    var wire: [UInt8] {
        var members = attributes
        if let expectedRevision {
            let text = spelling == .spaced ? "\(expectedRevision).0" : "\(expectedRevision)"
            members.append(Member(name: "expectedrevision", value: text))
        }
        if isTraced { members.append(Member(name: "traceparent", value: "\"00-4bf9-00f0-01\"")) }
        flaw?.spoil(&members, self)
        members.sort { $0.name < $1.name }
        let text = written(members)
        return flaw == .torn ? Array(text.utf8.dropLast(9)) : Array(text.utf8)
    }

    private func written(_ members: [Member]) -> String {
        switch spelling {
        case .canonical: Draft.join(members, colon: ":", comma: ",")
        case .reversed: Draft.join(members.reversed(), colon: ":", comma: ",")
        case .spaced: Draft.join(members.reversed(), colon: " : ", comma: ",\n\t") + "\n"
        case .escaped: Draft.escape(Draft.join(members, colon: ":", comma: ", "))
        }
    }

    // MARK: JSON by hand

    static func object(_ members: [Member]) -> String {
        join(members.sorted { $0.name < $1.name }, colon: ":", comma: ",")
    }

    private static func join(_ members: [Member], colon: String, comma: String) -> String {
        "{" + members.map { "\"\($0.name)\"\(colon)\($0.value)" }.joined(separator: comma) + "}"
    }

    /// Text as a canonical JSON string; our texts hold no other controls than LF.
    static func quote(_ text: String) -> String {
        var quoted: [UInt8] = [0x22]
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: quoted += [0x5C, byte]
            case 0x0A: quoted += [0x5C, UInt8(ascii: "n")]
            default: quoted.append(byte)
            }
        }
        quoted.append(0x22)
        return String(decoding: quoted, as: UTF8.self)
    }

    /// The same JSON with everything beyond ASCII, and each slash, written as an escape: both stand
    /// in strings alone.
    private static func escape(_ json: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var escaped: [UInt8] = []
        for unit in json.utf16 {
            if unit == 0x2F {
                escaped += [0x5C, 0x2F]
            } else if unit < 0x80 {
                escaped.append(UInt8(unit))
            } else {
                escaped += [0x5C, UInt8(ascii: "u")]
                for shift in [12, 8, 4, 0] as [UInt16] {
                    escaped.append(digits[Int(unit >> shift & 15)])
                }
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}

/// Times as text.
enum CivilText {
    static let dayMicroseconds: Int64 = 86_400_000_000

    /// `YYYY-MM-DDThh:mm:ss.ffffffZ`, counted out from 1970 day by day.
    static func utc(_ microseconds: Int64) -> String {
        var (year, day) = (1970, Int(microseconds / dayMicroseconds))
        while day >= daysIn(year) { (year, day) = (year + 1, day - daysIn(year)) }
        var month = 1
        while day >= daysIn(month, year) { (month, day) = (month + 1, day - daysIn(month, year)) }
        let rest = Int(microseconds % dayMicroseconds)
        let seconds = rest / 1_000_000
        return "\(year)-\(pad(month, 2))-\(pad(day + 1, 2))T\(pad(seconds / 3600, 2)):"
            + "\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2)).\(pad(rest % 1_000_000, 6))Z"
    }

    static func date(_ microseconds: Int64) -> String { String(utc(microseconds).prefix(10)) }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func daysIn(_ year: Int) -> Int { isLeap(year) ? 366 : 365 }

    private static func daysIn(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
