import CanonicalJSON
import Catalogue
import LedgerStore
package import Merkle
import Phrases
package import Records
import Rules
package import Sealing
import Sequencing
import VaultStore

/// Which cases must not be shredded, as the records of `ledger/vault` say: Specs/sealing.md
/// section 8.
///
/// The vault follows: its own list is a second lock, not the truth, so that a hold cannot vanish
/// with a copy of the vault that is put back.
package struct HoldBook: Sendable {
    package static let placedType = "ledger.hold-placed"
    package static let releasedType = "ledger.hold-released"

    /// All that were ever placed, in the order of record.
    package private(set) var all: [Hold] = []
    private var released: Set<String> = []

    /// Those that stand.
    package var standing: [Hold] { all.filter { !released.contains($0.id) } }

    mutating func take(line: [UInt8]) {
        guard let root = try? JSONValue(parsing: line), let event = root["event"],
            let data = event["data"]
        else { return }
        switch event["type"]?.string {
        case HoldBook.placedType:
            guard let number = root["chain"]?["seq"]?.integer,
                let subject = data["subject"]?.string, let day = data["day"]?.string
            else { return }
            all.append(
                Hold(
                    id: HoldBook.id(UInt64(clamping: number)), subject: subject,
                    reason: data["reason"]?.string ?? "", placed: day))
        case HoldBook.releasedType:
            if let id = data["hold"]?.string { released.insert(id) }
        default: return
        }
    }

    /// A hold is named by its record.
    static func id(_ sequence: UInt64) -> String { "H-\(sequence)" }
}

extension Ledger {
    package func holdBook() async throws(LedgerError) -> HoldBook {
        var book = HoldBook()
        for line in try await linesOf(.vault) { book.take(line: line) }
        return book
    }

    /// Keeps a case from being shredded until somebody releases it.
    ///
    /// The record comes first and is enough by itself: a crash in between leaves a hold that stands
    /// and that the vault does not know yet, which the next one tells it.
    package func hold(
        _ subject: StreamName, _ order: ApprovedOrder
    ) async throws(LedgerError) -> Hold {
        try order.check()
        guard try await !linesOf(subject).isEmpty else { throw Ledger.noCase(subject) }
        return try await withVault { _ throws(VaultError) in
        } then: { vault throws(LedgerError) in
            let day = LocalTime(zone: catalogue.timeZone).day(of: clock.wall())
            let sequence = try await recordOwn(
                HoldBook.placedType, .vault,
                .object(
                    order.members(and: [
                        JSONMember("day", .string(CivilDate(dayNumber: day).text)),
                        JSONMember("subject", .string(subject.text)),
                    ])))
            try await tell(vault, of: subject.text)
            let id = HoldBook.id(sequence.rawValue)
            return Hold(
                id: id, subject: subject.text, reason: order.reason,
                placed: CivilDate(dayNumber: day).text)
        }
    }

    /// Ends a hold; the number of the record that says so.
    package func release(
        holdWith id: String, _ order: ApprovedOrder
    ) async throws(LedgerError) -> SequenceNumber {
        try order.check()
        guard let hold = try await holdBook().standing.first(where: { $0.id == id }) else {
            throw LedgerError([VaultError.unknownHold(id).reason])
        }
        return try await withVault { _ throws(VaultError) in
        } then: { vault throws(LedgerError) in
            let sequence = try await recordOwn(
                HoldBook.releasedType, .vault,
                .object(order.members(and: [JSONMember("hold", .string(id))])))
            try await tell(vault, of: hold.subject)
            return sequence
        }
    }

    /// Holds on a case: those of the records, and what the vault has besides.
    func holds(on subject: StreamName) async throws(LedgerError) -> [Hold] {
        let recorded = try await holdBook().standing.filter { $0.subject == subject.text }
        let held = try await withVault { _ throws(VaultError) in
        } then: { vault throws(LedgerError) in
            try await tell(vault, of: subject.text)
            return try await Ledger.asking { () throws(VaultError) in
                try await vault.holds(on: subject.text)
            }
        }
        return recorded + held.filter { hold in !recorded.contains { $0.id == hold.id } }
    }

    /// Brings the vault's holds on a case in line with the records.
    func tell(_ vault: VaultStore, of subject: String) async throws(LedgerError) {
        let book = try await holdBook()
        let standing = book.standing.filter { $0.subject == subject }
        let recorded = Set(book.all.map(\.id))
        try await Ledger.asking { () throws(VaultError) in
            let held = try await vault.holds(on: subject)
            for hold in standing where !held.contains(where: { $0.id == hold.id }) {
                try await vault.place(hold)
            }
            for hold in held where recorded.contains(hold.id) {
                if !standing.contains(where: { $0.id == hold.id }) {
                    try await vault.release(holdWith: hold.id)
                }
            }
        }
    }

    static func noCase(_ subject: StreamName) -> LedgerError {
        LedgerError(en: "there is no case \(subject)", zh: "没有案件 \(subject)")
    }
}
