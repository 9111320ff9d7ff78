import ArgumentParser
import LedgerHome

/// Who orders what two persons must agree on, and who approves.
struct OrderOptions: ParsableArguments {
    @Option(help: "Who orders it (a pseudonymous id). 经办人代号。")
    var person: String

    @Option(help: "That person's unit. 经办单位。")
    var unit = "-"

    @Option(help: "Another person, who approves. 批准人代号。")
    var approver: String

    @Option(help: "Why. 原因。")
    var reason: String

    var order: ApprovedOrder {
        ApprovedOrder(person: person, unit: unit, approver: approver, reason: reason)
    }
}
