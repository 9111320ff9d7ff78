import Projections
import Records
import Rules

/// What was entered later than it should have been.
enum LateEntryAnswers {
    private struct Tally {
        var (late, all, most, batched) = (0, 0, 0, 0)
        var records: [UInt64] = []
    }

    /// Entries made more than one workday after they happened, by the unit that made them.
    static func byUnit(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let book = past.shelf.newest
        var tallies: [String: Tally] = [:]
        try await past.eachCase { found in
            for entry in found.entries {
                let recordedDay = book.day(of: entry.recorded)
                guard arguments.period.contains(recordedDay) else { continue }
                let unit = found.unit(of: entry) ?? ""
                let workdays = book.calendar.workdays(from: entry.day, to: recordedDay)
                var tally = tallies.removeValue(forKey: unit) ?? Tally()
                tally.all += 1
                if workdays > 1 {
                    tally.late += 1
                    tally.most = max(tally.most, workdays)
                    tally.batched += entry.lateBatch == nil ? 0 : 1
                    tally.records.append(entry.sequence)
                }
                tallies[unit] = tally
            }
        }
        var answer = Answer([
            Answer.Column("unit", en: "unit", zh: "处室"),
            Answer.Column("late", en: "entered late", zh: "迟录"),
            Answer.Column("all", en: "entered in all", zh: "全部记录"),
            Answer.Column("percent", en: "share", zh: "占比"),
            Answer.Column("most", en: "most workdays late", zh: "最长工作日"),
            Answer.Column("batched", en: "in approved batches", zh: "经批准批量补录"),
        ])
        let sorted = tallies.sorted { (-$0.value.late, $0.key) < (-$1.value.late, $1.key) }
        for (unit, tally) in sorted where tally.late > 0 {
            answer.add(
                [
                    .text(unit), Value(tally.late), Value(tally.all),
                    .percent(Double(tally.late) * 100 / Double(tally.all)), Value(tally.most),
                    Value(tally.batched),
                ], records: tally.records)
        }
        let all = tallies.values
        answer.figure("late", en: "entered late", zh: "迟录合计", Value(all.reduce(0) { $0 + $1.late }))
        answer.figure("all", en: "entries", zh: "记录合计", Value(all.reduce(0) { $0 + $1.all }))
        answer.note(
            en: """
                Counted from the day of the act to that of the record, the first day left out. The \
                year is that of the record. The ledger's own finding of late entry allows five \
                workdays.
                """,
            zh: """
                自行为之日的次日起算至入账之日；年度按入账日。账本自身的“迟录”发现以五个工作日为限，与此不同。
                """)
        return answer
    }
}
