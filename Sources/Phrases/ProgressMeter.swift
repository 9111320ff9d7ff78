/// How far long work has come, in words: what is done, how fast, and what is left.
///
/// It has no clock: whoever asks says how many seconds have passed since any fixed moment.
package struct ProgressMeter: Sendable {
    /// What is counted.
    package enum Unit: Sendable, CaseIterable {
        case records, events, mebibytes
    }

    private struct Point {
        let done: UInt64
        let share: Double
        let seconds: Double
    }

    private let work: Phrase
    private let unit: Unit
    /// The first report: work may begin in the middle.
    private var start: Point?

    /// `work` is said as "making the index", "正在重建索引".
    package init(_ work: Phrase, unit: Unit) {
        (self.work, self.unit) = (work, unit)
    }

    /// The sentence for now; `share` of all work is done, where the count alone does not say it.
    package mutating func words(
        done: UInt64, total: UInt64?, share given: Double? = nil, at seconds: Double
    ) -> Phrase {
        let share = given ?? total.map { $0 > 0 ? Double(min(done, $0)) / Double($0) : 1 }
        let first = start ?? Point(done: done, share: share ?? 0, seconds: seconds)
        start = first
        let elapsed = seconds - first.seconds
        var (en, zh) = (count(done, total).en, count(done, total).zh)
        if let share {
            let percent = Int((min(max(share, 0), 1) * 100).rounded(.down))
            (en, zh) = ("\(en) (\(percent) %)", "\(zh)（\(percent) %）")
        }
        if elapsed >= 0.25, done > first.done {
            let rate = speed(Double(done - first.done) / elapsed)
            (en, zh) = ("\(en), \(rate.en)", "\(zh)，\(rate.zh)")
        }
        if let share, elapsed >= 0.25, share > first.share, share < 1 {
            let left = ProgressMeter.span(elapsed / (share - first.share) * (1 - share))
            (en, zh) = ("\(en), about \(left.en) left", "\(zh)，约剩 \(left.zh)")
        }
        return Phrase(en: "\(work.en): \(en)", zh: "\(work.zh)：\(zh)")
    }

    private func count(_ done: UInt64, _ total: UInt64?) -> Phrase {
        let (en, zh) = (
            total.map { "\(grouped(done)) of \(grouped($0))" } ?? grouped(done),
            total.map { "\(grouped(done)) / \(grouped($0))" } ?? grouped(done)
        )
        return switch unit {
        case .records: Phrase(en: "\(en) records", zh: "\(zh) 条记录")
        case .events: Phrase(en: "\(en) events", zh: "\(zh) 个事件")
        case .mebibytes: Phrase(en: "\(en) MiB", zh: "\(zh) MiB")
        }
    }

    private func speed(_ rate: Double) -> Phrase {
        let number = grouped(UInt64(rate.rounded()))
        return switch unit {
        case .records: Phrase(en: "\(number) a second", zh: "每秒 \(number) 条")
        case .events: Phrase(en: "\(number) a second", zh: "每秒 \(number) 个")
        case .mebibytes: Phrase(en: "\(number) MiB a second", zh: "每秒 \(number) MiB")
        }
    }

    /// Seconds, minutes or hours, whichever has few digits.
    private static func span(_ seconds: Double) -> Phrase {
        let whole = Int(min(seconds, 1e9).rounded(.up))
        if whole < 120 { return Phrase(en: "\(whole) s", zh: "\(whole) 秒") }
        if whole < 7_200 {
            return Phrase(en: "\((whole + 30) / 60) min", zh: "\((whole + 30) / 60) 分钟")
        }
        return Phrase(en: "\((whole + 1_800) / 3_600) h", zh: "\((whole + 1_800) / 3_600) 小时")
    }
}

/// A number's digits in groups of three, as both languages write them.
package func grouped(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var text = number < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
        if place > 0, (digits.count - place) % 3 == 0 { text += "," }
        text.append(digit)
    }
    return text
}
