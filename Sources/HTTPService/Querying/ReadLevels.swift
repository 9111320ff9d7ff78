import Access
import Catalogue
import LedgerHome
import LedgerStore
import Records

/// At which level a caller reads what of the read models.
struct ReadLevels: Sendable {
    /// Of the procedures that he may read, of earlier catalogues too.
    let byProcedure: [String: AnswerLevel]
    /// Whether there is no procedure that he may not read.
    let ofAll: Bool

    /// What no procedure of the catalogue is named by is shown at the lowest.
    let lowest: AnswerLevel

    func level(of stream: String) -> AnswerLevel {
        byProcedure[String(stream.prefix { $0 != "/" })] ?? lowest
    }
}

extension ReadModels {
    /// The caller's levels; refused are those who may read nothing, or not the procedure that they
    /// name.
    func levels(of request: APIRequest, named: String?) throws(Problem) -> ReadLevels {
        if let named { try request.demand(.read(.open, procedure: named)) }
        var found: [String: AnswerLevel] = [:]
        for procedure in procedures {
            guard let level = request.caller.level(of: procedure) else { continue }
            found[procedure] = AnswerLevel(level, ledger.catalogue)
        }
        if found.isEmpty { try request.demand(.read(.open, procedure: "*")) }
        return ReadLevels(
            byProcedure: found,
            ofAll: request.caller.may(.read(.open, procedure: "*")).isAllowed
                && request.caller.hidden(at: .open).isEmpty,
            lowest: AnswerLevel(.open, ledger.catalogue))
    }

    /// Tells of which streams the caller may see duties and findings: they name persons, and say
    /// what was done wrong.
    func judged(by request: APIRequest) throws(Problem) -> @Sendable (_ stream: String) -> Bool {
        let (caller, readable) = (
            request.caller,
            Set(
                procedures.filter {
                    request.caller.may(.read(.supervisory, procedure: $0)).isAllowed
                })
        )
        if readable.isEmpty { try request.demand(.read(.supervisory, procedure: "*")) }
        if caller.may(.read(.supervisory, procedure: "*")).isAllowed { return { _ in true } }
        return { readable.contains(String($0.prefix { $0 != "/" })) }
    }
}
