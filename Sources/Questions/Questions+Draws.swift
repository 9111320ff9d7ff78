import CanonicalJSON
import Catalogue
package import Digests
import Projections
import Rules

extension Question {
    /// The double-random draw.
    static let draws: [Question] = [
        Question(
            30, .supervision, zh: "双随机抽取能否用公布的种子和名录库重算出同样结果？",
            en: "Does the published seed and pool reproduce the draw?",
            answer: DrawAnswers.reproduced)
    ]
}

/// A draw that anybody can repeat: Specs/questions.md section 4.
package enum RepeatableDraw {
    /// What the record of a draw that follows it says in `algorithm`.
    package static let name = "hanqing-draw-1"

    /// The members of a pool as they are published: one a line, ascending, none twice.
    package static func text(_ pool: some Sequence<String>) -> String {
        Set(pool).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            .map { $0 + "\n" }.joined()
    }

    package static func digest(_ pool: some Sequence<String>) -> Digest {
        SHA256.digest(of: text(pool).utf8)
    }

    /// The smallest whole number that is no less than that share of the pool.
    package static func count(of poolCount: Int, percent: Double) -> Int {
        let tenThousandths = Int((percent * 10_000).rounded())
        return (poolCount * tenThousandths + 999_999) / 1_000_000
    }

    /// The `count` members with the smallest hashes.
    package static func drawn(
        _ count: Int, from pool: some Sequence<String>, kind: String, task: String, seed: String
    ) -> Set<String> {
        let hashed = Set(pool).map { member in
            let text = [name, kind, task, seed, member].joined(separator: "\n")
            return (hash: SHA256.digest(of: text.utf8).hex, member: member)
        }
        return Set(hashed.sorted { $0.hash < $1.hash }.prefix(count).map(\.member))
    }
}

enum DrawAnswers {
    /// The pools that the ledger's own records make, as they stood on a day.
    private struct Pools {
        var graded: [(code: String, entry: CaseEntry)] = []
        var officers: [(person: String, found: PastCase)] = []
        var register = RegisterFold()

        func objects(on frozen: CaseEntry) -> Set<String> {
            Set(graded.filter { $0.entry.mayPrecede(frozen) }.map(\.code))
        }

        /// Those with a valid certificate who have not left.
        func officers(on frozen: CaseEntry) -> Set<String> {
            let standing = officers.filter { person, found in
                register.holds(person, "enforcement-certificate", on: frozen.day)
                    && found.last("officer.left", notAfter: frozen) == nil
            }
            return Set(standing.map(\.person))
        }
    }

