import CanonicalJSON
import Catalogue
import Digests
import LedgerStore
package import Merkle
import Phrases
package import Projections
package import Records
package import Rules
import Sequencing

/// The ledger as of a moment, folded anew from all its records: the reference.
///
/// It holds all cases in memory: meant for small ledgers, and to compare read models with.
package struct FoldedPast: PastView {
    package let origin: String
    package let moment: Timestamp
    package let shelf: RuleShelf
    package var size: UInt64 { UInt64(fold.streams.count) }
    private let ledger: Ledger
    private let fold: Fold
    private let judged = Judged()

    /// Every case, and where each thing is named.
    private struct Fold {
        var names: [String] = []
        var prefixes: [String: CasePrefix] = [:]
        var mentions: [MentionKey: [String]] = [:]
        /// Of each record.
        var streams: [String] = []

        mutating func take(
            _ record: CaseRecord, _ catalogue: EventCatalogue, _ rules: CaseRules
        ) {
            let name = record.stream
            streams.append(name)
            var prefix =
                prefixes.removeValue(forKey: name) ?? CasePrefix(stream: name, rules: rules)
            if prefix.records.isEmpty { names.append(name) }
            prefix.take(record, catalogue)
            let found = prefix.mentions(of: record)
            for key in found.map(\.key) where !(mentions[key] ?? []).contains(name) {
                mentions[key, default: []].append(name)
            }
            prefixes[name] = prefix
        }
    }

    /// As of `moment`, or now.
    package init(_ ledger: Ledger, asOf moment: Timestamp?) async throws(LedgerError) {
        self.ledger = ledger
        origin = ledger.settings.origin
        self.moment = moment ?? ledger.clock.wall()
        shelf = try ledger.ruleShelf()
        let rules = CaseRules(shelf)
        let effect = try ledger.cataloguesByRecord()
        let size = try await ledger.size(asOf: self.moment)
        let clock = LocalTime(zone: ledger.catalogue.timeZone)
        var fold = Fold()
        do throws(StoreError) {
            while fold.streams.count < size {
                let next = SequenceNumber(UInt64(fold.streams.count))
                let left = Int(size) - fold.streams.count
                for line in try await ledger.store.lines(from: next, limit: min(left, 4_096)) {
                    guard let record = CaseRecord(line, clock: clock) else {
                        throw StoreError(
                            .damaged, en: "record \(next) or after cannot be read",
                            zh: "无法读取记录 \(next) 或其后的记录")
                    }
                    fold.take(record, effect(record.sequence), rules)
                }
            }
        } catch {
            throw LedgerError(error)
        }
        self.fold = fold
    }

    package func root(of count: UInt64) async throws(ProjectionError) -> Root {
        try await ledger.root(of: count)
    }

    package func leaf(_ sequence: UInt64) async throws(ProjectionError) -> LeafHash {
        try await ledger.leaf(sequence)
    }

    package func streams(of procedure: String) -> [String] {
        fold.names.filter { $0.prefix { $0 != "/" } == procedure }
    }

    package func streams(naming key: MentionKey) -> [String] {
        let found = Set(fold.mentions[key] ?? [])
        return fold.names.filter { found.contains($0) }
    }

    /// Everything that is named anywhere.
    package var keys: [MentionKey] { Array(fold.mentions.keys) }

    package func prefix(of stream: String) -> CasePrefix? { fold.prefixes[stream] }

    package func record(_ sequence: UInt64) -> CaseRecord? {
        guard sequence < size, let prefix = fold.prefixes[fold.streams[Int(sequence)]] else {
            return nil
        }
        return prefix.records.first { $0.sequence == sequence }
    }

    package func duties(_ wanted: Wanted) async throws(ProjectionError) -> [OwedDuty] {
        try await judgement(0...0).duties(wanted)
    }

    package func findings(_ wanted: Wanted) async throws(ProjectionError) -> [Finding] {
        try await judgement(0...0).findings(wanted)
    }

    package func figures(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorFigure] {
        try await judgement(period).figures.filter { ids?.contains($0.indicator.id) ?? true }
    }

    private func judgement(
        _ period: ClosedRange<Int>
    ) async throws(ProjectionError) -> LedgerJudgement {
        do throws(LedgerError) {
            return try await judged.of(period, ledger, moment)
        } catch {
            throw ProjectionError(error)
        }
    }

    /// The newest judgement, for questions that ask for it again.
    private actor Judged {
        private var newest: (period: ClosedRange<Int>, judgement: LedgerJudgement)?

        func of(
            _ period: ClosedRange<Int>, _ ledger: Ledger, _ moment: Timestamp
        ) async throws(LedgerError) -> LedgerJudgement {
            if let newest, newest.period == period { return newest.judgement }
            let judgement = try await ledger.judge(asOf: moment, period: period)
            newest = (period, judgement)
            return judgement
        }
    }
}

extension LedgerJudgement {
    package func duties(_ wanted: Wanted) -> [OwedDuty] {
        standings.filter { wanted.has(stream: $0.stream, id: $0.duty.id) }.map { standing in
            OwedDuty(
                standing: standing, persons: standing.start.flatMap { operators[$0] } ?? [],
                unit: standing.start.flatMap { units[$0] })
        }
    }

    package func findings(_ wanted: Wanted) -> [Finding] {
        findings.filter { wanted.has(stream: $0.stream, id: $0.rule) }
    }
}

extension Ledger {
    /// The root hash of the first `size` records.
    package func root(of size: UInt64) async throws(ProjectionError) -> Root {
        do throws(StoreError) {
            var prover = ProofMaker(store)
            return try await prover.root(of: TreeSize(size))
        } catch {
            throw ProjectionError(LedgerError(error))
        }
    }

    /// The leaf hash of a record.
    package func leaf(_ sequence: UInt64) async throws(ProjectionError) -> LeafHash {
        do throws(StoreError) {
            let found = try await store.hashes(level: 0, sequence..<sequence + 1).first
            return LeafHash(found ?? .zero)
        } catch {
            throw ProjectionError(LedgerError(error))
        }
    }
}

extension ProjectionError {
    init(_ error: LedgerError) {
        self.init(
            en: error.phrases.map(\.en).joined(separator: "\n"),
            zh: error.phrases.map(\.zh).joined(separator: "\n"))
    }
}
