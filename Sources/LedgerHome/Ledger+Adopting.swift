import CanonicalJSON
import Catalogue
package import Digests
import LedgerData
package import Merkle
package import Phrases
import Records
import Rules

/// An open case that a new catalogue would leave without a way on.
package struct StrandedCase: Hashable, Sendable {
    package let stream: String
    package let reason: Phrase
}

/// What came of adopting a catalogue.
package enum Adoption: Sendable {
    /// `staysApart` are procedures that the new catalogue keeps apart no more, and that stay so.
    case recorded(SequenceNumber, Digest, staysApart: [String])
    /// It is in force already.
    case inForce(Digest)
    /// Nothing was recorded: these cases are open.
    case stranded([StrandedCase])
}

extension Ledger {
    /// Puts another catalogue in force: Specs/catalogue.md section 13.
    ///
    /// What was recorded before keeps the effect that its own catalogue gives it.
    package func adopt(
        files: [String: [UInt8]]?, person: String, unit: String
    ) async throws(LedgerError) -> Adoption {
        let new = try readCatalogue(files)
        let problems = CatalogueCheck(new).run().filter { $0.weight == .error }
        guard problems.isEmpty else { throw LedgerError(problems.map(\.phrase)) }
        guard new.digest != catalogue.digest else { return .inForce(new.digest) }
        guard new.timeZone == catalogue.timeZone else {
            throw LedgerError(
                en: "the ledger's time zone is \(catalogue.timeZone) and does not change",
                zh: "账本时区为 \(catalogue.timeZone)，不可更改")
        }
        let stranded = try await stranded(by: new)
        guard stranded.isEmpty else { return .stranded(stranded) }
        let kept = files ?? LedgerData.catalogueFiles
        let apart = try apartEver().subtracting(new.apart).sorted()
        return .recorded(
            try await record(new, kept, person, unit), new.digest, staysApart: apart)
    }

    private func record(
        _ new: EventCatalogue, _ files: [String: [UInt8]], _ person: String, _ unit: String
    ) async throws(LedgerError) -> SequenceNumber {
        try demandWriter()
        // The files first: a record that names what is not there would end every later start.
        let list = try AdoptedCatalogues(ledger: folder).keep(new, files: files)
        let data: JSONValue = [
            "catalogue": .string(new.digest.hex), "files": list,
            "operator": ["person": .string(person), "unit": .string(unit)],
            "replaces": .string(catalogue.digest.hex),
        ]
        return try await recordOwn("ledger.catalogue-adopted", .ledgerSelf, data)
    }

    /// Open cases whose procedure, stage or event types the new catalogue does not have.
    private func stranded(by new: EventCatalogue) async throws(LedgerError) -> [StrandedCase] {
        var stranded: [StrandedCase] = []
        try await forEachCase { history in
            guard let reason = StrandedCase.reason(history, catalogue, new) else { return }
            stranded.append(StrandedCase(stream: history.stream, reason: reason))
        }
        return stranded
    }
}

extension StrandedCase {
    /// Nil if the case has ended, or can go on.
    fileprivate static func reason(
        _ history: CaseHistory, _ old: EventCatalogue, _ new: EventCatalogue
    ) -> Phrase? {
        let entries = history.line.map { history.entries[$0] }
        let types = entries.compactMap { old.eventType(old.formerNames[$0.type] ?? $0.type) }
        guard !types.contains(where: \.ends) else { return nil }
        guard let procedure = new.procedure(history.procedure) else {
            return Phrase(
                en: "the new catalogue has no procedure \(history.procedure)",
                zh: "新目录没有程序 \(history.procedure)")
        }
        if let stage = types.last(where: { $0.stage != nil })?.stage,
            !procedure.stages.contains(where: { $0.id == stage || $0.formerly.contains(stage) })
        {
            return Phrase(
                en: "it is in the stage \(stage), which the new catalogue does not have",
                zh: "案件处于阶段 \(stage)，新目录没有该阶段")
        }
        let gone = types.first {
            new.eventType($0.name) == nil && new.formerNames[$0.name] == nil
        }
        if let gone {
            return Phrase(
                en: "it has an event \(gone.name), which the new catalogue does not have",
                zh: "案件有事件 \(gone.name)，新目录没有该类型")
        }
        return nil
    }
}