    static func reproduced(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("task", en: "task", zh: "任务号"), .day,
            Answer.Column("algorithm", en: "algorithm", zh: "算法"),
            Answer.Column("seed", en: "seed is the one committed to", zh: "种子与承诺一致"),
            Answer.Column("objectPool", en: "pool of objects is in the ledger", zh: "对象库可由账本得出"),
            Answer.Column("objects", en: "objects come out the same", zh: "对象重算一致"),
            Answer.Column("officerPool", en: "pool of officers is in the ledger", zh: "人员库可由账本得出"),
            Answer.Column("officers", en: "officers come out the same", zh: "人员重算一致"),
            Answer.Column("verdict", en: "verdict", zh: "结论"),
        ])
        let pools = try await pools(past)
        for found in try await past.cases(of: "inspection-plan") {
            for drawn in found.all("inspection-plan.drawn") {
                let frozen = found.last("inspection-plan.pool-frozen", notAfter: drawn)
                let isSeed = isCommitted(drawn)
                let objects = frozen.flatMap { repeated(drawn, $0, pools.objects(on: $0)) }
                let officers = frozen.flatMap { staffed(drawn, $0, pools.officers(on: $0)) }
                let isNamed = drawn.text("algorithm") == RepeatableDraw.name
                answer.add(
                    [
                        .text(found.stream), reader.value(drawn, "taskNo"), .day(drawn.day),
                        reader.value(drawn, "algorithm"), .truth(isSeed),
                        .truth(objects != nil), same(isNamed ? objects : nil),
                        .truth(officers != nil), same(isNamed ? officers : nil),
                        verdict(isSeed, isNamed, frozen, objects, officers),
                    ],
                    records: found.records(drawn, frozen))
            }
        }
        answer.figure("draws", en: "draws", zh: "抽取次数", Value(answer.rows.count))
        answer.note(
            en: """
                The ledger holds the digests of the frozen pools, not the pools. Where the objects \
                graded and the officers certified by then have just that digest, the draw is made \
                again here; otherwise whoever has the published pool can make it by section 4 of \
                Specs/questions.md.
                """,
            zh:
                """
                账本记名录库的哈希而不记名录库本身。当日已分级对象、持证人员的名录与该哈希一致的，在此重算；\
                否则由持有公布名录库的人按 Specs/questions.md 第 4 节重算。
                """
        )
        return answer
    }

    private static func same(_ isSame: Bool?) -> Value { isSame.map { .truth($0) } ?? .none }

    private static func verdict(
        _ isSeed: Bool, _ isNamed: Bool, _ frozen: CaseEntry?, _ objects: Bool?, _ officers: Bool?
    ) -> Value {
        if frozen == nil { return .words(en: "no pool was frozen before", zh: "此前未冻结名录库") }
        if !isSeed { return .words(en: "another seed than committed to", zh: "种子与承诺不符") }
        if !isNamed {
            return .words(en: "an algorithm that cannot be repeated here", zh: "算法未载明，无法在此重算")
        }
        if objects == false || officers == false {
            return .words(en: "comes out differently", zh: "重算结果不同")
        }
        if objects == true, officers == true { return .words(en: "reproduced", zh: "重算一致") }
        return .words(en: "needs the published pool", zh: "须有公布的名录库")
    }

    private static func isCommitted(_ drawn: CaseEntry) -> Bool {
        guard let seed = drawn.text("seed") else { return false }
        return SHA256.digest(of: seed.utf8).hex == drawn.text("seedCommitment")
    }

    /// Whether the objects drawn are those that come out; nil if `pool` is not the frozen one.
    private static func repeated(
        _ drawn: CaseEntry, _ frozen: CaseEntry, _ pool: Set<String>
    ) -> Bool? {
        guard RepeatableDraw.digest(pool).hex == frozen.text("objectPool") else { return nil }
        let percent: Double
        switch drawn.data["ratio"] {
        case .integer(let number)?: percent = Double(number)
        case .number(let number)?: percent = number
        default: return false
        }
        let count = RepeatableDraw.count(of: pool.count, percent: percent)
        let objects = (drawn.data["objects"]?.array ?? []).map { $0["uscc"]?.string ?? "" }
        return objects.count == count
            && Set(objects) == outcome(count, pool, "object", drawn)
    }

    /// As many officers come out as were drawn.
    private static func staffed(
        _ drawn: CaseEntry, _ frozen: CaseEntry, _ pool: Set<String>
    ) -> Bool? {
        guard RepeatableDraw.digest(pool).hex == frozen.text("officerPool") else { return nil }
        let officers = Set(drawn.participants.filter { $0.role == "officer" }.map(\.person))
        return officers == outcome(officers.count, pool, "officer", drawn)
    }

    private static func outcome(
        _ count: Int, _ pool: Set<String>, _ kind: String, _ drawn: CaseEntry
    ) -> Set<String> {
        RepeatableDraw.drawn(
            count, from: pool, kind: kind, task: drawn.text("taskNo") ?? "",
            seed: drawn.text("seed") ?? "")
    }

    private static func pools(_ past: any PastView) async throws(ProjectionError) -> Pools {
        var pools = Pools()
        try await past.eachCase(of: "jurisdiction") { found in
            for entry in found.all("jurisdiction.object-graded") {
                if let code = entry.text("objectUscc") { pools.graded.append((code, entry)) }
            }
        }
        let book = past.shelf.newest
        try await past.eachCase(of: "officer") { found in
            pools.register.take(
                found.prefix.history.renamed(book.catalogue.formerNames), book)
            if let person = found.last("officer.registered")?.text("person") {
                pools.officers.append((person, found))
            }
        }
        return pools
    }
}
