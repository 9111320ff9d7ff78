package import Anchoring
import CanonicalJSON
package import Checkpoints
import LedgerStore
package import Merkle
package import Records

extension Ledger {
    /// What this ledger holds of others, every proof checked.
    package func anchorBook(asOf moment: Timestamp? = nil) async throws(LedgerError) -> AnchorBook {
        var book = AnchorBook()
        try await readAnchors { line, sequence in
            if let moment, let time = recorded(line), time > moment { return false }
            book.take(line, at: sequence)
            return true
        }
        return book
    }

    /// The newest of what this ledger holds of the ledgers at some places, and of others.
    package func newestAnchors(
        at places: [String], of origins: [Origin]
    ) async throws(LedgerError) -> AnchorBook {
        var book = AnchorBook()
        try await readAnchors(newestFirst: true) { line, _ in
            book.takeEarlier(line)
            return !book.knows(places, origins)
        }
        return book
    }

    /// Every checkpoint of a ledger that was anchored, in order.
    package func anchored(_ origin: Origin) async throws(LedgerError) -> [Anchored] {
        var all: [Anchored] = []
        try await readAnchors { line, _ in
            if case .anchored(let anchored) = AnchorRecord(line), anchored.origin == origin {
                all.append(anchored)
            }
            return true
        }
        return all
    }

    /// Records what became of a place; nil if that is nothing new.
    package func record(
        _ judgement: AnchorJudge.Judgement, by judge: AnchorJudge, at place: String,
        person: String, unit: String
    ) async throws(LedgerError) -> SequenceNumber? {
        guard let (type, members) = judge.data(of: judgement, at: place) else { return nil }
        let ordered = JSONMember(
            "operator", ["person": .string(person), "unit": .string(unit)])
        return try await recordOwn(type, .anchors, .object(members + [ordered]))
    }

    // MARK: - Reading

    private static let anchorsAtOnce = 256

    /// Gives the records of the stream `ledger/anchors` to `take` until that has enough.
    private func readAnchors(
        newestFirst: Bool = false, _ take: ([UInt8], SequenceNumber) -> Bool
    ) async throws(LedgerError) {
        do throws(StoreError) {
            var numbers = try await store.sequence(
                of: .anchors, from: Revision(0), limit: .max)
            if newestFirst { numbers.reverse() }
            var rest = numbers[...]
            while !rest.isEmpty {
                let some = Array(rest.prefix(Ledger.anchorsAtOnce))
                rest = rest.dropFirst(some.count)
                for (line, sequence) in zip(try await store.lines(at: some), some) {
                    guard take(line, sequence) else { return }
                }
            }
        } catch {
            throw LedgerError(error)
        }
    }

    private func recorded(_ line: [UInt8]) -> Timestamp? {
        guard line.count > RecordLayout.recorded.upperBound else { return nil }
        return line[RecordLayout.recorded].withUnsafeBytes { Timestamp(fixed: $0) }
    }
}
