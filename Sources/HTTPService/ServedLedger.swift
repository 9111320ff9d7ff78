import Checkpoints
import LedgerHome
import Logging
import Merkle
import Phrases

/// One of the ledgers of a service, with all that answers for it.
final class ServedLedger: Sendable {
    let ledger: Ledger
    let base: String
    let head: Watermark
    let models: ReadModels
    let publications: Publications
    let state: StateRoutes
    let responder: Responder

    init(
        _ member: LedgerService.Member, _ language: Language, _ memory: BodyMemory,
        seesCertificates: Bool, logger: Logger
    ) async throws(LedgerError) {
        ledger = member.ledger
        guard let sequencer = ledger.sequencer else {
            throw LedgerError(
                en: "the service needs the ledger open for writing", zh: "服务须以可写方式打开账本")
        }
        base = member.prefix.map { "/" + $0 } ?? ""
        await ledger.keepKeysReady()
        head = Watermark(size: try await ledger.checkpoint().size.rawValue)
        models = try ReadModels(ledger, head, logger: logger)
        let measures = ServiceMeasures(registry: member.registry)
        publications = Publications(ledger, member.publication, logger: logger)
        state = StateRoutes(
            ledger: ledger, head: head, models: models, publications: publications,
            measures: measures)
        responder = Responder(
            table: RouteTable(
                ledger, sequencer, head, models, state, measures,
                TokenDesk(ledger, register: member.tokens)),
            authenticator: member.authenticator, base: base,
            language: ledger.settings.language ?? language, memory: memory, measures: measures,
            seesCertificates: seesCertificates)
    }

    /// Whether a request's target begins with the ledger's segment.
    func holds(_ target: String) -> Bool {
        guard !base.isEmpty else { return true }
        guard target.utf8.starts(with: base.utf8) else { return false }
        let rest = target.utf8.dropFirst(base.utf8.count)
        return [nil, UInt8(ascii: "/"), UInt8(ascii: "?")].contains(rest.first)
    }
}
