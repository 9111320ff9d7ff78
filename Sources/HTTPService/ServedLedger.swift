import Checkpoints
import LedgerHome
import Logging
import Merkle
import Phrases

/// One of the ledgers of a service, with all that answers for it.
struct ServedLedger: Sendable {
    let ledger: Ledger
    let base: String
    let head: Watermark
    let models: ReadModels
    let state: StateRoutes
    let responder: Responder

    init(
        _ member: LedgerService.Member, _ language: Language, _ memory: BodyMemory,
        logger: Logger
    ) async throws(LedgerError) {
        ledger = member.ledger
        guard let sequencer = ledger.sequencer else {
            throw LedgerError(
                en: "the service needs the ledger open for writing", zh: "服务须以可写方式打开账本")
        }
        base = member.prefix.map { "/" + $0 } ?? ""
        head = Watermark(size: try await ledger.checkpoint().size.rawValue)
        models = try ReadModels(ledger, head, logger: logger)
        let measures = ServiceMeasures(registry: member.registry)
        state = StateRoutes(ledger: ledger, head: head, models: models, measures: measures)
        responder = Responder(
            table: RouteTable(
                ledger, sequencer, head, models, state, measures,
                TokenDesk(ledger, register: member.tokens)),
            authenticator: member.authenticator, base: base,
            language: ledger.settings.language ?? language, memory: memory, measures: measures)
    }
}
