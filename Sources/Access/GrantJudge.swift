package import Catalogue
package import Phrases
package import Records

/// Whether a grant may be made: Specs/access.md sections 2 and 3.
package struct GrantJudge {
    private let catalogue: EventCatalogue
    private let procedures: [String]
    /// Grants of tokens that are good now.
    private let live: [Grant]

    /// `earlier` are procedures that only earlier catalogues tell of: their cases are still read.
    package init(
        _ catalogue: EventCatalogue, earlier: [String] = [], _ book: TokenBook, at now: Timestamp
    ) {
        self.catalogue = catalogue
        procedures = catalogue.procedures.map(\.id) + earlier
        live = book.live(at: now).map(\.grant)
    }

    /// All that speaks against it; nothing if it may be made.
    package func refusals(of grant: Grant) -> [Phrase] {
        grant.faults + unknownProcedures(grant) + unknownRoles(grant) + sameNames(grant)
            + exclusions(grant) + sameCertificates(grant)
    }

    private func unknownProcedures(_ grant: Grant) -> [Phrase] {
        let known = procedures
        return grant.rights.compactMap { right in
            guard case .procedure(let id) = right.scope, !known.contains(id) else { return nil }
            return AccessError.unknown(
                right.text, "procedure", "程序", NearestName.of(id, in: known)
            ).phrase
        }
    }

    private func unknownRoles(_ grant: Grant) -> [Phrase] {
        let known = catalogue.roles.filter { $0.kind != .act }.map(\.id)
        return grant.roles.filter { !known.contains($0) }.map { role in
            AccessError.unknown(role, "role", "角色", NearestName.of(role, in: known)).phrase
        }
    }

    /// A recorder must name one owner.
    private func sameNames(_ grant: Grant) -> [Phrase] {
        let other = live.first {
            $0.owner.name == grant.owner.name && $0.owner != grant.owner
        }
        guard let other else { return [] }
        return [
            Phrase(
                en: "\(other.owner.phrase.en) has a token (\(other.id)): a person and a system are "
                    + "not called the same",
                zh: "\(other.owner.phrase.zh) 已持有令牌 \(other.id)：人员与系统不得同名")
        ]
    }

    /// What a certificate may do, one grant says.
    private func sameCertificates(_ grant: Grant) -> [Phrase] {
        guard let certificate = grant.certificate,
            let other = live.first(where: { $0.certificate == certificate })
        else { return [] }
        return [
            Phrase(
                en: "\(other.id) stands for this certificate already: revoke it first",
                zh: "该证书已有授权 \(other.id)：请先撤销")
        ]
    }

    /// 三员分立, over all tokens of one person.
    private func exclusions(_ grant: Grant) -> [Phrase] {
        let others = live.filter { $0.owner == grant.owner }
        return grant.rights.flatMap { right in
            others.compactMap { other in
                guard let its = other.rights.first(where: { right.excludes($0) }) else {
                    return nil
                }
                return Phrase(
                    en: "\(grant.owner.phrase.en) holds \(its.text) (token \(other.id)), which "
                        + "excludes \(right.text)",
                    zh: "\(grant.owner.phrase.zh) 已持有 \(its.text)（令牌 \(other.id)），"
                        + "与 \(right.text) 互斥")
            }
        }
    }
}

extension Right {
    /// Whether one person may not hold both.
    func excludes(_ other: Right) -> Bool {
        switch (self, other) {
        case (.administer(let mine), .administer(let theirs)): mine != theirs
        case (.administer, .approve), (.administer, .audit), (.approve, .administer),
            (.audit, .administer):
            true
        default: false
        }
    }
}
