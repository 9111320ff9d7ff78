import CanonicalJSON
import Foundation
import Glibc
import TestKit

/// One operation with one call struck, and all that must hold afterwards.
struct CallCase: Sendable {
    let operation: CallOperation
    let fault: CallFault
    let bench: CallBench
    /// The folder from which each run starts; nil for an operation that makes the ledger.
    let template: CallTemplate
    /// A folder of this case's own.
    let folder: String

    /// What a case found.
    struct Findings: Sendable {
        var failures: [String] = []
        /// The struck call was made.
        var wasStruck = false
        /// The program ended as if nothing had been.
        var wasUnnoticed = false
    }

    private var root: String { folder + "/root" }
    private var ledger: String { root + "/ledger" }

    func run() -> Findings {
        var findings = Findings()
        do {
            try template.copy(to: root)
            try strike(&findings)
        } catch {
            findings.failures.append("\(error)")
        }
        findings.failures = findings.failures.map { "\(operation.name), \(fault): \($0)" }
        return findings
    }

    private func setting(_ fault: String? = nil) -> InterposedProgram.Setting {
        var setting = InterposedProgram.Setting(scratch: folder, root: root)
        setting.boot = operation.isAfterBoot ? bench.otherBoot : nil
        setting.fault = fault
        setting.log = fault == nil ? nil : folder + "/log"
        return setting
    }

    private func operate(_ fault: String? = nil) throws -> InterposedProgram.Ended {
        try bench.program.run(
            operation.arguments(root: root), input: operation.input, setting(fault))
    }

    private func strike(_ findings: inout Findings) throws {
        let ended = try operate(fault.text)
        let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
        findings.wasStruck = log.contains("!")
        findings.wasUnnoticed = ended.exitCode == 0
        findings.failures += judge(ended, findings.wasStruck)
        findings.failures += operation.prepare == nil ? try made(ended) : try written(ended)
    }

    /// How the program ended: well, with a sentence, or by our hand.
    private func judge(_ ended: InterposedProgram.Ended, _ wasStruck: Bool) -> [String] {
        if fault.kills && wasStruck {
            return ended.signal == SIGKILL ? [] : ["not killed: \(ended.outcome)"]
        }
        if ended.exitCode == 0 {
            let count = LedgerOracle.receipts(in: ended.output).count
            return count == operation.receipts ? [] : ["\(count) receipts and exit code 0"]
        }
        let speaks = ended.errors.split(separator: "\n").contains { $0.hasPrefix("hanqing: ") }
        guard ended.exitCode == 2 || ended.exitCode == 1 && mayFindDamage, speaks else {
            return ["\(ended.outcome): \(ended.errors.prefix(300))"]
        }
        return fault.isHarmless || !wasStruck ? ["was noticed: \(ended.errors.prefix(200))"] : []
    }

    /// A backup audits what it has copied, and what cannot be read then is a finding.
    private var mayFindDamage: Bool {
        operation.copy != nil && (fault.site.kind == "open" || fault.how == .dead)
    }

    // MARK: A ledger that was there

    private func written(_ ended: InterposedProgram.Ended) throws -> [String] {
        let printed = LedgerOracle.receipts(in: ended.output)
        let before = printed + template.receipts
        var failures = operation.changesKey ? [] : try oracle.verify(keptFrom: before)
        failures += try verifyCopy(covering: 0)
        let again = try operate()
        let all = LedgerOracle.receipts(in: again.output)
        if !isWell(again) || all.count != operation.receipts {
            failures.append(
                "again: \(again.outcome), \(all.count) receipts: \(again.errors.prefix(300))")
        }
        failures += changed(from: printed, to: all) + miscounted()
        failures += try verifyCopy(covering: Int64(template.recordsAfter))
        let (last, more) = try appendOne()
        failures += more + oracle.missing(before + all + last)
        failures += unproved(printed + all, template.check)
        if let check = try newCheck(ended, again) { failures += unproved(last, check) }
        return try failures + oracle.verify(keptFrom: before + all + last)
    }

    /// A restored ledger that is open already needs no second finish.
    private func isWell(_ again: InterposedProgram.Ended) -> Bool {
        again.exitCode == 0
            || operation.changesKey && again.errors.contains("is open for writing already")
    }

    /// Nothing is lost, and nothing there twice; a key that was changed may be changed once more.
    private func miscounted() -> [String] {
        let count = (try? ReceiptCheck.lines(of: ledger).count) ?? 0
        let allowed = template.recordsAfter...template.recordsAfter + (operation.changesKey ? 1 : 0)
        return allowed.contains(count) ? [] : ["\(count) records instead of \(allowed.lowerBound)"]
    }

    private func verifyCopy(covering size: Int64) throws -> [String] {
        if let tiles = operation.tiles {
            return try oracle.verify(tiles: root + "/" + tiles, covering: size)
        }
        guard let copy = operation.copy else { return [] }
        return try oracle.verify(backup: root + "/" + copy, covering: size)
    }

    private func unproved(_ receipts: [JSONValue], _ check: ReceiptCheck) -> [String] {
        receipts.compactMap { receipt in
            do {
                try check.checkProof(receipt)
                return nil
            } catch {
                return "a receipt does not prove: \(error)"
            }
        }
    }

    /// By the key that signs now; nil if it was changed and nobody heard which it is.
    private func newCheck(
        _ ended: InterposedProgram.Ended, _ again: InterposedProgram.Ended
    ) throws -> ReceiptCheck? {
        guard operation.changesKey else { return template.check }
        let key = [again, ended].lazy.compactMap {
            (try? JSONValue(parsing: $0.output))?["vkey"]?.string
        }.first
        return try key.map { try ReceiptCheck(vkey: $0, origin: LedgerOracle.origin) }
    }

    private var oracle: LedgerOracle {
        LedgerOracle(
            program: bench.program, setting: InterposedProgram.Setting(scratch: folder),
            ledger: ledger)
    }

    /// Who asks again is told the same places.
    private func changed(from printed: [JSONValue], to all: [JSONValue]) -> [String] {
        let places = Set(all.compactMap { $0["leafHash"]?.string })
        let lost = printed.filter { !places.contains($0["leafHash"]?.string ?? "") }
        return lost.isEmpty ? [] : ["\(lost.count) receipts have other places when asked again"]
    }

    /// The start after the next has nothing to mend, and the ledger takes events.
    private func appendOne() throws -> ([JSONValue], [String]) {
        let ended = try bench.program.run(
            ["append", "-", "--ledger", ledger],
            input: InterposedEvents(name: "last").lines(1), setting())
        let receipts = LedgerOracle.receipts(in: ended.output)
        guard ended.exitCode == 0, ended.errors.isEmpty, receipts.count == 1 else {
            return (receipts, ["the next start: \(ended.outcome): \(ended.errors.prefix(300))"])
        }
        return (receipts, [])
    }

    // MARK: A ledger that was to be made

    private func made(_ ended: InterposedProgram.Ended) throws -> [String] {
        var failures: [String] = []
        if !FileManager.default.fileExists(atPath: ledger) {
            if ended.exitCode == 0 { failures.append("exit code 0 and no ledger") }
            let again = try operate()
            if again.exitCode != 0 {
                failures.append("again: \(again.outcome): \(again.errors.prefix(300))")
            }
        }
        let strays = try FileManager.default.contentsOfDirectory(atPath: root)
            .filter { $0 != "ledger" }
        if fault.isOnce, !strays.isEmpty { failures.append("left behind: \(strays)") }
        failures += try oracle.verify()
        let (receipts, more) = try appendOne()
        return try failures + more + oracle.verify(keptFrom: receipts)
    }
}
