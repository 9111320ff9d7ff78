import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Rules

/// How high fines were, and whether they were paid.
enum FineAnswers {
    private struct Fined {
        let stream: String
        let fine: Int64
        let region: String
        let records: [UInt64]
    }

    /// A fine is out of line if it is less than a third or more than three times the median of its
    /// kind, where at least so many are known.
    private static let countMin = 5

    /// Fines of each kind of violation in each district, beside the median of the kind.
    static func byDistrict(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        var answer = Answer([
            Answer.Column("caseType", en: "violation", zh: "案由"),
            Answer.Column("region", en: "district", zh: "区县"),
            Answer.Column("count", en: "cases", zh: "件数"),
            Answer.Column("lowest", en: "lowest", zh: "最低"),
            Answer.Column("median", en: "median", zh: "中位数"),
            Answer.Column("highest", en: "highest", zh: "最高"),
            Answer.Column("ofKind", en: "median of the violation", zh: "该案由中位数"),
            Answer.Column("light", en: "far below", zh: "畸轻"),
            Answer.Column("heavy", en: "far above", zh: "畸重"),
        ])
        let regions = past.shelf.newest.catalogue.regions
        let names = Dictionary(
            regions.map { ($0.code, $0.name) }, uniquingKeysWith: { _, last in last })
        var outliers = 0
        let fined = try await fines(past, arguments)
        for (kind, all) in fined.sorted(by: { $0.key < $1.key }) {
            let middle = median(all.map(\.fine))
            let byRegion = Dictionary(grouping: all, by: \.region)
            for (region, some) in byRegion.sorted(by: { $0.key < $1.key }) {
                let isJudged = all.count >= countMin
                let light = some.filter { isJudged && $0.fine * 3 < middle }
                let heavy = some.filter { isJudged && $0.fine > middle * 3 }
                outliers += light.count + heavy.count
                let amounts = some.map(\.fine).sorted()
                answer.add(
                    [
                        .text(kind), .text(names[region] ?? region), Value(some.count),
                        .fen(amounts.first ?? 0), .fen(median(amounts)), .fen(amounts.last ?? 0),
                        .fen(middle), .list(light.map { .text($0.stream) }),
                        .list(heavy.map { .text($0.stream) }),
                    ], records: some.flatMap(\.records))
            }
        }
        answer.figure("outliers", en: "fines out of line", zh: "畸轻畸重件数", Value(outliers))
        answer.note(
            en: """
                Out of line: under a third or over three times the median of the violation, if it \
                has \(countMin) fines or more. Circumstances of the case may explain it; only \
                people can judge that.
                """,
            zh: """
                畸轻畸重：不足该案由中位数三分之一或者超过三倍，且该案由不少于 \(countMin) 件；\
                个案情节是否足以解释，由人判断。
                """)
        return answer
    }

    private static func fines(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> [String: [Fined]] {
        var fined: [String: [Fined]] = [:]
        try await past.eachCase(of: "penalty") { found in
            guard let decided = found.last("penalty.decided"),
                arguments.period.contains(decided.day), let fine = decided.number("fine"),
                let clue = found.last("penalty.clue-registered"),
                let kind = clue.text("caseType"), let region = clue.text("region")
            else { return }
            fined[kind, default: []].append(
                Fined(
                    stream: found.stream, fine: fine, region: region,
                    records: found.records(clue, decided)))
        }
        return fined
    }

    /// The middle one, or the lower of the two in the middle.
    private static func median(_ amounts: [Int64]) -> Int64 {
        let sorted = amounts.sorted()
        return sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
    }

    /// Fines not paid in full, and cash that was kept too long.
    static func payment(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, .docNo, .decided, Answer.Column("fine", en: "fine", zh: "罚款"),
            Answer.Column("paid", en: "paid", zh: "已缴"),
            Answer.Column("left", en: "not paid", zh: "未缴"),
            Answer.Column("why", en: "how it stands", zh: "情况"),
            Answer.Column("cash", en: "cash handed in", zh: "当场收缴上缴"),
        ])
        let standings = try await past.standings("D.pn.cash", "D.pn.cash.17")
        let kept = Dictionary(
            grouping: standings.filter(\.isBreach), by: \.stream)
        var (fined, paid, full) = (Int64(0), Int64(0), 0)
        try await past.eachCase(of: "penalty") { found in
            guard
                let decided = found.last("penalty.decided")
                    ?? found.last("penalty.summary-decided"),
                arguments.period.contains(decided.day)
            else { return }
            let isSummary = decided.type == "penalty.summary-decided"
            let fine = decided.number(isSummary ? "amount" : "fine") ?? 0
            let payments = found.all("penalty.fine-paid")
            let sum = payments.reduce(Int64(0)) { $0 + ($1.number("amount") ?? 0) }
            (fined, paid) = (fined + fine, paid + sum)
            let late = kept[found.stream] ?? []
            if fine > 0, sum >= fine { full += 1 }
            guard sum < fine || !late.isEmpty else { return }
            let (word, by) = reason(found, isPaid: sum >= fine)
            answer.add(
                [
                    .text(found.stream), reader.value(decided, "docNo"), .day(decided.day),
                    .fen(fine), .fen(sum), .fen(max(0, fine - sum)), .phrase(word),
                    late.isEmpty ? .none : .list(late.map { .phrase($0.state.title) }),
                ],
                records: found.records([decided] + payments + by) + late.flatMap(\.records))
        }
        answer.figure("fined", en: "fined in all", zh: "罚款总额", .fen(fined))
        answer.figure("paid", en: "paid in all", zh: "缴纳总额", .fen(paid))
        answer.figure("full", en: "fines paid in full", zh: "全额缴纳件数", Value(full))
        answer.figure(
            "kept", en: "cash kept over two days", zh: "当场收缴逾期上缴件数",
            Value(answer.rows.count { answer.value($0, "cash") != Value.none }))
        answer.note(
            en: """
                The ledger holds the payment and its receipt number; that the bank passed it on to \
                the treasury stands in the accounts of the treasury. Additional fines for late \
                payment are not counted.
                """,
            zh: """
                账本记载缴纳及票据号；银行是否已划缴国库，以国库账务为准，账本不载。加处罚款不计入。
                """)
        return answer
    }

    /// Why a fine is not paid, as far as the case says.
    private static func reason(
        _ found: PastCase, isPaid: Bool
    ) -> (word: Phrase, by: [CaseEntry]) {
        if isPaid { return (Phrase(en: "paid", zh: "已缴清"), []) }
        let words = [
            ("penalty.changed-or-revoked", Phrase(en: "changed or revoked", zh: "已变更或者撤销")),
            ("penalty.executed", Phrase(en: "executed", zh: "执行完毕")),
            ("penalty.enforcement-applied", Phrase(en: "court asked", zh: "已申请法院强制执行")),
            ("penalty.instalment-approved", Phrase(en: "instalments approved", zh: "已批准延期分期")),
            ("penalty.demanded", Phrase(en: "demanded", zh: "已催告")),
        ]
        for (type, word) in words {
            if let entry = found.last(type) { return (word, [entry]) }
        }
        return (Phrase(en: "not paid", zh: "未缴"), [])
    }
}
