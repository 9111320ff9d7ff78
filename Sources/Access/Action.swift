package import Catalogue

/// What somebody wants to do: Specs/access.md sections 5 and 6.
package enum Action: Hashable, Sendable {
    /// Health, the checkpoint, hash tiles, proofs, what has been disclosed.
    case seeWhatAnybodyMay
    case append(Entry)
    case storeAttachment
    /// What the read models hold of a procedure's cases.
    case read(Redaction, procedure: String)
    /// A record's bytes as they are; `ledger` is the procedure of the ledger's own streams.
    case readExactRecords(procedure: String)
    /// To be the second person for what `enteredBy` entered.
    case approve(procedure: String, enteredBy: String)
    case operate
    case grantAndRevoke
    case lookOverAccess
    case openSeal

    /// An event that is submitted, as far as rights go.
    package struct Entry: Hashable, Sendable {
        /// The first part of `subject`, whatever the type is.
        package var procedure: String
        /// The roles that submit the type; none: any.
        package var by: [String]
        /// `data.operator.person`.
        package var operatorID: String
        package var isAsserted: Bool

        package init(
            procedure: String, by: [String], operatorID: String, isAsserted: Bool = false
        ) {
            (self.procedure, self.by) = (procedure, by)
            (self.operatorID, self.isAsserted) = (operatorID, isAsserted)
        }
    }
}
