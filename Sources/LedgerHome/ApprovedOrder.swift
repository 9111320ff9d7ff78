import CanonicalJSON
import Phrases
import Records

/// Who orders an act of the ledger's own, and who approves: Specs/record.md section 5.
package struct ApprovedOrder: Sendable {
    /// A pseudonymous id.
    package let person: String
    package let unit: String
    /// Another person's.
    package let approver: String
    package let reason: String

    package init(person: String, unit: String, approver: String, reason: String) {
        (self.person, self.unit) = (person, unit)
        (self.approver, self.reason) = (approver, reason)
    }

    /// Before anything is done: persons are pseudonyms and two, and all is said.
    func check() throws(LedgerError) {
        for person in [person, approver]
        where !Array(person.utf8).withUnsafeBytes(Pseudonym.isSound) {
            throw LedgerError(en: "\(person) is no person's id", zh: "\(person) 不是人员代号")
        }
        guard person != approver else {
            throw LedgerError(
                en: "the approver must be another person than \(person)",
                zh: "批准人不能与经办人 \(person) 为同一人")
        }
        for text in [unit, reason] where !(1...600 ~= text.utf8.count) {
            throw LedgerError(en: "unit and reason: 1 to 600 bytes", zh: "单位和理由须为 1 至 600 字节")
        }
    }

    /// What the record says of it, beside `more`; in the order of names.
    func members(and more: [JSONMember]) -> [JSONMember] {
        let own = [
            JSONMember("approver", .string(approver)),
            JSONMember("operator", ["person": .string(person), "unit": .string(unit)]),
            JSONMember("reason", .string(reason)),
        ]
        return (own + more).sorted { $0.name < $1.name }
    }
}
