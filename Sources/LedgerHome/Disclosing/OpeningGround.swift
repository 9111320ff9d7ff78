import CanonicalJSON
package import Phrases
package import Records
package import Rules

/// What a case of the procedure `vault` allows to be opened: Specs/sealing.md section 7.
///
/// It decides and does nothing: no store, no clock.
package struct OpeningGround: Sendable {
    private let stream: String
    private let request: CaseEntry?
    private let decision: CaseEntry?
    /// Openings since the approval.
    private let openedCount: Int

    static let requested = "vault.access-requested"
    static let approved = "vault.access-approved"
    static let denied = "vault.access-denied"
    static let opened = "vault.opened"
    static let openedInEmergency = "vault.emergency-opened"

    /// Of the corrected history: what was withdrawn allows nothing.
    ///
    /// The newest request counts, and of decisions the newest that was recorded after it.
    package init(_ history: CaseHistory) {
        stream = history.stream
        let entries = history.entries
        let asked = entries.lastIndex { $0.type == OpeningGround.requested }
        request = asked.map { entries[$0] }
        let after = asked.map { entries[($0 + 1)...] } ?? []
        let decided = after.lastIndex {
            [OpeningGround.approved, OpeningGround.denied].contains($0.type)
        }
        decision = decided.map { entries[$0] }
        openedCount =
            decided.map { entries[$0...].count { $0.type == OpeningGround.opened } } ?? 0
    }

    /// What may be opened now.
    package struct Scope: Hashable, Sendable {
        /// The case whose values.
        package let stream: String
        /// Names of fields.
        package let fields: [String]
        /// What the request calls them.
        let words: JSONValue
    }

    /// What `viewer` may see at `now`, or why nothing.
    package func scope(for viewer: String, at now: Timestamp) throws(OpeningRefused) -> Scope {
        guard let request else { throw .notRequested(stream) }
        guard let decision else { throw .notDecided(stream) }
        guard decision.type == OpeningGround.approved else { throw .denied(stream) }
        try demandOtherPerson(request, decision, viewer)
        let data = decision.data
        guard let until = data["validUntil"]?.string, let end = ZonedTime(text: until)?.moment,
            now <= end
        else { throw .expired(data["validUntil"]?.string ?? "") }
        let most = data["openingsMax"]?.integer ?? 1
        guard openedCount < most else { throw .usedUp(most) }
        let named = data["relatedCase"]?.string ?? request.data["relatedCase"]?.string
        let fields = request.data["fieldNames"]?.array?.compactMap(\.string) ?? []
        guard let named, !fields.isEmpty else { throw .nothingNamed(stream) }
        return Scope(
            stream: named, fields: fields, words: request.data["fieldsRequested"] ?? .array([]))
    }

    /// Who approved entered it himself, and neither asked nor sees.
    private func demandOtherPerson(
        _ request: CaseEntry, _ approval: CaseEntry, _ viewer: String
    ) throws(OpeningRefused) {
        let approver = approval.operatorPerson
        guard
            approval.participants.contains(where: {
                $0.person == approver && $0.role == "vault-approver"
            })
        else { throw .notByApprover(approver) }
        let asking = request.participants.filter { $0.role == "requester" }.map(\.person)
        guard approver != viewer, approver != request.operatorPerson, !asking.contains(approver)
        else { throw .samePerson(approver) }
    }
}

/// Why nothing is shown.
package enum OpeningRefused: Error, Hashable, Sendable {
    case notRequested(String)
    case notDecided(String)
    case denied(String)
    case notByApprover(String)
    case samePerson(String)
    case expired(String)
    case usedUp(Int64)
    case nothingNamed(String)
    /// No record of the case has any of the fields sealed.
    case nothingSealed(String)
    /// The keys were destroyed on this day.
    case destroyed(String)
    /// None of the keys is wrapped to this holder.
    case notForHolder
    /// Why the opening was not recorded.
    case notRecorded([Refusal])

    package var phrase: Phrase {
        switch self {
        case .notRequested(let stream):
            Phrase(
                en: "\(stream) has no \(OpeningGround.requested): nobody asked",
                zh: "\(stream) 没有调阅申请（\(OpeningGround.requested)）")
        case .notDecided(let stream):
            Phrase(
                en: "nobody has approved what \(stream) asks for (\(OpeningGround.approved))",
                zh: "\(stream) 的申请尚未批准（\(OpeningGround.approved)）")
        case .denied(let stream):
            Phrase(en: "what \(stream) asks for was denied", zh: "\(stream) 的申请已被拒绝")
        case .notByApprover(let person):
            Phrase(
                en: "the approval was entered by \(person), who is not its vault-approver",
                zh: "批准由 \(person) 登记，而该人不是授权人（vault-approver）")
        case .samePerson(let person):
            Phrase(
                en: "\(person) approved, and also asked or would see: it takes another person",
                zh: "\(person) 既是批准人又是申请人或查看人：须由另一人批准")
        case .expired(let until):
            Phrase(en: "the approval was valid until \(until)", zh: "批准有效期至 \(until)，已过期")
        case .usedUp(let most):
            Phrase(
                en: "the approval is used up: it was for \(most)", zh: "批准的 \(most) 次调阅已用完")
        case .nothingNamed(let stream):
            Phrase(
                en: "\(stream) does not say which fields (fieldNames) of which case (relatedCase)",
                zh: "\(stream) 未写明案件（relatedCase）和字段（fieldNames）")
        case .nothingSealed(let stream):
            Phrase(
                en: "no record of \(stream) has these fields sealed", zh: "\(stream) 中没有这些字段的密封值")
        case .destroyed(let day):
            Phrase(en: "the keys were destroyed on \(day)", zh: "密钥已于 \(day) 销毁")
        case .notForHolder:
            Phrase(
                en: "none of these values is sealed to the holder of this key",
                zh: "这些内容均未封装给该密钥的保管人")
        case .notRecorded(let refusals):
            Phrase(
                en: "the opening could not be recorded, so nothing is shown: "
                    + refusals.map(\.phrase.en).joined(separator: "; "),
                zh: "调阅未能入账，因此不予显示：" + refusals.map(\.phrase.zh).joined(separator: "；"))
        }
    }
}
