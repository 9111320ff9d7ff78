package import Catalogue
package import Phrases
import Records

/// Whether somebody may do what he wants.
package enum Decision: Hashable, Sendable {
    case allowed
    /// With the right that is missing, or why it is not enough.
    case refused(Phrase)

    package var isAllowed: Bool { self == .allowed }

    fileprivate static let ledgersOwn = Decision.refused(
        Phrase(en: "the ledger's own streams are its own", zh: "账本自身的流只能由账本写入"))

    fileprivate static let sealed = Decision.refused(
        Phrase(
            en: "no token opens a seal: that takes a holder's key",
            zh: "任何令牌都不能开启密封内容：须由密钥持有人开启"))
}

/// Who asks: the owner of a token that is good, or somebody without one.
package enum Caller: Hashable, Sendable {
    case nobody
    /// `apart` are the procedures that a right for all does not cover.
    case bearer(Grant, apart: Set<String>)
    /// Who needs no token, on the service's own machine: he may do what any token may, and assert
    /// facts if he said that he would.
    case user(recorder: String, mayAssert: Bool)

    /// Whoever reaches a service that asks for no tokens.
    package static let local = Caller.user(
        recorder: Recorder.text("svc", "local"), mayAssert: true)

    package init(_ grant: Grant, apart: Set<String>) {
        self = .bearer(grant, apart: apart)
    }

    package var grant: Grant? {
        if case .bearer(let grant, _) = self { grant } else { nil }
    }

    /// What `intake.recorder` says of what comes in by this token: Specs/access.md section 2.
    package var recorder: String? {
        switch self {
        case .nobody: nil
        case .bearer(let grant, _): Recorder.text("svc", grant.owner.name)
        case .user(let recorder, _): recorder
        }
    }

    /// Whether he may; the same answer for the same grant and action, always.
    package func may(_ action: Action) -> Decision {
        if case .user = self { return mayLocally(action) }
        return switch action {
        case .seeWhatAnybodyMay: .allowed
        case .append(let entry): mayAppend(entry)
        case .storeAttachment: holds("append") { if case .append = $0 { true } else { false } }
        case .read(let level, let procedure): holds(.read(level, .procedure(procedure)))
        case .readExactRecords(let procedure): holds(.audit(.procedure(procedure)))
        case .approve(let procedure, let person): mayApprove(procedure, enteredBy: person)
        case .operate: holds(.administer(.system))
        case .grantAndRevoke: holds(.administer(.security))
        case .lookOverAccess: mayLookOver
        case .openSeal: .sealed
        }
    }

    private func mayLocally(_ action: Action) -> Decision {
        switch action {
        case .append(let entry) where entry.procedure == "ledger": .ledgersOwn
        case .openSeal: .sealed
        default: .allowed
        }
    }

    /// Whether whoever is the operator of an event need not be asked: access page, section 4.
    package var speaksForAnybody: Bool {
        switch self {
        case .nobody: false
        case .bearer(let grant, _): grant.speaksFor == .anybody
        case .user: true
        }
    }

    /// Whether he said that he would assert nothing.
    package var assertsNothing: Bool {
        if case .user(_, let mayAssert) = self { !mayAssert } else { false }
    }

    /// Whether there is a procedure of which he may read the exact records.
    package var readsRecords: Bool {
        switch self {
        case .nobody: false
        case .bearer(let grant, _):
            grant.rights.contains { if case .audit = $0 { true } else { false } }
        case .user: true
        }
    }

    /// The highest level at which he reads what the read models hold of a procedure.
    package func level(of procedure: String) -> Redaction? {
        Redaction.allCases.last { may(.read($0, procedure: procedure)).isAllowed }
    }

    /// The procedures that are kept apart and that he may not read at a level.
    package func hidden(at level: Redaction) -> Set<String> {
        guard case .bearer(_, let apart) = self else { return [] }
        return apart.filter { !may(.read(level, procedure: $0)).isAllowed }
    }

    private func mayAppend(_ entry: Action.Entry) -> Decision {
        // Not even `append:*`: the ledger's own records are nobody's.
        guard entry.procedure != "ledger" else { return .ledgersOwn }
        var decision = holds(.append(.procedure(entry.procedure)))
        if decision.isAllowed, entry.isAsserted {
            decision = holds(.assert(.procedure(entry.procedure)))
        }
        guard decision.isAllowed, let grant else { return decision }
        let submits = grant.roles.isEmpty || entry.by.isEmpty
        guard submits || !grant.roles.allSatisfy({ !entry.by.contains($0) }) else {
            let (mine, theirs) = (list(grant.roles), list(entry.by))
            return .refused(
                Phrase(
                    en: "this type is submitted by \(theirs), the token submits as \(mine)",
                    zh: "该类型由 \(theirs) 提交，而本令牌的角色为 \(mine)"))
        }
        guard entry.operatorID == grant.owner.name || grant.speaksFor.cover(entry.operatorID)
        else {
            return .refused(
                Phrase(
                    en: "the token does not speak for the operator \(entry.operatorID)",
                    zh: "本令牌不能代经办人 \(entry.operatorID) 提交"))
        }
        return .allowed
    }

    private func mayApprove(_ procedure: String, enteredBy person: String) -> Decision {
        let decision = holds(.approve(.procedure(procedure)))
        guard decision.isAllowed, let grant, grant.owner.name == person else { return decision }
        return .refused(
            Phrase(
                en: "nobody is the second person for what he entered himself",
                zh: "不得复核本人登记的内容"))
    }

    /// Who grants must see what is granted; who audits must see what administrators do.
    private var mayLookOver: Decision {
        holds("administer:audit") { right in
            switch right {
            case .administer(.audit), .administer(.security), .audit(.all): true
            default: false
            }
        }
    }

    private func holds(_ wanted: Right) -> Decision {
        guard case .bearer(_, let apart) = self else { return holds(wanted.text) { _ in false } }
        return holds(wanted.text) { $0.includes(wanted, apart: apart) }
    }

    private func holds(_ wanted: String, _ isEnough: (Right) -> Bool) -> Decision {
        guard let grant else {
            return .refused(
                Phrase(
                    en: "this needs a token with the right \(wanted)",
                    zh: "此操作需要具有 \(wanted) 权限的令牌"))
        }
        return grant.rights.contains(where: isEnough)
            ? .allowed
            : .refused(
                Phrase(
                    en: "the token \(grant.id) does not have the right \(wanted)",
                    zh: "令牌 \(grant.id) 没有 \(wanted) 权限"))
    }

    private func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
