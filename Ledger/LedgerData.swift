/// The bureau's procedures, rules and calendar, embedded in the binary.
package enum LedgerData {}
