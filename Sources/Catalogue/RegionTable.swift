import Records

/// Codes of regions and the days on which they stand.
struct RegionTable: Sendable {
    enum Verdict {
        case sound, unknown
        /// Known, but not on that day.
        case outOfForce(Region)
    }

    private struct Row {
        let code: UInt64
        let first: Int
        let last: Int
        let region: Region
    }

    private let rows: [Row]

    init(_ regions: [Region]) {
        rows = regions.map { region in
            Row(
                code: RegionTable.key(Array(region.code.utf8)),
                first: RegionTable.day(region.from) ?? Int.min,
                last: RegionTable.day(region.to) ?? Int.max, region: region)
        }
    }

    /// Whether `code` stands on `day`, counted from 1970-01-01; nil asks only whether it is known.
    func judge(_ code: UnsafeRawBufferPointer, on day: Int?) -> Verdict {
        guard code.count == 6 else { return .unknown }
        let key = RegionTable.key(code)
        var verdict = Verdict.unknown
        for row in rows where row.code == key {
            guard let day else { return .sound }
            if row.first <= day, day <= row.last { return .sound }
            verdict = .outOfForce(row.region)
        }
        return verdict
    }

    private static func key(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        for byte in bytes { key = key << 8 | UInt64(byte) }
        return key
    }

    private static func day(_ text: String?) -> Int? {
        guard let text else { return nil }
        return Array(text.utf8).span.bytes.withUnsafeBytes {
            CivilDateText.read($0)?.dayNumber
        }
    }
}
